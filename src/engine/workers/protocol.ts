/**
 * What the main thread and a file worker say to each other. Packs are filled in memory that all share
 * (shared-packs.ts), other buffers that cross are transferred; failures travel as data, since error classes do not survive the trip.
 */

import type { ErrorData } from '../../base/errors.ts';
import type { PackId } from '../../repository/ids.ts';
import type { SealSettings } from '../pack-builder.ts';
import type { endMessage } from './end-threads.ts';
import type { KnownMemory } from './known-blobs.ts';
import type { SharedPackMemory } from './shared-packs.ts';
import type { StartSetup } from './start-setup.ts';

/** Handed to a worker when it starts. */
export interface WorkerSetup extends StartSetup, SealSettings {
  /** This worker's number, its place in the shared counters. */
  readonly worker: number;
  /** Lower-case hexadecimal, as in the config. */
  readonly polynomial: string;
  readonly known: KnownMemory;
  readonly packs: SharedPackMemory;
  /** chunk-ring.ts */
  readonly ring: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
}

export type ToWorker =
  | {
      /** Read, cut and store these files; answered by `batch-done` with the same number. */
      readonly kind: 'batch';
      readonly batch: number;
      /** Byte strings (base/byte-string.ts). */
      readonly paths: readonly string[];
      /** Of the last file, when other workers help with it: shared-file.ts. */
      readonly shared: SharedArrayBuffer | undefined;
    }
  | {
      /** Help with a file that another worker cuts; answered by `helped` with the same number. */
      readonly kind: 'help';
      readonly batch: number;
      readonly shared: SharedArrayBuffer;
    }
  | {
      /** Put what waits into a pack; answered by `flushed`. */
      readonly kind: 'flush';
    }
  | typeof endMessage;

export type FromWorker =
  | {
      readonly kind: 'batch-done';
      readonly batch: number;
      readonly result: BatchResult;
    }
  | { readonly kind: 'helped'; readonly batch: number }
  | { readonly kind: 'pack'; readonly pack: SealedPack }
  | { readonly kind: 'flushed' }
  | { readonly kind: 'failed'; readonly error: ErrorData };

/** A complete pack; its blobs are in shared memory. */
export interface SealedPack {
  /** Number of the shared pack. */
  readonly pack: number;
  readonly id: PackId;
  /** What follows the blobs in the file: the sealed header and its size. */
  readonly header: Uint8Array;
}

/** Bytes new to the repository before and after compression and encryption; time taken. */
export const costFields = ['added', 'addedPacked', 'seconds'] as const;

/** Results of a batch, in the order of its paths and flat, so that many files cost little to pass on. */
export interface BatchResult {
  /** `statFields.length` numbers (stat-rows.ts) for each file, of the opened file. `size` is what was read. */
  readonly stats: BigInt64Array<ArrayBuffer>;
  /** Count of content blobs of each file. */
  readonly counts: Uint32Array;
  /** The ids of all content blobs, 32 bytes each. */
  readonly content: Uint8Array;
  /** `costFields.length` numbers for each file. */
  readonly costs: Float64Array;
  readonly newBlobs: number;
  readonly failures: readonly FileFailure[];
}

export interface FileFailure {
  /** Position in the batch. */
  readonly index: number;
  /** The system's code, such as `EACCES`; undefined for a file that is no longer a regular file. */
  readonly code: string | undefined;
  readonly message: string;
}

/** Layout of the control memory: a 64-bit counter for each worker, then 32-bit words. */
export interface ControlViews {
  /** Bytes that worker n has read since the start. */
  readonly bytesRead: BigInt64Array;
  /** Position in its batch of the file that worker n is reading. */
  readonly position: Int32Array;
  /** One word, not 0 once the run is cancelled. */
  readonly cancelled: Int32Array;
}

export function createControl(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(workers * 12 + 4);
}

export function viewControl(control: SharedArrayBuffer): ControlViews {
  const workers = (control.byteLength - 4) / 12;
  return {
    bytesRead: new BigInt64Array(control, 0, workers),
    position: new Int32Array(control, workers * 8, workers),
    cancelled: new Int32Array(control, workers * 12, 1),
  };
}
