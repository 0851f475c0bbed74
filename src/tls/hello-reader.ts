/**
 * Finds the ClientHello at the front of a connection, whatever way its bytes arrive: split over TCP
 * segments, over TLS records, or in the SSLv2 form. Bounded in bytes; time is the caller's business.
 * Work is linear in the bytes, however small the pieces.
 */

import { concatBytes } from '../base/bytes.ts';
import type { HelloFault, ParsedClientHello, ParseResult } from './client-hello.ts';
import { parseClientHello, parseSslv2Hello } from './client-hello.ts';
import {
  contentType,
  handshakeHeaderSize,
  handshakeType,
  maxFragmentSize,
  recordHeaderSize,
  uint16At,
  uint24At,
} from './records.ts';

/** More than ten times the longest hello seen in the field (a hybrid key share makes 2.3 KB). */
export const defaultHelloLimitBytes = 64 * 1024;

export type HelloProgress<Hello = ParsedClientHello> =
  | { readonly kind: 'more' }
  | {
      readonly kind: 'hello';
      readonly hello: Hello;
      /** Version field of the first record; 0 for the SSLv2 form. Says nothing about the client. */
      readonly recordVersion: number;
      /** Bytes up to the end of the record in which the hello ends; what follows is not the hello. */
      readonly size: number;
    }
  | { readonly kind: 'fault'; readonly fault: HelloFault };

const more: HelloProgress<never> = { kind: 'more' };
const sslv2HeaderSize = 2;
const sslv2LengthBit = 0x80;
const proxyV2Signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51] as const;

/** Plaintext protocols that arrive on TLS ports, by their first bytes. */
const plaintextOpenings: readonly (readonly [HelloFault['kind'], string])[] = [
  ...[
    'GET ',
    'POST ',
    'PUT ',
    'HEAD ',
    'OPTIONS ',
    'PATCH ',
    'DELETE ',
    'TRACE ',
    'CONNECT ',
    'PRI ',
  ].map((opening): readonly [HelloFault['kind'], string] => ['http', opening]),
  ['ssh', 'SSH-'],
  ['proxy-protocol', 'PROXY '],
  ['proxy-protocol', String.fromCharCode(...proxyV2Signature)],
];

/** Reads a whole hello from bytes that are all there; `more` when they are not. */
export function readClientHello(
  bytes: Uint8Array,
  { limitBytes = defaultHelloLimitBytes }: { readonly limitBytes?: number } = {},
): HelloProgress {
  return new ClientHelloReader({ limitBytes }).push(bytes);
}

/** How the two forms of a hello are parsed: the body of the TLS form, the SSLv2 form after its length. */
export interface HelloParsers<Hello> {
  tls(body: Uint8Array): ParseResult<Hello>;
  sslv2(body: Uint8Array): ParseResult<Hello>;
}

/** Collects the bytes of one connection until its hello is complete or cannot be one. */
export class HelloReader<Hello> {
  readonly #limitBytes: number;
  readonly #parsers: HelloParsers<Hello>;
  #buffer: Uint8Array = new Uint8Array(0);
  #size = 0;
  /** Where the next record begins. */
  #recordOffset = 0;
  #recordVersion = 0;
  /** Handshake bytes of the records before `#recordOffset`; empty while the first is not complete. */
  #fragments: Uint8Array[] = [];
  #fragmentsSize = 0;
  /** Size of the whole handshake message; 0 until its header is there. */
  #messageSize = 0;
  #settled: HelloProgress<Hello> = more;

  constructor(limitBytes: number, parsers: HelloParsers<Hello>) {
    this.#limitBytes = limitBytes;
    this.#parsers = parsers;
  }

  /** All bytes pushed so far; a view. Whoever serves the connection needs them again. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  /**
   * @param chunk kept, not copied, when it is the first; the hello's views may point into it
   * @returns the same answer for ever once it is not `more`; never throws
   */
  push(chunk: Uint8Array): HelloProgress<Hello> {
    this.#append(chunk);
    if (this.#settled.kind === 'more') {
      this.#settled = this.#advance();
      if (this.#settled.kind === 'more' && this.#size >= this.#limitBytes) {
        this.#settled = tooLong(`no complete hello in ${this.#size} bytes`);
      }
    }
    return this.#settled;
  }

  #append(chunk: Uint8Array): void {
    if (this.#size === 0) {
      this.#buffer = chunk;
      this.#size = chunk.byteLength;
      return;
    }
    const size = this.#size + chunk.byteLength;
    if (size > this.#buffer.byteLength) {
      const grown = new Uint8Array(Math.max(size, 2 * this.#buffer.byteLength));
      grown.set(this.bytes);
      this.#buffer = grown;
    }
    this.#buffer.set(chunk, this.#size);
    this.#size = size;
  }

  #advance(): HelloProgress<Hello> {
    const bytes = this.bytes;
    if (this.#recordOffset === 0) {
      const opening = readOpening(bytes);
      if (opening !== 'tls') return opening === 'sslv2' ? this.#readSslv2(bytes) : opening;
    }
    for (;;) {
      const offset = this.#recordOffset;
      const fault = checkRecordHeader(bytes, offset);
      if (fault !== undefined) return fault;
      if (bytes.byteLength - offset < recordHeaderSize) return more;
      const size = uint16At(bytes, offset + 3);
      const fragment = bytes.subarray(offset + recordHeaderSize, offset + recordHeaderSize + size);
      const refused = this.#readMessageHeader(fragment);
      if (refused !== undefined) return refused;
      if (fragment.byteLength < size) return more;
      if (offset === 0) this.#recordVersion = uint16At(bytes, 1);
      this.#recordOffset = offset + recordHeaderSize + size;
      const message = this.#takeFragment(fragment);
      if (message !== undefined) return this.#finish(message);
    }
  }

