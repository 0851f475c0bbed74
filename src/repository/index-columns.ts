/** The packs of an index file as columns of numbers, without an object for each blob. Used again file by file. */

import { idBytes, type PackId, packIdFromBytes } from './ids.ts';
import type { PackEntry } from './pack.ts';

const idWords = idBytes / 4;

export class IndexColumns {
  /** 32 bytes for each pack. */
  packIds = Buffer.alloc(64 * idBytes);
  /** For each pack, where its blobs end; they begin where those of the pack before end. */
  packEnds = new Uint32Array(64);
  packCount = 0;
  blobCount = 0;
  /** 32 bytes for each blob; the other columns have one number for each. */
  ids = Buffer.from(new ArrayBuffer(1024 * idBytes));
  idWords = new Uint32Array(this.ids.buffer);
  offsets = new Uint32Array(1024);
  lengths = new Uint32Array(1024);
  uncompressedLengths = new Uint32Array(1024);
  /** 1 for a tree. */
  trees = new Uint8Array(1024);

  clear(): void {
    this.packCount = 0;
    this.blobCount = 0;
  }

  packId(pack: number): PackId {
    return packIdFromBytes(this.packIdBytes(pack));
  }

  /** A view of 32 bytes. */
  packIdBytes(pack: number): Uint8Array {
    return this.packIds.subarray(pack * idBytes, (pack + 1) * idBytes);
  }

  /** Number of a pack's first blob. */
  start(pack: number): number {
    return pack === 0 ? 0 : this.end(pack - 1);
  }

  /** One more than the number of a pack's last blob. */
  end(pack: number): number {
    return this.packEnds[pack] ?? 0;
  }

  /** Makes room for one more pack, whose id is to be written, and returns its number. */
  addPack(): number {
    if (this.packCount === this.packEnds.length) {
      const packIds = Buffer.alloc(this.packIds.length * 2);
      packIds.set(this.packIds);
      this.packIds = packIds;
      this.packEnds = grown(this.packEnds);
    }
    this.packEnds[this.packCount] = this.blobCount;
    this.packCount += 1;
    return this.packCount - 1;
  }

  /** Makes room for one more blob of the last pack and returns its number. */
  addBlob(): number {
    if (this.blobCount === this.offsets.length) this.#grow();
    this.blobCount += 1;
    this.packEnds[this.packCount - 1] = this.blobCount;
    return this.blobCount - 1;
  }

  addEntry({ id, type, offset, length, uncompressedLength }: PackEntry): void {
    const at = this.addBlob();
    this.ids.write(id, at * idBytes, 'hex');
    this.trees[at] = type === 'tree' ? 1 : 0;
    this.offsets[at] = offset;
    this.lengths[at] = length;
    this.uncompressedLengths[at] = uncompressedLength;
  }

  /** Puts the blobs of each pack in the order of their offsets. */
  sort(): void {
    const { offsets } = this;
    for (let pack = 0; pack < this.packCount; pack += 1) {
      const start = this.start(pack);
      const size = this.end(pack) - start;
      if (isAscending(offsets, start, start + size)) continue;
      const order = Array.from({ length: size }, (_, at) => start + at);
      order.sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0));
      this.arrange(start, order);
    }
  }

  /** Puts the blobs with these numbers, in this order, at `start`. */
  arrange(start: number, order: readonly number[]): void {
    const ids = new Uint32Array(order.length * idWords);
    for (const [at, from] of order.entries()) {
      ids.set(this.idWords.subarray(from * idWords, (from + 1) * idWords), at * idWords);
    }
    this.idWords.set(ids, start * idWords);
    for (const column of [this.offsets, this.lengths, this.uncompressedLengths, this.trees]) {
      column.set(
        order.map((from) => column[from] ?? 0),
        start,
      );
    }
  }

  #grow(): void {
    this.idWords = grown(this.idWords);
    this.ids = Buffer.from(this.idWords.buffer);
    this.offsets = grown(this.offsets);
    this.lengths = grown(this.lengths);
    this.uncompressedLengths = grown(this.uncompressedLengths);
    const trees = new Uint8Array(this.trees.length * 2);
    trees.set(this.trees);
    this.trees = trees;
  }
}

function isAscending(numbers: Uint32Array, start: number, end: number): boolean {
  for (let at = start + 1; at < end; at += 1) {
    if ((numbers[at] ?? 0) < (numbers[at - 1] ?? 0)) return false;
  }
  return true;
}

function grown(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2);
  larger.set(column);
  return larger;
}
