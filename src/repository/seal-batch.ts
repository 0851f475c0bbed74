/**
 * Seals many small blobs at once. A cipher object for each would cost more than its bytes: here the key
 * streams of a batch come from one call of AES-256 on all their counter blocks, which is what CTR mode
 * is. Each blob has a random IV of its own. What was sealed is opened again and compared.
 */

import { type Cipheriv, createCipheriv, randomBytes } from 'node:crypto';
import { equalBytes } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { encryptNonces, ivBytes, type Random, type RepositoryKey, tagOf } from './crypto.ts';
import { tagBytes } from './poly1305.ts';

const blockBytes = 16;
const blockWords = 4;
/** Blobs up to this size are worth a batch. */
export const maxBatchedBytes = 16 * 1024;
/** Content of a batch: it stays in the processor's cache, and its key stream below what malloc maps. */
const batchBytes = 64 * 1024;
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

interface Waiting {
  /** Place of the sealed blob in the target. */
  readonly offset: number;
  /** Place of its content in the batch, a multiple of the cipher's block. */
  readonly at: number;
  readonly size: number;
}

export class SealBatch {
  readonly #key: RepositoryKey;
  readonly #random: Random;
  readonly #cipher: Cipheriv;
  /** Contents, kept until they have been read back. */
  readonly #plain = new Uint32Array(batchBytes / 4);
  readonly #plainBytes = new Uint8Array(this.#plain.buffer);
  readonly #work = new Uint32Array(batchBytes / 4);
  readonly #workBytes = new Uint8Array(this.#work.buffer);
  readonly #counters = new Uint32Array(batchBytes / 4);
  readonly #counterBytes = new Uint8Array(this.#counters.buffer);
  #waiting: Waiting[] = [];
  #filled = 0;

  constructor(key: RepositoryKey, random: Random = randomBytes) {
    this.#key = key;
    this.#random = random;
    this.#cipher = createCipheriv('aes-256-ecb', key.encrypt, null).setAutoPadding(false);
  }

  /**
   * Takes a copy of the content, to be sealed into the target's bytes from `offset` on by the next flush.
   * @param content at most {@link maxBatchedBytes}
   * @returns false when the batch has no room for it: flush first
   */
  add(content: Uint8Array, offset: number): boolean {
    if (this.#filled + content.length > batchBytes) return false;
    this.#plainBytes.set(content, this.#filled);
    this.#waiting.push({ offset, at: this.#filled, size: content.length });
    this.#filled += Math.ceil(content.length / blockBytes) * blockBytes;
    return true;
  }

  /**
   * Seals what was added.
   * @throws SealiftError `format/unexpected-hash` when a blob does not open again as it was, `format/key`
   */
  flush(target: Uint8Array): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    const ivs = this.#random(waiting.length * ivBytes);
    const pads = encryptNonces(this.#key, ivs);
    for (const [index, { offset }] of waiting.entries()) {
      target.set(ivs.subarray(index * ivBytes, (index + 1) * ivBytes), offset);
    }
    this.#xorKeyStream(target, this.#plain);
    for (const [index, { offset, at, size }] of waiting.entries()) {
      const start = offset + ivBytes;
      target.set(this.#workBytes.subarray(at, at + size), start);
      target.set(this.#tag(pads, index, target.subarray(start, start + size)), start + size);
    }
    this.#readBack(target);
    this.#waiting = [];
    this.#filled = 0;
  }

  /** Opens every blob from what the target holds. */
  #readBack(target: Uint8Array): void {
    const waiting = this.#waiting;
    const ivs = new Uint8Array(waiting.length * ivBytes);
    for (const [index, { offset }] of waiting.entries()) {
      ivs.set(target.subarray(offset, offset + ivBytes), index * ivBytes);
    }
    const pads = encryptNonces(this.#key, ivs);
    for (const [index, { offset, at, size }] of waiting.entries()) {
      const ciphertext = target.subarray(offset + ivBytes, offset + ivBytes + size);
      const end = offset + ivBytes + size;
      const stored = target.subarray(end, end + tagBytes);
      if (!equalBytes(stored, this.#tag(pads, index, ciphertext))) throw readBackFailed();
      this.#workBytes.set(ciphertext, at);
    }
    this.#xorKeyStream(target, this.#work);
    for (const { at, size } of waiting) {
      const opened = this.#workBytes.subarray(at, at + size);
      if (!equalBytes(opened, this.#plainBytes.subarray(at, at + size))) throw readBackFailed();
    }
  }

  #tag(pads: Uint8Array, index: number, ciphertext: Uint8Array): Uint8Array {
    const pad = pads.subarray(index * blockBytes, (index + 1) * blockBytes);
    return tagOf(this.#key.macR, pad, ciphertext);
  }

  /** Puts `input` XOR the key streams of the IVs in the target into the work area. */
  #xorKeyStream(target: Uint8Array, input: Uint32Array): void {
    for (const { offset, at, size } of this.#waiting) {
      this.#writeCounters(target.subarray(offset, offset + ivBytes), at, size);
    }
    const stream = this.#cipher.update(this.#counterBytes.subarray(0, this.#filled));
    const words = new Uint32Array(stream.buffer, stream.byteOffset, stream.length / 4);
    const work = this.#work;
    for (let at = 0; at < words.length; at += 1) work[at] = (input[at] ?? 0) ^ (words[at] ?? 0);
  }

  /** The IV and the numbers that follow it, big-endian: one for each block of the blob. */
  #writeCounters(iv: Uint8Array, at: number, size: number): void {
    const counters = this.#counters;
    const view = new DataView(iv.buffer, iv.byteOffset, ivBytes);
    let start = at / 4;
    const end = start + Math.ceil(size / blockBytes) * blockWords;
    const words = [0, 4, 8, 12].map((offset) => view.getUint32(offset));
    let [first = 0, second = 0, third = 0, last = 0] = words;
    for (; start < end; start += blockWords) {
      counters[start] = bigEndian(first);
      counters[start + 1] = bigEndian(second);
      counters[start + 2] = bigEndian(third);
      counters[start + 3] = bigEndian(last);
      last = (last + 1) >>> 0;
      if (last !== 0) continue;
      third = (third + 1) >>> 0;
      if (third !== 0) continue;
      second = (second + 1) >>> 0;
      if (second === 0) first = (first + 1) >>> 0;
    }
  }
}

/** The word whose bytes in memory are the big-endian ones of the value. */
function bigEndian(value: number): number {
  if (!isLittleEndian) return value;
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}

function readBackFailed(): SealiftError {
  return new SealiftError('format/unexpected-hash', 'a sealed blob did not read back as written');
}
