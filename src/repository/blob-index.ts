/**
 * Where every blob of a repository stands, in memory, for millions of blobs.
 *
 * Locations have numbers, from 0 on, and so have packs: jobs that look at every blob (`prune`, `copy`)
 * keep what they know of each in an array by number, without an object for each. Packs are in the order
 * added, the blobs of a pack by their offset.
 *
 * A location takes 40 bytes for id and sizes (blob-columns.ts), half a byte for marks and bits
 * (pack-runs.ts), about 5 in the hash table (slot-table.ts); a pack takes about 60. The table is made when
 * it is first asked, of the size that the count then needs, and grows from there
 * (bench/index.bench.ts, docs/decisions/010-the-index-in-memory.md).
 */

import { BlobColumns } from './blob-columns.ts';
import {
  type BlobId,
  type BlobType,
  blobIdFromBytes,
  idBytes,
  type PackId,
  readHexId,
} from './ids.ts';
import { IndexColumns } from './index-columns.ts';
import type { IndexedPack } from './index-file.ts';
import type { PackEntry } from './pack.ts';
import { PackRuns } from './pack-runs.ts';
import type { SharedIdMemory } from './shared-ids.ts';
import { free, other, SlotTable } from './slot-table.ts';

export type BlobLocation = PackEntry & { readonly packId: PackId };

const none = -1;

export class BlobIndex {
  readonly #blobs = new BlobColumns();
  readonly #packs = new PackRuns();
  /** Undefined until it is asked. */
  #table: SlotTable | undefined;
  #blobCount = 0;
  readonly #wanted = Buffer.from(new ArrayBuffer(idBytes));
  readonly #wantedWords = new Uint32Array(this.#wanted.buffer);
  /** For {@link addPack}. */
  readonly #columns = new IndexColumns();

  /** Count of different blobs; one in several packs counts once. */
  get size(): number {
    this.#openTable();
    return this.#blobCount;
  }

  /** Count of locations, with duplicates. */
  get locationCount(): number {
    return this.#blobs.count;
  }

  get packCount(): number {
    return this.#packs.count;
  }

  /**
   * Adds the blobs of a pack. A pack listed again (two index files may hold the same pack) adds only
   * locations not known yet.
   */
  addPack(packId: PackId, entries: Iterable<PackEntry>): void {
    const columns = this.#columns;
    columns.clear();
    columns.packIds.write(packId, columns.addPack() * idBytes, 'hex');
    for (const entry of entries) columns.addEntry(entry);
    columns.sort();
    this.addPacks(columns);
  }

  /** {@link addPack} for each pack. @param columns sorted; borrowed, but worthless afterwards */
  addPacks(columns: IndexColumns): void {
    for (let at = 0; at < columns.packCount; at += 1) {
      const start = columns.start(at);
      let end = columns.end(at);
      const { pack, isNew } = this.#packs.add(columns.packIdBytes(at));
      if (!isNew) {
        const unknown = this.#unknown(pack, columns, start, end);
        columns.arrange(start, unknown);
        end = start + unknown.length;
      }
      this.#add(pack, columns, start, end);
    }
  }

  hasPack(packId: PackId): boolean {
    return this.#packs.find(packId) !== undefined;
  }

  has(type: BlobType, id: BlobId): boolean {
    this.#setWanted(id);
    return this.#first(type === 'tree') !== none;
  }

  /** {@link has} for an id in 32 raw bytes. */
  hasBytes(type: BlobType, id: Uint8Array): boolean {
    this.#wanted.set(id);
    return this.#first(type === 'tree') !== none;
  }

