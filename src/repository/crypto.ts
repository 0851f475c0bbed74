/**
 * Sealing and opening of everything encrypted in a repository: AES-256-CTR with Poly1305-AES.
 *
 * | offset | size | field |
 * | --- | --- | --- |
 * | 0 | 16 | IV, also the MAC's nonce |
 * | 16 | n | ciphertext, as long as the plaintext |
 * | 16 + n | 16 | Poly1305-AES tag of the ciphertext |
 *
 * Source: restic's design document, and D. J. Bernstein, "The Poly1305-AES message-authentication code".
 */

import {
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { copyBytes, equalBytes, releaseBytes } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { oneTimeKeyBytes, poly1305, tagBytes } from './poly1305.ts';

/** Random bytes from a cryptographic source; handed in so that tests can drive it. */
export type Random = (size: number) => Uint8Array;

/** The master key of a repository. Its arrays must not change once it has been used. */
export interface RepositoryKey {
  /** AES-256 key, 32 bytes. */
  readonly encrypt: Uint8Array;
  /** AES-128 key of the MAC, 16 bytes. */
  readonly macK: Uint8Array;
  /** Poly1305 key, 16 bytes, clamped or not. */
  readonly macR: Uint8Array;
}

export const ivBytes = 16;
export const encryptKeyBytes = 32;
export const macKeyBytes = 16;
/** What sealing adds to a plaintext. */
export const overheadBytes = ivBytes + tagBytes;

/** Node hands out ciphertext in new memory; pieces below what malloc maps are reused, larger ones cost page faults. */
const pieceBytes = 64 * 1024;

/** A new master key. */
export function generateRepositoryKey(random: Random = randomBytes): RepositoryKey {
  return {
    encrypt: random(encryptKeyBytes),
    macK: random(macKeyBytes),
    macR: random(macKeyBytes),
  };
}

export function sealedSize(plainSize: number): number {
  return plainSize + overheadBytes;
}

/**
 * @returns a new array: IV, ciphertext, tag
 * @throws SealiftError `format/key` when a part of the key is all zero
 */
export function seal(
  key: RepositoryKey,
  plaintext: Uint8Array,
  random: Random = randomBytes,
): Uint8Array {
  const sealed = new Uint8Array(sealedSize(plaintext.byteLength));
  sealInto(key, plaintext, sealed, 0, random);
  return sealed;
}

/**
 * Seals into a buffer that the caller owns.
 * @param target has room for the plaintext and {@link overheadBytes} from `offset`
 * @returns bytes written
 */
export function sealInto(
  key: RepositoryKey,
  plaintext: Uint8Array,
  target: Uint8Array,
  offset: number,
  random: Random = randomBytes,
): number {
  const iv = random(ivBytes);
  const pad = encryptNonces(key, iv);
  target.set(iv, offset);
  const cipher = createCipheriv('aes-256-ctr', key.encrypt, iv);
  const start = offset + ivBytes;
  const end = start + plaintext.byteLength;
  for (let at = 0; at < plaintext.byteLength; at += pieceBytes) {
    const piece = cipher.update(plaintext.subarray(at, at + pieceBytes));
    copyBytes(piece, target, start + at);
    releaseBytes(piece);
  }
  target.set(tagOf(key.macR, pad, target.subarray(start, end)), end);
  return sealedSize(plaintext.byteLength);
}

/**
 * Opens and compares, without holding what was opened.
 * @returns false when the sealed bytes were changed or are those of another plaintext
 */
export function opensTo(key: RepositoryKey, sealed: Uint8Array, plaintext: Uint8Array): boolean {
  if (sealed.byteLength !== sealedSize(plaintext.byteLength)) return false;
  const { iv, ciphertext, isGenuine } = authenticate(key, sealed);
  if (!isGenuine) return false;
  const decipher = createDecipheriv('aes-256-ctr', key.encrypt, iv);
  for (let at = 0; at < ciphertext.byteLength; at += pieceBytes) {
    const opened = decipher.update(ciphertext.subarray(at, at + pieceBytes));
    const isEqual = equalBytes(opened, plaintext.subarray(at, at + pieceBytes));
    releaseBytes(opened);
    if (!isEqual) return false;
  }
  return true;
}

/**
 * @param sealed IV, ciphertext, tag; borrowed
 * @returns the plaintext, a new array
 * @throws SealiftError `format/mac` when it is too short or was changed, `format/key` on an unusable key
 */
export function open(key: RepositoryKey, sealed: Uint8Array): Uint8Array {
  const { iv, ciphertext } = authenticated(key, sealed);
  return createDecipheriv('aes-256-ctr', key.encrypt, iv).update(ciphertext);
}

/**
 * {@link open}, with the plaintext handed over in pieces, each valid until the next. The first piece
 * comes once everything has been authenticated.
 */
export function openPieces(
  key: RepositoryKey,
  sealed: Uint8Array,
  onPiece: (piece: Uint8Array) => void,
): void {
  const { iv, ciphertext } = authenticated(key, sealed);
  const decipher = createDecipheriv('aes-256-ctr', key.encrypt, iv);
  for (let start = 0; start < ciphertext.byteLength; start += pieceBytes) {
    const piece = decipher.update(ciphertext.subarray(start, start + pieceBytes));
    onPiece(piece);
    releaseBytes(piece);
  }
}

/**
 * {@link open} that puts the plaintext in the place of the ciphertext: what is read again while it is in
 * the processor's cache need not be fetched from memory.
 * @param sealed is sealed no longer when this returns
 * @returns the part of it that is the plaintext
 */
export function openInPlace(key: RepositoryKey, sealed: Uint8Array): Uint8Array {
  const { iv, ciphertext } = authenticated(key, sealed);
  const decipher = createDecipheriv('aes-256-ctr', key.encrypt, iv);
  for (let start = 0; start < ciphertext.byteLength; start += pieceBytes) {
    const piece = decipher.update(ciphertext.subarray(start, start + pieceBytes));
    ciphertext.set(piece, start);
    releaseBytes(piece);
  }
  return ciphertext;
}

function authenticated(
  key: RepositoryKey,
  sealed: Uint8Array,
): { iv: Uint8Array; ciphertext: Uint8Array } {
  if (sealed.byteLength < overheadBytes) {
    throw new SealiftError(
      'format/mac',
      `ciphertext verification failed: ${sealed.byteLength} bytes are too few`,
      { fields: { size: sealed.byteLength } },
    );
  }
  const { iv, ciphertext, isGenuine } = authenticate(key, sealed);
  if (!isGenuine) {
    throw new SealiftError('format/mac', 'ciphertext verification failed', {
      fields: { size: sealed.byteLength },
    });
  }
  return { iv, ciphertext };
}

function authenticate(
  key: RepositoryKey,
  sealed: Uint8Array,
): { iv: Uint8Array; ciphertext: Uint8Array; isGenuine: boolean } {
  const iv = sealed.subarray(0, ivBytes);
  const ciphertext = sealed.subarray(ivBytes, sealed.byteLength - tagBytes);
  const tag = sealed.subarray(sealed.byteLength - tagBytes);
  const expected = tagOf(key.macR, padsOf(key, iv), ciphertext);
  return { iv, ciphertext, isGenuine: !isZero(iv) && timingSafeEqual(tag, expected) };
}

/**
 * What {@link tagOf} needs of each IV.
 * @param ivs 16 bytes each
 * @throws SealiftError `format/key` when an IV is all zero, or a part of the key is
 */
export function encryptNonces(key: RepositoryKey, ivs: Uint8Array): Uint8Array {
  for (let at = 0; at < ivs.byteLength; at += ivBytes) {
    if (isZero(ivs.subarray(at, at + ivBytes))) {
      throw new SealiftError('format/key', 'the random source gave an all-zero IV');
    }
  }
  return padsOf(key, ivs);
}

/** {@link encryptNonces} of IVs that were stored, whatever they are. */
export function padsOf(key: RepositoryKey, ivs: Uint8Array): Uint8Array {
  return nonceCipherOf(key).update(ivs);
}

/** Poly1305-AES: `s` is the encrypted nonce. */
export function tagOf(macR: Uint8Array, s: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const oneTimeKey = new Uint8Array(oneTimeKeyBytes);
  oneTimeKey.set(macR);
  oneTimeKey.set(s, macKeyBytes);
  return poly1305(oneTimeKey, ciphertext);
}

/** Making a cipher costs more than a block: each key keeps one, which ECB leaves without a state. */
const nonceCiphers = new WeakMap<RepositoryKey, Cipheriv>();

/** AES-128 under the key's `macK`, block by block. Checks the key the first time it is used. */
function nonceCipherOf(key: RepositoryKey): Cipheriv {
  const known = nonceCiphers.get(key);
  if (known !== undefined) return known;
  if (isZero(key.encrypt) || isZero(key.macK) || isZero(key.macR)) {
    throw new SealiftError('format/key', 'a repository key of zeros is not usable');
  }
  const cipher = createCipheriv('aes-128-ecb', key.macK, null).setAutoPadding(false);
  nonceCiphers.set(key, cipher);
  return cipher;
}

/** Byte by byte: for keys and IVs. */
export function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}
