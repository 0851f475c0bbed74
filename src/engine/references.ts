/** Which blobs snapshots refer to, found by reading each of their trees once, in worker threads. */

import { SealiftError } from '../base/errors.ts';
import {
  type BlobId,
  type BlobType,
  blobIdFromBytes,
  blobIdToBytes,
  idBytes,
} from '../repository/ids.ts';
import type { PackEntry } from '../repository/pack.ts';
import { isDamage } from './load-blob.ts';
import type { IndexedRepository } from './open.ts';
import { type BlobRange, rangesOf } from './pack-ranges.ts';
import { forEachParallel } from './parallel.ts';
import { loadTree } from './walk-trees.ts';
import type { PackPool } from './workers/pack-pool.ts';
import { type ReferenceAnswer, tableOf } from './workers/pack-protocol.ts';

/** Trees that one job reads; little, so that all threads have work. */
const maxRangeBytes = 512 * 1024;

export interface ReferenceOptions {
  /** Called once for each blob in use, with the number of its first location. */
  readonly onUsed?: (location: number) => void;
  /** Called now and then with the count of trees read so far. */
  readonly onTrees?: (count: number) => void;
  readonly signal?: AbortSignal | undefined;
}

export class References {
  /**
   * One byte for each location number of the repository's index (blob-index.ts): 1 at the first
   * location of each blob in use.
   */
  readonly used: Uint8Array;
  readonly #repo: IndexedRepository;
  readonly #pool: PackPool;
  readonly #options: ReferenceOptions;
  /** Trees that are in use and not yet read. */
  #found: number[] = [];
  #treeCount = 0;

  constructor(repo: IndexedRepository, pool: PackPool, options: ReferenceOptions = {}) {
    this.#repo = repo;
    this.#pool = pool;
    this.#options = options;
    this.used = new Uint8Array(repo.index.locationCount);
  }

  /**
   * Marks the trees and everything that they refer to. What is marked already is not read again.
   * @throws SealiftError 'snapshot/blob-missing' when a blob is in no index, or a tree cannot be read
   */
  async add(roots: Iterable<BlobId>): Promise<void> {
    const { onTrees, signal } = this.#options;
    for (const id of roots) this.#mark('tree', blobIdToBytes(id));
    // Level by level, so that what one level names is read in ranges of packs.
    while (this.#found.length > 0) {
      const level = Uint32Array.from(this.#found).sort();
      this.#found = [];
      await forEachParallel(
        this.#rangesOf(level),
        this.#pool.concurrency,
        async ([pack, range]) => {
          await this.#read(pack, range);
          this.#treeCount += range.entries.length;
          onTrees?.(this.#treeCount);
        },
        signal,
      );
    }
  }

  /** @param level location numbers, ascending, so that those of a pack are neighbours */
  *#rangesOf(level: Uint32Array): Generator<[pack: number, range: BlobRange]> {
    const { index } = this.#repo;
    let pack = -1;
    let entries: PackEntry[] = [];
    for (const location of level) {
      const next = index.packNumber(location);
      if (next !== pack) {
        for (const range of rangesOf(entries, maxRangeBytes)) yield [pack, range];
        entries = [];
        pack = next;
      }
      entries.push(index.entryAt(location));
    }
    for (const range of rangesOf(entries, maxRangeBytes)) yield [pack, range];
  }

  async #read(pack: number, { entries, ...place }: BlobRange): Promise<void> {
    const answer = await this.#runJob(pack, entries, place);
    for (const id of idsIn(answer?.trees)) this.#mark('tree', id);
    for (const id of idsIn(answer?.data)) this.#mark('data', id);
    for (const at of answer?.lost ?? entries.keys()) {
      const tree = entries[at];
      if (tree !== undefined) await this.#readElsewhere(tree.id);
    }
  }

  /** Undefined when the pack is damaged or gone. */
  async #runJob(
    pack: number,
    entries: readonly PackEntry[],
    place: { readonly offset: number; readonly length: number },
  ): Promise<ReferenceAnswer | undefined> {
    const job = { kind: 'references', blobs: tableOf(entries) } as const;
    const packId = this.#repo.index.packIdOf(pack);
    try {
      return await this.#pool.run(job, packId, place, this.#options.signal);
    } catch (error) {
      if (isDamage(error)) return undefined;
      throw error;
    }
  }

  /** From another copy, or from the same place once more, because the transfer may be at fault. */
  async #readElsewhere(id: BlobId): Promise<void> {
    for (const { subtree, content } of await loadTree(this.#repo, id, this.#options.signal)) {
      if (subtree !== undefined) this.#mark('tree', blobIdToBytes(subtree));
      for (const blob of content ?? []) this.#mark('data', blobIdToBytes(blob));
    }
  }

  #mark(type: BlobType, id: Uint8Array): void {
    const location = this.#repo.index.numberOf(type, id);
    if (location === undefined) throw unindexed(type, blobIdFromBytes(id));
    if (this.used[location] === 1) return;
    this.used[location] = 1;
    this.#options.onUsed?.(location);
    if (type === 'tree') this.#found.push(location);
  }
}

function* idsIn(bytes: Uint8Array = new Uint8Array()): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += idBytes) {
    yield bytes.subarray(start, start + idBytes);
  }
}

function unindexed(type: BlobType, id: BlobId): SealiftError {
  return new SealiftError('snapshot/blob-missing', `${type} blob ${id} is in use but in no index`, {
    hint: 'run `sealift check` to see which files lack it; `restic repair index` finds blobs whose index was lost',
    fields: { type, id },
  });
}
