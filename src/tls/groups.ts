/** Named groups (key exchange): elliptic curves, finite fields, and the post-quantum hybrids. */

import type { TlsVersion } from './versions.ts';
import { formatCode, tls10, tls12, tls13 } from './versions.ts';

export type GroupKind = 'binary' | 'prime' | 'montgomery' | 'finite-field' | 'kem' | 'hybrid';

export interface Group {
  readonly code: number;
  /** IANA's name. */
  readonly name: string;
  /** What OpenSSL's group lists call it; undefined where OpenSSL 3.5 does not know it. */
  readonly openssl: string | undefined;
  readonly kind: GroupKind;
  /** Classical security in bits (NIST SP 800-57); the weaker part's for a hybrid is what counts today. */
  readonly bits: number;
  /** True only for the standard ML-KEM hybrids and ML-KEM itself, not for the Kyber drafts. */
  readonly postQuantum: boolean;
  readonly obsolete: boolean;
  readonly min: TlsVersion;
  readonly max: TlsVersion;
  /** Size of the client's and the server's key_exchange in bytes, where the size is fixed. */
  readonly clientShareSize: number | undefined;
  readonly serverShareSize: number | undefined;
}

/** Source: IANA TLS Supported Groups; RFC 8446 §4.2.7, RFC 8734, RFC 7919, draft-ietf-tls-ecdhe-mlkem. */
export const groupTable = [
  binary(0x0001, 'sect163k1', 80),
  binary(0x0002, 'sect163r1', 80),
  binary(0x0003, 'sect163r2', 80),
  binary(0x0004, 'sect193r1', 96),
  binary(0x0005, 'sect193r2', 96),
  binary(0x0006, 'sect233k1', 112),
  binary(0x0007, 'sect233r1', 112),
  binary(0x0008, 'sect239k1', 112),
  binary(0x0009, 'sect283k1', 128),
  binary(0x000a, 'sect283r1', 128),
  binary(0x000b, 'sect409k1', 192),
  binary(0x000c, 'sect409r1', 192),
  binary(0x000d, 'sect571k1', 256),
  binary(0x000e, 'sect571r1', 256),
  prime(0x000f, 'secp160k1', 80),
  prime(0x0010, 'secp160r1', 80),
  prime(0x0011, 'secp160r2', 80),
  prime(0x0012, 'secp192k1', 80),
  prime(0x0013, 'secp192r1', 80),
  prime(0x0014, 'secp224k1', 112),
  prime(0x0015, 'secp224r1', 112),
  prime(0x0016, 'secp256k1', 128),
  curve(0x0017, 'secp256r1', 'P-256', 'prime', 128, 65),
  curve(0x0018, 'secp384r1', 'P-384', 'prime', 192, 97),
  curve(0x0019, 'secp521r1', 'P-521', 'prime', 256, 133),
  brainpool(0x001a, 'brainpoolP256r1', 'brainpoolP256r1', 128, tls10, tls12, 65),
  brainpool(0x001b, 'brainpoolP384r1', 'brainpoolP384r1', 192, tls10, tls12, 97),
  brainpool(0x001c, 'brainpoolP512r1', 'brainpoolP512r1', 256, tls10, tls12, 129),
  curve(0x001d, 'x25519', 'X25519', 'montgomery', 128, 32),
  curve(0x001e, 'x448', 'X448', 'montgomery', 224, 56),
  brainpool(0x001f, 'brainpoolP256r1tls13', 'brainpoolP256r1tls13', 128, tls13, tls13, 65),
  brainpool(0x0020, 'brainpoolP384r1tls13', 'brainpoolP384r1tls13', 192, tls13, tls13, 97),
  brainpool(0x0021, 'brainpoolP512r1tls13', 'brainpoolP512r1tls13', 256, tls13, tls13, 129),
  unusual(0x0022, 'GC256A', 128),
  unusual(0x0023, 'GC256B', 128),
  unusual(0x0024, 'GC256C', 128),
  unusual(0x0025, 'GC256D', 128),
  unusual(0x0026, 'GC512A', 256),
  unusual(0x0027, 'GC512B', 256),
  unusual(0x0028, 'GC512C', 256),
  unusual(0x0029, 'curveSM2', 128),
  finiteField(0x0100, 'ffdhe2048', 112, 256),
  finiteField(0x0101, 'ffdhe3072', 128, 384),
  finiteField(0x0102, 'ffdhe4096', 152, 512),
  finiteField(0x0103, 'ffdhe6144', 176, 768),
  finiteField(0x0104, 'ffdhe8192', 200, 1024),
  mlkem(0x0200, 'MLKEM512', 'kem', 128, 800, 768),
  mlkem(0x0201, 'MLKEM768', 'kem', 192, 1184, 1088),
  mlkem(0x0202, 'MLKEM1024', 'kem', 256, 1568, 1568),
  mlkem(0x11eb, 'SecP256r1MLKEM768', 'hybrid', 128, 1249, 1153),
  mlkem(0x11ec, 'X25519MLKEM768', 'hybrid', 128, 1216, 1120),
  mlkem(0x11ed, 'SecP384r1MLKEM1024', 'hybrid', 192, 1665, 1665),
  { ...mlkem(0x11ee, 'curveSM2MLKEM768', 'hybrid', 128, 1249, 1153), openssl: undefined },
  kyberDraft(0x6399, 'X25519Kyber768Draft00'),
  kyberDraft(0x639a, 'SecP256r1Kyber768Draft00'),
  kyberDraft(0xfe30, 'X25519Kyber512Draft00'),
  kyberDraft(0xfe31, 'X25519Kyber768Draft00Old'),
  explicit(0xff01, 'arbitrary_explicit_prime_curves'),
  explicit(0xff02, 'arbitrary_explicit_char2_curves'),
] as const satisfies readonly Group[];

