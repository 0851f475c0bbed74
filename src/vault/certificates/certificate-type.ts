/** Which kind of server certificate a file holds: what suites and signatures it can serve. */

import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { CertificateType } from '../../tls/certificate-types.ts';

const curveTypes: Readonly<Record<string, CertificateType>> = {
  prime256v1: 'ecdsa-p256',
  secp384r1: 'ecdsa-p384',
  secp521r1: 'ecdsa-p521',
};

/**
 * Of the first certificate of a chain (PEM); undefined for a key that no policy knows.
 * @throws Error when it is no certificate
 */
export function certificateTypeOf(chain: string): CertificateType | undefined {
  const { publicKey } = new X509Certificate(chain);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === 'ec') return curveTypes[details?.namedCurve ?? ''];
  return (['ed25519', 'ed448', 'rsa', 'rsa-pss'] as const).find((name) => name === type);
}

/** The same of a file; undefined also when it cannot be read. */
export async function readCertificateType(path: string): Promise<CertificateType | undefined> {
  try {
    return certificateTypeOf(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