  /** Answers as soon as it is certain that this is not a hello, not when the rest is there. */
  #readMessageHeader(fragment: Uint8Array): HelloProgress<never> | undefined {
    if (this.#messageSize > 0) return undefined;
    const header = this.#fragmentsSize === 0 ? fragment : concatBytes(...this.#fragments, fragment);
    const type = header[0];
    if (type !== undefined && type !== handshakeType.clientHello) {
      return unexpected(`the first handshake message is of type ${type}`);
    }
    if (header.byteLength < handshakeHeaderSize) return undefined;
    const messageSize = handshakeHeaderSize + uint24At(header, 1);
    if (messageSize > this.#limitBytes) return tooLong(`a hello of ${messageSize} bytes`);
    this.#messageSize = messageSize;
    return undefined;
  }

  /** The handshake message, once all its fragments are there. */
  #takeFragment(fragment: Uint8Array): Uint8Array | undefined {
    this.#fragments.push(fragment);
    this.#fragmentsSize += fragment.byteLength;
    if (this.#messageSize === 0 || this.#fragmentsSize < this.#messageSize) return undefined;
    const whole = this.#fragments.length === 1 ? fragment : concatBytes(...this.#fragments);
    return whole.subarray(0, this.#messageSize);
  }

  #finish(message: Uint8Array): HelloProgress<Hello> {
    return this.#answer(
      this.#parsers.tls(message.subarray(handshakeHeaderSize)),
      this.#recordOffset,
    );
  }

  #readSslv2(bytes: Uint8Array): HelloProgress<Hello> {
    const size = sslv2HeaderSize + (uint16At(bytes, 0) & 0x7fff);
    if (size > this.#limitBytes) return tooLong(`an SSLv2-form hello of ${size} bytes`);
    if (bytes.byteLength < size) return more;
    return this.#answer(this.#parsers.sslv2(bytes.subarray(sslv2HeaderSize, size)), size);
  }

  #answer(parsed: ParseResult<Hello>, size: number): HelloProgress<Hello> {
    if (parsed.kind === 'fault') return parsed;
    return { kind: 'hello', hello: parsed.value, recordVersion: this.#recordVersion, size };
  }
}

/** Parses every hello anew, into all its parts. */
export class ClientHelloReader extends HelloReader<ParsedClientHello> {
  constructor({ limitBytes = defaultHelloLimitBytes }: { readonly limitBytes?: number } = {}) {
    super(limitBytes, { tls: parseClientHello, sslv2: parseSslv2Hello });
  }
}

/** What the first bytes say about the protocol. */
function readOpening(bytes: Uint8Array): 'tls' | 'sslv2' | HelloProgress<never> {
  const first = bytes[0];
  if (first === undefined) return more;
  if (first >= contentType.changeCipherSpec && first <= contentType.applicationData) {
    if (bytes.byteLength < 2) return more;
    return bytes[1] === 3 ? 'tls' : notTls(bytes);
  }
  if ((first & sslv2LengthBit) !== 0) {
    if (bytes.byteLength < 3) return more;
    return bytes[2] === handshakeType.clientHello ? 'sslv2' : notTls(bytes);
  }
  return readPlaintext(bytes);
}

function readPlaintext(bytes: Uint8Array): HelloProgress<never> {
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  for (const [kind, opening] of plaintextOpenings) {
    if (start.startsWith(opening)) {
      return {
        kind: 'fault',
        fault: { kind, alert: undefined, field: 'first bytes', message: `plaintext: ${kind}` },
      };
    }
    if (opening.startsWith(start)) return more;
  }
  return notTls(bytes);
}

function checkRecordHeader(bytes: Uint8Array, offset: number): HelloProgress<never> | undefined {
  const type = bytes[offset];
  if (type !== undefined && type !== contentType.handshake) {
    return unexpected(`a record of type ${type} instead of the hello`);
  }
  const major = bytes[offset + 1];
  if (major !== undefined && major !== 3) return notTls(bytes.subarray(offset));
  if (bytes.byteLength - offset < recordHeaderSize) return undefined;
  const size = uint16At(bytes, offset + 3);
  if (size > maxFragmentSize) {
    return fault('record-overflow', 'record_overflow', 'record', `a record of ${size} bytes`);
  }
  if (size === 0) return unexpected('a handshake record without content');
  return undefined;
}

function notTls(bytes: Uint8Array): HelloProgress<never> {
  const start = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  return fault('not-tls', undefined, 'first bytes', `not TLS: ${start}`);
}

function unexpected(message: string): HelloProgress<never> {
  return fault('unexpected-message', 'unexpected_message', 'record', message);
}

function tooLong(message: string): HelloProgress<never> {
  return fault('too-long', 'illegal_parameter', 'hello', message);
}

function fault(
  kind: HelloFault['kind'],
  alert: HelloFault['alert'],
  field: string,
  message: string,
): HelloProgress<never> {
  return { kind: 'fault', fault: { kind, alert, field, message } };
}
