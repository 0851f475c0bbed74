/**
 * A large file that all workers seal together: one worker reads it into a ring (chunk-ring.ts), finds where
 * it is cut and publishes the chunks, every worker claims chunks and notes their ids. This is what they
 * know of the file, in shared memory.
 *
 * All words are changed atomically; a chunk's place is written before it is published, its id before
 * it counts as sealed.
 */

import { minChunkBytes } from '../../repository/chunker.ts';
import { idBytes } from '../../repository/ids.ts';

/** Files from this size on are worth it. */
export const sharedFileBytes = 32 * 2 ** 20;

/** What the file added to the repository. */
export interface SharedCosts {
  readonly added: number;
  readonly addedPacked: number;
  readonly newBlobs: number;
}

/** Memory to send to the workers. */
export function createSharedFile(size: number): SharedArrayBuffer {
  return new SharedArrayBuffer(layoutOf(Math.ceil(size / minChunkBytes) + 1).size);
}

const word = { ended: 0, published: 1, claimed: 2, active: 3 } as const;
const wordCount = 4; // a multiple of two, for what follows
const costFields = 3;
/** Waits look this often whether the run was stopped. */
const waitMs = 1000;

export class SharedFile {
  readonly #words: Int32Array;
  readonly #costs: BigInt64Array;
  readonly #places: Uint32Array;
  readonly #lengths: Uint32Array;
  readonly #ids: Uint8Array;
  readonly #isSealed: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    const count = (memory.byteLength - headBytes) / chunkBytes;
    const layout = layoutOf(count);
    this.#words = new Int32Array(memory, 0, wordCount);
    this.#costs = new BigInt64Array(memory, wordCount * 4, costFields);
    this.#places = new Uint32Array(memory, headBytes, count);
    this.#lengths = new Uint32Array(memory, layout.lengths, count);
    this.#ids = new Uint8Array(memory, layout.ids, count * idBytes);
    this.#isSealed = new Uint8Array(memory, layout.isSealed, count);
  }

  get published(): number {
    return Atomics.load(this.#words, word.published);
  }

  /** Chunks published and not yet claimed. */
  get waiting(): number {
    return this.published - Atomics.load(this.#words, word.claimed);
  }

  /** The file has grown beyond the size that the memory was made for. */
  get isFull(): boolean {
    return this.published === this.#lengths.length;
  }

  /** @param place in the ring */
  publish(place: number, length: number): void {
    const index = this.published;
    this.#places[index] = place;
    this.#lengths[index] = length;
    Atomics.add(this.#words, word.published, 1);
    Atomics.notify(this.#words, word.published);
  }

  /** Nothing more is published, and nothing more may be claimed. */
  end(): void {
    Atomics.store(this.#words, word.ended, 1);
    Atomics.notify(this.#words, word.published);
  }

  get #isEnded(): boolean {
    return Atomics.load(this.#words, word.ended) === 1;
  }

  /** The number of a chunk to seal, to be given back by {@link release}; undefined when none is waiting. */
  claim(): number | undefined {
    const words = this.#words;
    // Counted first: who waits for the others must not miss one that has just claimed.
    Atomics.add(words, word.active, 1);
    for (;;) {
      const claimed = Atomics.load(words, word.claimed);
      if (this.#isEnded || claimed >= this.published) {
        this.release();
        return undefined;
      }
      if (Atomics.compareExchange(words, word.claimed, claimed, claimed + 1) === claimed) {
        return claimed;
      }
    }
  }

  release(): void {
    Atomics.sub(this.#words, word.active, 1);
    Atomics.notify(this.#words, word.active);
  }

  /**
   * For helpers: as {@link claim}, but waits for the next chunk.
   * @param check called while it waits; throws to stop
   * @returns undefined when the file has ended
   */
  claimNext(check: () => void): number | undefined {
    for (;;) {
      check();
      const published = this.published;
      const claimed = this.claim();
      if (claimed !== undefined || this.#isEnded) return claimed;
      Atomics.wait(this.#words, word.published, published, waitMs);
    }
  }

  /** Waits until nobody works on a claimed chunk. */
  waitForOthers(check: () => void): void {
    while (Atomics.load(this.#words, word.active) !== 0) this.waitForOne(check);
  }

  /** Waits until another one claims a chunk or is done with it. */
  waitForOne(check: () => void): void {
    check();
    const active = Atomics.load(this.#words, word.active);
    if (active !== 0) Atomics.wait(this.#words, word.active, active, waitMs);
  }

  /** `place` is in the ring. */
  chunk(index: number): { readonly place: number; readonly length: number } {
    return { place: this.#places[index] ?? 0, length: this.#lengths[index] ?? 0 };
  }

  /**
   * @param id 32 bytes, copied
   * @param packed size in the pack; undefined when the blob was known
   */
  noteSealed(index: number, id: Uint8Array, packed: number | undefined): void {
    this.#ids.set(id, index * idBytes);
    if (packed !== undefined) {
      Atomics.add(this.#costs, 0, BigInt(this.#lengths[index] ?? 0));
      Atomics.add(this.#costs, 1, BigInt(packed));
      Atomics.add(this.#costs, 2, 1n);
    }
    Atomics.store(this.#isSealed, index, 1);
  }

  /** From then on its bytes are wanted no more. */
  isSealed(index: number): boolean {
    return Atomics.load(this.#isSealed, index) === 1;
  }

  /** A copy of the id of a sealed chunk; 32 bytes. */
  idOf(index: number): Uint8Array {
    return this.#ids.slice(index * idBytes, (index + 1) * idBytes);
  }

  /** Of all chunks sealed so far. */
  costs(): SharedCosts {
    const [added = 0n, addedPacked = 0n, newBlobs = 0n] = this.#costs;
    return {
      added: Number(added),
      addedPacked: Number(addedPacked),
      newBlobs: Number(newBlobs),
    };
  }
}

const headBytes = wordCount * 4 + costFields * 8;
/** Place, length, id, whether it is sealed. */
const chunkBytes = 4 + 4 + idBytes + 1;

function layoutOf(count: number): { lengths: number; ids: number; isSealed: number; size: number } {
  const lengths = headBytes + count * 4;
  const ids = lengths + count * 4;
  const isSealed = ids + count * idBytes;
  return { lengths, ids, isSealed, size: isSealed + count };
}
