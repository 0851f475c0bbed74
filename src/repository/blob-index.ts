/**
 * Where every blob of a repository stands, in memory, for millions of blobs.
 *
 * Locations have numbers, from 0 in the order added, and so have packs: jobs that look at every blob
 * (`prune`, `copy`) keep what they know of each in an array by number, without an object for each.
 *
 * A location takes 48 bytes in segments of typed arrays plus 5 to 11 in the hash table
 * (bench/index.bench.ts). An object and a string per blob would take several hundred.
 */

import { type BlobId, type BlobType, blobIdFromBytes, type PackId } from './ids.ts';
import type { IndexedPack } from './index-file.ts';
import type { PackEntry } from './pack.ts';

export type BlobLocation = PackEntry & { readonly packId: PackId };

const idBytes = 32;
const segmentBits = 14;
const segmentSize = 1 << segmentBits;
const segmentMask = segmentSize - 1;
const firstTableSize = 1 << 12;
/** The table doubles beyond this fill; probe chains stay short below it. */
const maxFill = 0.75;
const none = -1;

/** One stretch of locations; segments never move, so growing copies nothing. */
interface Segment {
  readonly ids: Uint8Array;
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
  readonly uncompressedLengths: Uint32Array;
  /** Pack number times two, plus one for a tree. */
  readonly packs: Uint32Array;
}

/** Consecutive locations of one pack. */
interface Run {
  readonly start: number;
  end: number;
}

export class BlobIndex {
  readonly #segments: Segment[] = [];
  /** Location number plus one, 0 for a free slot; open addressing with linear probing. */
  #table = new Uint32Array(firstTableSize);
  #locationCount = 0;
  #blobCount = 0;
  readonly #packIds: PackId[] = [];
  readonly #packNumbers = new Map<PackId, number>();
  readonly #runs: Run[][] = [];
  readonly #wanted = Buffer.alloc(idBytes);

  /** Count of different blobs; one in several packs counts once. */
  get size(): number {
    return this.#blobCount;
  }

  /** Count of locations, with duplicates. */
  get locationCount(): number {
    return this.#locationCount;
  }

  get packCount(): number {
    return this.#packIds.length;
  }

