/**
 * Ids and sizes of blobs by location number, in segments of typed arrays. Segments never move, so growing
 * copies nothing.
 */

import { type BlobId, blobIdFromBytes, idBytes } from './ids.ts';
import type { IndexColumns } from './index-columns.ts';
import {
  hasBit,
  IdSegment,
  idWords,
  segmentBits,
  segmentMask,
  segmentSize,
  setBit,
} from './shared-ids.ts';

class Segment extends IdSegment {
  readonly lengths = new Uint32Array(segmentSize);
  readonly uncompressedLengths = new Uint32Array(segmentSize);
  /** One bit for each: not the first location of its blob. */
  readonly repeats = new Uint8Array(segmentSize / 8);
}

export class BlobColumns {
  readonly #segments: Segment[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** As {@link SharedIdMemory.segments}. */
  idMemory(): SharedArrayBuffer[] {
    return this.#segments.map(({ memory }) => memory);
  }

  /** Adds blobs from `start` to `end`. */
  append(source: IndexColumns, start: number, end: number): void {
    for (let from = start; from < end; ) {
      const at = this.#count & segmentMask;
      if (at === 0) this.#segments.push(new Segment());
      const segment = this.#segmentOf(this.#count);
      const to = Math.min(end, from + segmentSize - at);
      segment.words.set(source.idWords.subarray(from * idWords, to * idWords), at * idWords);
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
    return this.#segmentOf(location).words[(location & segmentMask) * idWords + word] ?? 0;
  }

  hasId(location: number, words: Uint32Array): boolean {
    return this.#segmentOf(location).hasId(location & segmentMask, words);
  }

  /** Both locations are of one blob: same id, same type. */
  isSame(a: number, b: number): boolean {
    const start = (b & segmentMask) * idWords;
    const words = this.#segmentOf(b).words.subarray(start, start + idWords);
    return this.hasId(a, words) && this.isTree(a) === this.isTree(b);
  }

  /** The 32 bytes of the id: a view to read. */
  idBytes(location: number): Uint8Array {
    const start = (location & segmentMask) * idBytes;
    return this.#segmentOf(location).bytes.subarray(start, start + idBytes);
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
    return this.#segmentOf(location).isTree(location & segmentMask);
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
