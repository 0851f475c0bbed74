/**
 * Seals many small blobs at once. A cipher object for each would cost more than its bytes: here one
 * stream of AES-256-CTR runs through a batch, and each blob's IV is the counter at which it begins. The
 * stream starts at random, and no counter block serves twice (NIST SP 800-38A, appendix B.2). What was
 * sealed is opened again and compared.
 */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { copyBytes, equalBytes } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { encryptNonces, ivBytes, macKeyBytes, type Random, type RepositoryKey } from './crypto.ts';
import { batchBytes, blockBytes, maxBatchedBytes, roomFor } from './key-streams.ts';
import { oneTimeKeyBytes, poly1305, tagBytes } from './poly1305.ts';

const algorithm = 'aes-256-ctr';
/** Batches whose random bytes are asked for at once: that takes as long for one as for many. */
const batchesAhead = 64;

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
  readonly #plain = Buffer.alloc(batchBytes);
  readonly #stored = new Uint8Array(batchBytes);
  readonly #oneTimeKey = new Uint8Array(oneTimeKeyBytes);
  #waiting: Waiting[] = [];
  #filled = 0;
  /** Random bytes that no batch has used. */
  #unused: Uint8Array = new Uint8Array(0);

  constructor(key: RepositoryKey, random: Random = randomBytes) {
    this.#key = key;
    this.#random = random;
    this.#oneTimeKey.set(key.macR);
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
    const first = this.#takeRandom();
    const ivs = this.#ivsFrom(first);
    const pads = encryptNonces(this.#key, ivs);
    const ciphertext = createCipheriv(algorithm, this.#key.encrypt, first).update(
      this.#plain.subarray(0, this.#filled),
    );
    let block = 0;
    for (const { offset, at, size } of waiting) {
      const sealed = ciphertext.subarray(at, at + size);
      copyBlock(ivs, block, target, offset);
      copyBytes(sealed, target, offset + ivBytes);
      target.set(this.#tagOf(pads, block, sealed), offset + ivBytes + size);
      block += blockBytes;
    }
    this.#readBack(target);
    this.#waiting = [];
    this.#filled = 0;
  }

  /** Opens every blob from what the target holds. */
  #readBack(target: Uint8Array): void {
    const waiting = this.#waiting;
    const ivs = new Uint8Array(waiting.length * ivBytes);
    let block = 0;
    for (const { offset, at, size } of waiting) {
      const start = offset + ivBytes;
      copyBlock(target, offset, ivs, block);
      copyBytes(target.subarray(start, start + size), this.#stored, at);
      block += blockBytes;
    }
    const first = ivs.slice(0, ivBytes);
    if (!equalBytes(ivs, this.#ivsFrom(first))) throw readBackFailed();
    const pads = encryptNonces(this.#key, ivs);
    const opened = createDecipheriv(algorithm, this.#key.encrypt, first).update(
      this.#stored.subarray(0, this.#filled),
    );
    block = 0;
    for (const { offset, at, size } of waiting) {
      const tag = this.#tagOf(pads, block, this.#stored.subarray(at, at + size));
      if (!hasBytesAt(target, offset + ivBytes + size, tag)) throw readBackFailed();
      if (this.#plain.compare(opened, at, at + size, at, at + size) !== 0) throw readBackFailed();
      block += blockBytes;
    }
  }

  /** Poly1305-AES; the encrypted nonce is a block of the pads. */
  #tagOf(pads: Uint8Array, block: number, ciphertext: Uint8Array): Uint8Array {
    copyBlock(pads, block, this.#oneTimeKey, macKeyBytes);
    return poly1305(this.#oneTimeKey, ciphertext);
  }

  /** The IV of each blob waiting, for a stream that starts at `first`. */
  #ivsFrom(first: Uint8Array): Uint8Array {
    const ivs = new Uint8Array(this.#waiting.length * ivBytes);
    let end = ivBytes;
    for (const { at } of this.#waiting) {
      let carry = at / blockBytes;
      for (let byte = 1; byte <= ivBytes; byte += 1) {
        carry += first[ivBytes - byte] ?? 0;
        ivs[end - byte] = carry;
        carry >>>= 8;
      }
      end += ivBytes;
    }
    return ivs;
  }

  /** Random bytes for the first IV of a batch. */
  #takeRandom(): Uint8Array {
    if (this.#unused.length < ivBytes) this.#unused = this.#random(batchesAhead * ivBytes);
    const taken = this.#unused.subarray(0, ivBytes);
    this.#unused = this.#unused.subarray(ivBytes);
    return taken;
  }
}

/** Few bytes: a view for them would cost more. */
function copyBlock(source: Uint8Array, from: number, target: Uint8Array, to: number): void {
  for (let byte = 0; byte < blockBytes; byte += 1) target[to + byte] = source[from + byte] ?? 0;
}

function hasBytesAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let byte = 0; byte < tagBytes; byte += 1) {
    if (bytes[at + byte] !== wanted[byte]) return false;
  }
  return true;
}

function readBackFailed(): SealiftError {
  return new SealiftError('format/unexpected-hash', 'a sealed blob did not read back as written');
}
