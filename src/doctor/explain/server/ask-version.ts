/** One question to a server: does it answer a hello that offers this version and nothing higher? */

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import net from 'node:net';
import { concatBytes } from '../../../base/bytes.ts';
import { systemCodeOf } from '../../../base/errors.ts';
import { type ClientHello, encodeClientHelloRecords } from '../../../tls/client-hello.ts';
import { extensionCode } from '../../../tls/extensions.ts';
import { handshakeType } from '../../../tls/records.ts';
import { readServerFlight, type ServerFlight } from '../../../tls/server-hello.ts';
import { encodeNumber, encodeNumbers, encodeVector } from '../../../tls/vectors.ts';
import { type TlsVersion, tls12, tls13 } from '../../../tls/versions.ts';

export type VersionAnswer =
  | { readonly kind: 'agreed'; readonly cipherSuite: number }
  /** It chose another version than the one that was asked for. */
  | { readonly kind: 'other'; readonly version: number }
  | { readonly kind: 'alert'; readonly alert: string; readonly code: number }
  /** Cut by force: what Windows calls 10054. */
  | { readonly kind: 'reset' }
  /** Closed without a word. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'silent' }
  /** The first bytes, as far as they can be printed. */
  | { readonly kind: 'not-tls'; readonly start: string };

export interface VersionReply {
  readonly version: TlsVersion;
  readonly answer: VersionAnswer;
  /** The first four bytes of the server's random: old stacks put their clock there (RFC 5246 §7.4.1.2). */
  readonly randomSeconds: number | undefined;
  /** How many certificates came in clear; undefined in TLS 1.3, which hides them. */
  readonly certificateCount: number | undefined;
  /** True when the server asked for a certificate in clear. */
  readonly asksForCertificate: boolean;
}

export interface Target {
  /** The address to connect to. */
  readonly address: string;
  readonly port: number;
  /** The name for SNI; an address sends none. */
  readonly host: string;
  readonly timeoutMs: number;
}

const maxAnswerBytes = 128 * 1024;
const certificateRequest = 13;
const x25519 = 0x001d;

/** What clients from Windows XP to today offer, so that a suite is rarely the reason for a refusal. */
const oldSuites = [
  0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x009e, 0x009f, 0xc009, 0xc013, 0xc00a, 0xc014,
  0xc023, 0xc027, 0x0033, 0x0039, 0x0067, 0x006b, 0x009c, 0x009d, 0x002f, 0x0035, 0x003c, 0x003d,
  0x000a, 0x0005,
];
const modernSuites = [0x1301, 0x1302, 0x1303];
const groups = [x25519, 0x0017, 0x0018, 0x0019, 0x0100];
const signatureSchemes = [
  0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201,
];

/** Sends one hello and reads the answer in clear; settles within the target's time. */
export function askVersion(target: Target, version: TlsVersion): Promise<VersionReply> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: target.address, port: target.port });
    let received: Uint8Array = new Uint8Array(0);
    const settle = (answer: VersionAnswer, flight?: ServerFlight): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ version, answer, ...clearFacts(flight) });
    };
    const end = (kind: 'closed' | 'reset' | 'silent'): void => {
      const flight = readServerFlight(received);
      if (received.byteLength === 0) settle({ kind });
      else settle(answerOf(flight, { version, received }) ?? { kind }, flight);
    };
    const timer = setTimeout(() => end('silent'), target.timeoutMs);
    socket.on('error', (error) => end(systemCodeOf(error) === 'ECONNRESET' ? 'reset' : 'closed'));
    socket.on('end', () => end('closed'));
    socket.on('data', (chunk: Buffer) => {
      received = concatBytes(received, chunk);
      const flight = readServerFlight(received);
      if (!isComplete(flight) && received.byteLength < maxAnswerBytes) return;
      settle(answerOf(flight, { version, received }) ?? { kind: 'silent' }, flight);
    });
    socket.write(encodeClientHelloRecords(makeHello(version, target.host)));
  });
}

