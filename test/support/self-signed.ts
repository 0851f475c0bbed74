/** Self-signed certificates of each key type, made when a test runs, for servers nobody verifies. */

import { createPrivateKey, webcrypto } from 'node:crypto';
import type { CertificateType } from '../../src/tls/certificate-types.ts';
import * as x509 from '../../src/vault/certificates/x509.ts';

const dayMs = 86_400_000;

/** Web Crypto's parameters for the key types that it can make. */
const algorithms = {
  'ecdsa-p256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'ecdsa-p384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
} as const satisfies Partial<Record<CertificateType, object>>;

export type SelfSignedType = keyof typeof algorithms;

/** PEM of a certificate for localhost and of its private key. */
export async function makeSelfSigned(
  type: SelfSignedType,
): Promise<{ readonly cert: string; readonly key: string }> {
  const algorithm = algorithms[type];
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: 'CN=localhost',
      notBefore: new Date(Date.now() - dayMs),
      notAfter: new Date(Date.now() + dayMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
          true,
        ),
      ],
    },
    // The library's types are of another Web Crypto declaration.
    webcrypto as never,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return {
    cert: certificate.toString('pem'),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
