/** Signature schemes of TLS 1.3, and the (hash, signature) pairs of TLS 1.2 that share their codes. */

import { formatCode } from './versions.ts';

/** The kind of key that makes the signature. `rsa-pss` is a key limited to PSS by its certificate. */
export type SignatureKey =
  | 'rsa'
  | 'rsa-pss'
  | 'ecdsa'
  | 'dsa'
  | 'ed25519'
  | 'ed448'
  | 'ml-dsa'
  | 'sm2';

export interface SignatureScheme {
  readonly code: number;
  readonly name: string;
  readonly key: SignatureKey;
  /** undefined where the algorithm hashes on its own. */
  readonly hash: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | 'sm3' | undefined;
  /** The group of the only curve it may be used with in TLS 1.3. */
  readonly curve: number | undefined;
  /** May sign a handshake of TLS 1.3 (PKCS#1 v1.5 and SHA-1 are for certificates only, RFC 8446 §4.2.3). */
  readonly inTls13: boolean;
  /** May sign a handshake of TLS 1.2. */
  readonly inTls12: boolean;
}

/** Source: IANA TLS SignatureScheme; RFC 8446 §4.2.3, RFC 8734, RFC 5246 §7.4.1.4.1, draft-ietf-tls-mldsa. */
export const signatureSchemeTable = [
  old(0x0101, 'rsa_md5', 'rsa', 'md5'),
  old(0x0201, 'rsa_pkcs1_sha1', 'rsa', 'sha1'),
  old(0x0202, 'dsa_sha1', 'dsa', 'sha1'),
  old(0x0203, 'ecdsa_sha1', 'ecdsa', 'sha1'),
  old(0x0301, 'rsa_pkcs1_sha224', 'rsa', 'sha224'),
  old(0x0302, 'dsa_sha224', 'dsa', 'sha224'),
  old(0x0303, 'ecdsa_sha224', 'ecdsa', 'sha224'),
  old(0x0401, 'rsa_pkcs1_sha256', 'rsa', 'sha256'),
  old(0x0402, 'dsa_sha256', 'dsa', 'sha256'),
  ecdsa(0x0403, 'ecdsa_secp256r1_sha256', 'sha256', 0x0017),
  old(0x0501, 'rsa_pkcs1_sha384', 'rsa', 'sha384'),
  old(0x0502, 'dsa_sha384', 'dsa', 'sha384'),
  ecdsa(0x0503, 'ecdsa_secp384r1_sha384', 'sha384', 0x0018),
  old(0x0601, 'rsa_pkcs1_sha512', 'rsa', 'sha512'),
  old(0x0602, 'dsa_sha512', 'dsa', 'sha512'),
  ecdsa(0x0603, 'ecdsa_secp521r1_sha512', 'sha512', 0x0019),
  { ...modern(0x0708, 'sm2sig_sm3', 'sm2', 'sm3'), curve: 0x0029, inTls12: false },
  modern(0x0804, 'rsa_pss_rsae_sha256', 'rsa', 'sha256'),
  modern(0x0805, 'rsa_pss_rsae_sha384', 'rsa', 'sha384'),
  modern(0x0806, 'rsa_pss_rsae_sha512', 'rsa', 'sha512'),
  modern(0x0807, 'ed25519', 'ed25519', undefined),
  modern(0x0808, 'ed448', 'ed448', undefined),
  modern(0x0809, 'rsa_pss_pss_sha256', 'rsa-pss', 'sha256'),
  modern(0x080a, 'rsa_pss_pss_sha384', 'rsa-pss', 'sha384'),
  modern(0x080b, 'rsa_pss_pss_sha512', 'rsa-pss', 'sha512'),
  { ...ecdsa(0x081a, 'ecdsa_brainpoolP256r1tls13_sha256', 'sha256', 0x001f), inTls12: false },
  { ...ecdsa(0x081b, 'ecdsa_brainpoolP384r1tls13_sha384', 'sha384', 0x0020), inTls12: false },
  { ...ecdsa(0x081c, 'ecdsa_brainpoolP512r1tls13_sha512', 'sha512', 0x0021), inTls12: false },
  { ...modern(0x0904, 'mldsa44', 'ml-dsa', undefined), inTls12: false },
  { ...modern(0x0905, 'mldsa65', 'ml-dsa', undefined), inTls12: false },
  { ...modern(0x0906, 'mldsa87', 'ml-dsa', undefined), inTls12: false },
] as const satisfies readonly SignatureScheme[];

const byCode: ReadonlyMap<number, SignatureScheme> = new Map(
  signatureSchemeTable.map((scheme): [number, SignatureScheme] => [scheme.code, scheme]),
);

export function findSignatureScheme(code: number): SignatureScheme | undefined {
  return byCode.get(code);
}

export function findSignatureSchemeByName(name: string): SignatureScheme | undefined {
  return signatureSchemeTable.find((scheme) => scheme.name === name);
}

export function signatureSchemeName(code: number): string {
  return byCode.get(code)?.name ?? formatCode(code);
}

function old(
  code: number,
  name: string,
  key: SignatureKey,
  hash: SignatureScheme['hash'],
): SignatureScheme {
  return { code, name, key, hash, curve: undefined, inTls13: false, inTls12: true };
}

function ecdsa(
  code: number,
  name: string,
  hash: SignatureScheme['hash'],
  curve: number,
): SignatureScheme {
  return { code, name, key: 'ecdsa', hash, curve, inTls13: true, inTls12: true };
}

function modern(
  code: number,
  name: string,
  key: SignatureKey,
  hash: SignatureScheme['hash'],
): SignatureScheme {
  return { code, name, key, hash, curve: undefined, inTls13: true, inTls12: true };
}
