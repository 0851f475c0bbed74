/** Which repositories lie in a folder. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isReservedComponent } from './repository-path.ts';
import { isAbsent } from './repository-store.ts';

const maxDepth = 2;

/** The folders of each repository below a root: a folder is one if it has `keys` or `locks`. */
export async function* findRepositories(
  root: string,
  folders: readonly string[] = [],
): AsyncGenerator<readonly string[]> {
  const path = join(root, ...folders);
  if ((await isFolder(join(path, 'keys'))) || (await isFolder(join(path, 'locks')))) yield folders;
  if (folders.length >= maxDepth) return;
  for (const name of await readFolder(path)) {
    if (isReservedComponent(name) || name.startsWith('.')) continue;
    if (await isFolder(join(path, name))) yield* findRepositories(root, [...folders, name]);
  }
}

/** Names in a folder, none if it is not there. */
export async function readFolder(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
