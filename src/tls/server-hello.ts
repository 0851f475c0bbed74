/**
 * ServerHello and HelloRetryRequest (RFC 8446 §4.1.3, §4.1.4), and the server's first flight as far
 * as a probe or a splice reads it in clear.
 *
 * | field              | size    |
 * | ------------------ | ------- |
 * | legacy_version     | 2       |
 * | random             | 32      |
 * | legacy_session_id  | 1 + n   |
 * | cipher_suite       | 2       |
 * | compression_method | 1       |
 * | extensions         | 2 + n, may be absent before TLS 1.3 |
 */

import { ByteReader, concatBytes, encodeHex } from '../base/bytes.ts';
import type { HelloFault, ParseResult, RawExtension } from './client-hello.ts';
import { faultOf, parseExtensions, randomSize } from './client-hello.ts';
import { extensionCode } from './extensions.ts';
import type { Alert } from './records.ts';
import {
  contentType,
  encodeRecords,
  handshakeHeaderSize,
  handshakeType,
  maxCiphertextSize,
  parseAlert,
  readRecordHeader,
  recordHeaderSize,
  uint16At,
  uint24At,
} from './records.ts';
import {
  asMalformed,
  encodeNumber,
  encodeVector,
  expectEnd,
  MalformedError,
  readVector,
} from './vectors.ts';
import { tls12 } from './versions.ts';

/** SHA-256 of "HelloRetryRequest", RFC 8446 §4.1.3. */
const retryRandom = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';
/** "DOWNGRD" and what follows it at the end of random, RFC 8446 §4.1.3. */
const downgradePrefix = '444f574e475244';

export interface ServerHello {
  /** What was negotiated: supported_versions if it is there, else the version field. */
  readonly version: number;
  readonly legacyVersion: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensions: readonly RawExtension[] | undefined;
  readonly helloRetryRequest: boolean;
  /** From key_share: the group of TLS 1.3, or the one that a HelloRetryRequest asks for. */
  readonly group: number | undefined;
  /** Index of the pre-shared key in TLS 1.3: the session was resumed. */
  readonly selectedPsk: number | undefined;
  /** Before TLS 1.3 only; one character for each byte. */
  readonly alpn: string | undefined;
  /** What the end of random says: the server could have done 1.3, or 1.2. */
  readonly downgrade: 'from-1.3' | 'from-1.2' | undefined;
  readonly secureRenegotiation: boolean;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
}

/**
 * Reads the body of a ServerHello, without its handshake header.
 * @param body borrowed; the result holds views of it
 * @returns the hello, or a fault; never throws on any bytes
 */
export function parseServerHello(body: Uint8Array): ParseResult<ServerHello> {
  try {
    return { kind: 'parsed', value: parseBody(body) };
  } catch (error) {
    return { kind: 'fault', fault: faultOf(asMalformed(error)) };
  }
}

function parseBody(body: Uint8Array): ServerHello {
  const reader = new ByteReader(body);
  const legacyVersion = reader.uint16('legacy_version');
  const random = reader.bytes(randomSize, 'random');
  const sessionId = readVector(reader, 1, 'legacy_session_id');
  const cipherSuite = reader.uint16('cipher_suite');
  const compressionMethod = reader.uint8('compression_method');
  const extensions = reader.left === 0 ? undefined : parseExtensions(reader);
  const find = (type: number): Uint8Array | undefined =>
    extensions?.find((extension) => extension.type === type)?.data;
  const randomHex = encodeHex(random);
  return {
    ...{ legacyVersion, random, sessionId, cipherSuite, compressionMethod, extensions },
    version:
      numberOf(find(extensionCode.supported_versions), 'supported_versions') ?? legacyVersion,
    helloRetryRequest: randomHex === retryRandom,
    group: groupOf(find(extensionCode.key_share)),
    selectedPsk: numberOf(find(extensionCode.pre_shared_key), 'pre_shared_key'),
    alpn: alpnOf(find(extensionCode.application_layer_protocol_negotiation)),
    downgrade: downgradeOf(randomHex),
    secureRenegotiation: find(extensionCode.renegotiation_info) !== undefined,
    extendedMasterSecret: find(extensionCode.extended_master_secret) !== undefined,
    encryptThenMac: find(extensionCode.encrypt_then_mac) !== undefined,
  };
}

function numberOf(data: Uint8Array | undefined, field: string): number | undefined {
  if (data === undefined) return undefined;
  if (data.byteLength !== 2) throw new MalformedError(field, `has ${data.byteLength} bytes`);
  return uint16At(data, 0);
}

function groupOf(data: Uint8Array | undefined): number | undefined {
  return data === undefined ? undefined : new ByteReader(data).uint16('key_share');
}

function alpnOf(data: Uint8Array | undefined): string | undefined {
  if (data === undefined) return undefined;
  const field = 'application_layer_protocol_negotiation';
  const outer = new ByteReader(data);
  const list = new ByteReader(readVector(outer, 2, field));
  expectEnd(outer, field);
  const protocol = readVector(list, 1, field);
  expectEnd(list, field);
  return Buffer.from(protocol).toString('latin1');
}

function downgradeOf(randomHex: string): ServerHello['downgrade'] {
  const end = randomHex.slice(-16);
  if (!end.startsWith(downgradePrefix)) return undefined;
  if (end.endsWith('01')) return 'from-1.3';
  return end.endsWith('00') ? 'from-1.2' : undefined;
}

