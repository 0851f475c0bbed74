/**
 * The vault's own certificate authority: it signs the server's certificate and those of enrolled
 * clients. Keys are ECDSA on P-256, which every TLS 1.2 client of today can verify.
 */

import { createHash, X509Certificate as NodeCertificate, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { messageOf, SealiftError } from '../../base/errors.ts';
import type { Clock } from '../../base/time.ts';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from './x509.ts';

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const rsaKeyAlgorithm = {
  ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048 },
  publicExponent: new Uint8Array([1, 0, 1]),
};
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' };
const dayMs = 86_400_000;
const caLifeMs = 3650 * dayMs;
/** Life of server and client certificates; each is renewed when a third of it is left. */
export const leafLifeMs = 90 * dayMs;
/** A certificate begins a little in the past, for clients whose clock is behind. */
const backdateMs = 60 * 60_000;

/** ECDSA on P-256, or RSA with 2048 bits. */
export type ServerKeyType = 'ecdsa' | 'rsa';

/** A certificate and its private key, both PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

export async function createAuthority(clock: Clock): Promise<KeyedCertificate> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  const name = `Sealift vault ${newSerial().slice(0, 8)}`;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [name] }],
    ...validity(clock, caLifeMs),
    keys,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pemText(certificate), key: await exportKey(keys.privateKey) };
}

/**
 * @param names DNS names and IP addresses for the subject alternative name
 * @param keyType the authority signs with ECDSA either way
 */
export async function issueServerCertificate(
  authority: KeyedCertificate,
  {
    names,
    keyType = 'ecdsa',
    clock,
  }: { names: readonly string[]; keyType?: ServerKeyType; clock: Clock },
): Promise<KeyedCertificate> {
  const algorithm = keyType === 'rsa' ? rsaKeyAlgorithm : keyAlgorithm;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await sign(authority, {
    commonName: names[0] ?? 'localhost',
    publicKey: keys.publicKey,
    usage: ExtendedKeyUsage.serverAuth,
    // Static RSA key exchange, where a policy still admits it, decrypts with this key.
    keyUsage:
      keyType === 'rsa'
        ? KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment
        : KeyUsageFlags.digitalSignature,
    names,
    clock,
  });
  return { certificate, key: await exportKey(keys.privateKey) };
}

/**
 * Signs a client's request. Only its public key is taken over; the name is the invitation's.
 * @throws SealiftError `agent/enrol-refused` unless the request is signed by its own key
 */
export async function issueClientCertificate(
  authority: KeyedCertificate,
  { request, name, clock }: { request: string; name: string; clock: Clock },
): Promise<string> {
  const publicKey = await checkCertificateRequest(request);
  return sign(authority, {
    commonName: name,
    publicKey,
    usage: ExtendedKeyUsage.clientAuth,
    keyUsage: KeyUsageFlags.digitalSignature,
    names: [],
    clock,
  });
}

/** A new private key and a request for a certificate over it, both PEM. */
export async function createCertificateRequest(
  name: string,
): Promise<{ key: string; request: string }> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm,
  });
  return { key: await exportKey(keys.privateKey), request: `${request.toString('pem')}\n` };
}

export interface CertificateFacts {
  readonly serial: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  readonly commonName: string;
  readonly names: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** What is needed to know of a PEM certificate (the first of a chain). */
export function readCertificate(pem: string): CertificateFacts {
  const certificate = new NodeCertificate(pem);
  const names = (certificate.subjectAltName ?? '').split(', ').flatMap((entry) => {
    const value = entry.slice(entry.indexOf(':') + 1);
    return value === '' ? [] : [value];
  });
  return {
    serial: certificate.serialNumber.toLowerCase(),
    fingerprint: fingerprintOf(certificate.raw),
    commonName: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '',
    names,
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
  };
}

export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex');
}

/** True when less than a third of a certificate's life is left. */
export function isRenewalDue(facts: CertificateFacts, nowMs: number): boolean {
  return facts.notAfterMs - nowMs < (facts.notAfterMs - facts.notBeforeMs) / 3;
}

/** The PEM certificates of a chain file, in order. */
export function splitChain(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/**
 * The public key of a PEM request for a certificate.
 * @throws SealiftError `agent/enrol-refused` unless it is ECDSA on P-256 and has signed the request
 */
export async function checkCertificateRequest(request: string): Promise<webcrypto.CryptoKey> {
  try {
    const parsed = new Pkcs10CertificateRequest(request);
    const algorithm = parsed.publicKey.algorithm as { name: string; namedCurve?: string };
    if (algorithm.name !== 'ECDSA' || algorithm.namedCurve !== 'P-256')
      throw new Error('its key is not ECDSA on P-256');
    if (!(await parsed.verify())) throw new Error('its signature does not verify');
    return (await parsed.publicKey.export()) as webcrypto.CryptoKey;
  } catch (error) {
    throw new SealiftError(
      'agent/enrol-refused',
      `the certificate request is refused: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

async function sign(
  authority: KeyedCertificate,
  leaf: {
    commonName: string;
    publicKey: webcrypto.CryptoKey;
    usage: string;
    keyUsage: number;
    names: readonly string[];
    clock: Clock;
  },
): Promise<string> {
  const issuer = new X509Certificate(authority.certificate);
  const issuerKey = await importKey(authority.key);
  const names = leaf.names.map((value) => ({
    type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
    value,
  }));
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [leaf.commonName] }],
    issuer: issuer.subjectName,
    ...validity(leaf.clock, leafLifeMs),
    publicKey: leaf.publicKey,
    signingKey: issuerKey,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(leaf.keyUsage, true),
      new ExtendedKeyUsageExtension([leaf.usage]),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await SubjectKeyIdentifierExtension.create(leaf.publicKey),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
    ],
  });
  return pemText(certificate);
}

function validity(clock: Clock, lifeMs: number): { notBefore: Date; notAfter: Date } {
  const now = clock.now();
  return { notBefore: new Date(now - backdateMs), notAfter: new Date(now + lifeMs) };
}

/** 127 random bits, positive (RFC 5280 §4.1.2.2). */
function newSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

function pemText(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, keyAlgorithm, false, ['sign']);
}
