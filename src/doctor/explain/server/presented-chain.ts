/** The certificates that a server shows, whether this machine trusts them, and the server's clock. */

import { hash, type X509Certificate } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import { messageOf, systemCodeOf } from '../../../base/errors.ts';
import type { Target } from './ask-version.ts';

export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** RFC 3339. */
  readonly validFrom: string;
  readonly validTo: string;
  /** As OpenSSL writes them: `DNS:a.example, IP Address:10.0.0.1`. */
  readonly names: string | undefined;
  /** `rsa 2048`, `ec prime256v1`. */
  readonly key: string;
  readonly sha256: string;
  /** It says where its issuer's certificate can be fetched, as those of public authorities do. */
  readonly namesIssuerAddress: boolean;
}

export type Handshake =
  | {
      readonly kind: 'done';
      readonly version: string;
      readonly cipher: string;
      /** The leaf first, then what could be joined to it. */
      readonly chain: readonly ShownCertificate[];
      readonly selfSigned: boolean;
      /** Undefined when the chain is trusted; else the code of the first objection. */
      readonly distrust: string | undefined;
      readonly nameFits: boolean;
      /** The last certificate of the chain is a root that Node brings along. */
      readonly publicRoot: boolean;
      /** What the Date field of an HTTP answer says. */
      readonly serverTimeMs: number | undefined;
      /** The server broke off after the handshake: it wanted a certificate. */
      readonly refusedAfter: string | undefined;
    }
  | { readonly kind: 'failed'; readonly code: string | undefined; readonly message: string };

const maxHeadBytes = 16 * 1024;
const maxChain = 10;

/**
 * A whole handshake as Node does it, and one HTTP request over it; settles within twice the time.
 * @param tunnel a connection to the target that is open already
 */
export function shakeHands(
  target: Target,
  ca: readonly string[],
  tunnel?: net.Socket,
): Promise<Handshake> {
  return new Promise((resolve) => {
    const socket = tls.connect({
      ...(tunnel === undefined ? { host: target.address, port: target.port } : { socket: tunnel }),
      ...(net.isIP(target.host) === 0 ? { servername: target.host } : {}),
      // The certificate is judged below, where the answer is more than yes or no.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
      ca: trustedRoots(ca),
    });
    let facts: Extract<Handshake, { kind: 'done' }> | undefined;
    let head = '';
    let settled = false;
    const settle = (error?: unknown): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      socket.destroy();
      tunnel?.destroy();
      resolve(facts === undefined ? failed(error) : finished(facts, { head, error }));
    };
    let timer = setTimeout(settle, target.timeoutMs, new Error('timeout'));
    socket.on('error', settle);
    socket.on('end', () => settle());
    socket.on('close', () => settle());
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      timer = setTimeout(settle, target.timeoutMs);
      facts = factsOf(socket, target.host);
      socket.write(
        `HEAD / HTTP/1.1\r\nHost: ${target.host}\r\nUser-Agent: sealift\r\nConnection: close\r\n\r\n`,
      );
    });
    socket.on('data', (chunk: Buffer) => {
      head += chunk.toString('latin1');
      if (head.includes('\r\n\r\n') || head.length > maxHeadBytes) settle();
    });
  });
}

/** Roots of Node, of the machine where Node can read them, and those given. */
function trustedRoots(extra: readonly string[]): string[] {
  const system = 'getCACertificates' in tls ? tls.getCACertificates('system') : [];
  return [...tls.rootCertificates, ...system, ...extra];
}

function factsOf(socket: tls.TLSSocket, host: string): Extract<Handshake, { kind: 'done' }> {
  const chain = chainOf(socket.getPeerX509Certificate());
  const [leaf] = chain;
  const last = chain.at(-1);
  // Node types this as an Error; it is the code of OpenSSL's verification.
  const objection: unknown = socket.authorizationError;
  return {
    kind: 'done',
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    chain: chain.map(shown),
    selfSigned: chain.length === 1 && leaf?.subject === leaf?.issuer,
    distrust: socket.authorized || objection == null ? undefined : String(objection),
    nameFits: leaf !== undefined && fits(leaf, host),
    publicRoot: last !== undefined && bundledRoots().has(last.fingerprint256),
    serverTimeMs: undefined,
    refusedAfter: undefined,
  };
}

function chainOf(leaf: X509Certificate | undefined): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = leaf;
  while (next !== undefined && chain.length < maxChain) {
    const fingerprint = next.fingerprint256;
    if (chain.some((known) => known.fingerprint256 === fingerprint)) break;
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

function shown(certificate: X509Certificate): ShownCertificate {
  const { asymmetricKeyType = 'unknown', asymmetricKeyDetails } = certificate.publicKey;
  const size = asymmetricKeyDetails?.modulusLength ?? asymmetricKeyDetails?.namedCurve;
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(certificate.validTo).toISOString(),
    names: certificate.subjectAltName,
    key: size === undefined ? asymmetricKeyType : `${asymmetricKeyType} ${size}`,
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    namesIssuerAddress: /CA Issuers/.test(certificate.infoAccess ?? ''),
  };
}

/** `C=US, O=Example, CN=a.example`, from one part a line. */
function oneLine(name: string | undefined): string {
  return (name ?? '').trim().split('\n').join(', ');
}

function fits(leaf: X509Certificate, host: string): boolean {
  const found = net.isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host);
  return found !== undefined;
}

let fingerprints: ReadonlySet<string> | undefined;

/** SHA-256 of each root that Node brings; computed once, since it takes some milliseconds. */
function bundledRoots(): ReadonlySet<string> {
  fingerprints ??= new Set(tls.rootCertificates.map((pem) => fingerprintOf(pem)));
  return fingerprints;
}

function fingerprintOf(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return (hash('sha256', der).match(/../g) ?? []).join(':').toUpperCase();
}

function failed(error: unknown): Handshake {
  const message = error === undefined ? 'closed' : messageOf(error).replace(/\s+/g, ' ').trim();
  return { kind: 'failed', code: systemCodeOf(error), message };
}

function finished(
  facts: Extract<Handshake, { kind: 'done' }>,
  { head, error }: { readonly head: string; readonly error: unknown },
): Handshake {
  const date = /^date:\s*(.+?)\s*$/im.exec(head)?.[1];
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return {
    ...facts,
    serverTimeMs: Number.isNaN(time) ? undefined : time,
    refusedAfter: error === undefined || head !== '' ? undefined : systemCodeOf(error),
  };
}
