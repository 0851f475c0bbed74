/**
 * What Schannel's client offers by default on each Windows, and what the registry makes of it.
 * Source: Microsoft, "Protocols in TLS/SSL (Schannel SSP)", "TLS registry settings", KB245030.
 */

import type { TlsVersion } from '../../tls/versions.ts';
import { sslv2, sslv3, tls10, tls11, tls12, tls13 } from '../../tls/versions.ts';
import type { SourceId } from './sources.ts';

/** `unknown`: Microsoft's texts do not say it for this build. */
export type ProtocolDefault = 'enabled' | 'disabled-by-default' | 'not-supported' | 'unknown';

export type ProtocolState = ProtocolDefault | 'disabled';

interface DefaultsRow {
  readonly id: string;
  /** First and last build of the row; builds rise with every release of Windows. */
  readonly from: number;
  readonly to: number;
  /** SSL 2.0, SSL 3.0, TLS 1.0, 1.1, 1.2, 1.3: E enabled, D disabled by default, - not there, ? not stated. */
  readonly client: string;
  readonly sources: readonly SourceId[];
}

/** The row of Server 2008 SP2 with KB4019276 is `withUpdate`. */
const rows: readonly DefaultsRow[] = [
  { id: 'xp', from: 2600, to: 3790, client: 'EEE---', sources: ['schannelProtocols'] },
  { id: '2008', from: 6000, to: 6003, client: 'DEE---', sources: ['schannelProtocols'] },
  { id: '7', from: 7600, to: 7601, client: 'DEEDD-', sources: ['schannelProtocols', 'dotNetTls'] },
  { id: '8', from: 9200, to: 9200, client: 'DEEEE-', sources: ['schannelProtocols', 'dotNetTls'] },
  {
    ...{ id: '8.1', from: 9600, to: 9600, client: 'DEEEE-' },
    sources: ['schannelProtocols', 'azureBackupTls'],
  },
  { id: '10-1507', from: 10_240, to: 10_586, client: 'DEEEE-', sources: ['schannelProtocols'] },
  { id: '10-1607', from: 14_393, to: 19_045, client: '-DEEE-', sources: ['schannelProtocols'] },
  { id: '2022', from: 20_348, to: 25_398, client: '-DEEEE', sources: ['schannelProtocols'] },
  { id: '2025', from: 26_100, to: 26_100, client: '-DEEEE', sources: ['schannelProtocols'] },
  {
    ...{ id: 'newer', from: 26_101, to: Number.MAX_SAFE_INTEGER, client: '-D??EE' },
    sources: ['schannelProtocols', 'tls10Deprecation'],
  },
];

const withUpdate: DefaultsRow = {
  ...{ id: '2008-kb4019276', from: 6002, to: 6003, client: 'DEEDD-' },
  sources: ['kb4019276', 'schannelProtocols', 'azureBackupTls'],
};

export const schannelDefaultRows: readonly DefaultsRow[] = [...rows, withUpdate];

/** Versions in the order of the columns. */
export const schannelVersions = [sslv2, sslv3, tls10, tls11, tls12, tls13] as const;

const letters: Readonly<Record<string, ProtocolDefault>> = {
  E: 'enabled',
  D: 'disabled-by-default',
  '-': 'not-supported',
  '?': 'unknown',
};

export interface SchannelDefaults {
  readonly row: string;
  readonly sources: readonly SourceId[];
  of(version: TlsVersion): ProtocolDefault;
}

/**
 * @param hasUpdate KB4019276 is there (Server 2008 SP2 and POSReady 2009)
 * @returns undefined for a build older than Windows XP
 */
export function schannelDefaults(
  build: number,
  { hasUpdate }: { readonly hasUpdate: boolean },
): SchannelDefaults | undefined {
  const plain = rows.findLast((row) => build >= row.from);
  if (plain === undefined) return undefined;
  const row =
    hasUpdate && (build === 2600 || (build >= 6002 && build <= 6003)) ? withUpdate : plain;
  return {
    row: row.id,
    sources: row.sources,
    of: (version) => {
      const column = (schannelVersions as readonly number[]).indexOf(version);
      return letters[row.client[column] ?? '-'] ?? 'not-supported';
    },
  };
}

export interface ProtocolValues {
  /** undefined when absent. */
  readonly enabled: number | undefined;
  readonly disabledByDefault: number | undefined;
}

export interface EffectiveState {
  readonly state: ProtocolState;
  /** Microsoft's texts disagree about this combination. */
  readonly disputed: boolean;
}

/**
 * The effect of the two values. `Enabled` = 0 ends it, whatever a program asks; `DisabledByDefault`
 * speaks only for programs that do not ask for versions. `Enabled` alone is said to suffice by an older
 * text and not to by the newer ones, except where Windows had switched a version off that used to be on.
 */
export function effectiveState(
  base: ProtocolDefault,
  version: TlsVersion,
  { enabled, disabledByDefault }: ProtocolValues,
): EffectiveState {
  const sure = (state: ProtocolState): EffectiveState => ({ state, disputed: false });
  if (base === 'not-supported') return sure('not-supported');
  if (enabled === 0) return sure('disabled');
  if (disabledByDefault !== undefined) {
    return sure(disabledByDefault === 0 ? 'enabled' : 'disabled-by-default');
  }
  if (enabled === undefined || base === 'enabled') return sure(base);
  if (base === 'unknown' && version <= tls11) return sure('enabled');
  return { state: 'disabled-by-default', disputed: true };
}

/** The key of a version below SCHANNEL\Protocols. */
export function protocolKeyName(version: TlsVersion): string {
  return protocolNames.get(version) ?? '';
}

const protocolNames: ReadonlyMap<TlsVersion, string> = new Map([
  [sslv2, 'SSL 2.0'],
  [sslv3, 'SSL 3.0'],
  [tls10, 'TLS 1.0'],
  [tls11, 'TLS 1.1'],
  [tls12, 'TLS 1.2'],
  [tls13, 'TLS 1.3'],
]);

/** Names that Windows looks for below SCHANNEL\Protocols. */
export const knownProtocolKeys: readonly string[] = [
  ...protocolNames.values(),
  ...['DTLS 1.0', 'DTLS 1.2', 'DTLS 1.3', 'PCT 1.0', 'Multi-Protocol Unified Hello'],
];
