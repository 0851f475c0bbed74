/**
 * Copies snapshots into another repository: blobs that it lacks, then their index, then the snapshots. A
 * run that ends early leaves blobs that the next one finds.
 */

import type { CompressionMode } from '../repository/compression.ts';
import { blobIdToBytes, parseSnapshotId, type SnapshotId } from '../repository/ids.ts';
import type { PackEntry } from '../repository/pack.ts';
import { encodeSnapshot, type Snapshot } from '../repository/snapshot.ts';
import type { IndexedRepository } from './open.ts';
import { References } from './references.ts';
import type { FoundSnapshot } from './snapshots.ts';
import { type PackPart, transferBlobs } from './transfer.ts';
import { saveUnpacked } from './unpacked.ts';
import { PackPool } from './workers/pack-pool.ts';

export interface CopyPlan {
  readonly missing: readonly FoundSnapshot[];
  readonly present: readonly PresentSnapshot[];
}

export interface PresentSnapshot {
  readonly source: FoundSnapshot;
  readonly targetId: SnapshotId;
}

/**
 * Which snapshots the target lacks. One is there when it has the same origin and differs in nothing but
 * parent and origin, so that a copy with other tags, say, is made anew.
 */
export function planCopy(
  source: readonly FoundSnapshot[],
  target: readonly FoundSnapshot[],
): CopyPlan {
  const byOrigin = new Map<SnapshotId, FoundSnapshot[]>();
  for (const found of target) {
    const { id, snapshot } = found;
    for (const origin of new Set([id, snapshot.original ?? id])) {
      byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), found]);
    }
  }
  const missing: FoundSnapshot[] = [];
  const present: PresentSnapshot[] = [];
  for (const found of source) {
    const same = byOrigin
      .get(originOf(found))
      ?.find(({ snapshot }) => isSimilar(snapshot, found.snapshot));
    if (same === undefined) missing.push(found);
    else present.push({ source: found, targetId: same.id });
  }
  return { missing, present };
}

function originOf({ id, snapshot }: FoundSnapshot): SnapshotId {
  return snapshot.original ?? id;
}

function isSimilar(a: Snapshot, b: Snapshot): boolean {
  return (
    a.time.ns === b.time.ns &&
    a.tree === b.tree &&
    a.hostname === b.hostname &&
    a.username === b.username &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    sameList(a.paths.toSorted(), b.paths.toSorted()) &&
    sameList(a.tags.toSorted(), b.tags.toSorted()) &&
    sameList(a.excludes, b.excludes)
  );
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}

export interface CopyOptions {
  /** Of data that is not compressed yet. */
  readonly compression: CompressionMode;
  readonly packSizeBytes: number;
  /** Data that is compressed is compressed anew, for a mode that saves more. */
  readonly recompresses: boolean;
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Called when a snapshot is complete in the target. */
  readonly onSnapshot?: (source: FoundSnapshot, targetId: SnapshotId) => void;
}

export interface CopyProgress {
  readonly snapshotsDone: number;
  readonly snapshotsTotal: number;
  readonly blobsDone: number;
  /** Of the snapshots looked at so far. */
  readonly blobsTotal: number;
  /** In the packs of the source. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** Snapshots are saved together when about so many packs are new, so that few packs stay small. */
const packsPerBatch = 64;

/**
 * Copies the snapshots in the order given. The caller holds a shared lock on both repositories.
 * @throws SealiftError 'snapshot/blob-missing' when a blob of a snapshot cannot be read; snapshots before
 *   it may have been copied; what the backends throw
 */
export async function copySnapshots(
  source: IndexedRepository,
  target: IndexedRepository,
  snapshots: readonly FoundSnapshot[],
  options: CopyOptions,
  signal?: AbortSignal,
): Promise<CopyProgress> {
  const pool = new PackPool(source);
  try {
    return await new CopyRun(source, target, pool, options, signal).run(snapshots);
  } finally {
    await pool.close();
  }
}

class CopyRun {
  readonly #source: IndexedRepository;
  readonly #target: IndexedRepository;
  readonly #pool: PackPool;
  readonly #options: CopyOptions;
  readonly #signal: AbortSignal | undefined;
  /** Location numbers in the source of blobs that the target lacks. */
  #lacking: number[] = [];
  #lackingBytes = 0;
  #progress = {
    snapshotsDone: 0,
    snapshotsTotal: 0,
    blobsDone: 0,
    blobsTotal: 0,
    bytesDone: 0,
    bytesTotal: 0,
  };

  constructor(
    source: IndexedRepository,
    target: IndexedRepository,
    pool: PackPool,
    options: CopyOptions,
    signal: AbortSignal | undefined,
  ) {
    this.#source = source;
    this.#target = target;
    this.#pool = pool;
    this.#options = options;
    this.#signal = signal;
  }

  async run(snapshots: readonly FoundSnapshot[]): Promise<CopyProgress> {
    const references = new References(this.#source, this.#pool, {
      onUsed: (location) => this.#note(location),
      onTrees: () => this.#report(),
      signal: this.#signal,
    });
    this.#progress.snapshotsTotal = snapshots.length;
    let batch: FoundSnapshot[] = [];
    for (const [at, found] of snapshots.entries()) {
      await references.add([found.snapshot.tree]);
      batch.push(found);
      const isLarge = this.#lackingBytes >= packsPerBatch * this.#options.packSizeBytes;
      if (!isLarge && at < snapshots.length - 1) continue;
      await this.#transfer();
      for (const done of batch) await this.#saveSnapshot(done);
      batch = [];
    }
    return this.#progress;
  }

  #note(location: number): void {
    const { index } = this.#source;
    const { type, id, length } = index.entryAt(location);
    if (this.#target.index.hasBytes(type, blobIdToBytes(id))) return;
    this.#lacking.push(location);
    this.#lackingBytes += length;
    this.#progress.blobsTotal += 1;
    this.#progress.bytesTotal += length;
  }

  #report(): void {
    this.#options.onProgress?.(this.#progress);
  }

  async #transfer(): Promise<void> {
    const lacking = Uint32Array.from(this.#lacking).sort();
    this.#lacking = [];
    this.#lackingBytes = 0;
    if (lacking.length === 0) return;
    const { compression, packSizeBytes, recompresses } = this.#options;
    await transferBlobs(this.#source, this.#target, this.#parts(lacking), this.#pool, {
      compression,
      packSizeBytes,
      compressesData: true,
      recompresses,
      onMoved: (blobs, bytes) => {
        this.#progress.blobsDone += blobs;
        this.#progress.bytesDone += bytes;
        this.#report();
      },
      signal: this.#signal,
    });
  }

  /** @param locations ascending, so that those of a pack are neighbours */
  *#parts(locations: Uint32Array): Generator<PackPart> {
    const { index } = this.#source;
    let entries: PackEntry[] = [];
    for (const [at, location] of locations.entries()) {
      const pack = index.packNumber(location);
      entries.push(index.entryAt(location));
      const next = locations[at + 1];
      if (next !== undefined && index.packNumber(next) === pack) continue;
      yield { packId: index.packIdOf(pack), entries };
      entries = [];
    }
  }

  /** The parent means nothing in another repository; the origin stays what it was. */
  async #saveSnapshot(found: FoundSnapshot): Promise<void> {
    const { parent: _, ...snapshot } = found.snapshot;
    const copy = { ...snapshot, original: originOf(found) };
    const name = await saveUnpacked(this.#target, 'snapshots', encodeSnapshot(copy), this.#signal);
    this.#progress.snapshotsDone += 1;
    this.#report();
    this.#options.onSnapshot?.(found, parseSnapshotId(name));
  }
}