const byCode: ReadonlyMap<number, Group> = new Map(
  groupTable.map((group): [number, Group] => [group.code, group]),
);

const otherNames: Readonly<Record<string, string>> = {
  prime256v1: 'secp256r1',
  'p-256': 'secp256r1',
  'p-384': 'secp384r1',
  'p-521': 'secp521r1',
};

const byName: ReadonlyMap<string, Group> = new Map(
  groupTable.map((group): [string, Group] => [group.name.toLowerCase(), group]),
);

export function findGroup(code: number): Group | undefined {
  return byCode.get(code);
}

/** By IANA's name or OpenSSL's (`P-256`, `prime256v1`, `X25519`), whatever the case. */
export function findGroupByName(name: string): Group | undefined {
  const wanted = name.trim().toLowerCase();
  return byName.get(otherNames[wanted] ?? wanted);
}

/** IANA's name, or the code in hexadecimal. */
export function groupName(code: number): string {
  return byCode.get(code)?.name ?? formatCode(code);
}

function binary(code: number, name: string, bits: number): Group {
  return legacy(code, name, name, 'binary', bits);
}

function prime(code: number, name: string, bits: number): Group {
  const opensslNames: Readonly<Record<string, string>> = { secp192r1: 'P-192', secp224r1: 'P-224' };
  return legacy(code, name, opensslNames[name] ?? name, 'prime', bits);
}

function legacy(
  code: number,
  name: string,
  openssl: string | undefined,
  kind: GroupKind,
  bits: number,
): Group {
  return {
    ...{ code, name, openssl, kind, bits, postQuantum: false, obsolete: true },
    ...{ min: tls10, max: tls12, clientShareSize: undefined, serverShareSize: undefined },
  };
}

function curve(
  code: number,
  name: string,
  openssl: string,
  kind: GroupKind,
  bits: number,
  size: number,
): Group {
  return {
    ...{ code, name, openssl, kind, bits, postQuantum: false, obsolete: false },
    ...{ min: tls10, max: tls13, clientShareSize: size, serverShareSize: size },
  };
}

function brainpool(
  code: number,
  name: string,
  openssl: string,
  bits: number,
  min: TlsVersion,
  max: TlsVersion,
  size: number,
): Group {
  return { ...curve(code, name, openssl, 'prime', bits, size), min, max };
}

function unusual(code: number, name: string, bits: number): Group {
  return {
    ...{ code, name, openssl: undefined, kind: 'prime', bits, postQuantum: false, obsolete: false },
    ...{ min: tls12, max: tls13, clientShareSize: undefined, serverShareSize: undefined },
  };
}

function finiteField(code: number, name: string, bits: number, size: number): Group {
  return curve(code, name, name, 'finite-field', bits, size);
}

function mlkem(
  code: number,
  name: string,
  kind: GroupKind,
  bits: number,
  clientShareSize: number,
  serverShareSize: number,
): Group {
  return {
    ...{ code, name, openssl: name, kind, bits, postQuantum: true, obsolete: false },
    ...{ min: tls13, max: tls13, clientShareSize, serverShareSize },
  };
}

function kyberDraft(code: number, name: string): Group {
  return {
    ...{ code, name, openssl: undefined, kind: 'hybrid', bits: 128, postQuantum: false },
    ...{ obsolete: true, min: tls13, max: tls13 },
    ...{ clientShareSize: undefined, serverShareSize: undefined },
  };
}

function explicit(code: number, name: string): Group {
  return legacy(code, name, undefined, 'prime', 0);
}
