/**
 * The data blobs that are stored or being stored, shared by all threads: those of the index as it was, in
 * the index's own memory, and an open-addressing table for the ids of those that are new. A thread claims
 * an id by compare-and-swap, so that no two threads store the same blob. When a segment is full the next
 * one, twice its size, is used; at the moment of that change two threads may store one blob twice, which
 * wastes its space and harms nothing.
 *
 * Segment: count of ids (1 word), padding to 8 words, then for each slot its state (1 word), then for
 * each slot its id (8 words).
 */

import { idWords, type SharedIdMemory, SharedIds } from '../../repository/shared-ids.ts';

const headWords = 8;
const empty = 0;
const writing = 1;
const ready = 2;
/** Room for 2^10 times the first segment; only grown memory counts. */
const maxSegments = 10;
const firstSlots = 1 << 15;
const maxLoad = 0.7;

/** Can be sent to a thread. */
export interface KnownMemory {
  readonly claimed: SharedArrayBuffer;
  readonly stored: SharedIdMemory;
}

export class KnownBlobs {
  /** Hand this to other threads; `new KnownBlobs(shared)` there sees the same blobs. */
  readonly shared: KnownMemory;
  readonly #stored: SharedIds;
  #words: Int32Array;
  readonly #key = new Int32Array(idWords);
  readonly #keyWords = new Uint32Array(this.#key.buffer);
  readonly #keyBytes = new Uint8Array(this.#key.buffer);

  constructor(shared: KnownMemory) {
    this.shared = shared;
    this.#stored = new SharedIds(shared.stored);
    this.#words = new Int32Array(shared.claimed, 0, shared.claimed.byteLength / 4);
  }

  /** @param stored of the repository's index */
  static create(stored: SharedIdMemory): KnownBlobs {
    const first = segmentWords(firstSlots) * 4;
    const claimed = new SharedArrayBuffer(first, { maxByteLength: first * 2 ** maxSegments });
    return new KnownBlobs({ claimed, stored });
  }

  /**
   * True when the caller is the first to name this id, and so is the one who must store the blob.
   * @param id 32 bytes
   */
  claim(id: Uint8Array): boolean {
    this.#keyBytes.set(id);
    if (this.#stored.hasData(this.#keyWords)) return false;
    const key = this.#key;
    let slots = firstSlots;
    let start = 0;
    for (let segment = 0; segment < maxSegments; segment += 1) {
      if (!this.#reach(start + segmentWords(slots))) return true;
      const open = Atomics.load(this.#words, start) < slots * maxLoad;
      const found = this.#search(key, start, slots, open);
      if (found !== undefined) return found;
      start += segmentWords(slots);
      slots *= 2;
    }
    return true;
  }

  /** Undefined when the id is not in this segment and the segment takes no more. */
  #search(key: Int32Array, start: number, slots: number, open: boolean): boolean | undefined {
    const words = this.#words;
    const states = start + headWords;
    const ids = states + slots;
    let slot = ((key[0] ?? 0) >>> 0) & (slots - 1);
    for (let probes = 0; probes < slots; probes += 1) {
      let state = Atomics.load(words, states + slot);
      if (state === empty) {
        if (!open) return undefined;
        state = Atomics.compareExchange(words, states + slot, empty, writing);
        if (state === empty) {
          words.set(key, ids + slot * idWords);
          Atomics.store(words, states + slot, ready);
          Atomics.add(words, start, 1);
          return true;
        }
      }
      // Another thread is copying 32 bytes: no wait worth sleeping for.
      while (state === writing) state = Atomics.load(words, states + slot);
      if (sameId(words, ids + slot * idWords, key)) return false;
      slot = (slot + 1) & (slots - 1);
    }
    return undefined;
  }

  /** Grows the memory to hold this many words; false at the limit. */
  #reach(words: number): boolean {
    if (words <= this.#words.length) return true;
    const memory = this.shared.claimed;
    const bytes = words * 4;
    if (bytes > memory.maxByteLength) return false;
    if (memory.byteLength < bytes) {
      try {
        memory.grow(bytes);
      } catch {
        // Another thread grew it further in the meantime.
        if (memory.byteLength < bytes) return false;
      }
    }
    // A view with a fixed length is faster than one that follows the memory's growth.
    this.#words = new Int32Array(memory, 0, Math.floor(memory.byteLength / 4));
    return true;
  }
}

function segmentWords(slots: number): number {
  return headWords + slots * (1 + idWords);
}

function sameId(words: Int32Array, at: number, key: Int32Array): boolean {
  for (let index = 0; index < idWords; index += 1) {
    if (words[at + index] !== key[index]) return false;
  }
  return true;
}
