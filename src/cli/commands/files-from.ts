/** Lists of paths to back up that stand in files: patterns, one path a line, or ended by NUL. */

import { glob } from 'node:fs/promises';
import { decodeByteString } from '../../base/byte-string.ts';
import { parseFilesFrom, parseFilesFromRaw, parseFilesFromVerbatim } from '../../engine/exclude.ts';
import { readInputFile } from '../read-input-file.ts';

export interface FilesFromFlags {
  readonly filesFrom?: readonly string[];
  readonly filesFromVerbatim?: readonly string[];
  readonly filesFromRaw?: readonly string[];
}

/** True when one of the lists comes from standard input. */
export function readsInput(flags: FilesFromFlags): boolean {
  const { filesFrom = [], filesFromVerbatim = [], filesFromRaw = [] } = flags;
  return [...filesFrom, ...filesFromVerbatim, ...filesFromRaw].includes('-');
}

/** All paths that the lists name; `-` is standard input. */
export async function readFilesFrom(
  flags: FilesFromFlags,
  warn: (message: string) => void,
): Promise<string[]> {
  const paths: string[] = [];
  for (const file of flags.filesFrom ?? []) {
    for (const pattern of parseFilesFrom(await readInputFile('--files-from', file))) {
      const found = await expand(pattern);
      if (found.length === 0) warn(`pattern '${pattern}' of ${file} does not match any files`);
      paths.push(...found);
    }
  }
  for (const file of flags.filesFromVerbatim ?? []) {
    paths.push(...parseFilesFromVerbatim(await readInputFile('--files-from-verbatim', file)));
  }
  for (const file of flags.filesFromRaw ?? []) {
    const bytes = await readInputFile('--files-from-raw', file);
    paths.push(...parseFilesFromRaw(bytes, decodeByteString));
  }
  return paths;
}

async function expand(pattern: string): Promise<string[]> {
  if (!/[*?[\]\\]/.test(pattern)) return [pattern];
  const found: string[] = [];
  for await (const path of glob(pattern)) found.push(path);
  return found.sort();
}
