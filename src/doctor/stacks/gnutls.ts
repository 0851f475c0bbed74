/**
 * The hello of GnuTLS 3.6.5 and later, predicted from its priority string and its system configuration.
 * Sources: GnuTLS manual, "Priority strings"; lib/priority.c; hellos measured of 3.7.9.
 */

import { cipherSuiteTable } from '../../tls/cipher-suite-table.ts';
import type { CipherSuite } from '../../tls/cipher-suites.ts';
import { findGroup, findGroupByName } from '../../tls/groups.ts';
import { makeOffer } from '../../tls/offer.ts';
import { signatureSchemeTable } from '../../tls/signature-schemes.ts';
import type { TlsVersion } from '../../tls/versions.ts';
import { tls10, tls11, tls12, tls13 } from '../../tls/versions.ts';
import type { StackOffer } from './stack-offer.ts';

export interface GnutlsInput {
  /** What programs use that set none: `@SYSTEM`, else `NORMAL`. */
  readonly priority: string;
  /** `[overrides]` of the configuration as `name = value`. */
  readonly overrides: readonly string[];
}

type Kind = 'VERS' | 'KX' | 'CIPHER' | 'MAC' | 'GROUP' | 'SIGN';
type Lists = Record<Kind, readonly string[]>;

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const normal: Lists = {
  VERS: words('TLS1.3 TLS1.2 TLS1.1 TLS1.0'),
  KX: words('ECDHE-ECDSA ECDHE-RSA RSA DHE-RSA'),
  CIPHER: words(
    'AES-256-GCM CHACHA20-POLY1305 AES-256-CCM AES-256-CBC AES-128-GCM AES-128-CCM AES-128-CBC',
  ),
  MAC: words('SHA1 AEAD'),
  GROUP: words(
    'SECP256R1 SECP384R1 SECP521R1 X25519 X448 FFDHE2048 FFDHE3072 FFDHE4096 FFDHE6144 FFDHE8192',
  ),
  SIGN: words(`RSA-SHA256 RSA-PSS-SHA256 RSA-PSS-RSAE-SHA256 ECDSA-SHA256 EDDSA-ED25519
    RSA-SHA384 RSA-PSS-SHA384 RSA-PSS-RSAE-SHA384 ECDSA-SHA384 EDDSA-ED448
    RSA-SHA512 RSA-PSS-SHA512 RSA-PSS-RSAE-SHA512 ECDSA-SHA512 RSA-SHA1 ECDSA-SHA1`),
};
const secure128: Lists = {
  ...normal,
  CIPHER: words(
    'AES-256-GCM CHACHA20-POLY1305 AES-256-CBC AES-256-CCM AES-128-GCM AES-128-CBC AES-128-CCM',
  ),
  SIGN: normal.SIGN.filter((name) => !name.endsWith('SHA1')),
};
const secure192: Lists = {
  ...normal,
  CIPHER: words('AES-256-GCM CHACHA20-POLY1305 AES-256-CCM'),
  GROUP: words('SECP384R1 SECP521R1 FFDHE8192'),
  MAC: words('AEAD'),
  SIGN: normal.SIGN.filter((name) => /(?:SHA384|SHA512|ED448)$/.test(name)),
};

const levels: Readonly<Record<string, Lists>> = {
  NORMAL: normal,
  LEGACY: normal,
  SECURE128: secure128,
  SECURE192: secure192,
  SECURE256: secure192,
  PFS: { ...normal, KX: words('ECDHE-ECDSA ECDHE-RSA DHE-RSA') },
  PERFORMANCE: {
    ...normal,
    KX: words('RSA ECDHE-ECDSA ECDHE-RSA DHE-RSA'),
    CIPHER: words(
      'AES-128-GCM AES-256-GCM CHACHA20-POLY1305 AES-128-CCM AES-256-CCM AES-128-CBC AES-256-CBC',
    ),
  },
  NONE: { VERS: [], KX: [], CIPHER: [], MAC: [], GROUP: [], SIGN: [] },
};

