/**
 * The record layer of TLS, as far as it travels in clear: headers, and alerts.
 *
 * | offset | size | field                          | source           |
 * | ------ | ---- | ------------------------------ | ---------------- |
 * | 0      | 1    | content type                   | RFC 8446 §5.1    |
 * | 1      | 2    | legacy record version 0x03xx   |                  |
 * | 3      | 2    | length of the fragment         | at most 2^14     |
 * | 5      | n    | fragment                       |                  |
 *
 * An alert is a fragment of two bytes: level (1 warning, 2 fatal), description (RFC 8446 §6).
 */

import type { AlertName } from './alerts.ts';
import { alertName, getAlert } from './alerts.ts';
import { sslv3, tls12 } from './versions.ts';

export const contentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

export const handshakeType = {
  clientHello: 1,
  serverHello: 2,
  certificate: 11,
  serverKeyExchange: 12,
  serverHelloDone: 14,
} as const;

export const recordHeaderSize = 5;
export const handshakeHeaderSize = 4;
/** RFC 8446 §5.1; a ciphertext may be up to 2048 bytes longer (RFC 5246 §6.2.3). */
export const maxFragmentSize = 0x4000;
export const maxCiphertextSize = maxFragmentSize + 2048;

const warningLevel = 1;
const fatalLevel = 2;
const alertSize = 2;

export interface RecordHeader {
  readonly type: number;
  readonly version: number;
  /** Size of the fragment that follows. */
  readonly size: number;
}

/** The header at an offset; undefined while its five bytes are not all there. Any values are accepted. */
export function readRecordHeader(bytes: Uint8Array, offset = 0): RecordHeader | undefined {
  if (bytes.byteLength - offset < recordHeaderSize) return undefined;
  return {
    type: bytes[offset] ?? 0,
    version: uint16At(bytes, offset + 1),
    size: uint16At(bytes, offset + 3),
  };
}

/** One record; a longer payload is split into several (RFC 8446 §5.1). */
export function encodeRecords(
  type: number,
  version: number,
  payload: Uint8Array,
  { fragmentSize = maxFragmentSize }: { readonly fragmentSize?: number } = {},
): Uint8Array {
  const count = Math.max(1, Math.ceil(payload.byteLength / fragmentSize));
  const records = new Uint8Array(payload.byteLength + count * recordHeaderSize);
  let target = 0;
  for (let index = 0; index < count; index += 1) {
    const fragment = payload.subarray(index * fragmentSize, (index + 1) * fragmentSize);
    const size = fragment.byteLength;
    records.set([type, version >> 8, version & 0xff, size >> 8, size & 0xff], target);
    records.set(fragment, target + recordHeaderSize);
    target += recordHeaderSize + size;
  }
  return records;
}

export interface Alert {
  readonly level: 'warning' | 'fatal';
  readonly code: number;
  /** The registry's name, or `alert 200`. */
  readonly name: string;
}

/**
 * The seven bytes of an alert.
 * @param options.version the hello's version field, whatever it is: capped at 0x0303, and at least
 *   0x0300, as OpenSSL answers
 */
export function encodeAlert(
  name: AlertName,
  {
    version = tls12,
    level = 'fatal',
  }: { readonly version?: number; readonly level?: Alert['level'] } = {},
): Uint8Array {
  const capped = Math.max(sslv3, Math.min(version, tls12));
  const levelByte = level === 'fatal' ? fatalLevel : warningLevel;
  return encodeRecords(contentType.alert, capped, new Uint8Array([levelByte, getAlert(name).code]));
}

/** An alert in clear at the start of the bytes; undefined if there is none, or not yet all of it. */
export function parseAlert(bytes: Uint8Array): Alert | undefined {
  const header = readRecordHeader(bytes);
  if (header?.type !== contentType.alert || header.size !== alertSize) return undefined;
  const level = bytes[recordHeaderSize];
  const code = bytes[recordHeaderSize + 1];
  if (level === undefined || code === undefined) return undefined;
  return { level: level === warningLevel ? 'warning' : 'fatal', code, name: alertName(code) };
}

export function uint16At(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

export function uint24At(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 16) | uint16At(bytes, offset + 1);
}
