/** How much the repositories hold: counted in the background now and then, never for a request. */

import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { findRepositories, readFolder } from '../repositories/find-repositories.ts';
import { fileTypes } from '../repositories/repository-path.ts';
import { isAbsent } from '../repositories/repository-store.ts';
import type { StorageReading } from './metrics.ts';

/** Files that are looked at before others get a turn on the thread pool. */
const batch = 200;

export class StorageMeter {
  readonly #root: string;
  #reading: StorageReading | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** The last measurement. */
  get reading(): StorageReading | undefined {
    return this.#reading;
  }

  /** Counts everything; a signal ends it between folders and leaves the last result. */
  async measure(signal?: AbortSignal): Promise<void> {
    let repositories = 0;
    let usedBytes = 0;
    for await (const folders of findRepositories(this.#root)) {
      repositories += 1;
      const path = join(this.#root, ...folders);
      usedBytes += await sizeOf(join(path, 'config'));
      for (const type of fileTypes) usedBytes += await folderSize(join(path, type), signal);
    }
    const { bavail, bsize } = await statfs(this.#root);
    this.#reading = { repositories, usedBytes, freeBytes: bavail * bsize };
  }
}

/** Bytes of the files in a folder and in its own folders (`data` has 256 of them). */
async function folderSize(path: string, signal: AbortSignal | undefined): Promise<number> {
  signal?.throwIfAborted();
  const names = await readFolder(path);
  let total = 0;
  const folders = names.filter((name) => isDataFolder(name));
  for (const name of folders) total += await folderSize(join(path, name), signal);
  const files = names.filter((name) => !isDataFolder(name));
  for (let start = 0; start < files.length; start += batch) {
    const part = files.slice(start, start + batch);
    const sizes = await Promise.all(part.map((name) => sizeOf(join(path, name))));
    for (const size of sizes) total += size;
  }
  return total;
}

/** Below `data`, packs lie in folders named for the first byte of their name. */
function isDataFolder(name: string): boolean {
  return /^[0-9a-f]{2}$/.test(name);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isAbsent(error)) return 0;
    throw error;
  }
}
