/**
 * The TLS stacks that macOS brings, by its release. Their libraries lie in a cache of the system, not in
 * files of their own, so that the release alone tells them; no file configures them.
 */

import { suiteCodes } from '../../tls/known-clients/known-client.ts';
import { makeOffer, type Offer } from '../../tls/offer.ts';
import type { TlsVersion } from '../../tls/versions.ts';
import { tls10, tls11, tls12, tls13 } from '../../tls/versions.ts';
import { compareVersions } from '../rules/dotnet.ts';
import type { SourceId } from '../rules/sources.ts';
import { groupCodes } from './java-releases.ts';

export const macosStackIds = ['urlsession', 'secure-transport', 'macos-libressl'] as const;
export type MacosStackId = (typeof macosStackIds)[number];

export interface MacosStack {
  readonly id: MacosStackId;
  /** One for each way in which programs use it. */
  readonly scenarios: readonly {
    readonly versions: readonly TlsVersion[];
    readonly offer: Offer;
  }[];
  readonly sources: readonly SourceId[];
}

interface Row {
  /** First release. */
  readonly from: string;
  /** One list for each way to use the stack. */
  readonly versions: readonly (readonly TlsVersion[])[];
  readonly suites: readonly number[];
  readonly groups: readonly number[];
  readonly sources: readonly SourceId[];
}

/** What Secure Transport enables by default in 10.11 to 11.0, as its own interface listed it. */
const ecdheSuites = suiteCodes(`
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA`);
/** 10.9 and 10.10 had no AES-GCM yet. */
const cbcSuites = suiteCodes(`
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
  TLS_RSA_WITH_AES_256_CBC_SHA256 TLS_RSA_WITH_AES_128_CBC_SHA256
  TLS_RSA_WITH_AES_256_CBC_SHA TLS_RSA_WITH_AES_128_CBC_SHA`);
const oldSuites = suiteCodes(`
  TLS_RSA_WITH_AES_128_CBC_SHA TLS_RSA_WITH_AES_256_CBC_SHA TLS_RSA_WITH_RC4_128_SHA
  TLS_RSA_WITH_3DES_EDE_CBC_SHA`);
const suites13 = suiteCodes(
  'TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256',
);
/** What all releases of LibreSSL since 2.0 have by default, of those that servers still choose. */
const libresslSuites = suiteCodes(`
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256 TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
  TLS_RSA_WITH_AES_256_GCM_SHA384 TLS_RSA_WITH_AES_128_GCM_SHA256
  TLS_RSA_WITH_AES_256_CBC_SHA TLS_RSA_WITH_AES_128_CBC_SHA`);

const nistGroups = groupCodes('secp256r1 secp384r1 secp521r1');
const newGroups = [...groupCodes('x25519'), ...nistGroups];
const old: readonly TlsVersion[] = [tls10];
const upTo12: readonly TlsVersion[] = [tls10, tls11, tls12];
const upTo13: readonly TlsVersion[] = [...upTo12, tls13];
const from12: readonly TlsVersion[] = [tls12];

const rows: Readonly<Record<MacosStackId, readonly Row[]>> = {
  // App Transport Security begins at TLS 1.2, for what was built since the SDK of 10.11.
  urlsession: [
    row('10.2', [old], oldSuites, nistGroups, 'tlsStacks'),
    row('10.9', [upTo12], cbcSuites, nistGroups, 'tlsStacks'),
    row('10.11', [upTo12, from12], ecdheSuites, nistGroups, 'appleAts', 'secureTransportSuites'),
    row(
      '10.15',
      [upTo13, [tls12, tls13]],
      [...suites13, ...ecdheSuites],
      newGroups,
      'urlSession13',
      'appleAts',
    ),
  ],
  'secure-transport': [
    row('10.2', [old], oldSuites, nistGroups, 'tlsStacks'),
    row('10.9', [upTo12], cbcSuites, nistGroups, 'tlsStacks'),
    row('10.11', [upTo12], ecdheSuites, nistGroups, 'secureTransportSuites', 'secureTransport12'),
  ],
  'macos-libressl': [
    row('10.13', [upTo12], libresslSuites, nistGroups, 'macosCurl'),
    row('12', [upTo13], [...suites13, ...libresslSuites], newGroups, 'macosCurl', 'libressl13'),
  ],
};

/** What macOS calls itself in its programs: `curl` and `openssl` before 10.13 were others. */
const libresslReleases: readonly (readonly [string, string])[] = [
  ['10.13', '2.2.7'],
  ['10.14', '2.6.5'],
  ['10.15', '2.8.3'],
  ['12', '3.3.6'],
];

/** LibreSSL's release in macOS; undefined before 10.13, whose OpenSSL was 0.9.8. */
export function macosLibressl(version: string): string | undefined {
  return libresslReleases.findLast(([from]) => compareVersions(version, from) >= 0)?.[1];
}

/** Empty for a text that is no version. */
export function macosStacks(version: string): MacosStack[] {
  if (!/^\d+(?:\.\d+)*$/.test(version)) return [];
  return macosStackIds.flatMap((id) => {
    const found = rows[id].findLast(({ from }) => compareVersions(version, from) >= 0);
    if (found === undefined) return [];
    const scenarios = found.versions.map((versions) => ({
      versions,
      offer: offerOf(versions, found),
    }));
    return [{ id, scenarios, sources: found.sources }];
  });
}

function offerOf(versions: readonly TlsVersion[], { suites, groups }: Row): Offer {
  const max = versions.at(-1) ?? tls10;
  const has13 = max === tls13;
  return makeOffer({
    legacyVersion: Math.min(max, tls12),
    versions: has13 ? versions.toReversed() : undefined,
    cipherSuites: suites,
    groups,
    keyShares: has13 ? groups.slice(0, 1) : undefined,
    signatureSchemes: max >= tls12 ? schemes : undefined,
    pointFormats: [0],
    pskModes: has13 ? [1] : undefined,
    secureRenegotiation: true,
  });
}

/** ECDSA and RSA with SHA-256 and SHA-384, in both paddings; SHA-1 last. */
const schemes = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0201];

function row(
  from: string,
  versions: Row['versions'],
  suites: readonly number[],
  groups: readonly number[],
  ...sources: readonly SourceId[]
): Row {
  return { from, versions, suites, groups, sources };
}
