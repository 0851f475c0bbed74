/**
 * Ids and sizes of blobs by location number, in segments of typed arrays. Segments never move, so growing
 * copies nothing.
 */

import { type BlobId, blobIdFromBytes, idBytes } from './ids.ts';
import type { IndexColumns } from './index-columns.ts';

const idWords = idBytes / 4;
const segmentBits = 14;
const segmentSize = 1 << segmentBits;
const segmentMask = segmentSize - 1;

interface Segment {
  readonly ids: Uint8Array;
  /** The same as words, in the machine's order. */
  readonly idWords: Uint32Array;
  readonly lengths: Uint32Array;
  readonly uncompressedLengths: Uint32Array;
  /** One bit for each. */
  readonly trees: Uint8Array;
  /** One bit for each: not the first location of its blob. */
  readonly repeats: Uint8Array;
}

export class BlobColumns {
  readonly #segments: Segment[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Adds blobs from `start` to `end`. */
  append(source: IndexColumns, start: number, end: number): void {
    for (let from = start; from < end; ) {
      const at = this.#count & segmentMask;
      if (at === 0) this.#segments.push(newSegment());
      const segment = this.#segmentOf(this.#count);
      const to = Math.min(end, from + segmentSize - at);
      segment.idWords.set(source.idWords.subarray(from * idWords, to * idWords), at * idWords);
      segment.lengths.set(source.lengths.subarray(from, to), at);
      segment.uncompressedLengths.set(source.uncompressedLengths.subarray(from, to), at);
      for (let i = from; i < to; i += 1) {
        if (source.trees[i] === 1) setBit(segment.trees, at + i - from);
      }
      this.#count += to - from;
      from = to;
    }
  }

  /** A word of the id, 0 to 7. */
  idWord(location: number, word: number): number {
    return this.#segmentOf(location).idWords[(location & segmentMask) * idWords + word] ?? 0;
  }

  hasId(location: number, words: Uint32Array): boolean {
    const { idWords: own } = this.#segmentOf(location);
    const start = (location & segmentMask) * idWords;
    for (let word = 0; word < idWords; word += 1) {
      if (own[start + word] !== words[word]) return false;
    }
    return true;
  }

  /** Both locations are of one blob: same id, same type. */
  isSame(a: number, b: number): boolean {
    const start = (b & segmentMask) * idWords;
    const words = this.#segmentOf(b).idWords.subarray(start, start + idWords);
    return this.hasId(a, words) && this.isTree(a) === this.isTree(b);
  }

  /** The 32 bytes of the id: a view to read. */
  idBytes(location: number): Uint8Array {
    const start = (location & segmentMask) * idBytes;
    return this.#segmentOf(location).ids.subarray(start, start + idBytes);
  }

  id(location: number): BlobId {
    return blobIdFromBytes(this.idBytes(location));
  }

  length(location: number): number {
    return this.#segmentOf(location).lengths[location & segmentMask] ?? 0;
  }

  uncompressedLength(location: number): number {
    return this.#segmentOf(location).uncompressedLengths[location & segmentMask] ?? 0;
  }

  isTree(location: number): boolean {
    return hasBit(this.#segmentOf(location).trees, location & segmentMask);
  }

  isRepeat(location: number): boolean {
    return hasBit(this.#segmentOf(location).repeats, location & segmentMask);
  }

  markRepeat(location: number): void {
    setBit(this.#segmentOf(location).repeats, location & segmentMask);
  }

  #segmentOf(location: number): Segment {
    const segment = this.#segments[location >>> segmentBits];
    if (segment === undefined) throw new RangeError(`no blob location ${location}`);
    return segment;
  }
}

function newSegment(): Segment {
  const ids = new Uint8Array(segmentSize * idBytes);
  return {
    ids,
    idWords: new Uint32Array(ids.buffer),
    lengths: new Uint32Array(segmentSize),
    uncompressedLengths: new Uint32Array(segmentSize),
    trees: new Uint8Array(segmentSize / 8),
    repeats: new Uint8Array(segmentSize / 8),
  };
}

function setBit(bits: Uint8Array, at: number): void {
  bits[at >>> 3] = (bits[at >>> 3] ?? 0) | (1 << (at & 7));
}

function hasBit(bits: Uint8Array, at: number): boolean {
  return (((bits[at >>> 3] ?? 0) >>> (at & 7)) & 1) === 1;
}
