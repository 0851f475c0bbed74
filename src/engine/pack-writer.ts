/**
 * Stores finished packs and the index files that name them, in this order: a blob is in the index
 * only when its pack is stored. What is stored when a run fails is indexed by {@link PackWriter.flush}
 * all the same, so that the next run finds it.
 */

import { releaseBytes } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { type Clock, systemClock } from '../base/time.ts';
import { IndexEncoder } from '../repository/index-file.ts';
import { sealUnpacked } from '../repository/unpacked.ts';
import type { IndexedRepository } from './open.ts';
import type { FinishedPack } from './pack-builder.ts';

/** An index file is written at this many blobs or this age. */
export const indexBlobs = 50_000;
const indexAgeMs = 10 * 60_000;

export interface PackWriterOptions {
  /** Stores nothing, but counts and indexes in memory as if. */
  readonly dryRun?: boolean;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

export class PackWriter {
  readonly #repository: IndexedRepository;
  readonly #dryRun: boolean;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  /** Of the packs that are stored and in no index file. */
  #pending: IndexEncoder | undefined;
  #isStopped = false;
  #pendingSinceMs = 0;
  #active = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #uploads = new Set<Promise<void>>();
  #indexSaves: Promise<void> = Promise.resolve();

  constructor(repository: IndexedRepository, options: PackWriterOptions = {}) {
    this.#repository = repository;
    this.#dryRun = options.dryRun ?? false;
    this.#clock = options.clock ?? systemClock;
    this.#signal = options.signal;
  }

  /** Packs being stored or waiting for a connection. */
  get backlog(): number {
    return this.#active + this.#waiting.length;
  }

  /**
   * Stores a pack when a connection is free, then makes its blobs findable in the repository's index.
   * @param pack borrowed until the promise settles
   */
  save(pack: FinishedPack): Promise<void> {
    const upload = this.#save(pack);
    const settled = upload.then(
      () => {},
      () => {},
    );
    this.#uploads.add(settled);
    void settled.then(() => this.#uploads.delete(settled));
    return upload;
  }

  /** Uploads under way go on, those that wait fail. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Waits for all uploads and writes the index of what is stored. */
  async flush(): Promise<void> {
    while (this.#uploads.size > 0) await Promise.all(this.#uploads);
    this.#saveIndex();
    await this.#indexSaves;
  }

  async #save(pack: FinishedPack): Promise<void> {
    if (this.#active >= Math.max(1, this.#repository.backend.connections)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#active += 1;
    try {
      this.#signal?.throwIfAborted();
      if (this.#isStopped) throw new SealiftError('interrupted', 'the run was stopped');
      if (!this.#dryRun) {
        const file = { type: 'data', name: pack.id } as const;
        await this.#repository.backend.save(file, [pack.content, pack.header], this.#signal);
      }
      this.#note(pack);
    } finally {
      // The place passes to the next in line, so that nobody overtakes.
      const next = this.#waiting.shift();
      if (next === undefined) this.#active -= 1;
      else next();
    }
  }

  #note(pack: FinishedPack): void {
    this.#repository.index.addPack(pack.id, pack.entries);
    if (this.#dryRun) return;
    if (this.#pending === undefined) {
      this.#pending = new IndexEncoder();
      this.#pendingSinceMs = this.#clock.now();
    }
    this.#pending.addPack(pack.id, pack.entries);
    const ageMs = this.#clock.now() - this.#pendingSinceMs;
    if (this.#pending.blobCount >= indexBlobs || ageMs >= indexAgeMs) this.#saveIndex();
  }

  /** A failure shows in flush(), for the packs themselves are stored. */
  #saveIndex(): void {
    const json = this.#pending?.finish();
    if (json === undefined) return;
    this.#pending = undefined;
    const { backend, key, config } = this.#repository;
    const save = async (): Promise<void> => {
      const { id, bytes } = sealUnpacked(key, config.version, json);
      releaseBytes(json, { isPart: true });
      await backend.save({ type: 'index', name: id }, [bytes], this.#signal);
    };
    this.#indexSaves = this.#indexSaves.then(save);
    // Without a handler a failure before flush() would end the process.
    this.#indexSaves.catch(() => {});
  }
}