/** Before TLS 1.3 the certificates follow the ServerHello in clear, and are worth waiting for. */
function isComplete(flight: ServerFlight): boolean {
  if (flight.kind === 'more') return false;
  if (flight.kind !== 'hello' || flight.hello.version === tls13) return true;
  return flight.messages.some(({ type }) => type === handshakeType.serverHelloDone);
}

function answerOf(
  flight: ServerFlight,
  { version, received }: { readonly version: TlsVersion; readonly received: Uint8Array },
): VersionAnswer | undefined {
  switch (flight.kind) {
    case 'more':
      return undefined;
    case 'alert':
      return { kind: 'alert', alert: flight.alert.name, code: flight.alert.code };
    case 'fault':
      return { kind: 'not-tls', start: startOf(received) };
    case 'hello': {
      const { hello } = flight;
      if (hello.version !== version) return { kind: 'other', version: hello.version };
      return { kind: 'agreed', cipherSuite: hello.cipherSuite };
    }
  }
}

function clearFacts(flight: ServerFlight | undefined): Omit<VersionReply, 'version' | 'answer'> {
  if (flight?.kind !== 'hello') {
    return { randomSeconds: undefined, certificateCount: undefined, asksForCertificate: false };
  }
  const { hello, messages } = flight;
  const { random } = hello;
  const certificate = messages.find(({ type }) => type === handshakeType.certificate);
  return {
    randomSeconds: new DataView(random.buffer, random.byteOffset, 4).getUint32(0),
    certificateCount: certificate === undefined ? undefined : countCertificates(certificate.body),
    asksForCertificate: messages.some(({ type }) => type === certificateRequest),
  };
}

/** Entries of a Certificate message before TLS 1.3: u24 of all, then u24 and DER of each (RFC 5246 §7.4.2). */
function countCertificates(body: Uint8Array): number {
  let count = 0;
  let offset = 3;
  while (offset + 3 <= body.byteLength) {
    const size =
      ((body[offset] ?? 0) << 16) | ((body[offset + 1] ?? 0) << 8) | (body[offset + 2] ?? 0);
    offset += 3 + size;
    count += 1;
  }
  return count;
}

function startOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 60)).toString('latin1');
  return text.replace(/[^\x20-\x7e]+/g, ' ').trim();
}

/** A hello that offers the version and nothing else (before TLS 1.3: nothing higher). */
function makeHello(version: TlsVersion, host: string): ClientHello {
  const modern = version === tls13;
  const extensions = [
    ...(net.isIP(host) === 0 ? [serverName(host)] : []),
    extension('supported_groups', encodeVector(2, encodeNumbers(groups, 2))),
    extension('ec_point_formats', encodeVector(1, encodeNumbers([0], 1))),
    ...(version >= tls12
      ? [extension('signature_algorithms', encodeVector(2, encodeNumbers(signatureSchemes, 2)))]
      : []),
    extension('extended_master_secret', new Uint8Array(0)),
    extension('renegotiation_info', new Uint8Array([0])),
    ...(modern ? modernExtensions() : []),
  ];
  return {
    form: 'tls',
    legacyVersion: Math.min(version, tls12),
    random: new Uint8Array(randomBytes(32)),
    sessionId: modern ? new Uint8Array(randomBytes(32)) : new Uint8Array(0),
    cipherSuites: modern ? modernSuites : oldSuites,
    compressionMethods: [0],
    extensions,
  };
}

function modernExtensions(): { type: number; data: Uint8Array }[] {
  const { publicKey } = generateKeyPairSync('x25519');
  const key = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32));
  const share = concatBytes(encodeNumber(x25519, 2), encodeVector(2, key));
  return [
    extension('supported_versions', encodeVector(1, encodeNumber(tls13, 2))),
    extension('psk_key_exchange_modes', encodeVector(1, encodeNumber(1, 1))),
    extension('key_share', encodeVector(2, share)),
  ];
}

function serverName(host: string): { type: number; data: Uint8Array } {
  const name = encodeVector(2, new TextEncoder().encode(host));
  return extension('server_name', encodeVector(2, new Uint8Array([0]), name));
}

function extension(
  name: keyof typeof extensionCode,
  data: Uint8Array,
): { type: number; data: Uint8Array } {
  return { type: extensionCode[name], data };
}
