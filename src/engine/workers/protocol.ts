/**
 * What the main thread and a file worker say to each other. Buffers that cross are transferred;
 * failures travel as data, since error classes do not survive the trip.
 */

import type { MessagePort } from 'node:worker_threads';
import type { ErrorData } from '../../base/errors.ts';
import type { CompressionMode } from '../../repository/compression.ts';
import type { RepositoryKey } from '../../repository/crypto.ts';
import type { KnownMemory } from './known-blobs.ts';
import type { StartSetup } from './start-setup.ts';

/** Handed to a worker when it starts. */
export interface WorkerSetup extends StartSetup {
  /** This worker's number, its place in the shared counters. */
  readonly worker: number;
  readonly key: RepositoryKey;
  readonly version: 1 | 2;
  /** Lower-case hexadecimal, as in the config. */
  readonly polynomial: string;
  readonly compression: CompressionMode;
  readonly packSizeBytes: number;
  /** Pack buffers of its own that this worker may make, the one being filled included. */
  readonly packBuffers: number;
  readonly known: KnownMemory;
  readonly control: SharedArrayBuffer;
  /** Pack buffers come back here once their content is stored. */
  readonly returns: MessagePort;
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
      /** Hand over what is in the pack not yet full; answered by `leftover`. */
      readonly kind: 'flush';
    };

export type FromWorker =
  | {
      readonly kind: 'batch-done';
      readonly batch: number;
      readonly result: BatchResult;
    }
  | { readonly kind: 'helped'; readonly batch: number }
  | PackMessage
  | { readonly kind: 'leftover'; readonly pack: PackMessage | undefined }
  | { readonly kind: 'failed'; readonly error: ErrorData };

/** Sealed blobs, one after the other from the start of the buffer. */
export interface PackMessage {
  readonly kind: 'pack';
  readonly worker: number;
  readonly buffer: ArrayBuffer;
  /** Bytes of the buffer in use. */
  readonly size: number;
  /** The plain pack header, which names each blob. */
  readonly header: Uint8Array;
  /** Present when the pack is complete: its name and the sealed header that follows the blobs. */
  readonly sealed: { readonly id: string; readonly header: Uint8Array } | undefined;
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

/** Layout of the control memory: 32-bit words, then one 64-bit counter for each worker. */
export interface ControlViews {
  /**
   * Word 0: not 0 once the run is cancelled. Word 1: pack buffers that any worker may still make
   * beyond its own. Word 2 + n: buffers returned to worker n.
   */
  readonly words: Int32Array;
  /** Bytes that worker n has read since the start. */
  readonly bytesRead: BigInt64Array;
  /** Position in its batch of the file that worker n is reading. */
  readonly position: Int32Array;
}

export const cancelWord = 0;
export const extraWord = 1;
export const firstCredit = 2;

export function createControl(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(controlLayout(workers).size);
}

export function viewControl(control: SharedArrayBuffer, workers: number): ControlViews {
  const layout = controlLayout(workers);
  return {
    bytesRead: new BigInt64Array(control, 0, workers),
    position: new Int32Array(control, layout.position, workers),
    words: new Int32Array(control, layout.words, workers + firstCredit),
  };
}

/** The count of workers of a control memory, from its size. */
export function controlWorkers(control: SharedArrayBuffer): number {
  return (control.byteLength - firstCredit * 4) / 16;
}

function controlLayout(workers: number): { position: number; words: number; size: number } {
  const position = workers * 8;
  const words = position + workers * 4;
  return { position, words, size: words + (workers + firstCredit) * 4 };
}
