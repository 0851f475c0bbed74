/**
 * What a batch of a restore has to fetch: files, and for each the blobs that are to be written.
 * Blobs take 24 bytes each in typed arrays; batches keep the count of file objects small whatever
 * the size of the snapshot.
 */

import type { BlobIndex } from '../repository/blob-index.ts';
import type { PackId } from '../repository/ids.ts';
import { tableAt } from './blob-table.ts';
import { maxGapBytes } from './pack-ranges.ts';
import type { RestoredMetadata } from './restore-metadata.ts';
import { joinPath } from './walk.ts';
import type { BlobTable, RestoreTargets } from './workers/pack-protocol.ts';

export interface PlannedFile {
  /** Folder in the target; a byte string, as the name. */
  readonly folder: string;
  readonly name: string;
  /** For messages: the path in the snapshot. */
  readonly snapshotPath: string;
  readonly size: number;
  readonly metadata: RestoredMetadata;
  /** The file that exists is written to; else one is created. */
  reuse: boolean;
  /** The file was opened once, so that it exists and has its size. */
  isOpened: boolean;
  /** Blobs not yet written. */
  remaining: number;
  /** Some content could not be restored. */
  isDamaged: boolean;
  /** It could not be written to, which was reported. */
  hasFailed: boolean;
}

export function pathOf(file: PlannedFile): string {
  return joinPath(file.folder, file.name);
}

/** Part of a pack to fetch with one request. */
export interface PlannedRange {
  readonly packId: PackId;
  readonly offset: number;
  readonly length: number;
  /** Each blob once. */
  readonly blobs: BlobTable;
  readonly files: readonly PlannedFile[];
  /** For each file, how many places in it are written from this range. */
  readonly blobCounts: Uint32Array;
  readonly targets: RestoreTargets;
}

const firstCapacity = 1024;
/** Offsets in a pack are below. */
const packSpan = 2 ** 32;

export class RestorePlan {
  readonly files: PlannedFile[] = [];
  readonly #index: BlobIndex;
  /** By the index's number; a pack that is needed earlier has a lower number here. */
  readonly #packNumbers = new Map<number, number>();
  #count = 0;
  #fileOf = new Uint32Array(firstCapacity);
  #fileOffset = new Float64Array(firstCapacity);
  /** Number in the index. */
  #location = new Uint32Array(firstCapacity);
  /** Pack and offset in it as one number, exact up to two million packs. */
  #place = new Float64Array(firstCapacity);

  constructor(index: BlobIndex) {
    this.#index = index;
  }

  get blobCount(): number {
    return this.#count;
  }

  /** @returns the number of the file for {@link addBlob} */
  addFile(file: PlannedFile): number {
    return this.files.push(file) - 1;
  }

  /**
   * @param offset position in the file
   * @param location number of the blob in the index
   */
  addBlob(fileNumber: number, offset: number, location: number): void {
    if (this.#count === this.#fileOf.length) this.#grow();
    const at = this.#count;
    const pack = this.#packNumber(this.#index.packNumber(location));
    this.#fileOf[at] = fileNumber;
    this.#fileOffset[at] = offset;
    this.#location[at] = location;
    this.#place[at] = pack * packSpan + this.#index.offsetOf(location);
    this.#count += 1;
  }

  /**
   * Ranges in the order in which files first need their packs. A range ends at a large gap and
   * before it grows beyond the size given; one blob may be larger.
   */
  *ranges(maxRangeBytes: number): Generator<PlannedRange> {
    const order = this.#sorted();
    for (let start = 0; start < order.length; ) {
      const end = this.#rangeEnd(order, start, maxRangeBytes);
      yield this.#rangeOf(order.subarray(start, end));
      start = end;
    }
  }

  /** Positions in the columns, by pack and offset. */
  #sorted(): Uint32Array {
    const order = new Uint32Array(this.#count);
    for (let at = 0; at < order.length; at += 1) order[at] = at;
    const places = this.#place;
    return order.sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0) || a - b);
  }

  #rangeEnd(order: Uint32Array, start: number, maxRangeBytes: number): number {
    const lengthAt = (at: number): number => this.#index.lengthOf(this.#location[at] ?? 0);
    const placeAt = (position: number): number => this.#place[order[position] ?? 0] ?? 0;
    const first = placeAt(start);
    const packEnd = (Math.floor(first / packSpan) + 1) * packSpan;
    let last = first;
    let blobsEnd = first + lengthAt(order[start] ?? 0);
    for (let position = start + 1; position < order.length; position += 1) {
      const place = placeAt(position);
      if (place === last) continue;
      const end = place + lengthAt(order[position] ?? 0);
      const fits =
        place < packEnd && place - blobsEnd <= maxGapBytes && end - first <= maxRangeBytes;
      if (!fits) return position;
      last = place;
      blobsEnd = end;
    }
    return order.length;
  }

  #rangeOf(order: Uint32Array): PlannedRange {
    const first = this.#location[order[0] ?? 0] ?? 0;
    const files: PlannedFile[] = [];
    const counts: number[] = [];
    const numbers = new Map<number, number>();
    const starts: number[] = [];
    const locations: number[] = [];
    const targetFiles = new Uint32Array(order.length);
    const targetOffsets = new Float64Array(order.length);
    let last = -1;
    for (const [place, at] of order.entries()) {
      if (this.#place[at] !== last) {
        last = this.#place[at] ?? 0;
        starts.push(place);
        locations.push(this.#location[at] ?? 0);
      }
      const planned = this.#fileOf[at] ?? 0;
      let number = numbers.get(planned);
      if (number === undefined) {
        number = files.push(this.#fileAt(planned)) - 1;
        numbers.set(planned, number);
      }
      counts[number] = (counts[number] ?? 0) + 1;
      targetFiles[place] = number;
      targetOffsets[place] = this.#fileOffset[at] ?? 0;
    }
    starts.push(order.length);
    const blobs = tableAt(this.#index, locations);
    const offset = blobs.offsets[0] ?? 0;
    const lastBlob = blobs.count - 1;
    const end = (blobs.offsets[lastBlob] ?? 0) + (blobs.lengths[lastBlob] ?? 0);
    return {
      packId: this.#index.packIdOf(this.#index.packNumber(first)),
      offset,
      length: end - offset,
      blobs,
      files,
      blobCounts: Uint32Array.from(counts),
      targets: { starts: Uint32Array.from(starts), files: targetFiles, offsets: targetOffsets },
    };
  }

  #fileAt(number: number): PlannedFile {
    const file = this.files[number];
    if (file === undefined) throw new RangeError(`no planned file ${number}`);
    return file;
  }

  #packNumber(indexed: number): number {
    const known = this.#packNumbers.get(indexed);
    if (known !== undefined) return known;
    const number = this.#packNumbers.size;
    this.#packNumbers.set(indexed, number);
    return number;
  }

  #grow(): void {
    const capacity = this.#fileOf.length * 2;
    const grown = <T extends Uint32Array | Float64Array>(column: T, larger: T): T => {
      larger.set(column);
      return larger;
    };
    this.#fileOf = grown(this.#fileOf, new Uint32Array(capacity));
    this.#location = grown(this.#location, new Uint32Array(capacity));
    this.#fileOffset = grown(this.#fileOffset, new Float64Array(capacity));
    this.#place = grown(this.#place, new Float64Array(capacity));
  }
}
