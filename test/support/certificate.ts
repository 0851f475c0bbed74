/** Certificates made when a test runs, so that none expires in the repository. */

import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '../../src/vault/certificates/x509.ts';

const signing = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;

export interface TestIdentity {
  /** PEM of the certificate, of its private key (PKCS #8), and of both one after the other. */
  readonly cert: string;
  readonly key: string;
  readonly pem: string;
}

export interface TestAuthority extends TestIdentity {
  /** A certificate for a server (its names) or a client, signed by this authority. */
  issue(options: IssueOptions): Promise<TestIdentity>;
}

export interface IssueOptions {
  readonly commonName: string;
  readonly use: 'server' | 'client';
  /** DNS names and IP addresses of a server; localhost, 127.0.0.1 and ::1 when left out. */
  readonly names?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** A certificate authority that lives as long as the test. */
export async function makeAuthority(commonName = 'Sealift Test CA'): Promise<TestAuthority> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: randomSerial(),
      name: `CN=${commonName}`,
      ...validity({}),
      signingAlgorithm: signing,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto as never),
      ],
    },
    webcrypto as never,
  );
  const identity = await toIdentity(certificate, keys.privateKey);
  return {
    ...identity,
    issue: (options) => issue(options, certificate, keys.privateKey),
  };
}

async function issue(
  options: IssueOptions,
  issuer: x509.X509Certificate,
  issuerKey: CryptoKey,
): Promise<TestIdentity> {
  const keys = await makeKeys();
  const server = options.use === 'server';
  const names = options.names ?? ['localhost', '127.0.0.1', '::1'];
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: randomSerial(),
      subject: `CN=${options.commonName}`,
      issuer: issuer.subject,
      ...validity(options),
      signingAlgorithm: signing,
      publicKey: keys.publicKey,
      signingKey: issuerKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          server ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
        ]),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto as never),
        ...(server ? [new x509.SubjectAlternativeNameExtension(names.map(generalName))] : []),
      ],
    },
    webcrypto as never,
  );
  return toIdentity(certificate, keys.privateKey);
}

function generalName(name: string): { type: 'ip' | 'dns'; value: string } {
  return { type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns', value: name };
}

function validity(options: Pick<IssueOptions, 'notBefore' | 'notAfter'>) {
  return {
    notBefore: options.notBefore ?? new Date(Date.now() - dayMs),
    notAfter: options.notAfter ?? new Date(Date.now() + dayMs),
  };
}

async function makeKeys() {
  return webcrypto.subtle.generateKey(signing, true, ['sign', 'verify']);
}

type CryptoKey = webcrypto.CryptoKey;

async function toIdentity(
  certificate: x509.X509Certificate,
  privateKey: CryptoKey,
): Promise<TestIdentity> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  const cert = `${certificate.toString('pem')}\n`;
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
  return { cert, key, pem: cert + key };
}

/** Positive 64-bit number in hexadecimal. */
function randomSerial(): string {
  return `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(7))).toString('hex')}`;
}
