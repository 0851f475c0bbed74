/** TLS's vectors: a length of one, two or three bytes, then that many bytes (RFC 8446 §3.4). */

import { ByteReader, concatBytes, ShortInputError } from '../base/bytes.ts';

/** What makes a message unreadable; never leaves this room (the parsers turn it into a fault). */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
  readonly field: string;
  readonly alert: 'decode_error' | 'illegal_parameter' | 'unrecognized_name';

  constructor(field: string, message: string, alert: MalformedError['alert'] = 'decode_error') {
    super(`${field}: ${message}`);
    this.field = field;
    this.alert = alert;
  }
}

/** The error as a MalformedError; anything that is not about the input goes on as it was. */
export function asMalformed(error: unknown): MalformedError {
  if (error instanceof MalformedError) return error;
  if (error instanceof ShortInputError) return new MalformedError(error.field, 'is cut short');
  throw error;
}

/** The content of a vector whose length takes `width` bytes; a view. */
export function readVector(reader: ByteReader, width: 1 | 2 | 3, field: string): Uint8Array {
  const size =
    width === 1 ? reader.uint8(field) : width === 2 ? reader.uint16(field) : reader.uint24(field);
  return reader.bytes(size, field);
}

export function expectEnd(reader: ByteReader, field: string): void {
  if (reader.left > 0) throw new MalformedError(field, `${reader.left} bytes are left over`);
}

/** The numbers of a payload that is one vector of one- or two-byte numbers, at least one. */
export function parseNumberList(
  payload: Uint8Array,
  width: 1 | 2,
  numberWidth: 1 | 2,
  field: string,
): number[] {
  const reader = new ByteReader(payload);
  const list = readVector(reader, width, field);
  expectEnd(reader, field);
  if (list.byteLength === 0) throw new MalformedError(field, 'is an empty list');
  return parseNumbers(list, numberWidth, field);
}

export function parseNumbers(list: Uint8Array, numberWidth: 1 | 2, field: string): number[] {
  if (numberWidth === 1) return Array.from(list);
  if (list.byteLength % 2 !== 0) throw new MalformedError(field, 'has an odd number of bytes');
  const numbers = new Array<number>(list.byteLength / 2);
  for (let index = 0; index < numbers.length; index += 1) {
    numbers[index] = ((list[index * 2] ?? 0) << 8) | (list[index * 2 + 1] ?? 0);
  }
  return numbers;
}

/** @throws RangeError when the content does not fit the width of its length */
export function encodeVector(width: 1 | 2 | 3, ...content: readonly Uint8Array[]): Uint8Array {
  const joined = concatBytes(...content);
  if (joined.byteLength >= 2 ** (8 * width)) {
    throw new RangeError(`${joined.byteLength} bytes do not fit a vector of ${width} length bytes`);
  }
  return concatBytes(encodeNumber(joined.byteLength, width), joined);
}

export function encodeNumber(value: number, width: 1 | 2 | 3): Uint8Array {
  const bytes = [value >> 16, value >> 8, value].slice(3 - width);
  return new Uint8Array(bytes.map((byte) => byte & 0xff));
}

export function encodeNumbers(numbers: readonly number[], width: 1 | 2 | 3): Uint8Array {
  return concatBytes(...numbers.map((number) => encodeNumber(number, width)));
}
