/**
 * ClientHello: the message (RFC 8446 §4.1.2) and its SSLv2-compatible form (RFC 5246 appendix E.2).
 *
 * | field                      | size              |
 * | -------------------------- | ----------------- |
 * | legacy_version             | 2                 |
 * | random                     | 32                |
 * | legacy_session_id          | 1 + 0..32         |
 * | cipher_suites              | 2 + 2..2^16-2     |
 * | legacy_compression_methods | 1 + 1..255        |
 * | extensions                 | 2 + n, may be absent altogether |
 *
 * SSLv2 form, after its two bytes of length:
 *
 * | offset | size  | field                                                |
 * | ------ | ----- | ---------------------------------------------------- |
 * | 0      | 1     | 1 = client hello                                     |
 * | 1      | 2     | version: 0x0002, or what a newer client really speaks |
 * | 3,5,7  | 2 × 3 | sizes of cipher specs, session id, challenge         |
 * | 9      |       | cipher specs of 3 bytes, session id, challenge       |
 */

import { ByteReader, concatBytes } from '../base/bytes.ts';
import type { AlertName } from './alerts.ts';
import { renegotiationScsv } from './cipher-suites.ts';
import { extensionCode, extensionName } from './extensions.ts';
import type { ExtensionFields } from './hello-extensions.ts';
import { noExtensionFields, parseExtensionFields } from './hello-extensions.ts';
import type { Offer } from './offer.ts';
import { makeOffer } from './offer.ts';
import { contentType, encodeRecords, handshakeType } from './records.ts';
import {
  asMalformed,
  encodeNumber,
  encodeNumbers,
  encodeVector,
  expectEnd,
  MalformedError,
  parseNumbers,
  readVector,
} from './vectors.ts';
import { isGrease, tls10 } from './versions.ts';

export const randomSize = 32;
const maxSessionIdSize = 32;
const sslv2KindSize = 3;

export interface RawExtension {
  readonly type: number;
  /** When parsed, a view of the message. */
  readonly data: Uint8Array;
}

/** The message as it is on the wire, GREASE and unknown extensions included. */
export interface ClientHello {
  readonly form: 'tls' | 'sslv2';
  readonly legacyVersion: number;
  /** 32 bytes; the challenge in the SSLv2 form. A view when parsed. */
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  /** Two-byte codes; in the SSLv2 form three-byte kinds. */
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: readonly number[];
  /** undefined when there is no extension block, which differs from an empty one. */
  readonly extensions: readonly RawExtension[] | undefined;
}

export interface ParsedClientHello extends ClientHello {
  readonly offer: Offer;
}

/** Why bytes are not a readable hello, with the alert that says so to a TLS client. */
export interface HelloFault {
  readonly kind:
    | 'http'
    | 'ssh'
    | 'proxy-protocol'
    | 'not-tls'
    | 'unexpected-message'
    | 'record-overflow'
    | 'too-long'
    | 'malformed'
    | 'illegal';
  /** undefined when the peer does not speak TLS. */
  readonly alert: AlertName | undefined;
  /** The field of the message that is wrong, for logs. */
  readonly field: string;
  readonly message: string;
}

export type ParseResult<T> =
  | { readonly kind: 'parsed'; readonly value: T }
  | { readonly kind: 'fault'; readonly fault: HelloFault };

/**
 * Reads the body of a ClientHello, without its handshake header.
 * @param body borrowed; the result holds views of it
 * @returns the hello, or a fault; never throws on any bytes
 */
export function parseClientHello(body: Uint8Array): ParseResult<ParsedClientHello> {
  return guarded(() => parseTlsForm(body));
}

/**
 * Reads an SSLv2-compatible hello.
 * @param body what follows its two bytes of length; borrowed
 */
export function parseSslv2Hello(body: Uint8Array): ParseResult<ParsedClientHello> {
  return guarded(() => parseSslv2Form(body));
}

function guarded<T>(parse: () => T): ParseResult<T> {
  try {
    return { kind: 'parsed', value: parse() };
  } catch (error) {
    return { kind: 'fault', fault: faultOf(asMalformed(error)) };
  }
}

/** The fault of a malformed message. */
export function faultOf(error: MalformedError): HelloFault {
  return {
    kind: error.alert === 'decode_error' ? 'malformed' : 'illegal',
    alert: error.alert,
    field: error.field,
    message: error.message,
  };
}

function parseTlsForm(body: Uint8Array): ParsedClientHello {
  const reader = new ByteReader(body);
  const legacyVersion = reader.uint16('legacy_version');
  const random = reader.bytes(randomSize, 'random');
  const sessionId = readVector(reader, 1, 'legacy_session_id');
  if (sessionId.byteLength > maxSessionIdSize) {
    throw new MalformedError('legacy_session_id', `has ${sessionId.byteLength} bytes`);
  }
  const suiteBytes = readVector(reader, 2, 'cipher_suites');
  if (suiteBytes.byteLength === 0) {
    throw new MalformedError('cipher_suites', 'is an empty list', 'illegal_parameter');
  }
  const cipherSuites = parseNumbers(suiteBytes, 2, 'cipher_suites');
  const compressionMethods = Array.from(readVector(reader, 1, 'legacy_compression_methods'));
  if (!compressionMethods.includes(0)) {
    throw new MalformedError(
      'legacy_compression_methods',
      'lacks the null method',
      'illegal_parameter',
    );
  }
  const extensions = reader.left === 0 ? undefined : parseExtensions(reader);
  const fields = extensions === undefined ? noExtensionFields : parseExtensionFields(extensions);
  const hello: ClientHello = {
    form: 'tls',
    ...{ legacyVersion, random, sessionId, cipherSuites, compressionMethods, extensions },
  };
  return { ...hello, offer: offerOf(hello, fields) };
}

