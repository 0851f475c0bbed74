/**
 * AES-256-CTR of many short messages at once. A cipher object for each would cost more than its bytes:
 * here the key streams of a batch come from one call of AES-256 on all their counter blocks, which is
 * what CTR mode is (NIST SP 800-38A §6.5).
 */

import { type Cipheriv, createCipheriv } from 'node:crypto';

export const blockBytes = 16;
/** Blobs up to this size are worth a batch. */
export const maxBatchedBytes = 16 * 1024;
/** Content of a batch: it stays in the processor's cache, and its ciphertext below what malloc maps. */
export const batchBytes = 64 * 1024;
const blockWords = blockBytes / 4;
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Room that a message takes in a batch: whole blocks of the cipher. */
export function roomFor(size: number): number {
  return Math.ceil(size / blockBytes) * blockBytes;
}

export class KeyStreams {
  readonly #cipher: Cipheriv;
  readonly #counters: Uint32Array<ArrayBuffer>;
  readonly #counterBytes: Uint8Array;
  /** Messages of the batch, by word. */
  #messages: { readonly start: number; readonly end: number }[] = [];
  #filled = 0;

  /**
   * @param key AES-256 key, 32 bytes
   * @param batchBytes room for the messages of a batch; a multiple of the block
   */
  constructor(key: Uint8Array, batchBytes: number) {
    this.#cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    this.#counters = new Uint32Array(batchBytes / 4);
    this.#counterBytes = new Uint8Array(this.#counters.buffer);
  }

  /**
   * Adds a message to the batch.
   * @param iv 16 bytes; they and the numbers that follow, big-endian, are the counter blocks
   * @param at place in what {@link apply} gets, a multiple of the block
   */
  place(iv: Uint8Array, at: number, size: number): void {
    const counters = this.#counters;
    const view = new DataView(iv.buffer, iv.byteOffset, blockBytes);
    let word = this.#filled;
    const end = word + roomFor(size) / 4;
    this.#messages.push({ start: at / 4, end: at / 4 + end - word });
    this.#filled = end;
    let first = view.getUint32(0);
    let second = view.getUint32(4);
    let third = view.getUint32(8);
    let last = view.getUint32(12);
    for (; word < end; word += blockWords) {
      counters[word] = bigEndian(first);
      counters[word + 1] = bigEndian(second);
      counters[word + 2] = bigEndian(third);
      counters[word + 3] = bigEndian(last);
      last = (last + 1) >>> 0;
      if (last !== 0) continue;
      third = (third + 1) >>> 0;
      if (third !== 0) continue;
      second = (second + 1) >>> 0;
      if (second === 0) first = (first + 1) >>> 0;
    }
  }

  /** Encrypts or decrypts the messages where they stand, and begins another batch. */
  apply(work: Uint32Array): void {
    const messages = this.#messages;
    if (messages.length === 0) return;
    const stream = this.#cipher.update(this.#counterBytes.subarray(0, this.#filled * 4));
    const words = new Uint32Array(stream.buffer, stream.byteOffset, this.#filled);
    let word = 0;
    for (const { start, end } of messages) {
      for (let at = start; at < end; at += 1, word += 1) {
        work[at] = (work[at] ?? 0) ^ (words[word] ?? 0);
      }
    }
    this.#messages = [];
    this.#filled = 0;
  }
}

/** The word whose bytes in memory are the big-endian ones of the value. */
function bigEndian(value: number): number {
  if (!isLittleEndian) return value;
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}
