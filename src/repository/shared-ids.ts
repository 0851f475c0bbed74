/**
 * The ids and types of an index's blobs in memory that threads share: the owner adds (blob-columns.ts), the
 * others only look up what was there when it was handed over. What is added meanwhile they pass over.
 *
 * Segment: the ids of 2^14 blobs, then one bit for each that says whether it is a tree.
 */

import { idBytes } from './ids.ts';
import { free, other, SlotTable } from './slot-table.ts';

export const idWords = idBytes / 4;
export const segmentBits = 14;
export const segmentSize = 1 << segmentBits;
export const segmentMask = segmentSize - 1;

const segmentIdBytes = segmentSize * idBytes;

/** Can be sent to a thread. */
export interface SharedIdMemory {
  readonly slots: SharedArrayBuffer;
  readonly segments: readonly SharedArrayBuffer[];
  /** Locations that count; others are younger. */
  readonly count: number;
}

export class IdSegment {
  readonly memory: SharedArrayBuffer;
  /** 32 bytes for each blob. */
  readonly bytes: Uint8Array;
  /** The same as words, in the machine's order. */
  readonly words: Uint32Array;
  readonly trees: Uint8Array;

  constructor(memory = new SharedArrayBuffer(segmentIdBytes + segmentSize / 8)) {
    this.memory = memory;
    this.bytes = new Uint8Array(memory, 0, segmentIdBytes);
    this.words = new Uint32Array(memory, 0, segmentSize * idWords);
    this.trees = new Uint8Array(memory, segmentIdBytes);
  }

  hasId(at: number, words: Uint32Array): boolean {
    const start = at * idWords;
    for (let word = 0; word < idWords; word += 1) {
      if (this.words[start + word] !== words[word]) return false;
    }
    return true;
  }

  isTree(at: number): boolean {
    return hasBit(this.trees, at);
  }
}

/** An index as another thread sees it. */
export class SharedIds {
  readonly #table: SlotTable;
  readonly #segments: readonly IdSegment[];
  readonly #count: number;

  constructor({ slots, segments, count }: SharedIdMemory) {
    this.#table = new SlotTable(slots);
    this.#segments = segments.map((memory) => new IdSegment(memory));
    this.#count = count;
  }

  /** @param words the 32 bytes of the id as words in the machine's order */
  hasData(words: Uint32Array): boolean {
    const table = this.#table;
    const [first = 0, second = 0] = words;
    for (let slot = table.start(first); ; slot = table.next(slot)) {
      const found = table.probe(slot, second);
      if (found === free) return false;
      if (found === other || found >= this.#count) continue;
      const segment = this.#segments[found >>> segmentBits];
      const at = found & segmentMask;
      if (segment?.hasId(at, words) && !segment.isTree(at)) return true;
    }
  }
}

export function setBit(bits: Uint8Array, at: number): void {
  bits[at >>> 3] = (bits[at >>> 3] ?? 0) | (1 << (at & 7));
}

export function hasBit(bits: Uint8Array, at: number): boolean {
  return (((bits[at >>> 3] ?? 0) >>> (at & 7)) & 1) === 1;
}
