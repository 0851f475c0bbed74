/** Opens many small sealed blobs at once; the counterpart of `seal-batch.ts`. */

import { timingSafeEqual } from 'node:crypto';
import { isZero, ivBytes, overheadBytes, padsOf, type RepositoryKey, tagOf } from './crypto.ts';
import { batchBytes, KeyStreams, maxBatchedBytes, roomFor } from './key-streams.ts';
import { tagBytes } from './poly1305.ts';

export class OpenBatch {
  readonly #key: RepositoryKey;
  readonly #streams: KeyStreams;
  readonly #work = new Uint32Array(batchBytes / 4);
  readonly #workBytes = new Uint8Array(this.#work.buffer);

  constructor(key: RepositoryKey) {
    this.#key = key;
    this.#streams = new KeyStreams(key.encrypt, batchBytes);
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
    const ivs = new Uint8Array(sealed.length * ivBytes);
    for (const [index, bytes] of sealed.entries()) {
      ivs.set(bytes.subarray(0, ivBytes), index * ivBytes);
    }
    const pads = padsOf(this.#key, ivs);
    let filled = 0;
    const opened = sealed.map((bytes, index) => {
      const iv = bytes.subarray(0, ivBytes);
      const ciphertext = bytes.subarray(ivBytes, bytes.byteLength - tagBytes);
      const pad = pads.subarray(index * ivBytes, (index + 1) * ivBytes);
      const tag = tagOf(this.#key.macR, pad, ciphertext);
      const stored = bytes.subarray(bytes.byteLength - tagBytes);
      if (isZero(iv) || !timingSafeEqual(tag, stored)) return undefined;
      const at = filled;
      filled += roomFor(ciphertext.byteLength);
      this.#workBytes.set(ciphertext, at);
      this.#streams.place(iv, at, ciphertext.byteLength);
      return this.#workBytes.subarray(at, at + ciphertext.byteLength);
    });
    if (filled > 0) this.#streams.apply(this.#work, this.#work, filled);
    return opened;
  }
}
