/**
 * What the main thread and a pack worker say to each other. A pack worker opens stored blobs: it
 * reads a pack or a part of one, decrypts, verifies and decompresses, with synchronous calls on
 * memory that it owns. What it then does with the blobs is the job's `kind`.
 *
 * To add a job: a member of {@link PackJob} with a
 * {@link PackRange} and whatever else it needs (a second key travels in the job), its answer in
 * {@link PackAnswers}, and a function beside `checkPack` that `pack-worker.ts` calls. The function
 * walks the blobs with `SealedRange.blob` and opens them with `BlobOpener`: `open` gives the
 * plaintext, `verify` only says whether it is right, and the sealed bytes stay valid until the next
 * `blob`, so that a blob can pass through as it is. What comes back in large buffers is named in
 * `transferOf`. Blobs cross as flat arrays: a pack of small files has thousands.
 */

import type { ErrorData } from '../../base/errors.ts';
import type { CompressionMode } from '../../repository/compression.ts';
import type { RepositoryVersion } from '../../repository/config.ts';
import type { RepositoryKey } from '../../repository/crypto.ts';
import { type BlobId, blobIdFromBytes, idBytes } from '../../repository/ids.ts';
import type { PackEntry } from '../../repository/pack.ts';
import type { ExtendedAttribute } from '../../repository/tree.ts';
import type { MetadataWarning } from '../restore-metadata.ts';
import type { endMessage } from './end-threads.ts';
import type { StartSetup } from './start-setup.ts';

/** Handed to a worker when it starts. */
export interface PackWorkerSetup extends StartSetup {
  readonly key: RepositoryKey;
  /** One word, not 0 once the pool is closed. */
  readonly closed: Int32Array<SharedArrayBuffer>;
}

/** Where the bytes of a range come from. */
export type PackSource =
  /** The worker reads the file itself. */
  | { readonly kind: 'file'; readonly path: string }
  /** They were fetched; the buffer is transferred, and comes back with the answer. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> };

/** A part of a pack, or all of it. Bytes after the end of the source are missing, which is damage. */
export interface PackRange {
  readonly source: PackSource;
  /** Position in the pack of the first byte. */
  readonly offset: number;
  readonly length: number;
}

/** Blobs of one pack, by offset. */
export interface BlobTable {
  readonly count: number;
  /** 32 bytes each. */
  readonly ids: Uint8Array;
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
  /** 0 for a blob that is not compressed. */
  readonly uncompressedLengths: Uint32Array;
  /** 1 for a tree, 0 for data. */
  readonly trees: Uint8Array;
}

export type PackJob =
  /** Verifies a whole pack: its name, every blob, its header against the table. */
  | {
      readonly kind: 'check';
      readonly packId: string;
      readonly range: PackRange;
      /** What the index says is in the pack. */
      readonly blobs: BlobTable;
    }
  /** Writes blobs into files, and finishes the files that have all their blobs in this job. */
  | {
      readonly kind: 'restore';
      readonly range: PackRange;
      readonly blobs: BlobTable;
      readonly targets: RestoreTargets;
      readonly files: RestoreFileTable;
      readonly sparse: boolean;
      /** Whether calls beyond Node's are used for metadata. */
      readonly native: boolean;
    }
  /** Reads trees for what they refer to. */
  | { readonly kind: 'references'; readonly range: PackRange; readonly blobs: BlobTable }
  /** Gives blobs back as they will stand in another pack. */
  | {
      readonly kind: 'transfer';
      readonly range: PackRange;
      readonly blobs: BlobTable;
      readonly target: TransferTarget;
    };

export interface TransferTarget {
  /** Undefined where the new pack is of the same repository. */
  readonly key: RepositoryKey | undefined;
  readonly version: RepositoryVersion;
  readonly compression: CompressionMode;
  /** Data that is not compressed is tried again; trees of version 2 always are. */
  readonly compressesData: boolean;
  /** What is compressed is compressed anew, for a mode that saves more. */
  readonly recompresses: boolean;
}

/** Where each blob goes: the places of blob n are from `starts[n]` to before `starts[n + 1]`. */
export interface RestoreTargets {
  readonly starts: Uint32Array;
  /** Numbers in the table of files. */
  readonly files: Uint32Array;
  /** Positions in the files. */
  readonly offsets: Float64Array;
}

/** Files of a restore's job; flags are 1 for yes. */
export interface RestoreFileTable {
  /** Byte strings. */
  readonly paths: readonly string[];
  readonly sizes: Float64Array;
  /** How many places of the job's blobs are in the file. */
  readonly blobCounts: Uint32Array;
  /** The file that exists is written to; else one is created. */
  readonly reused: Uint8Array;
  /** It was made by this restore. */
  readonly made: Uint8Array;
  /** Its metadata is applied after its last blob of this job. */
  readonly finished: Uint8Array;
  readonly modes: Uint32Array;
  readonly uids: Uint32Array;
  readonly gids: Uint32Array;
  readonly mtimes: BigInt64Array;
  readonly atimes: BigInt64Array;
  /** By number; files without are missing. */
  readonly attributes: ReadonlyMap<number, readonly ExtendedAttribute[]>;
}

