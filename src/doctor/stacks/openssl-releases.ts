/**
 * What differs between releases of OpenSSL in the hello that they send.
 * Sources: OpenSSL's CHANGES files of 1.1.1, 3.0, 3.1, 3.2, 3.5; hellos measured of 1.1.1, 3.0,
 * 3.1.2, 3.2.1 and 3.5.
 */

export interface OpensslRelease {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** The letter of 1.x releases: `w` in 1.1.1w. */
  readonly letter: string;
}

/** From `OpenSSL 3.0.22 25 Aug 2026`, `3.0.22`, `1.1.1k`, `1.1.1v+quic`; undefined for other text. */
export function parseOpensslVersion(text: string): OpensslRelease | undefined {
  const match = /(?:^|OpenSSL\s+|[^\d.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})([a-z]{0,2})(?![\d.])/.exec(
    text,
  );
  if (match === null || /LibreSSL|BoringSSL/i.test(text)) return undefined;
  const [, major, minor, patch, letter = ''] = match;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), letter };
}

export function isAtLeast(
  release: OpensslRelease,
  major: number,
  minor: number,
  patch = 0,
): boolean {
  const difference = release.major - major || release.minor - minor || release.patch - patch;
  return difference >= 0;
}

export interface OpensslTraits {
  readonly tls13: boolean;
  /** The security level that is compiled in; distributors raise it. */
  readonly securityLevel: number;
  /** Levels from 1 on leave out TLS 1.1 and older, which need SHA-1 (3.1). */
  readonly levelRemovesOldVersions: boolean;
  /** Security bits of SHA-1 in a signature: 80 before 3.0, then fewer than level 1 asks for. */
  readonly sha1Bits: number;
  /** CCM with a short tag counts as 64 bits (3.2). */
  readonly weakCcm8: boolean;
  readonly groups: string;
  /** Kinds of groups that a list may name beside the curves. */
  readonly finiteFieldGroups: boolean;
  readonly brainpool13: boolean;
  readonly mlKem: boolean;
  readonly signatureSchemes: readonly number[];
  /** The renegotiation extension in place of the signalling suite, unless TLS 1.0 is offered. */
  readonly renegotiationExtension: boolean;
}

const commonSchemes = [
  0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806, 0x0401,
  0x0501, 0x0601,
];
/** Of 1.1.0: by hash, then by key. */
const schemesOf110 = [
  0x0601, 0x0602, 0x0603, 0x0501, 0x0502, 0x0503, 0x0401, 0x0402, 0x0403, 0x0301, 0x0302, 0x0303,
  0x0201, 0x0202, 0x0203,
];
const oldSchemes = [0x0303, 0x0203, 0x0301, 0x0201, 0x0302, 0x0202, 0x0402, 0x0502, 0x0602];
const brainpoolSchemes = [0x081a, 0x081b, 0x081c];
const mlDsaSchemes = [0x0905, 0x0906, 0x0904];

/** Groups with `*` bring a key share; without any, the first does (SSL_CTX_set1_groups_list(3)). */
const groupsOf111 = 'X25519:P-256:X448:P-521:P-384';
const groupsOf30 = `${groupsOf111}:ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:ffdhe8192`;
const groupsOf35 = '*X25519MLKEM768 / *X25519:P-256 / X448:P-384:P-521 / ffdhe2048:ffdhe3072';

/** The traits of a release that was not changed by its distributor; undefined before 1.1.0. */
export function opensslTraits(release: OpensslRelease): OpensslTraits | undefined {
  if (!isAtLeast(release, 1, 1)) return undefined;
  const is = (major: number, minor: number, patch = 0): boolean =>
    isAtLeast(release, major, minor, patch);
  return {
    tls13: is(1, 1, 1),
    securityLevel: is(3, 2) ? 2 : 1,
    levelRemovesOldVersions: is(3, 1),
    sha1Bits: is(3, 0) ? 64 : 80,
    weakCcm8: is(3, 2),
    groups: is(3, 5) ? groupsOf35 : is(3, 0) ? groupsOf30 : groupsOf111,
    finiteFieldGroups: is(3, 0),
    brainpool13: is(3, 2),
    mlKem: is(3, 5),
    signatureSchemes: schemesOf(release),
    renegotiationExtension: is(3, 5),
  };
}

function schemesOf(release: OpensslRelease): number[] {
  if (!isAtLeast(release, 1, 1, 1)) return schemesOf110;
  if (!isAtLeast(release, 3, 2)) return [...commonSchemes, ...oldSchemes];
  const ecdsa = commonSchemes.slice(0, 5);
  const rest = commonSchemes.slice(5);
  const withBrainpool = [...ecdsa, ...brainpoolSchemes, ...rest, ...oldSchemes];
  return isAtLeast(release, 3, 5) ? [...mlDsaSchemes, ...withBrainpool] : withBrainpool;
}
