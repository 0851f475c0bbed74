/**
 * Default suites, curves and signature pairs of Schannel's client, and the subkeys of SCHANNEL that
 * take algorithms away. Source: Microsoft, "Cipher suites in Schannel" with the page of each version,
 * "TLS elliptic curves", KB245030; signature pairs from unmodified SYSTEM hives.
 */

import type { CipherSuite } from '../../tls/cipher-suites.ts';
import { findCipherSuiteByName } from '../../tls/cipher-suites.ts';
import { schannelSuites } from '../../tls/known-clients/schannel-suites.ts';
import type { SourceId } from './sources.ts';

interface SuitesRow {
  readonly from: number;
  readonly suites: readonly string[];
  readonly sources: readonly SourceId[];
}

const list1507 = [
  ...['ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  ...['ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'ECDHE_RSA_WITH_AES_128_CBC_SHA256'],
  ...['ECDHE_RSA_WITH_AES_256_CBC_SHA', 'ECDHE_RSA_WITH_AES_128_CBC_SHA'],
  ...['DHE_RSA_WITH_AES_256_GCM_SHA384', 'DHE_RSA_WITH_AES_128_GCM_SHA256'],
  ...['DHE_RSA_WITH_AES_256_CBC_SHA', 'DHE_RSA_WITH_AES_128_CBC_SHA'],
  ...['RSA_WITH_AES_256_GCM_SHA384', 'RSA_WITH_AES_128_GCM_SHA256'],
  ...['RSA_WITH_AES_256_CBC_SHA256', 'RSA_WITH_AES_128_CBC_SHA256'],
  ...['RSA_WITH_AES_256_CBC_SHA', 'RSA_WITH_AES_128_CBC_SHA'],
  ...['ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
  ...['ECDHE_ECDSA_WITH_AES_256_CBC_SHA384', 'ECDHE_ECDSA_WITH_AES_128_CBC_SHA256'],
  ...['ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'ECDHE_ECDSA_WITH_AES_128_CBC_SHA'],
  ...['DHE_DSS_WITH_AES_256_CBC_SHA256', 'DHE_DSS_WITH_AES_128_CBC_SHA256'],
  ...['DHE_DSS_WITH_AES_256_CBC_SHA', 'DHE_DSS_WITH_AES_128_CBC_SHA'],
  ...['RSA_WITH_3DES_EDE_CBC_SHA', 'DHE_DSS_WITH_3DES_EDE_CBC_SHA'],
  ...['RSA_WITH_RC4_128_SHA', 'RSA_WITH_RC4_128_MD5'],
].map((name) => `TLS_${name}`);

/** What XP and Server 2003 still share with anybody; their export suites matter to nobody. */
const listXp = [
  'TLS_RSA_WITH_RC4_128_MD5',
  'TLS_RSA_WITH_RC4_128_SHA',
  'TLS_RSA_WITH_3DES_EDE_CBC_SHA',
];

const suiteRows: readonly SuitesRow[] = [
  { from: 2600, suites: listXp, sources: ['msTlsp'] },
  { from: 6000, suites: schannelSuites.windows2008, sources: ['schannelSuites'] },
  { from: 7600, suites: schannelSuites.windows7, sources: ['schannelSuites'] },
  { from: 9200, suites: schannelSuites.windows2012, sources: ['schannelSuites'] },
  { from: 9600, suites: schannelSuites.windows81, sources: ['schannelSuites'] },
  { from: 10_240, suites: list1507, sources: ['schannelSuites'] },
  { from: 10_586, suites: schannelSuites.windows2016, sources: ['schannelSuites'] },
  {
    from: 15_063,
    suites: schannelSuites.windows2016.filter((name) => !name.startsWith('TLS_DHE_')),
    sources: ['schannelSuites'],
  },
  { from: 16_299, suites: schannelSuites.windows2019, sources: ['schannelSuites'] },
  { from: 19_045, suites: schannelSuites.windows10, sources: ['schannelSuites'] },
  { from: 20_348, suites: schannelSuites.windows2022, sources: ['schannelSuites'] },
  { from: 22_621, suites: schannelSuites.windows11, sources: ['schannelSuites'] },
];

/** Without KB3042058 (7 to 8) or KB2919355 (8.1) these are missing. */
const broughtByUpdate = new Set([
  'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_RSA_WITH_AES_128_GCM_SHA256',
]);

export function defaultSuites(
  build: number,
  { hasGcmUpdate }: { readonly hasGcmUpdate: boolean },
): readonly string[] {
  const row = suiteRows.findLast((entry) => build >= entry.from);
  const suites = row?.suites ?? [];
  if (hasGcmUpdate || build < 7600 || build > 9600) return suites;
  return suites.filter((name) => !broughtByUpdate.has(name));
}

/** Suites of a list as Windows spells it: before Windows 10 a curve may stand at the end of a name. */
export function parseSuiteName(name: string): CipherSuite | undefined {
  return findCipherSuiteByName(name.trim().replace(/_P(?:256|384|521)$/, ''));
}

/** Before Windows 10 an ECDHE suite is known only with its curve. */
export function isKnownSuiteName(name: string, build: number): boolean {
  return (
    build >= 10_240 || !/^TLS_ECDHE_/.test(name.trim()) || /_P(?:256|384|521)$/.test(name.trim())
  );
}

const secp256r1 = 0x0017;
const secp384r1 = 0x0018;
const secp521r1 = 0x0019;
const x25519 = 0x001d;

/** Source: Microsoft, "TLS elliptic curves in Windows 10 version 1607 and later" and its siblings. */
export function defaultGroups(build: number): readonly number[] {
  if (build < 6000) return [];
  return build >= 14_393 ? [x25519, secp256r1, secp384r1] : [secp256r1, secp384r1];
}

const groupNames: ReadonlyMap<string, number> = new Map([
  ['curve25519', x25519],
  ['nistp256', secp256r1],
  ['nistp384', secp384r1],
  ['nistp521', secp521r1],
  ['brainpoolp256r1', 0x001a],
  ['brainpoolp384r1', 0x001b],
  ['brainpoolp512r1', 0x001c],
  ['x25519_mlkem768', 0x11ec],
  ['secp256r1_mlkem768', 0x11eb],
  ['secp384r1_mlkem1024', 0x11ed],
]);

/** A name of EccCurves. */
export function parseCurveName(name: string): number | undefined {
  return groupNames.get(name.trim().toLowerCase());
}

/** The curves that the suffixes of a list before Windows 10 name. */
export function curvesOfSuffixes(names: readonly string[]): number[] {
  const suffixes = new Set(names.map((name) => /_(P\d{3})$/.exec(name.trim())?.[1]));
  const curves: readonly (readonly [string, number])[] = [
    ['P256', secp256r1],
    ['P384', secp384r1],
    ['P521', secp521r1],
  ];
  return curves.filter(([suffix]) => suffixes.has(suffix)).map(([, code]) => code);
}

const pairs = [0x0401, 0x0501, 0x0201, 0x0403, 0x0503, 0x0203, 0x0202];
const pairsWithSha512 = [0x0401, 0x0501, 0x0601, 0x0201, 0x0403, 0x0503, 0x0603, 0x0203, 0x0202];
const pairsWithPss = [0x0804, 0x0805, 0x0806, ...pairsWithSha512];

/** KB2973337 brings SHA-512 to 7 … 8.1; since Windows 10 it is on. */
export function defaultPairs(
  build: number,
  { hasSha512Update }: { readonly hasSha512Update: boolean },
): readonly number[] {
  if (build >= 19_041) return pairsWithPss;
  return build >= 10_240 || hasSha512Update ? pairsWithSha512 : pairs;
}

const pairNames: ReadonlyMap<string, number> = new Map([
  ['RSA/MD5', 0x0101],
  ['RSA/SHA1', 0x0201],
  ['RSA/SHA256', 0x0401],
  ['RSA/SHA384', 0x0501],
  ['RSA/SHA512', 0x0601],
  ['DSA/SHA1', 0x0202],
  ['ECDSA/SHA1', 0x0203],
  ['ECDSA/SHA256', 0x0403],
  ['ECDSA/SHA384', 0x0503],
  ['ECDSA/SHA512', 0x0603],
  ['RSAE-PSS/SHA256', 0x0804],
  ['RSAE-PSS/SHA384', 0x0805],
  ['RSAE-PSS/SHA512', 0x0806],
]);

/** A pair of `Local\SSL\00010003`: `RSA/SHA256`. */
export function parsePair(name: string): number | undefined {
  return pairNames.get(name.trim().toUpperCase());
}

interface AlgorithmSwitch {
  /** Below SCHANNEL; the slash belongs to the name. */
  readonly key: string;
  readonly takesAway: (suite: CipherSuite) => boolean;
  readonly sources: readonly SourceId[];
}

const kb: readonly SourceId[] = ['kb245030'];

/** Subkeys whose `Enabled` = 0 takes suites away. */
export const algorithmSwitches: readonly AlgorithmSwitch[] = [
  cipher('NULL', (suite) => suite.strength === 'null'),
  cipher('RC4 128/128', (suite) => suite.name.includes('_RC4_128_')),
  cipher('Triple DES 168', (suite) => suite.name.includes('_3DES_EDE_')),
  cipher('Triple DES 168/168', (suite) => suite.name.includes('_3DES_EDE_')),
  cipher('AES 128/128', (suite) => suite.name.includes('_AES_128_')),
  cipher('AES 256/256', (suite) => suite.name.includes('_AES_256_')),
  hash('MD5', (suite) => suite.name.endsWith('_MD5')),
  hash('SHA', (suite) => suite.name.endsWith('_SHA')),
  hash('SHA256', (suite) => suite.name.endsWith('_SHA256')),
  hash('SHA384', (suite) => suite.name.endsWith('_SHA384')),
  exchange('PKCS', (suite) => suite.keyExchange === 'RSA'),
  exchange('Diffie-Hellman', (suite) => suite.keyExchange === 'DHE'),
  exchange('ECDH', (suite) => suite.keyExchange === 'ECDHE'),
];

function cipher(name: string, takesAway: AlgorithmSwitch['takesAway']): AlgorithmSwitch {
  return { key: `Ciphers\\${name}`, takesAway, sources: kb };
}

function hash(name: string, takesAway: AlgorithmSwitch['takesAway']): AlgorithmSwitch {
  return { key: `Hashes\\${name}`, takesAway, sources: kb };
}

function exchange(name: string, takesAway: AlgorithmSwitch['takesAway']): AlgorithmSwitch {
  const sources: readonly SourceId[] = ['kb245030', 'azureDevOpsTls'];
  return { key: `KeyExchangeAlgorithms\\${name}`, takesAway, sources };
}

/** With the FIPS switch on, Schannel keeps to AES and 3DES with SHA, and to the NIST curves. */
export function isFipsSuite(suite: CipherSuite): boolean {
  return /_(?:AES|3DES_EDE)_/.test(suite.name) && !suite.name.endsWith('_MD5');
}

export function isFipsGroup(group: number): boolean {
  return group === secp256r1 || group === secp384r1 || group === secp521r1;
}

/** SCH_USE_STRONG_CRYPTO, which .NET's strong crypto passes, takes RC4 and weaker away. */
export function isStrongSuite(suite: CipherSuite): boolean {
  return !/_(?:RC4|DES|NULL)_/.test(suite.name);
}
