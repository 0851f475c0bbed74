/** Tables of blobs for pack workers, straight from the index: a pack of small files has thousands. */

import type { BlobIndex } from '../repository/blob-index.ts';
import { idBytes } from '../repository/ids.ts';
import type { BlobTable } from './workers/pack-protocol.ts';

/** @param locations numbers in the index, of one pack, by offset */
export function tableAt(index: BlobIndex, locations: readonly number[]): BlobTable {
  const count = locations.length;
  const table = {
    count,
    ids: new Uint8Array(count * idBytes),
    offsets: new Uint32Array(count),
    lengths: new Uint32Array(count),
    uncompressedLengths: new Uint32Array(count),
    trees: new Uint8Array(count),
  };
  for (const [at, location] of locations.entries()) {
    index.copyId(location, table.ids, at * idBytes);
    table.offsets[at] = index.offsetOf(location);
    table.lengths[at] = index.lengthOf(location);
    table.uncompressedLengths[at] = index.uncompressedLengthOf(location);
    table.trees[at] = index.isTree(location) ? 1 : 0;
  }
  return table;
}

/** All blobs of a pack. @param pack its number in the index */
export function tableOfPack(index: BlobIndex, pack: number): BlobTable {
  const locations = [...index.numbersIn(pack)];
  const offsets = Uint32Array.from(locations, (location) => index.offsetOf(location));
  const isSorted = offsets.every((offset, at) => at === 0 || (offsets[at - 1] ?? 0) <= offset);
  if (!isSorted) locations.sort((a, b) => index.offsetOf(a) - index.offsetOf(b));
  return tableAt(index, locations);
}
