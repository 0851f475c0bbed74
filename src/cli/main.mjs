/**
 * The start of every command. Compiled code is kept for the next start; in a folder of the user's own,
 * since whoever can write there decides what runs.
 *
 * In JavaScript, and without an import of ours until the cache is on: only what is loaded after that is
 * found in it, and one file of TypeScript before would load a compiler at each start.
 */

import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

enableCompileCache(codeCacheFolder(process.env));
await import('./command-line.ts');

/** May be deleted at any time. */
function codeCacheFolder(env) {
  if (process.platform === 'win32' && env.LOCALAPPDATA) {
    return join(env.LOCALAPPDATA, 'Sealift', 'code-cache');
  }
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sealift', 'code');
}