  /**
   * Adds the blobs of a pack. A pack listed again (two index files may hold the same pack) adds only
   * locations not known yet.
   */
  addPack(packId: PackId, entries: Iterable<PackEntry>): void {
    const known = this.#packNumbers.get(packId);
    const pack = known ?? this.#packIds.length;
    if (known === undefined) {
      this.#packIds.push(packId);
      this.#packNumbers.set(packId, pack);
      this.#runs.push([]);
    }
    for (const entry of entries) {
      this.#setWanted(entry.id);
      if (known === undefined || !this.#isKnown(pack, entry)) this.#add(pack, entry);
    }
  }

  hasPack(packId: PackId): boolean {
    return this.#packNumbers.has(packId);
  }

  has(type: BlobType, id: BlobId): boolean {
    this.#setWanted(id);
    return this.#first(type) !== none;
  }

  /** {@link has} for an id in 32 raw bytes. */
  hasBytes(type: BlobType, id: Uint8Array): boolean {
    this.#wanted.set(id);
    return this.#first(type) !== none;
  }

  /** One location of a blob, the one added first. */
  find(type: BlobType, id: BlobId): BlobLocation | undefined {
    this.#setWanted(id);
    const location = this.#first(type);
    return location === none ? undefined : this.#locationAt(location);
  }

  /** Every location of a blob, the one added first in front. */
  findAll(type: BlobType, id: BlobId): BlobLocation[] {
    this.#setWanted(id);
    return this.#matches(type).map((location) => this.#locationAt(location));
  }

  /** Packs in the order added, each with its blobs in the order added. */
  *packs(): Generator<IndexedPack> {
    for (const [pack, id] of this.#packIds.entries()) yield { id, blobs: this.#blobsOf(pack) };
  }

  packIds(): Iterable<PackId> {
    return this.#packIds.values();
  }

  /** The blobs of one pack; empty for an unknown one. */
  blobsOf(packId: PackId): PackEntry[] {
    const pack = this.#packNumbers.get(packId);
    return pack === undefined ? [] : this.#blobsOf(pack);
  }

  /** Each blob id of a type once, as 32 raw bytes: a view to read, not to keep or change. */
  *ids(type: BlobType): Generator<Uint8Array> {
    const flag = typeFlag(type);
    for (let location = 0; location < this.#locationCount; location += 1) {
      const { segment, at } = this.#place(location);
      if (((segment.packs[at] ?? 0) & 1) !== flag) continue;
      const id = segment.ids.subarray(at * idBytes, (at + 1) * idBytes);
      this.#wanted.set(id);
      if (this.#first(type) === location) yield id;
    }
  }

  /**
   * Number of the location added first, which stands for the blob; undefined for an unknown blob.
   * @param id as text, or its 32 bytes
   */
  numberOf(type: BlobType, id: BlobId | Uint8Array): number | undefined {
    if (typeof id === 'string') this.#setWanted(id);
    else this.#wanted.set(id);
    const location = this.#first(type);
    return location === none ? undefined : location;
  }

  /** {@link numberOf} of the blob at a location. */
  firstNumber(location: number): number {
    const { segment, at } = this.#place(location);
    this.#wanted.set(segment.ids.subarray(at * idBytes, (at + 1) * idBytes));
    return this.#first(((segment.packs[at] ?? 0) & 1) === 1 ? 'tree' : 'data');
  }

  /** Number of the pack at a location. */
  packNumber(location: number): number {
    const { segment, at } = this.#place(location);
    return (segment.packs[at] ?? 0) >>> 1;
  }

  isTree(location: number): boolean {
    const { segment, at } = this.#place(location);
    return ((segment.packs[at] ?? 0) & 1) === 1;
  }

  /** Position of the sealed blob in its pack. */
  offsetOf(location: number): number {
    const { segment, at } = this.#place(location);
    return segment.offsets[at] ?? 0;
  }

  /** Sealed size in the pack. */
  lengthOf(location: number): number {
    const { segment, at } = this.#place(location);
    return segment.lengths[at] ?? 0;
  }

  /** As {@link PackEntry.uncompressedLength}. */
  uncompressedLengthOf(location: number): number {
    const { segment, at } = this.#place(location);
    return segment.uncompressedLengths[at] ?? 0;
  }

  /** @throws RangeError for a number that no pack has */
  packIdOf(pack: number): PackId {
    const id = this.#packIds[pack];
    if (id === undefined) throw new RangeError(`no pack ${pack}`);
    return id;
  }

  /** Puts the 32 bytes of the id at a location into the target from `offset` on. */
  copyId(location: number, target: Uint8Array, offset: number): void {
    const { segment, at } = this.#place(location);
    target.set(segment.ids.subarray(at * idBytes, (at + 1) * idBytes), offset);
  }

  /** Numbers of a pack's locations, in the order added. */
  *numbersIn(pack: number): Generator<number> {
    for (const { start, end } of this.#runs[pack] ?? []) {
      for (let location = start; location < end; location += 1) yield location;
    }
  }

  entryAt(location: number): PackEntry {
    const { segment, at } = this.#place(location);
    const start = at * idBytes;
    return {
      type: ((segment.packs[at] ?? 0) & 1) === 1 ? 'tree' : 'data',
      id: blobIdFromBytes(segment.ids.subarray(start, start + idBytes)),
      offset: segment.offsets[at] ?? 0,
      length: segment.lengths[at] ?? 0,
      uncompressedLength: segment.uncompressedLengths[at] ?? 0,
    };
  }

  #setWanted(id: BlobId): void {
    this.#wanted.write(id, 'hex');
  }

  #add(pack: number, entry: PackEntry): void {
    if (this.#locationCount >= this.#table.length * maxFill) this.#growTable();
    const location = this.#locationCount;
    const isNew = this.#first(entry.type) === none;
    const at = location & segmentMask;
    if (at === 0) this.#segments.push(newSegment());
    const { segment } = this.#place(location);
    segment.ids.set(this.#wanted, at * idBytes);
    segment.offsets[at] = entry.offset;
    segment.lengths[at] = entry.length;
    segment.uncompressedLengths[at] = entry.uncompressedLength;
    segment.packs[at] = pack * 2 + typeFlag(entry.type);
    this.#insert(location, hashOf(this.#wanted, 0));
    this.#locationCount += 1;
    if (isNew) this.#blobCount += 1;
    this.#extendRun(pack, location);
  }

  #extendRun(pack: number, location: number): void {
    const runs = this.#runs[pack] ?? [];
    const last = runs.at(-1);
    if (last?.end === location) last.end += 1;
    else runs.push({ start: location, end: location + 1 });
  }

  /** True if a location of the wanted id is already this entry of this pack. */
  #isKnown(pack: number, entry: PackEntry): boolean {
    return this.#matches(entry.type).some((location) => {
      const { segment, at } = this.#place(location);
      return (
        (segment.packs[at] ?? 0) >>> 1 === pack &&
        segment.offsets[at] === entry.offset &&
        segment.lengths[at] === entry.length &&
        segment.uncompressedLengths[at] === entry.uncompressedLength
      );
    });
  }

  /** Number of the first location of the wanted id, or `none`. */
  #first(type: BlobType): number {
    const mask = this.#table.length - 1;
    let slot = hashOf(this.#wanted, 0) & mask;
    for (;;) {
      const entry = this.#table[slot] ?? 0;
      if (entry === 0) return none;
      if (this.#isWanted(entry - 1, type)) return entry - 1;
      slot = (slot + 1) & mask;
    }
  }

  /** Numbers of every location of the wanted id, in the order added. */
  #matches(type: BlobType): number[] {
    const mask = this.#table.length - 1;
    const found: number[] = [];
    let slot = hashOf(this.#wanted, 0) & mask;
    for (;;) {
      const entry = this.#table[slot] ?? 0;
      if (entry === 0) return found;
      if (this.#isWanted(entry - 1, type)) found.push(entry - 1);
      slot = (slot + 1) & mask;
    }
  }

  #isWanted(location: number, type: BlobType): boolean {
    const { segment, at } = this.#place(location);
    if (((segment.packs[at] ?? 0) & 1) !== typeFlag(type)) return false;
    const start = at * idBytes;
    for (let i = 0; i < idBytes; i += 1) {
      if (segment.ids[start + i] !== this.#wanted[i]) return false;
    }
    return true;
  }

  #insert(location: number, hash: number): void {
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    while (this.#table[slot] !== 0) slot = (slot + 1) & mask;
    this.#table[slot] = location + 1;
  }

  #growTable(): void {
    this.#table = new Uint32Array(this.#table.length * 2);
    // In order of location, so that the location added first stays first in its probe chain.
    for (let location = 0; location < this.#locationCount; location += 1) {
      const { segment, at } = this.#place(location);
      this.#insert(location, hashOf(segment.ids, at * idBytes));
    }
  }

  #place(location: number): { segment: Segment; at: number } {
    const segment = this.#segments[location >>> segmentBits];
    if (segment === undefined) throw new RangeError(`no blob location ${location}`);
    return { segment, at: location & segmentMask };
  }

  #blobsOf(pack: number): PackEntry[] {
    const blobs: PackEntry[] = [];
    for (const { start, end } of this.#runs[pack] ?? []) {
      for (let location = start; location < end; location += 1) blobs.push(this.entryAt(location));
    }
    return blobs;
  }

  #locationAt(location: number): BlobLocation {
    return { ...this.entryAt(location), packId: this.packIdOf(this.packNumber(location)) };
  }
}

function newSegment(): Segment {
  return {
    ids: new Uint8Array(segmentSize * idBytes),
    offsets: new Uint32Array(segmentSize),
    lengths: new Uint32Array(segmentSize),
    uncompressedLengths: new Uint32Array(segmentSize),
    packs: new Uint32Array(segmentSize),
  };
}

function typeFlag(type: BlobType): 0 | 1 {
  return type === 'tree' ? 1 : 0;
}

/** Ids are SHA-256 values, so their first bytes are as good as a hash. */
function hashOf(ids: Uint8Array, start: number): number {
  return (
    ((ids[start] ?? 0) |
      ((ids[start + 1] ?? 0) << 8) |
      ((ids[start + 2] ?? 0) << 16) |
      ((ids[start + 3] ?? 0) << 24)) >>>
    0
  );
}
