/** What a finished handshake agreed on, as far as Node shows it to a server. */

import type { TLSSocket } from 'node:tls';
import type { CipherSuite } from '../tls/cipher-suites.ts';
import { findCipherSuiteByName } from '../tls/cipher-suites.ts';
import type { Agreement } from '../tls/retirement/verdict.ts';
import { findVersionByName, tls13 } from '../tls/versions.ts';
import type { Negotiated } from './connection.ts';

const suites = new Map<string, CipherSuite | undefined>();
const versions = new Map<string, number>();

/**
 * @param agreed what was predicted: Node does not tell a server which scheme it signed with, so that
 *   of the prediction stands, if version and suite came as predicted
 */
export function readNegotiated(socket: TLSSocket, agreed: Agreement | undefined): Negotiated {
  const version = versionOf(socket.getProtocol() ?? '');
  const suite = suiteOf(socket.getCipher().standardName);
  const resumed = socket.isSessionReused();
  const isAsAgreed = agreed?.version === version && agreed.cipherSuite === suite?.code;
  const hasGroup = version === tls13 || (suite?.keyExchange === 'ECDHE' && !resumed);
  return {
    version,
    cipherSuite: suite?.code,
    group: hasGroup ? groupOf(socket, isAsAgreed ? agreed : undefined) : undefined,
    signatureScheme: isAsAgreed && !resumed ? agreed.signatureScheme : undefined,
    alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : undefined,
    resumed,
  };
}

function versionOf(name: string): number {
  const known = versions.get(name);
  if (known !== undefined) return known;
  const code = findVersionByName(name)?.code ?? 0;
  versions.set(name, code);
  return code;
}

function suiteOf(name: string): CipherSuite | undefined {
  if (!suites.has(name)) suites.set(name, findCipherSuiteByName(name));
  return suites.get(name);
}

const groups = new WeakMap<Agreement, number>();

/**
 * Encoding a session costs a fiftieth of a handshake, so it is done once for each agreement: the same
 * object stands for the same hello under the same policy, for which OpenSSL takes the same group.
 */
function groupOf(socket: TLSSocket, agreed: Agreement | undefined): number | undefined {
  const known = agreed && groups.get(agreed);
  if (known !== undefined) return known;
  const group = sessionGroup(socket.getSession());
  if (agreed !== undefined && group !== undefined) groups.set(agreed, group);
  return group;
}

/** SSL_SESSION_ASN1 of OpenSSL 3, ssl/ssl_asn1.c: `kex_group [19] EXPLICIT UINT32 OPTIONAL`. */
const groupTag = 0xb3;
const sequenceTag = 0x30;
const integerTag = 0x02;

/**
 * The group of the key exchange, from the encoded session: the only place where Node shows it to a
 * server (`getEphemeralKeyInfo` is for clients).
 * @returns undefined when the session does not say
 */
export function sessionGroup(session: Uint8Array | undefined): number | undefined {
  if (session?.[0] !== sequenceTag) return undefined;
  let [offset] = contentOf(session, 0);
  while (offset < session.byteLength) {
    const tag = session[offset];
    const [start, end] = contentOf(session, offset);
    if (tag === groupTag && session[start] === integerTag) {
      let value = 0;
      for (const byte of session.subarray(start + 2, end)) value = value * 256 + byte;
      return value;
    }
    offset = end;
  }
  return undefined;
}

/** Where the content of a DER element begins and ends; X.690 §8.1.3. */
function contentOf(bytes: Uint8Array, offset: number): readonly [start: number, end: number] {
  const first = bytes[offset + 1] ?? 0;
  if (first < 0x80) return [offset + 2, offset + 2 + first];
  const count = first & 0x7f;
  let size = 0;
  for (let index = 0; index < count; index += 1)
    size = size * 256 + (bytes[offset + 2 + index] ?? 0);
  const start = offset + 2 + count;
  return [start, start + size];
}