function offerOf(hello: ClientHello, fields: ExtensionFields): Offer {
  const types = hello.extensions?.map((extension) => extension.type);
  return {
    form: 'tls',
    legacyVersion: hello.legacyVersion,
    sslv2Kinds: [],
    ...fields,
    cipherSuites: hello.cipherSuites.filter((code) => !isGrease(code)),
    compressionMethods: hello.compressionMethods,
    extensions: types?.filter((type) => !isGrease(type)),
    secureRenegotiation:
      fields.secureRenegotiation || hello.cipherSuites.includes(renegotiationScsv),
    grease: fields.grease || hello.cipherSuites.some(isGrease) || (types?.some(isGrease) ?? false),
  };
}

/** Splits an extension block; also that of a ServerHello. */
export function parseExtensions(reader: ByteReader): RawExtension[] {
  const block = new ByteReader(readVector(reader, 2, 'extensions'));
  expectEnd(reader, 'extensions');
  const extensions: RawExtension[] = [];
  const seen = new Set<number>();
  while (block.left > 0) {
    const type = block.uint16('extensions');
    const data = readVector(block, 2, extensionName(type));
    if (seen.has(type)) {
      throw new MalformedError(extensionName(type), 'is there twice', 'illegal_parameter');
    }
    if (seen.has(extensionCode.pre_shared_key)) {
      throw new MalformedError('pre_shared_key', 'is not the last extension', 'illegal_parameter');
    }
    seen.add(type);
    extensions.push({ type, data });
  }
  return extensions;
}

function parseSslv2Form(body: Uint8Array): ParsedClientHello {
  const reader = new ByteReader(body);
  reader.uint8('message type');
  const legacyVersion = reader.uint16('version');
  const kindsSize = reader.uint16('cipher specs');
  const sessionIdSize = reader.uint16('session id');
  const challengeSize = reader.uint16('challenge');
  if (kindsSize === 0 || kindsSize % sslv2KindSize !== 0) {
    throw new MalformedError('cipher specs', `have ${kindsSize} bytes`);
  }
  if (sessionIdSize > maxSessionIdSize) {
    throw new MalformedError('session id', `has ${sessionIdSize} bytes`);
  }
  const kinds = parseKinds(reader.bytes(kindsSize, 'cipher specs'));
  const sessionId = reader.bytes(sessionIdSize, 'session id');
  const random = reader.bytes(challengeSize, 'challenge');
  expectEnd(reader, 'SSLv2 hello');
  const cipherSuites = kinds.filter((kind) => kind <= 0xffff);
  return {
    form: 'sslv2',
    ...{ legacyVersion, random, sessionId, cipherSuites: kinds },
    ...{ compressionMethods: [0], extensions: undefined },
    offer: makeOffer({
      form: 'sslv2',
      legacyVersion,
      cipherSuites,
      sslv2Kinds: kinds.filter((kind) => kind > 0xffff),
      secureRenegotiation: cipherSuites.includes(renegotiationScsv),
    }),
  };
}

function parseKinds(bytes: Uint8Array): number[] {
  const kinds: number[] = [];
  const reader = new ByteReader(bytes);
  while (reader.left > 0) kinds.push(reader.uint24('cipher specs'));
  return kinds;
}

/** The body of a ClientHello, or of an SSLv2-form hello without its length. */
export function encodeClientHello(hello: ClientHello): Uint8Array {
  if (hello.form === 'sslv2') return encodeSslv2Body(hello);
  const fixed = concatBytes(
    encodeNumber(hello.legacyVersion, 2),
    hello.random,
    encodeVector(1, hello.sessionId),
    encodeVector(2, encodeNumbers(hello.cipherSuites, 2)),
    encodeVector(1, encodeNumbers(hello.compressionMethods, 1)),
  );
  if (hello.extensions === undefined) return fixed;
  return concatBytes(fixed, encodeVector(2, ...hello.extensions.map(encodeExtension)));
}

function encodeExtension(extension: RawExtension): Uint8Array {
  return concatBytes(encodeNumber(extension.type, 2), encodeVector(2, extension.data));
}

function encodeSslv2Body(hello: ClientHello): Uint8Array {
  const kinds = encodeNumbers(hello.cipherSuites, sslv2KindSize);
  return concatBytes(
    new Uint8Array([handshakeType.clientHello]),
    encodeNumbers(
      [hello.legacyVersion, kinds.byteLength, hello.sessionId.byteLength, hello.random.byteLength],
      2,
    ),
    ...[kinds, hello.sessionId, hello.random],
  );
}

/**
 * The hello as a client sends it: in records, or in the SSLv2 form with its length.
 * @param options.recordVersion of the first record; real clients send 0x0301
 * @param options.fragmentSize largest fragment, to split the hello over several records
 */
export function encodeClientHelloRecords(
  hello: ClientHello,
  options: { readonly recordVersion?: number; readonly fragmentSize?: number } = {},
): Uint8Array {
  const body = encodeClientHello(hello);
  if (hello.form === 'sslv2') {
    return concatBytes(encodeNumber(0x8000 | body.byteLength, 2), body);
  }
  const message = concatBytes(new Uint8Array([handshakeType.clientHello]), encodeVector(3, body));
  return encodeRecords(
    contentType.handshake,
    options.recordVersion ?? tls10,
    message,
    options.fragmentSize === undefined ? {} : { fragmentSize: options.fragmentSize },
  );
}
