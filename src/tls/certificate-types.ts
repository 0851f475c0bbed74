/** Types of server certificate, by their key: what each can authenticate and sign with. */

import type { SignatureKey } from './signature-schemes.ts';

export interface CertificateTypeEntry {
  readonly name: CertificateType;
  readonly key: SignatureKey;
  /** The group of an ECDSA key's curve. */
  readonly curve: number | undefined;
  /** The `authentication` of the suites before TLS 1.3 that it serves. */
  readonly authentication: 'RSA' | 'ECDSA';
  /** Can decrypt a premaster secret: static RSA key exchange. */
  readonly keyTransport: boolean;
}

export const certificateTypeTable = [
  ecdsa('ecdsa-p256', 0x0017),
  ecdsa('ecdsa-p384', 0x0018),
  ecdsa('ecdsa-p521', 0x0019),
  edwards('ed25519'),
  edwards('ed448'),
  { name: 'rsa', key: 'rsa', curve: undefined, authentication: 'RSA', keyTransport: true },
  { name: 'rsa-pss', key: 'rsa-pss', curve: undefined, authentication: 'RSA', keyTransport: false },
] as const satisfies readonly CertificateTypeEntry[];

export type CertificateType =
  | 'ecdsa-p256'
  | 'ecdsa-p384'
  | 'ecdsa-p521'
  | 'ed25519'
  | 'ed448'
  | 'rsa'
  | 'rsa-pss';

export const certificateTypes: readonly CertificateType[] = [
  'ecdsa-p256',
  'ecdsa-p384',
  'ecdsa-p521',
  'ed25519',
  'ed448',
  'rsa',
  'rsa-pss',
];

export function getCertificateType(name: CertificateType): CertificateTypeEntry {
  const entry = certificateTypeTable.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new RangeError(`no certificate type is called ${name}`);
  return entry;
}

function ecdsa(name: CertificateType, curve: number): CertificateTypeEntry {
  return { name, key: 'ecdsa', curve, authentication: 'ECDSA', keyTransport: false };
}

/** RFC 8422 §5.10: EdDSA keys serve the ECDSA suites of TLS 1.2. */
function edwards(name: 'ed25519' | 'ed448'): CertificateTypeEntry {
  return { name, key: name, curve: undefined, authentication: 'ECDSA', keyTransport: false };
}
