/** What `start.mjs` needs to know of the thread that it starts. */

import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

export interface StartSetup {
  /** Module beside `start.mjs` that does the thread's work. */
  readonly entry:
    | './file-worker.ts'
    | './look-ahead-worker.ts'
    | './pack-worker.ts'
    | './scrypt-worker.ts';
  /** Folder of the main thread's compiled code, if it keeps one. */
  readonly codeCache: string | undefined;
}

export function startSetup(entry: StartSetup['entry']): StartSetup {
  // The folder as it was given to Node, which keeps one in it for each version.
  const folder = getCompileCacheDir();
  return { entry, codeCache: folder === undefined ? undefined : dirname(folder) };
}
