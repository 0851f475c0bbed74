/**
 * Reads an index file byte by byte into columns, without JSON.parse and its objects. It knows the one
 * spelling that restic and Sealift write: no spaces, members in their order. Anything else it leaves to
 * `parseIndex`, which decides what is valid; what it does take, it takes as `parseIndex` would (a test
 * compares the two).
 */

import { idBytes, readHexId } from './ids.ts';
import type { IndexColumns } from './index-columns.ts';
import { standsAt } from './json-bytes.ts';

const maxUint32 = 2 ** 32 - 1;
const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const spelling = {
  open: bytesOf('{"packs":['),
  packId: bytesOf('{"id":"'),
  blobs: bytesOf('","blobs":['),
  blobId: bytesOf('{"id":"'),
  data: bytesOf('","type":"data","offset":'),
  tree: bytesOf('","type":"tree","offset":'),
  length: bytesOf(',"length":'),
  uncompressedLength: bytesOf(',"uncompressed_length":'),
  comma: bytesOf(','),
  endOfBlob: bytesOf('}'),
  endOfBlobs: bytesOf(']}'),
  close: bytesOf(']}'),
  newline: bytesOf('\n'),
} as const;

const zero = 0x30;
/**
 * @param json the opened document
 * @param columns cleared first; whatever they hold is worthless when the result is false
 * @returns false when the document is spelled otherwise
 */
export function scanIndex(json: Uint8Array, columns: IndexColumns): boolean {
  columns.clear();
  return new IndexScanner(json, columns).scan();
}

class IndexScanner {
  readonly #json: Uint8Array;
  readonly #columns: IndexColumns;
  #at = 0;

  constructor(json: Uint8Array, columns: IndexColumns) {
    this.#json = json;
    this.#columns = columns;
  }

  scan(): boolean {
    if (!this.#take(spelling.open)) return false;
    if (!this.#take(spelling.close)) {
      do {
        if (!this.#pack()) return false;
      } while (this.#take(spelling.comma));
      if (!this.#take(spelling.close)) return false;
    }
    this.#take(spelling.newline);
    return this.#at === this.#json.length;
  }

  #pack(): boolean {
    const pack = this.#columns.addPack();
    if (!this.#take(spelling.packId)) return false;
    if (!this.#id(this.#columns.packIds, pack)) return false;
    if (!this.#take(spelling.blobs)) return false;
    if (this.#take(spelling.endOfBlobs)) return true;
    do {
      if (!this.#blob()) return false;
    } while (this.#take(spelling.comma));
    return this.#take(spelling.endOfBlobs);
  }

  #blob(): boolean {
    const columns = this.#columns;
    const blob = columns.addBlob();
    if (!this.#take(spelling.blobId) || !this.#id(columns.ids, blob)) return false;
    if (this.#take(spelling.data)) columns.trees[blob] = 0;
    else if (this.#take(spelling.tree)) columns.trees[blob] = 1;
    else return false;
    if (!this.#count(columns.offsets, blob)) return false;
    if (!this.#take(spelling.length) || !this.#count(columns.lengths, blob)) return false;
    columns.uncompressedLengths[blob] = 0;
    if (this.#take(spelling.uncompressedLength)) {
      if (!this.#count(columns.uncompressedLengths, blob)) return false;
    }
    return this.#take(spelling.endOfBlob);
  }

  /** Passes over this text if it comes next. */
  #take(text: Uint8Array): boolean {
    const isNext = standsAt(this.#json, this.#at, text);
    if (isNext) this.#at += text.length;
    return isNext;
  }

  #id(target: Uint8Array, number: number): boolean {
    if (!readHexId(this.#json, this.#at, target, number * idBytes)) return false;
    this.#at += 2 * idBytes;
    return true;
  }

  /** A whole number below 2^32 without leading zeros. */
  #count(target: Uint32Array, number: number): boolean {
    const json = this.#json;
    const start = this.#at;
    let value = 0;
    for (;;) {
      const digit = (json[this.#at] ?? 0) - zero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      if (value > maxUint32) return false;
      this.#at += 1;
    }
    const digits = this.#at - start;
    if (digits === 0 || (digits > 1 && json[start] === zero)) return false;
    target[number] = value;
    return true;
  }
}