export function predictGnutls({ priority, overrides }: GnutlsInput): StackOffer {
  const parts = priority.split(':').filter((part) => part !== '');
  const level = parts[0] ?? 'NORMAL';
  const start = Object.hasOwn(levels, level) ? levels[level] : undefined;
  if (start === undefined) return { kind: 'unknown', missing: 'release' };
  const lists: Lists = { ...start };
  for (const part of parts.slice(1)) applyPart(lists, part);
  for (const override of overrides) applyOverride(lists, override);
  return offerOf(lists, { tickets: level !== 'PFS', compatible: parts.includes('%COMPAT') });
}

function applyPart(lists: Lists, part: string): void {
  const [, sign = '', name = ''] = /^([-+!])(.+)$/.exec(part) ?? [];
  if (sign === '') return;
  const { kind, value } = kindOf(name.toUpperCase());
  if (value === 'ALL') lists[kind] = sign === '+' ? normal[kind] : [];
  else if (sign !== '+') lists[kind] = lists[kind].filter((entry) => entry !== value);
  else if (!lists[kind].includes(value)) lists[kind] = [...lists[kind], value];
}

function kindOf(name: string): { readonly kind: Kind; readonly value: string } {
  for (const kind of ['VERS', 'KX', 'CIPHER', 'MAC', 'GROUP', 'SIGN'] as const) {
    if (name.startsWith(`${kind}-`)) return { kind, value: canonical(name.slice(kind.length + 1)) };
  }
  if (/^(?:ECDHE|DHE|RSA|ANON|PSK|SRP)(?:-(?:RSA|ECDSA|DSS|DH|ECDH|PSK))?$/.test(name)) {
    return { kind: 'KX', value: name };
  }
  const isMac = /^(?:AEAD|MD5|SHA1|SHA256|SHA384|UMAC.*)$/.test(name);
  return { kind: isMac ? 'MAC' : 'CIPHER', value: name };
}

function canonical(name: string): string {
  return name.replace(/^ECDSA-SECP\d+R1-/, 'ECDSA-');
}

const overrideKinds: Readonly<Record<string, readonly [kind: Kind, isOn: boolean]>> = {
  'disabled-version': ['VERS', false],
  'enabled-version': ['VERS', true],
  'tls-disabled-cipher': ['CIPHER', false],
  'tls-enabled-cipher': ['CIPHER', true],
  'tls-disabled-mac': ['MAC', false],
  'tls-enabled-mac': ['MAC', true],
  'tls-disabled-kx': ['KX', false],
  'tls-enabled-kx': ['KX', true],
  'tls-disabled-group': ['GROUP', false],
  'tls-enabled-group': ['GROUP', true],
  'insecure-sig': ['SIGN', false],
  'secure-sig': ['SIGN', true],
};

function applyOverride(lists: Lists, text: string): void {
  const [name = '', value = ''] = text.split('=').map((part) => part.trim());
  const rule = overrideKinds[name];
  if (rule === undefined) return;
  const [kind, isOn] = rule;
  const word = canonical(value.toUpperCase().replace(/^(?:GROUP|SIGN|VERS)-/, ''));
  const rest = lists[kind].filter((entry) => entry !== word);
  lists[kind] = isOn ? [...rest, word] : rest;
}

const versionCodes: Readonly<Record<string, TlsVersion>> = {
  'TLS1.0': tls10,
  'TLS1.1': tls11,
  'TLS1.2': tls12,
  'TLS1.3': tls13,
};

