/**
 * Brings blobs into new packs: of the same repository (`prune`) or of another one (`copy`). Worker
 * threads read, verify and seal; the main thread puts what they give together to packs and stores
 * these with their index. What is stored when it fails is indexed all the same.
 */

import { releaseBytes } from '../base/bytes.ts';
import { isSealiftError } from '../base/errors.ts';
import type { CompressionMode } from '../repository/compression.ts';
import type { PackId } from '../repository/ids.ts';
import type { PackEntry } from '../repository/pack.ts';
import { isDamage, loadBlob } from './load-blob.ts';
import type { IndexedRepository } from './open.ts';
import { PackBuilder } from './pack-builder.ts';
import { type BlobRange, rangesOf } from './pack-ranges.ts';
import { PackWriter } from './pack-writer.ts';
import { forEachParallel } from './parallel.ts';
import type { PackPool } from './workers/pack-pool.ts';
import { type TransferAnswer, type TransferTarget, tableOf } from './workers/pack-protocol.ts';

/** Blobs of one pack; each blob comes once. */
export interface PackPart {
  readonly packId: PackId;
  readonly entries: readonly PackEntry[];
}

export interface TransferOptions {
  readonly compression: CompressionMode;
  readonly packSizeBytes: number;
  /** See {@link TransferTarget}. */
  readonly compressesData: boolean;
  readonly recompresses: boolean;
  /** Called with the count of blobs and of their bytes in the old packs since the last call. */
  readonly onMoved?: (blobs: number, bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A job reads so much of a pack, and gives as much back. Larger ones take memory and gain no time. */
const maxRangeBytes = 4 * 1024 * 1024;
/** A pack ends behind the blob that fills it; larger blobs make its buffer grow. */
const lastBlobBytes = 8 * 1024 * 1024;
/** How long a run that ends early waits for uploads under way, to keep what they bring. */
const graceMs = 15_000;

/**
 * Copies blobs into new packs of `target`, whose index knows them afterwards.
 * @param pool reads packs of `source`
 * @throws SealiftError 'snapshot/blob-missing' when no copy of a blob can be read; what the backends throw
 */
export async function transferBlobs(
  source: IndexedRepository,
  target: IndexedRepository,
  parts: Iterable<PackPart>,
  pool: PackPool,
  options: TransferOptions,
): Promise<void> {
  const { signal } = options;
  const grace = new AbortController();
  const writer = new PackWriter(target, { signal: grace.signal });
  const transfer = new Transfer(source, target, pool, writer, options);
  let timer: NodeJS.Timeout | undefined;
  const end = (reason: unknown): void => {
    writer.stop();
    // Without the lock another program may be removing what this run stored: stop writing at once.
    if (isSealiftError(reason, 'lock/lost')) grace.abort(reason);
    else timer ??= setTimeout(() => grace.abort(reason), graceMs);
  };
  const onAbort = (): void => end(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await forEachParallel(jobsOf(parts), pool.concurrency, (job) => transfer.move(job), signal);
    await transfer.finish();
  } catch (error) {
    end(error);
    // The first failure is what counts; what was stored without its index is stored again next time.
    await writer.flush().catch(() => {});
    // Jobs that the end itself stopped say less than its reason.
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

interface Job extends BlobRange {
  readonly packId: PackId;
}

function* jobsOf(parts: Iterable<PackPart>): Generator<Job> {
  for (const { packId, entries } of parts) {
    for (const range of rangesOf(entries, maxRangeBytes)) yield { packId, ...range };
  }
}

class Transfer {
  readonly #source: IndexedRepository;
  readonly #pool: PackPool;
  readonly #writer: PackWriter;
  readonly #options: TransferOptions;
  readonly #target: TransferTarget;
  /** A pack holds blobs of one type. */
  readonly #builders: Readonly<Record<PackEntry['type'], PackBuilder>>;

  constructor(
    source: IndexedRepository,
    target: IndexedRepository,
    pool: PackPool,
    writer: PackWriter,
    options: TransferOptions,
  ) {
    this.#source = source;
    this.#pool = pool;
    this.#writer = writer;
    this.#options = options;
    const { compression, packSizeBytes, compressesData, recompresses } = options;
    const { version } = target.config;
    this.#target = {
      key: source === target ? undefined : target.key,
      version,
      compression,
      compressesData,
      recompresses,
    };
    const settings = { key: target.key, version, compression, packSizeBytes };
    const room = packSizeBytes + lastBlobBytes;
    const builder = (): PackBuilder =>
      new PackBuilder(settings, (size) => new ArrayBuffer(Math.max(size, room)));
    this.#builders = { data: builder(), tree: builder() };
  }

  async move({ packId, entries, offset, length }: Job): Promise<void> {
    const answer = await this.#runJob(packId, entries, { offset, length });
    if (answer !== undefined) await this.#take(entries, answer);
    for (const at of answer?.lost ?? entries.keys()) {
      const entry = entries[at];
      if (entry !== undefined) await this.#moveFromElsewhere(entry);
    }
    const bytes = entries.reduce((sum, entry) => sum + entry.length, 0);
    this.#options.onMoved?.(entries.length, bytes);
  }

  /** Stores the packs not yet full, and the last index. */
  async finish(): Promise<void> {
    const builders = Object.values(this.#builders).filter(({ isEmpty }) => !isEmpty);
    await Promise.all(builders.map((builder) => this.#save(builder)));
    await this.#writer.flush();
  }

  /** Undefined when the pack is damaged or gone. */
  async #runJob(
    packId: PackId,
    entries: readonly PackEntry[],
    place: { readonly offset: number; readonly length: number },
  ): Promise<TransferAnswer | undefined> {
    const job = { kind: 'transfer', blobs: tableOf(entries), target: this.#target } as const;
    try {
      return await this.#pool.run(job, packId, place, this.#options.signal);
    } catch (error) {
      if (isDamage(error)) return undefined;
      throw error;
    }
  }

  async #take(entries: readonly PackEntry[], answer: TransferAnswer): Promise<void> {
    let start = 0;
    for (const [order, at] of answer.moved.entries()) {
      const entry = entries[at];
      const length = answer.lengths[order] ?? 0;
      if (entry === undefined) throw new RangeError(`no blob ${at} in the job`);
      const uncompressedLength = answer.uncompressedLengths[order] ?? 0;
      const builder = this.#builders[entry.type];
      const sealed = answer.content.subarray(start, start + length);
      builder.addSealed({ ...entry, length, uncompressedLength }, sealed);
      start += length;
      if (builder.isFull) await this.#save(builder);
    }
    releaseBytes(answer.content, { isPart: true });
  }

  async #save(builder: PackBuilder): Promise<void> {
    const pack = builder.finish();
    await this.#writer.save(pack);
    releaseBytes(pack.content, { isPart: true });
  }

  /** From another copy, or from the same place once more, because the transfer may be at fault. */
  async #moveFromElsewhere({ type, id }: PackEntry): Promise<void> {
    const plaintext = await loadBlob(this.#source, type, id, this.#options.signal);
    const builder = this.#builders[type];
    builder.add(type, id, plaintext);
    if (builder.isFull) await this.#save(builder);
  }
}
