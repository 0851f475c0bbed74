/** Schannel, the TLS of Windows: what a machine offers that nobody has configured. */

import { findCipherSuite } from '../cipher-suites.ts';
import type { Offer } from '../offer.ts';
import type { TlsVersion } from '../versions.ts';
import { tls10, tls11, tls12, tls13 } from '../versions.ts';
import type { KnownClient } from './known-client.ts';
import { documentedOffer, exampleServerName, suiteCodes } from './known-client.ts';
import { schannelSuites } from './schannel-suites.ts';

export const schannelSource =
  'Microsoft: Protocols in TLS/SSL (Schannel SSP), Cipher suites in Schannel, TLS elliptic curves, [MS-TLSP] appendix A; signature pairs read from unmodified SYSTEM hives';

const secp256r1 = 0x0017;
const secp384r1 = 0x0018;
const x25519 = 0x001d;

/** RSA and ECDSA with SHA-256 and SHA-384, then SHA-1, DSA last: Windows 7 to 8.1. */
const pairsWithoutSha512 = [0x0401, 0x0501, 0x0201, 0x0403, 0x0503, 0x0203, 0x0202];
const pairs = [0x0401, 0x0501, 0x0601, 0x0201, 0x0403, 0x0503, 0x0603, 0x0203, 0x0202];
/** From build 19041 on. */
const pairsWithPss = [0x0804, 0x0805, 0x0806, ...pairs];

/** A release of Windows, as far as its hello shows it. */
export interface SchannelRelease {
  readonly suites: keyof typeof schannelSuites;
  /** What an untouched machine offers; a program may ask for less, or for what is off by default. */
  readonly max: TlsVersion;
  readonly pairs: readonly number[];
  /** Windows 10 1607 brought curve25519. */
  readonly x25519: boolean;
  /** Session tickets from 8 and 2012 on, Extended Master Secret from 10 1607 on. */
  readonly tickets: boolean;
  readonly extendedMasterSecret: boolean;
}

const vista: SchannelRelease = {
  ...{ suites: 'windows2008', max: tls10, pairs: pairsWithoutSha512 },
  ...{ x25519: false, tickets: false, extendedMasterSecret: false },
};
const eight: SchannelRelease = { ...vista, suites: 'windows2012', max: tls12, tickets: true };
const ten: SchannelRelease = {
  ...{ ...eight, suites: 'windows2016', pairs, x25519: true, extendedMasterSecret: true },
};
const eleven: SchannelRelease = { ...ten, suites: 'windows11', max: tls13, pairs: pairsWithPss };

export const schannelReleases = {
  xp: { ...vista, suites: 'windowsXp' },
  2008: vista,
  7: { ...vista, suites: 'windows7' },
  8: eight,
  8.1: { ...eight, suites: 'windows81' },
  2016: ten,
  2019: { ...ten, suites: 'windows2019' },
  '10-21h2': { ...ten, suites: 'windows2019', pairs: pairsWithPss },
  10: { ...ten, suites: 'windows10', pairs: pairsWithPss },
  2022: { ...eleven, suites: 'windows2022' },
  11: eleven,
} as const satisfies Readonly<Record<string, SchannelRelease>>;

/** What a program makes of the system's defaults. */
export interface SchannelCaller {
  /** Versions that the program asks for itself, up to this one. */
  readonly max?: TlsVersion;
  /** `SCH_USE_STRONG_CRYPTO`: RC4, DES and export suites are left out. */
  readonly strongCrypto?: boolean;
}

export function schannelOffer(release: SchannelRelease, caller: SchannelCaller = {}): Offer {
  const max = caller.max ?? release.max;
  const isModern = max === tls13;
  const isXp = release.suites === 'windowsXp';
  const groups = [...(release.x25519 ? [x25519] : []), secp256r1, secp384r1];
  return documentedOffer({
    legacyVersion: Math.min(max, tls12),
    versions: isModern ? [tls13, tls12, tls11, tls10] : undefined,
    cipherSuites: suiteCodes(schannelSuites[release.suites].join(' ')).filter(
      (code) => isOfferedAt(code, max) && !(caller.strongCrypto === true && isWeak(code)),
    ),
    // XP sends neither a name nor elliptic curves.
    serverName: isXp ? undefined : exampleServerName,
    groups: isXp ? undefined : groups,
    pointFormats: isXp ? undefined : [0],
    keyShares: isModern ? groups.slice(0, 1) : undefined,
    signatureSchemes: max >= tls12 ? release.pairs : undefined,
    pskModes: isModern ? [1] : undefined,
    sessionTicket: release.tickets ? 'empty' : 'absent',
    extendedMasterSecret: release.extendedMasterSecret,
    secureRenegotiation: true,
  });
}

/** Schannel lists a suite only when a version that it offers defines it. */
function isOfferedAt(code: number, max: TlsVersion): boolean {
  return (findCipherSuite(code)?.min ?? tls10) <= max;
}

function isWeak(code: number): boolean {
  const strength = findCipherSuite(code)?.strength;
  return strength === 'rc4' || strength === 'low' || strength === 'export' || strength === 'null';
}

function windows(
  id: string,
  name: string,
  release: SchannelRelease,
  caller?: SchannelCaller,
): KnownClient {
  return {
    ...{ id, name: `${name} (Schannel)`, family: 'windows' },
    ...{ source: schannelSource, evidence: 'documented', offer: schannelOffer(release, caller) },
  };
}

const releases = schannelReleases;

/** TLS 1.1 and 1.2 of Windows 7 and Server 2008 are there and off. */
export const schannelClients: readonly KnownClient[] = [
  windows('windows-xp', 'Windows XP SP3 / Server 2003', releases.xp),
  windows('windows-server-2008', 'Windows Server 2008 SP2', releases[2008]),
  windows(
    'windows-server-2008-tls12',
    'Windows Server 2008 SP2 with KB4019276 and TLS 1.2 switched on',
    releases[2008],
    { max: tls12 },
  ),
  windows('windows-7', 'Windows 7 SP1', releases[7]),
  windows('windows-server-2008-r2', 'Windows Server 2008 R2 SP1', releases[7]),
  windows(
    'windows-7-tls12',
    'Windows 7 SP1 / Server 2008 R2 with TLS 1.2 switched on',
    releases[7],
    { max: tls12 },
  ),
  windows('windows-8', 'Windows 8', releases[8]),
  windows('windows-server-2012', 'Windows Server 2012', releases[8]),
  windows('windows-8.1', 'Windows 8.1', releases[8.1]),
  windows('windows-server-2012-r2', 'Windows Server 2012 R2', releases[8.1]),
  windows('windows-10-1607', 'Windows 10 1607', releases[2016]),
  windows('windows-server-2016', 'Windows Server 2016', releases[2016]),
  windows('windows-server-2019', 'Windows Server 2019', releases[2019]),
  windows('windows-10-21h2', 'Windows 10 2004 to 21H2', releases['10-21h2']),
  windows('windows-10', 'Windows 10 22H2', releases[10]),
  windows('windows-server-2022', 'Windows Server 2022', releases[2022]),
  windows('windows-11', 'Windows 11 22H2 to 24H2', releases[11]),
  windows('windows-server-2025', 'Windows Server 2025', releases[11]),
];
