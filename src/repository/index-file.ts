/** Index files: which blob stands where in which pack. docs/format.md#index */

import { releaseBytes } from '../base/bytes.ts';
import { type BlobType, idBytes, type PackId, parseBlobId, parsePackId } from './ids.ts';
import type { IndexColumns } from './index-columns.ts';
import { scanIndex } from './index-scanner.ts';
import { JsonFields, parseJsonFields } from './json-fields.ts';
import type { PackEntry } from './pack.ts';

export interface IndexedPack {
  readonly id: PackId;
  readonly blobs: readonly PackEntry[];
}

export interface IndexFile {
  readonly packs: readonly IndexedPack[];
}

const maxUint32 = 2 ** 32 - 1;

/** Plain JSON with a newline at the end. A pack must be listed whole in one index file. */
export function encodeIndex(index: IndexFile): Uint8Array {
  const encoder = new IndexEncoder();
  for (const { id, blobs } of index.packs) encoder.addPack(id, blobs);
  return encoder.finish();
}

const start = '{"packs":[';
const firstRoomBytes = 64 * 1024;

/** {@link encodeIndex} pack by pack, which keeps no object for each blob until the file is due. */
export class IndexEncoder {
  #bytes = Buffer.allocUnsafeSlow(firstRoomBytes);
  #size = 0;
  #blobs = 0;

  /** Added so far. */
  get blobCount(): number {
    return this.#blobs;
  }

  addPack(id: PackId, blobs: readonly PackEntry[]): void {
    const before = this.#size === 0 ? start : ',';
    this.#write(`${before}{"id":"${id}","blobs":[${blobs.map(encodeEntry).join(',')}]}`);
    this.#blobs += blobs.length;
  }

  /** The file, which is the caller's with the buffer that it is a part of. The encoder is of no further use. */
  finish(): Uint8Array {
    if (this.#size === 0) this.#write(start);
    this.#write(']}\n');
    return this.#bytes.subarray(0, this.#size);
  }

  /** @param text of ASCII */
  #write(text: string): void {
    const size = this.#size + text.length;
    if (size > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#size));
      releaseBytes(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.write(text, this.#size, 'latin1');
    this.#size = size;
  }
}

/**
 * @param json the opened document; unknown members (`supersedes`, rustic's) are ignored
 * @returns packs and blobs in the order of the document, which means nothing
 * @throws SealiftError `format/index`
 */
export function parseIndex(json: Uint8Array): IndexFile {
  const fields = parseJsonFields(json, { code: 'format/index', what: 'index' });
  return { packs: (fields.list('packs') ?? []).map(parsePack) };
}

/**
 * {@link parseIndex} into columns, without an object for each blob where the file is spelled as restic and
 * Sealift do.
 * @param columns filled with the packs of the file in its order, the blobs of each by offset
 * @throws SealiftError `format/index`; the columns are worthless then
 */
export function readIndex(json: Uint8Array, columns: IndexColumns): void {
  if (!scanIndex(json, columns)) {
    columns.clear();
    for (const { id, blobs } of parseIndex(json).packs) {
      columns.packIds.write(id, columns.addPack() * idBytes, 'hex');
      for (const blob of blobs) columns.addEntry(blob);
    }
  }
  columns.sort();
}

function encodeEntry(entry: PackEntry): string {
  const raw =
    entry.uncompressedLength === 0 ? '' : `,"uncompressed_length":${entry.uncompressedLength}`;
  return `{"id":"${entry.id}","type":"${entry.type}","offset":${entry.offset},"length":${entry.length}${raw}}`;
}

function parsePack(value: unknown): IndexedPack {
  const fields = new JsonFields(value, { code: 'format/index', what: 'index: pack' });
  const id = fields.parse('id', parsePackId);
  return { id, blobs: (fields.list('blobs') ?? []).map(parseEntry) };
}

function parseEntry(value: unknown): PackEntry {
  const fields = new JsonFields(value, { code: 'format/index', what: 'index: blob' });
  return {
    type: parseBlobType(fields),
    id: fields.parse('id', parseBlobId),
    offset: fields.count('offset', maxUint32),
    length: fields.count('length', maxUint32),
    uncompressedLength: fields.count('uncompressed_length', maxUint32),
  };
}

function parseBlobType(fields: JsonFields): BlobType {
  const type = fields.string('type');
  return type === 'data' || type === 'tree' ? type : fields.fail('type', 'no blob type');
}