export type PackJobOf<Kind extends PackJob['kind']> = Extract<PackJob, { readonly kind: Kind }>;

/** What each kind of job gives back. */
export interface PackAnswers {
  readonly check: CheckAnswer;
  readonly restore: RestoreAnswer;
  readonly references: ReferenceAnswer;
  readonly transfer: TransferAnswer;
}

/** Ids of 32 bytes each; one that is referred to twice may stand there twice. */
export interface ReferenceAnswer {
  readonly trees: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
  /** Positions in the table of trees that could not be read. */
  readonly lost: readonly number[];
}

export interface TransferAnswer {
  /** Sealed blobs one after the other. */
  readonly content: Uint8Array<ArrayBuffer>;
  /** Positions in the job's table of the blobs in `content`, in its order. */
  readonly moved: Uint32Array;
  /** Sealed sizes, in the same order. */
  readonly lengths: Uint32Array;
  readonly uncompressedLengths: Uint32Array;
  /** Positions in the table of blobs that could not be read. */
  readonly lost: readonly number[];
}

/** What became of a file in a restore's job; 0 if nothing was written to it. */
export const fileStates = { made: 1, finished: 2, failed: 3 } as const;

export interface RestoreAnswer {
  /** Positions in the table of blobs that could not be read; nothing was written for them. */
  readonly lost: readonly number[];
  /** One of {@link fileStates} for each file. */
  readonly states: Uint8Array;
  /** Once for each file that could not be written to. The job ends early when none can be. */
  readonly failures: readonly WriteFailure[];
  readonly metadataFailures: readonly {
    readonly file: number;
    readonly failures: readonly string[];
  }[];
  readonly warnings: readonly MetadataWarning[];
  readonly bytesWritten: number;
}

export interface WriteFailure {
  readonly file: number;
  readonly message: string;
  readonly systemCode: string | undefined;
}

export interface CheckAnswer {
  /** Sentences for people; empty for a sound pack. */
  readonly faults: readonly string[];
  /** Positions in the table of blobs that cannot be read. */
  readonly lost: readonly number[];
}

export interface PackTask {
  readonly number: number;
  readonly job: PackJob;
}

export type ToPackWorker = PackTask | typeof endMessage;

export type FromPackWorker = {
  /** What the range was fetched into. */
  readonly memory: ArrayBuffer | undefined;
} & (
  | {
      readonly kind: 'done';
      readonly number: number;
      readonly answer: PackAnswers[PackJob['kind']];
    }
  /** The job ended; the worker takes others. `systemCode` is that of a failed call, such as `ENOENT`. */
  | {
      readonly kind: 'failed';
      readonly number: number;
      readonly error: ErrorData;
      readonly systemCode: string | undefined;
    }
);

/** @param entries of one pack, in any order */
export function tableOf(entries: readonly PackEntry[]): BlobTable {
  const sorted = entries.toSorted((a, b) => a.offset - b.offset);
  const table = {
    count: sorted.length,
    ids: new Uint8Array(sorted.length * idBytes),
    offsets: new Uint32Array(sorted.length),
    lengths: new Uint32Array(sorted.length),
    uncompressedLengths: new Uint32Array(sorted.length),
    trees: new Uint8Array(sorted.length),
  };
  const ids = Buffer.from(table.ids.buffer);
  for (const [at, entry] of sorted.entries()) {
    ids.write(entry.id, at * idBytes, 'hex');
    table.offsets[at] = entry.offset;
    table.lengths[at] = entry.length;
    table.uncompressedLengths[at] = entry.uncompressedLength;
    table.trees[at] = entry.type === 'tree' ? 1 : 0;
  }
  return table;
}

export function entryOf(table: BlobTable, at: number): PackEntry {
  return {
    type: table.trees[at] === 1 ? 'tree' : 'data',
    id: idOf(table, at),
    offset: table.offsets[at] ?? 0,
    length: table.lengths[at] ?? 0,
    uncompressedLength: table.uncompressedLengths[at] ?? 0,
  };
}

export function idOf(table: BlobTable, at: number): BlobId {
  return blobIdFromBytes(table.ids.subarray(at * idBytes, (at + 1) * idBytes));
}

/** Buffers that change hands with an answer. */
export function transferOfAnswer(answer: PackAnswers[PackJob['kind']]): ArrayBuffer[] {
  if ('content' in answer) return [answer.content.buffer];
  return 'data' in answer ? [answer.trees.buffer, answer.data.buffer] : [];
}

/** Buffers that change hands with a job. */
export function transferOf(job: PackJob): ArrayBuffer[] {
  const { source } = job.range;
  return source.kind === 'bytes' ? [source.bytes.buffer] : [];
}
