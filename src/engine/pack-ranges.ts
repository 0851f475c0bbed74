/** Which bytes of a pack to read for some of its blobs. */

import type { PackEntry } from '../repository/pack.ts';

export interface BlobRange {
  readonly offset: number;
  readonly length: number;
  /** By offset. */
  readonly entries: readonly PackEntry[];
}

/** Fetching what is not needed is cheaper than another request up to this gap. */
export const maxGapBytes = 1024 * 1024;

/**
 * Splits the blobs of one pack into ranges. A range ends at a large gap and before it grows beyond
 * `maxBytes`; one blob may be larger.
 */
export function* rangesOf(entries: readonly PackEntry[], maxBytes: number): Generator<BlobRange> {
  const sorted = entries.toSorted((a, b) => a.offset - b.offset);
  let range: PackEntry[] = [];
  let start = 0;
  let end = 0;
  for (const entry of sorted) {
    const fits =
      entry.offset - end <= maxGapBytes && entry.offset + entry.length - start <= maxBytes;
    if (range.length > 0 && !fits) {
      yield { offset: start, length: end - start, entries: range };
      range = [];
    }
    if (range.length === 0) start = entry.offset;
    range.push(entry);
    end = entry.offset + entry.length;
  }
  if (range.length > 0) yield { offset: start, length: end - start, entries: range };
}