/** A ServerHello in one record, for tests of what reads it. */
export function encodeServerHelloRecord(
  hello: Pick<
    ServerHello,
    'legacyVersion' | 'random' | 'sessionId' | 'cipherSuite' | 'compressionMethod' | 'extensions'
  >,
): Uint8Array {
  const blocks =
    hello.extensions?.map(({ type, data }) =>
      concatBytes(encodeNumber(type, 2), encodeVector(2, data)),
    ) ?? [];
  const body = concatBytes(
    encodeNumber(hello.legacyVersion, 2),
    hello.random,
    encodeVector(1, hello.sessionId),
    encodeNumber(hello.cipherSuite, 2),
    encodeNumber(hello.compressionMethod, 1),
    ...(hello.extensions === undefined ? [] : [encodeVector(2, ...blocks)]),
  );
  const message = concatBytes(new Uint8Array([handshakeType.serverHello]), encodeVector(3, body));
  return encodeRecords(contentType.handshake, Math.min(hello.legacyVersion, tls12), message);
}

export interface HandshakeMessage {
  readonly type: number;
  /** Without its header; a copy when the message spanned records. */
  readonly body: Uint8Array;
}

export type ServerFlight =
  /** Nothing decisive yet. */
  | { readonly kind: 'more' }
  | { readonly kind: 'alert'; readonly alert: Alert }
  | {
      readonly kind: 'hello';
      readonly hello: ServerHello;
      /** The messages in clear that follow the ServerHello and are complete so far. */
      readonly messages: readonly HandshakeMessage[];
    }
  | { readonly kind: 'fault'; readonly fault: HelloFault };

/**
 * Reads the server's answer to a hello from all bytes received so far. Warning alerts before the
 * ServerHello are passed over (a server may warn of an unknown name); never throws.
 */
export function readServerFlight(
  bytes: Uint8Array,
  { limitBytes = 256 * 1024 }: { readonly limitBytes?: number } = {},
): ServerFlight {
  const fragments: Uint8Array[] = [];
  let offset = 0;
  while (offset < Math.min(bytes.byteLength, limitBytes)) {
    const header = readRecordHeader(bytes, offset);
    const looksWrong = bytes[offset + 1] !== undefined && bytes[offset + 1] !== 3;
    if (looksWrong || (header !== undefined && header.size > maxCiphertextSize)) {
      return fragments.length > 0 ? flightOf(fragments) : notTls(bytes);
    }
    if (header === undefined) break;
    const end = offset + recordHeaderSize + header.size;
    if (end > bytes.byteLength) break;
    if (header.type === contentType.handshake) {
      fragments.push(bytes.subarray(offset + recordHeaderSize, end));
    } else if (header.type === contentType.alert && fragments.length === 0) {
      const alert = parseAlert(bytes.subarray(offset, end));
      if (alert?.level === 'fatal' || alert?.name === 'close_notify')
        return { kind: 'alert', alert };
    } else if (fragments.length > 0) {
      break; // Encrypted from here on.
    } else {
      return notTls(bytes);
    }
    offset = end;
  }
  if (fragments.length > 0) return flightOf(fragments);
  return offset >= limitBytes ? notTls(bytes) : { kind: 'more' };
}

function flightOf(fragments: readonly Uint8Array[]): ServerFlight {
  const messages = splitMessages(fragments.length === 1 ? fragments[0] : concatBytes(...fragments));
  const [first, ...rest] = messages;
  if (first === undefined) return { kind: 'more' };
  if (first.type !== handshakeType.serverHello) {
    return fault('unexpected_message', `the first handshake message is of type ${first.type}`);
  }
  const parsed = parseServerHello(first.body);
  if (parsed.kind === 'fault') return parsed;
  return { kind: 'hello', hello: parsed.value, messages: rest };
}

function splitMessages(bytes: Uint8Array = new Uint8Array(0)): HandshakeMessage[] {
  const messages: HandshakeMessage[] = [];
  let offset = 0;
  while (bytes.byteLength - offset >= handshakeHeaderSize) {
    const start = offset + handshakeHeaderSize;
    const end = start + uint24At(bytes, offset + 1);
    if (end > bytes.byteLength) break;
    messages.push({ type: bytes[offset] ?? 0, body: bytes.subarray(start, end) });
    offset = end;
  }
  return messages;
}

/**
 * The group of an ECDHE ServerKeyExchange (RFC 8422 §5.4), before TLS 1.3.
 * @returns undefined for DHE and for a curve that is not named
 */
export function serverKeyExchangeGroup(body: Uint8Array): number | undefined {
  const namedCurve = 3;
  return body[0] === namedCurve && body.byteLength >= 3 ? uint16At(body, 1) : undefined;
}

function notTls(bytes: Uint8Array): ServerFlight {
  const start = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  return {
    kind: 'fault',
    fault: {
      kind: 'not-tls',
      alert: undefined,
      field: 'first bytes',
      message: `not TLS: ${start}`,
    },
  };
}

function fault(alert: HelloFault['alert'], message: string): ServerFlight {
  return { kind: 'fault', fault: { kind: 'unexpected-message', alert, field: 'record', message } };
}
