/**
 * Names of stored files and blobs: SHA-256 values as 64 lower-case hexadecimal digits, branded so that
 * one kind is not taken for another.
 */

import { hash } from 'node:crypto';
import { decodeHex, encodeHex } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';

declare const brand: unique symbol;
type Id<Kind extends string> = string & { readonly [brand]: Kind };

/** SHA-256 of a blob's plaintext, before compression. */
export type BlobId = Id<'blob'>;
export type PackId = Id<'pack'>;
export type IndexId = Id<'index'>;
export type SnapshotId = Id<'snapshot'>;
export type KeyId = Id<'key'>;
export type LockId = Id<'lock'>;
export type StorageId = PackId | IndexId | SnapshotId | KeyId | LockId;
export type BlobType = 'data' | 'tree';

export const idBytes = 32;
const pattern = /^[0-9a-f]{64}$/;

/** True for 64 lower-case hexadecimal digits; anything else in a listing is not ours. */
export function isStorageId(text: string): boolean {
  return pattern.test(text);
}

export const parseBlobId = (text: string): BlobId => parse(text, 'blob');
export const parsePackId = (text: string): PackId => parse(text, 'pack');
export const parseIndexId = (text: string): IndexId => parse(text, 'index');
export const parseSnapshotId = (text: string): SnapshotId => parse(text, 'snapshot');
export const parseKeyId = (text: string): KeyId => parse(text, 'key');
export const parseLockId = (text: string): LockId => parse(text, 'lock');

const notDigit = 0xff;
/** By byte: the value of a lower-case hexadecimal digit. */
const digitValues = new Uint8Array(256).fill(notDigit);
for (const [value, digit] of Buffer.from('0123456789abcdef').entries()) digitValues[digit] = value;

/**
 * Reads the 64 digits of an id into 32 bytes of the target.
 * @returns false when they are not all there; what was written then is worthless
 */
export function readHexId(
  text: Uint8Array,
  start: number,
  target: Uint8Array,
  offset: number,
): boolean {
  if (start + 2 * idBytes > text.length) return false;
  for (let i = 0; i < idBytes; i += 1) {
    const high = digitValues[text[start + 2 * i] ?? 0] ?? notDigit;
    const low = digitValues[text[start + 2 * i + 1] ?? 0] ?? notDigit;
    if ((high | low) > 15) return false;
    target[offset + i] = (high << 4) | low;
  }
  return true;
}

/** Name of a stored file: SHA-256 of its bytes. */
export function storageId(bytes: Uint8Array): string {
  return hash('sha256', bytes);
}

/** Id of a blob: SHA-256 of its plaintext. */
export function blobIdOf(plaintext: Uint8Array): BlobId {
  return storageId(plaintext) as BlobId; // a digest is an id by construction
}

export function blobIdToBytes(id: BlobId): Uint8Array {
  return decodeHex(id);
}

/** @param bytes 32 bytes, borrowed */
export const blobIdFromBytes = (bytes: Uint8Array): BlobId => fromBytes(bytes, 'blob');
export const packIdFromBytes = (bytes: Uint8Array): PackId => fromBytes(bytes, 'pack');

function fromBytes<Kind extends string>(bytes: Uint8Array, kind: Kind): Id<Kind> {
  const text = encodeHex(bytes);
  return bytes.byteLength === idBytes ? (text as Id<Kind>) : parse(text, kind); // as many digits as an id
}

function parse<Kind extends string>(text: string, kind: Kind): Id<Kind> {
  if (!isStorageId(text)) {
    throw new SealiftError('format/json', `"${text.slice(0, 80)}" is not the id of a ${kind}`, {
      fields: { id: text.slice(0, 80), kind },
    });
  }
  return text as Id<Kind>; // checked above
}
