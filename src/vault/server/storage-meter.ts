/** How much the repositories hold: counted in the background now and then, never for a request. */

import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { findRepositories, readFolder } from '../repositories/find-repositories.ts';
import { fileTypes } from '../repositories/repository-path.ts';
import { isAbsent } from '../repositories/repository-store.ts';
import type { StorageReading } from './metrics.ts';

/** Files that are looked at before others get a turn on the thread pool. */
const batch = 200;

export interface RepositorySize {
  readonly bytes: number;
  readonly files: number;
}

export class StorageMeter {
  readonly #root: string;
  #reading: StorageReading | undefined;
  #measuredMs: number | undefined;
  #repositories: ReadonlyMap<string, RepositorySize> = new Map();
  /** Stored since the measurement, by owner. */
  readonly #added = new Map<string, number>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The last measurement. */
  get reading(): StorageReading | undefined {
    return this.#reading;
  }

  get measuredMs(): number | undefined {
    return this.#measuredMs;
  }

  /** By path: `web01`, `web01/home`. */
  get repositories(): ReadonlyMap<string, RepositorySize> {
    return this.#repositories;
  }

  /** Of the repositories below the first folder, as far as it is known. */
  usedBy(owner: string): number {
    return this.usedByOwner().get(owner) ?? 0;
  }

  usedByOwner(): ReadonlyMap<string, number> {
    const used = new Map(this.#added);
    for (const [path, { bytes }] of this.#repositories) {
      const owner = path.split('/')[0] ?? '';
      used.set(owner, (used.get(owner) ?? 0) + bytes);
    }
    return used;
  }

  /** An upload that was stored. */
  add(owner: string, bytes: number): void {
    this.#added.set(owner, (this.#added.get(owner) ?? 0) + bytes);
  }

  /** Counts everything; a signal ends it between folders and leaves the last result. */
  async measure(nowMs: number, signal?: AbortSignal): Promise<void> {
    const found = new Map<string, RepositorySize>();
    this.#added.clear();
    for await (const folders of findRepositories(this.#root)) {
      const path = join(this.#root, ...folders);
      const sum = { bytes: await sizeOf(join(path, 'config')), files: 1 };
      for (const type of fileTypes) await addFolder(join(path, type), sum, signal);
      found.set(folders.join('/'), sum);
    }
    const usedBytes = [...found.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    const repositories = found.size;
    const { bavail, bsize } = await statfs(this.#root);
    this.#repositories = found;
    this.#measuredMs = nowMs;
    this.#reading = { repositories, usedBytes, freeBytes: bavail * bsize };
  }
}

/** Adds the files in a folder and in its own folders (`data` has 256 of them). */
async function addFolder(
  path: string,
  sum: { bytes: number; files: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  const names = await readFolder(path);
  for (const name of names.filter(isDataFolder)) await addFolder(join(path, name), sum, signal);
  const files = names.filter((name) => !isDataFolder(name));
  sum.files += files.length;
  for (let start = 0; start < files.length; start += batch) {
    const part = files.slice(start, start + batch);
    const sizes = await Promise.all(part.map((name) => sizeOf(join(path, name))));
    for (const size of sizes) sum.bytes += size;
  }
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
