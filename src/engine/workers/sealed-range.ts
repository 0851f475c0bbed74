/** Sealed blobs of a pack, one after the other, from a file or from memory. */

import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { SealiftError } from '../../base/errors.ts';
import type { PackRange } from './pack-protocol.ts';

/** Read at once from a file; larger blobs are read whole. Fits the processor's cache. */
const readSize = 1 << 20;

/** Memory for reading, which a worker keeps from one range to the next. */
export class ReadBuffer {
  #bytes = new Uint8Array(readSize);

  /** Room for `size` bytes; the first `kept` bytes from `start` move to the front. */
  reserve(size: number, start: number, kept: number): Uint8Array {
    if (size <= this.#bytes.length) this.#bytes.copyWithin(0, start, start + kept);
    else {
      const grown = new Uint8Array(size);
      grown.set(this.#bytes.subarray(start, start + kept));
      this.#bytes = grown;
    }
    return this.#bytes;
  }
}

export interface SealedRangeOptions {
  readonly buffer: ReadBuffer;
  /** Everything read passes through a SHA-256, gaps included. */
  readonly hashed?: boolean;
  /** Called before each blob, and by whoever does much with one; throws to stop the work. */
  readonly check?: () => void;
}

/**
 * Reads forward only. Close it.
 * @throws SealiftError 'backend/range' when the file is shorter than the range; the system's errors
 */
export class SealedRange {
  readonly #range: PackRange;
  readonly #buffer: ReadBuffer;
  readonly #hash: Hash | undefined;
  readonly #fd: number | undefined;
  readonly check: () => void;
  #window: Uint8Array;
  /** Positions in the pack of the window's first byte and of the byte after its last one. */
  #start: number;
  #end: number;

  constructor(range: PackRange, { buffer, hashed = false, check = () => {} }: SealedRangeOptions) {
    this.#range = range;
    this.#buffer = buffer;
    this.check = check;
    this.#hash = hashed ? createHash('sha256') : undefined;
    this.#start = range.offset;
    if (range.source.kind === 'bytes') {
      this.#window = range.source.bytes;
      this.#end = range.offset + range.source.bytes.length;
      this.#hash?.update(this.#window);
      return;
    }
    this.#window = new Uint8Array();
    this.#end = range.offset;
    this.#fd = openSync(range.source.path, 'r');
  }

  /** Size of the file, or of what was fetched. */
  get size(): number {
    return this.#fd === undefined ? this.#window.length : fstatSync(this.#fd).size;
  }

  /** Bytes of the pack; not before those asked for last. Valid until the next call. */
  blob(offset: number, length: number): Uint8Array {
    this.check();
    const end = offset + length;
    if (end > this.#end) this.#fill(offset, end);
    return this.#window.subarray(offset - this.#start, end - this.#start);
  }

  /** A copy of bytes anywhere in the range, aside from the way forward. */
  peek(offset: number, length: number): Uint8Array {
    const { source } = this.#range;
    if (source.kind === 'bytes') {
      const at = offset - this.#range.offset;
      return source.bytes.slice(at, at + length);
    }
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(this.#fd ?? -1, bytes, 0, length, offset));
  }

  /** Hash of the whole file from the range's start; reads what is left. */
  digest(): string {
    const end = this.#range.offset + this.size;
    while (this.#end < end) this.#fill(this.#end, Math.min(end, this.#end + readSize));
    return this.#hash?.digest('hex') ?? '';
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }

  #fill(offset: number, end: number): void {
    if (this.#fd === undefined) throw this.#tooShort(offset, end - offset);
    // A gap is read when it counts for the hash, and skipped when it does not.
    while (this.#hash !== undefined && offset > this.#end) {
      this.#read(this.#end, Math.min(offset, this.#end + readSize));
    }
    this.#read(offset, end);
  }

  /** Makes the window reach from `offset` to `end` at least. */
  #read(offset: number, end: number): void {
    const limit = Math.max(end, this.#range.offset + this.#range.length);
    const start = Math.max(this.#start, Math.min(offset, this.#end));
    const kept = offset < this.#end ? this.#end - start : 0;
    const wanted = Math.min(limit, Math.max(end, offset + readSize)) - offset;
    this.#window = this.#buffer.reserve(wanted, start - this.#start, kept);
    this.#start = offset;
    this.#end = offset + kept;
    while (this.#end < offset + wanted) {
      const at = this.#end - offset;
      const count = readSync(this.#fd ?? -1, this.#window, at, wanted - at, this.#end);
      if (count === 0) break;
      this.#hash?.update(this.#window.subarray(at, at + count));
      this.#end += count;
    }
    if (this.#end < end) throw this.#tooShort(offset, end - offset);
  }

  #tooShort(offset: number, length: number): SealiftError {
    return new SealiftError(
      'backend/range',
      `the pack ends at ${this.#end}, before the ${length} bytes at offset ${offset}`,
      { fields: { offset, expected: length, found: Math.max(0, this.#end - offset) } },
    );
  }
}
