/** Opens many small sealed blobs at once; the counterpart of `seal-batch.ts`. */

import { createDecipheriv } from 'node:crypto';
import { releaseBytes } from '../base/bytes.ts';
import { ivBytes, macKeyBytes, overheadBytes, padsOf, type RepositoryKey } from './crypto.ts';
import { batchBytes, blockBytes, KeyStreams, maxBatchedBytes, roomFor } from './key-streams.ts';
import { oneTimeKeyBytes, poly1305, tagBytes } from './poly1305.ts';

/** From here on a cipher object costs less than counter blocks and XOR in JavaScript. */
const ownCipherBytes = 2048;

export class OpenBatch {
  readonly #key: RepositoryKey;
  readonly #streams: KeyStreams;
  readonly #oneTimeKey = new Uint8Array(oneTimeKeyBytes);
  readonly #work = new Uint32Array(batchBytes / 4);
  readonly #workBytes = new Uint8Array(this.#work.buffer);

  constructor(key: RepositoryKey) {
    this.#key = key;
    this.#streams = new KeyStreams(key.encrypt, batchBytes);
    this.#oneTimeKey.set(key.macR);
  }

  /** How many of the sealed blobs, from the first on, {@link open} takes at once. */
  static fitting(lengths: Iterable<number>): number {
    let count = 0;
    let filled = 0;
    for (const length of lengths) {
      if (length > maxBatchedBytes || length < overheadBytes) break;
      filled += roomFor(length - overheadBytes);
      if (filled > batchBytes) break;
      count += 1;
    }
    return count;
  }

  /**
   * @param sealed as many as {@link fitting} allows; borrowed
   * @returns for each its plaintext, valid until the next call; undefined where it is not genuine
   */
  open(sealed: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    if (sealed.length === 0) return [];
    const ivs = new Uint8Array(sealed.length * ivBytes);
    for (const [index, bytes] of sealed.entries()) copyBlock(bytes, 0, ivs, index * ivBytes);
    const pads = padsOf(this.#key, ivs);
    let filled = 0;
    const opened = sealed.map((bytes, index) => {
      const ciphertext = bytes.subarray(ivBytes, bytes.byteLength - tagBytes);
      const at = filled;
      filled += roomFor(ciphertext.byteLength);
      this.#workBytes.set(ciphertext, at);
      copyBlock(pads, index * ivBytes, this.#oneTimeKey, macKeyBytes);
      const isGenuine = endsWith(bytes, poly1305(this.#oneTimeKey, ciphertext));
      return isGenuine && !hasZeroIv(bytes)
        ? this.#workBytes.subarray(at, at + ciphertext.byteLength)
        : undefined;
    });
    this.#decipher(sealed, ivs);
    return opened;
  }

  /**
   * Deciphers the work in place. Blobs that were sealed together are one stream: the IV of each is the
   * counter that follows on the blob before.
   */
  #decipher(sealed: readonly Uint8Array[], ivs: Uint8Array): void {
    let first = 0;
    let start = 0;
    let end = 0;
    for (const [index, { byteLength }] of sealed.entries()) {
      if (index > 0 && !isCounterAfter(ivs, first, (end - start) / blockBytes, index)) {
        this.#decipherRun(ivs.subarray(first * ivBytes, (first + 1) * ivBytes), start, end);
        first = index;
        start = end;
      }
      end += roomFor(byteLength - overheadBytes);
    }
    this.#decipherRun(ivs.subarray(first * ivBytes, (first + 1) * ivBytes), start, end);
    this.#streams.apply(this.#work);
  }

  #decipherRun(iv: Uint8Array, start: number, end: number): void {
    if (end - start < ownCipherBytes) {
      this.#streams.place(iv, start, end - start);
      return;
    }
    const work = this.#workBytes.subarray(start, end);
    const opened = createDecipheriv('aes-256-ctr', this.#key.encrypt, iv).update(work);
    work.set(opened);
    releaseBytes(opened);
  }
}

/** True if the IV at `index` is that at `first` and so many blocks of the cipher more, big-endian. */
function isCounterAfter(ivs: Uint8Array, first: number, blocks: number, index: number): boolean {
  let carry = blocks;
  for (let byte = ivBytes - 1; byte >= 0; byte -= 1) {
    carry += ivs[first * ivBytes + byte] ?? 0;
    if ((carry & 0xff) !== ivs[index * ivBytes + byte]) return false;
    carry >>>= 8;
  }
  return true;
}

function hasZeroIv(sealed: Uint8Array): boolean {
  for (let byte = 0; byte < ivBytes; byte += 1) if (sealed[byte] !== 0) return false;
  return true;
}

/** Looks at all bytes of the tag, wherever they differ. */
function endsWith(sealed: Uint8Array, tag: Uint8Array): boolean {
  const start = sealed.byteLength - tagBytes;
  let difference = 0;
  for (let byte = 0; byte < tagBytes; byte += 1) {
    difference |= (sealed[start + byte] ?? 0) ^ (tag[byte] ?? 0);
  }
  return difference === 0;
}

/** Few bytes: a view for them would cost more. */
function copyBlock(source: Uint8Array, from: number, target: Uint8Array, to: number): void {
  for (let byte = 0; byte < blockBytes; byte += 1) target[to + byte] = source[from + byte] ?? 0;
}