  /** {@link has} for the 64 digits of an id in a text; false when they are no digits. */
  hasHex(type: BlobType, text: Uint8Array, start: number): boolean {
    return readHexId(text, start, this.#wanted, 0) && this.#first(type === 'tree') !== none;
  }

  /** One location of a blob, the one added first. */
  find(type: BlobType, id: BlobId): BlobLocation | undefined {
    this.#setWanted(id);
    const location = this.#first(type === 'tree');
    return location === none ? undefined : this.#locationAt(location);
  }

  /** Every location of a blob, the one added first in front. */
  findAll(type: BlobType, id: BlobId): BlobLocation[] {
    this.#setWanted(id);
    return this.#matches(type === 'tree').map((location) => this.#locationAt(location));
  }

  /** Packs in the order added, each with its blobs. */
  *packs(): Generator<IndexedPack> {
    for (let pack = 0; pack < this.packCount; pack += 1) {
      yield { id: this.packIdOf(pack), blobs: this.#blobsOf(pack) };
    }
  }

  *packIds(): Generator<PackId> {
    for (let pack = 0; pack < this.packCount; pack += 1) yield this.packIdOf(pack);
  }

  /** The blobs of one pack; empty for an unknown one. */
  blobsOf(packId: PackId): PackEntry[] {
    const pack = this.#packs.find(packId);
    return pack === undefined ? [] : this.#blobsOf(pack);
  }

  /** Each blob id of a type once, as 32 raw bytes: a view to read, not to keep or change. */
  *ids(type: BlobType): Generator<Uint8Array> {
    this.#openTable();
    const isTree = type === 'tree';
    for (let location = 0; location < this.locationCount; location += 1) {
      if (this.#blobs.isTree(location) !== isTree || this.#blobs.isRepeat(location)) continue;
      yield this.#blobs.idBytes(location);
    }
  }

  /** For other threads, to look up what is in the index now; what is added later is not seen there. */
  share(): SharedIdMemory {
    const slots = this.#openTable().memory;
    return { slots, segments: this.#blobs.idMemory(), count: this.locationCount };
  }

  /**
   * Number of the location added first, which stands for the blob; undefined for an unknown blob.
   * @param id as text, or its 32 bytes
   */
  numberOf(type: BlobType, id: BlobId | Uint8Array): number | undefined {
    if (typeof id === 'string') this.#setWanted(id);
    else this.#wanted.set(id);
    const location = this.#first(type === 'tree');
    return location === none ? undefined : location;
  }

  /** {@link numberOf} of the blob at a location. */
  firstNumber(location: number): number {
    this.#openTable();
    if (!this.#blobs.isRepeat(location)) return location;
    this.#wanted.set(this.#blobs.idBytes(location));
    return this.#first(this.#blobs.isTree(location));
  }

  /** Number of the pack at a location. */
  packNumber(location: number): number {
    return this.#packs.packOf(location);
  }

  isTree(location: number): boolean {
    return this.#blobs.isTree(location);
  }

  /** Position of the sealed blob in its pack. */
  offsetOf(location: number): number {
    return this.#packs.offsetOf(location, this.#lengthOf);
  }

  /** Sealed size in the pack. */
  lengthOf(location: number): number {
    return this.#blobs.length(location);
  }

  /** As {@link PackEntry.uncompressedLength}. */
  uncompressedLengthOf(location: number): number {
    return this.#blobs.uncompressedLength(location);
  }

  /** @throws RangeError for a number that no pack has */
  packIdOf(pack: number): PackId {
    return this.#packs.idOf(pack);
  }

  /** Puts the 32 bytes of the id at a location into the target from `offset` on. */
  copyId(location: number, target: Uint8Array, offset: number): void {
    target.set(this.#blobs.idBytes(location), offset);
  }

  /** Numbers of a pack's locations, in the order added. */
  *numbersIn(pack: number): Generator<number> {
    for (const { start, end } of this.#packs.runsOf(pack)) {
      for (let location = start; location < end; location += 1) yield location;
    }
  }

  entryAt(location: number): PackEntry {
    return this.#entry(location, this.offsetOf(location));
  }

  readonly #lengthOf = (location: number): number => this.#blobs.length(location);

  #setWanted(id: BlobId): void {
    this.#wanted.write(id, 'hex');
  }

  #add(pack: number, columns: IndexColumns, start: number, end: number): void {
    let location = this.locationCount;
    this.#blobs.append(columns, start, end);
    this.#packs.begin(pack);
    let next = none;
    for (let at = start; at < end; at += 1) {
      const offset = columns.offsets[at] ?? 0;
      this.#packs.addLocation(pack, offset, offset === next);
      next = offset + (columns.lengths[at] ?? 0);
    }
    if (this.#table === undefined) return;
    if (this.locationCount > this.#table.capacity) {
      this.#table = this.#makeTable({ isGrowing: true });
      return;
    }
    for (; location < this.locationCount; location += 1) this.#insert(this.#table, location);
  }

  /** Which blobs of the columns the known pack does not have yet. */
  #unknown(pack: number, columns: IndexColumns, start: number, end: number): number[] {
    const known = new Set(this.#blobsOf(pack).map(keyOf));
    const numbers = Array.from({ length: end - start }, (_, at) => start + at);
    return numbers.filter((at) => {
      const key = keyOf({
        type: columns.trees[at] === 1 ? 'tree' : 'data',
        id: blobIdFromBytes(columns.ids.subarray(at * idBytes, (at + 1) * idBytes)),
        offset: columns.offsets[at] ?? 0,
        length: columns.lengths[at] ?? 0,
        uncompressedLength: columns.uncompressedLengths[at] ?? 0,
      });
      if (known.has(key)) return false;
      known.add(key);
      return true;
    });
  }

  #openTable(): SlotTable {
    this.#table ??= this.#makeTable({ isGrowing: false });
    return this.#table;
  }

  #makeTable(options: { readonly isGrowing: boolean }): SlotTable {
    const table = SlotTable.create(this.locationCount, options);
    this.#blobCount = 0;
    for (let location = 0; location < this.locationCount; location += 1) {
      this.#insert(table, location);
    }
    return table;
  }

  /** In order of location, so that the location added first stays first in its chain of probes. */
  #insert(table: SlotTable, location: number): void {
    const blobs = this.#blobs;
    const second = blobs.idWord(location, 1);
    let slot = table.start(blobs.idWord(location, 0));
    let isRepeat = false;
    for (; ; slot = table.next(slot)) {
      const found = table.probe(slot, second);
      if (found === free) break;
      isRepeat ||= found !== other && blobs.isSame(found, location);
    }
    table.fill(slot, second, location);
    if (isRepeat) blobs.markRepeat(location);
    else this.#blobCount += 1;
  }

  /** Number of the first location of the wanted id, or `none`. */
  #first(isTree: boolean): number {
    const table = this.#openTable();
    const [first = 0, second = 0] = this.#wantedWords;
    for (let slot = table.start(first); ; slot = table.next(slot)) {
      const found = table.probe(slot, second);
      if (found === free) return none;
      if (found !== other && this.#isWanted(found, isTree)) return found;
    }
  }

  /** Numbers of every location of the wanted id, in the order added. */
  #matches(isTree: boolean): number[] {
    const table = this.#openTable();
    const [first = 0, second = 0] = this.#wantedWords;
    const matches: number[] = [];
    for (let slot = table.start(first); ; slot = table.next(slot)) {
      const found = table.probe(slot, second);
      if (found === free) return matches;
      if (found !== other && this.#isWanted(found, isTree)) matches.push(found);
    }
  }

  #isWanted(location: number, isTree: boolean): boolean {
    return (
      this.#blobs.hasId(location, this.#wantedWords) && this.#blobs.isTree(location) === isTree
    );
  }

  #blobsOf(pack: number): PackEntry[] {
    const blobs: PackEntry[] = [];
    for (const { start, end, offset } of this.#packs.runsOf(pack)) {
      let next = offset;
      for (let location = start; location < end; location += 1) {
        blobs.push(this.#entry(location, next));
        next += this.#blobs.length(location);
      }
    }
    return blobs;
  }

  #entry(location: number, offset: number): PackEntry {
    return {
      type: this.#blobs.isTree(location) ? 'tree' : 'data',
      id: this.#blobs.id(location),
      offset,
      length: this.#blobs.length(location),
      uncompressedLength: this.#blobs.uncompressedLength(location),
    };
  }

  #locationAt(location: number): BlobLocation {
    return { ...this.entryAt(location), packId: this.packIdOf(this.packNumber(location)) };
  }
}

function keyOf({ type, id, offset, length, uncompressedLength }: PackEntry): string {
  return `${type} ${id} ${offset} ${length} ${uncompressedLength}`;
}