function offerOf(
  lists: Lists,
  { tickets, compatible }: { readonly tickets: boolean; readonly compatible: boolean },
): StackOffer {
  const codes = lists.VERS.flatMap((name) => versionCodes[name] ?? []);
  const versions = [...codes].sort((left, right) => left - right);
  const [min] = versions;
  const max = versions.at(-1);
  if (min === undefined || max === undefined) return { kind: 'nothing', why: 'no-version' };
  const cipherSuites = [
    ...(max === tls13 ? suites13(lists) : []),
    ...(min < tls13 ? olderSuites(lists, max) : []),
  ];
  if (cipherSuites.length === 0) return { kind: 'nothing', why: 'no-suite' };
  const groups = lists.GROUP.flatMap((name) => findGroupByName(name)?.code ?? []);
  const offer = makeOffer({
    legacyVersion: Math.min(max, tls12),
    versions: max === tls13 ? codes : undefined,
    ...{ cipherSuites, groups },
    keyShares: max === tls13 ? shares(groups) : undefined,
    signatureSchemes:
      max >= tls12 ? lists.SIGN.flatMap((name) => schemeCode(name) ?? []) : undefined,
    pointFormats: [0],
    pskModes: max === tls13 ? [1, 0] : undefined,
    sessionTicket: tickets ? 'empty' : 'absent',
    extendedMasterSecret: !compatible,
    encryptThenMac: !compatible,
    secureRenegotiation: true,
    statusRequest: true,
  });
  return { kind: 'offer', versions, offer };
}

function suites13({ CIPHER, MAC }: Lists): number[] {
  if (!MAC.includes('AEAD')) return [];
  return CIPHER.flatMap((cipher) =>
    suites.filter((suite) => suite.min === tls13 && encryptionName(suite) === cipher),
  ).map(({ code }) => code);
}

function olderSuites({ KX, CIPHER, MAC }: Lists, max: TlsVersion): number[] {
  const usable = suites.filter(({ min }) => min !== undefined && min < tls13 && min <= max);
  return KX.flatMap((exchange) =>
    CIPHER.flatMap((cipher) =>
      MAC.flatMap((mac) =>
        usable.filter(
          (suite) =>
            exchangeName(suite) === exchange &&
            encryptionName(suite) === cipher &&
            macName(suite) === mac,
        ),
      ),
    ),
  ).map(({ code }) => code);
}

const firstPrivateCode = 0xfe00;
/** GnuTLS has no ARIA, none of the drafts of ChaCha20, and none of the suites outside the registry. */
const suites = (cipherSuiteTable as readonly CipherSuite[]).filter(
  ({ code, openssl = '', name }) =>
    code < firstPrivateCode && !openssl.endsWith('-OLD') && !name.includes('ARIA'),
);

function exchangeName({ keyExchange = '', authentication = '' }: CipherSuite): string {
  return keyExchange === 'RSA' ? 'RSA' : `${keyExchange}-${authentication}`;
}

function encryptionName({ encryption = '' }: CipherSuite): string {
  return encryption.replace('3DES-EDE-CBC', '3DES-CBC').replace('CCM8', 'CCM-8');
}

function macName({ aead, mac = '' }: CipherSuite): string {
  return aead ? 'AEAD' : mac.replace(/^SHA$/, 'SHA1');
}

/** One share of each of the first two kinds of groups. */
function shares(groups: readonly number[]): number[] {
  const kinds = new Map<string, number>();
  for (const code of groups) {
    const kind = findGroup(code)?.kind ?? '';
    if (!kinds.has(kind) && kinds.size < 2) kinds.set(kind, code);
  }
  return [...kinds.values()];
}

/** `RSA-PSS-RSAE-SHA256` is rsa_pss_rsae_sha256, `RSA-PSS-SHA256` a key for PSS alone. */
function schemeCode(name: string): number | undefined {
  const hash = /SHA\d+$/.exec(name)?.[0].toLowerCase();
  const key = hash === undefined ? name : name.slice(0, -hash.length - 1);
  return signatureSchemeTable.find((scheme) => {
    switch (key) {
      case 'EDDSA-ED25519':
        return scheme.name === 'ed25519';
      case 'EDDSA-ED448':
        return scheme.name === 'ed448';
      case 'RSA':
        return scheme.name === `rsa_pkcs1_${hash}`;
      case 'RSA-PSS':
        return scheme.name === `rsa_pss_pss_${hash}`;
      case 'RSA-PSS-RSAE':
        return scheme.name === `rsa_pss_rsae_${hash}`;
      case 'ECDSA':
        return scheme.key === 'ecdsa' && scheme.hash === hash && scheme.inTls12;
      default:
        return false;
    }
  })?.code;
}
