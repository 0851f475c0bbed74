/**
 * Memory for the content of a shared file: the worker that cuts it reads into the ring, and whoever seals a
 * chunk finds it there, so that nothing is read twice. Chunks lie one behind the other, each in one piece;
 * the oldest makes room for the next as soon as it is sealed.
 *
 * All workers have the one ring. One file at a time is read into it.
 */

import { largestReadBytes } from './read-sizes.ts';
import type { SharedFile } from './shared-file.ts';

const bytesPerWorker = 4 * 2 ** 20;
/** Some two dozen chunks of usual size: enough ahead of six workers. */
const maxBytes = 24 * 2 ** 20;
const headBytes = 8;
/** Waits look this often whether the run was stopped. */
const waitMs = 1000;

/** Room for a chunk of the largest size, and for what each worker seals meanwhile. */
export function chunkRingBytes(workers: number): number {
  return Math.min(largestReadBytes + workers * bytesPerWorker, maxBytes);
}

/** @param size at least {@link largestReadBytes} */
export function createChunkRing(size: number): SharedArrayBuffer {
  return new SharedArrayBuffer(headBytes + size);
}

export class ChunkRing {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** Not 0 while a file is in the ring. */
  readonly #taken: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#taken = new Int32Array(memory, 0, 1);
    this.bytes = new Uint8Array(memory, headBytes);
    if (this.bytes.length < largestReadBytes) throw new RangeError('no chunk fits in the ring');
  }

  /**
   * Waits until no other file is in the ring.
   * @param check called while it waits; throws to stop
   */
  take(check: () => void): void {
    while (Atomics.compareExchange(this.#taken, 0, 0, 1) !== 0) {
      check();
      Atomics.wait(this.#taken, 0, 1, waitMs);
    }
  }

  /** To be called when every chunk of the file is sealed. */
  giveBack(): void {
    Atomics.store(this.#taken, 0, 0);
    Atomics.notify(this.#taken, 0, 1);
  }
}

/** Fills the ring with one file. */
export class RingWriter {
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  readonly #file: SharedFile;
  /** Where the chunk that is being read begins, and up to where it is read. */
  #start = 0;
  #end = 0;
  /** Number of the first chunk that may not be sealed yet. */
  #oldest = 0;

  constructor(ring: ChunkRing, file: SharedFile) {
    this.#bytes = ring.bytes;
    this.#file = file;
  }

  /**
   * Room to read the next bytes into, behind those that belong to no chunk yet.
   * @returns undefined as long as chunks that are not sealed stand there
   */
  room(size: number): Uint8Array | undefined {
    const oldest = this.#placeOfOldest();
    const isBehind = oldest === undefined || oldest < this.#start;
    if (isBehind && this.#end + size > this.#bytes.length) {
      const read = this.#end - this.#start;
      if (oldest !== undefined && read + size > oldest) return undefined;
      this.#bytes.copyWithin(0, this.#start, this.#end);
      this.#start = 0;
      this.#end = read;
    } else if (!isBehind && this.#end + size > oldest) return undefined;
    return this.#bytes.subarray(this.#end, this.#end + size);
  }

  /** Says how much was read into the room. */
  advance(size: number): void {
    this.#end += size;
  }

  /** Publishes a chunk: so many of the bytes that belong to none yet. */
  publish(length: number): void {
    this.#file.publish(this.#start, length);
    this.#start += length;
  }

  #placeOfOldest(): number | undefined {
    while (this.#oldest < this.#file.published) {
      if (!this.#file.isSealed(this.#oldest)) return this.#file.chunk(this.#oldest).place;
      this.#oldest += 1;
    }
    return undefined;
  }
}
