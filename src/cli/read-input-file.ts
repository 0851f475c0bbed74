/** Files that an option names. */

import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { messageOf, SealiftError } from '../base/errors.ts';

/**
 * @param option the option that names the file, for the error
 * @param path `-` is standard input
 * @throws SealiftError `usage/invalid` when the file cannot be read
 */
export async function readInputFile(option: string, path: string): Promise<Uint8Array> {
  if (path === '-') return buffer(process.stdin);
  try {
    return await readFile(path);
  } catch (error) {
    throw new SealiftError('usage/invalid', `${option} ${path}: ${messageOf(error)}`, {
      cause: error,
      hint: 'Check the path and that you may read the file.',
      fields: { path },
    });
  }
}
