/**
 * Seals many small blobs at once. A cipher object for each would cost more than its bytes: here one
 * stream of AES-256-CTR runs through a batch, and each blob's IV is the counter at which it begins. The
 * stream starts at random, and no counter block serves twice (NIST SP 800-38A, appendix B.2). What was
 * sealed is opened again and compared.
 */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { equalBytes } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { encryptNonces, ivBytes, type Random, type RepositoryKey, tagOf } from './crypto.ts';
import { batchBytes, blockBytes, maxBatchedBytes, roomFor } from './key-streams.ts';
import { tagBytes } from './poly1305.ts';

const algorithm = 'aes-256-ctr';

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
  /** Contents, kept until they have been read back. */
  readonly #plain = new Uint8Array(batchBytes);
  readonly #stored = new Uint8Array(batchBytes);
  #waiting: Waiting[] = [];
  #filled = 0;

  constructor(key: RepositoryKey, random: Random = randomBytes) {
    this.#key = key;
    this.#random = random;
  }

  /**
   * Takes a copy of the content, to be sealed into the target's bytes from `offset` on by the next flush.
   * @param content at most {@link maxBatchedBytes}
   * @returns false when the batch has no room for it: flush first
   */
  add(content: Uint8Array, offset: number): boolean {
    // An empty blob takes a block too, for an IV of its own.
    const taken = Math.max(blockBytes, roomFor(content.length));
    if (this.#filled + taken > batchBytes) return false;
    this.#plain.set(content, this.#filled);
    this.#waiting.push({ offset, at: this.#filled, size: content.length });
    this.#filled += taken;
    return true;
  }

  /**
   * Seals what was added.
   * @throws SealiftError `format/unexpected-hash` when a blob does not open again as it was, `format/key`
   */
  flush(target: Uint8Array): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    const first = this.#random(ivBytes);
    const ivs = this.#ivsFrom(first);
    const pads = encryptNonces(this.#key, ivs);
    const ciphertext = createCipheriv(algorithm, this.#key.encrypt, first).update(
      this.#plain.subarray(0, this.#filled),
    );
    for (const [index, { offset, at, size }] of waiting.entries()) {
      const sealed = ciphertext.subarray(at, at + size);
      target.set(blockOf(ivs, index), offset);
      target.set(sealed, offset + ivBytes);
      target.set(tagOf(this.#key.macR, blockOf(pads, index), sealed), offset + ivBytes + size);
    }
    this.#readBack(target);
    this.#waiting = [];
    this.#filled = 0;
  }

  /** Opens every blob from what the target holds. */
  #readBack(target: Uint8Array): void {
    const waiting = this.#waiting;
    const ivs = new Uint8Array(waiting.length * ivBytes);
    for (const [index, { offset, at, size }] of waiting.entries()) {
      const start = offset + ivBytes;
      ivs.set(target.subarray(offset, start), index * ivBytes);
      this.#stored.set(target.subarray(start, start + size), at);
    }
    const first = ivs.slice(0, ivBytes);
    if (!equalBytes(ivs, this.#ivsFrom(first))) throw readBackFailed();
    const pads = encryptNonces(this.#key, ivs);
    const opened = createDecipheriv(algorithm, this.#key.encrypt, first).update(
      this.#stored.subarray(0, this.#filled),
    );
    for (const [index, { offset, at, size }] of waiting.entries()) {
      const end = offset + ivBytes + size;
      const tag = target.subarray(end, end + tagBytes);
      const stored = this.#stored.subarray(at, at + size);
      if (!equalBytes(tag, tagOf(this.#key.macR, blockOf(pads, index), stored))) {
        throw readBackFailed();
      }
      if (!equalBytes(opened.subarray(at, at + size), this.#plain.subarray(at, at + size))) {
        throw readBackFailed();
      }
    }
  }

  /** The IV of each blob waiting, for a stream that starts at `first`. */
  #ivsFrom(first: Uint8Array): Uint8Array {
    const ivs = new Uint8Array(this.#waiting.length * ivBytes);
    for (const [index, { at }] of this.#waiting.entries()) {
      const iv = blockOf(ivs, index);
      let carry = at / blockBytes;
      for (let byte = ivBytes - 1; byte >= 0; byte -= 1) {
        carry += first[byte] ?? 0;
        iv[byte] = carry;
        carry >>>= 8;
      }
    }
    return ivs;
  }
}

/** The block of one blob among those of the batch; a view. */
function blockOf(blocks: Uint8Array, index: number): Uint8Array {
  return blocks.subarray(index * blockBytes, (index + 1) * blockBytes);
}

function readBackFailed(): SealiftError {
  return new SealiftError('format/unexpected-hash', 'a sealed blob did not read back as written');
}
