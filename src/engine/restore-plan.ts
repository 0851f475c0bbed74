/**
 * What a batch of a restore has to fetch: files, and for each the blobs that are to be written.
 * Blobs take 64 bytes each in typed arrays; batches keep the count of file objects small whatever
 * the size of the snapshot.
 */

import type { BlobLocation } from '../repository/blob-index.ts';
import { blobIdFromBytes, type PackId } from '../repository/ids.ts';
import type { PackEntry } from '../repository/pack.ts';
import { maxGapBytes } from './pack-ranges.ts';
import type { RestoredMetadata } from './restore-metadata.ts';
import { joinPath } from './walk.ts';

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

/** A blob and the places in files that it belongs to. */
export interface PlannedBlob extends PackEntry {
  readonly packId: PackId;
  readonly targets: readonly { readonly file: PlannedFile; readonly offset: number }[];
}

/** Part of a pack to fetch with one request. */
export interface PlannedRange {
  readonly packId: PackId;
  readonly offset: number;
  readonly length: number;
  readonly blobs: readonly PlannedBlob[];
}

const idBytes = 32;
const firstCapacity = 1024;

export class RestorePlan {
  readonly files: PlannedFile[] = [];
  readonly #packNumbers = new Map<PackId, number>();
  readonly #packIds: PackId[] = [];
  #count = 0;
  #fileOf = new Uint32Array(firstCapacity);
  #fileOffset = new Float64Array(firstCapacity);
  #pack = new Uint32Array(firstCapacity);
  #offset = new Uint32Array(firstCapacity);
  #length = new Uint32Array(firstCapacity);
  #uncompressed = new Uint32Array(firstCapacity);
  #ids = new Uint8Array(firstCapacity * idBytes);

  get blobCount(): number {
    return this.#count;
  }

  /** @returns the number of the file for {@link addBlob} */
  addFile(file: PlannedFile): number {
    return this.files.push(file) - 1;
  }

  /** @param offset position in the file */
  addBlob(fileNumber: number, offset: number, blob: BlobLocation): void {
    if (this.#count === this.#fileOf.length) this.#grow();
    const at = this.#count;
    this.#fileOf[at] = fileNumber;
    this.#fileOffset[at] = offset;
    this.#pack[at] = this.#packNumber(blob.packId);
    this.#offset[at] = blob.offset;
    this.#length[at] = blob.length;
    this.#uncompressed[at] = blob.uncompressedLength;
    Buffer.from(this.#ids.buffer).write(blob.id, at * idBytes, 'hex');
    this.#count += 1;
  }

  /**
   * Ranges in the order in which files first need their packs. A range ends at a large gap and
   * before it grows beyond the size given; one blob may be larger.
   */
  *ranges(maxRangeBytes: number): Generator<PlannedRange> {
    let blobs: PlannedBlob[] = [];
    let end = 0;
    for (const blob of this.#sortedBlobs()) {
      const [first] = blobs;
      const fits =
        first !== undefined &&
        first.packId === blob.packId &&
        blob.offset - end <= maxGapBytes &&
        blob.offset + blob.length - first.offset <= maxRangeBytes;
      if (!fits) {
        if (first) yield rangeOf(first, end, blobs);
        blobs = [];
      }
      blobs.push(blob);
      end = blob.offset + blob.length;
    }
    const [first] = blobs;
    if (first) yield rangeOf(first, end, blobs);
  }

  /** Each blob once, by pack and offset. */
  *#sortedBlobs(): Generator<PlannedBlob> {
    const order = Uint32Array.from({ length: this.#count }, (_, at) => at);
    const at = (list: Uint32Array, index: number): number => list[index] ?? 0;
    order.sort(
      (a, b) =>
        at(this.#pack, a) - at(this.#pack, b) || at(this.#offset, a) - at(this.#offset, b) || a - b,
    );
    for (let start = 0; start < order.length; ) {
      const first = at(order, start);
      let end = start + 1;
      const isSame = (other: number): boolean =>
        at(this.#pack, other) === at(this.#pack, first) &&
        at(this.#offset, other) === at(this.#offset, first);
      while (end < order.length && isSame(at(order, end))) end += 1;
      yield this.#blobAt(first, order.subarray(start, end));
      start = end;
    }
  }

  #blobAt(at: number, places: Uint32Array): PlannedBlob {
    const targets = Array.from(places, (place) => ({
      file: this.#fileAt(place),
      offset: this.#fileOffset[place] ?? 0,
    }));
    const packId = this.#packIds[this.#pack[at] ?? 0];
    if (packId === undefined) throw new RangeError(`no pack at planned blob ${at}`);
    return {
      type: 'data',
      id: blobIdFromBytes(this.#ids.subarray(at * idBytes, (at + 1) * idBytes)),
      packId,
      offset: this.#offset[at] ?? 0,
      length: this.#length[at] ?? 0,
      uncompressedLength: this.#uncompressed[at] ?? 0,
      targets,
    };
  }

  #fileAt(place: number): PlannedFile {
    const file = this.files[this.#fileOf[place] ?? 0];
    if (file === undefined) throw new RangeError(`no file at planned blob ${place}`);
    return file;
  }

  #packNumber(packId: PackId): number {
    const known = this.#packNumbers.get(packId);
    if (known !== undefined) return known;
    const number = this.#packIds.push(packId) - 1;
    this.#packNumbers.set(packId, number);
    return number;
  }

  #grow(): void {
    const capacity = this.#fileOf.length * 2;
    const grow32 = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(capacity);
      grown.set(old);
      return grown;
    };
    this.#fileOf = grow32(this.#fileOf);
    this.#pack = grow32(this.#pack);
    this.#offset = grow32(this.#offset);
    this.#length = grow32(this.#length);
    this.#uncompressed = grow32(this.#uncompressed);
    const offsets = new Float64Array(capacity);
    offsets.set(this.#fileOffset);
    this.#fileOffset = offsets;
    const ids = new Uint8Array(capacity * idBytes);
    ids.set(this.#ids);
    this.#ids = ids;
  }
}

function rangeOf(first: PlannedBlob, end: number, blobs: readonly PlannedBlob[]): PlannedRange {
  return { packId: first.packId, offset: first.offset, length: end - first.offset, blobs };
}
