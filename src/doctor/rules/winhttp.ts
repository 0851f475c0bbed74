/**
 * Default protocols of WinHTTP and WinINet, and the bits of the values that replace them.
 * Source: Microsoft, "WinHTTP option flags", KB3140245, "TLS 1.0 and 1.1 deprecation in Windows".
 */

import type { TlsVersion } from '../../tls/versions.ts';
import { sslv2, sslv3, tls10, tls11, tls12, tls13 } from '../../tls/versions.ts';
import type { SourceId } from './sources.ts';

export const protocolBits: readonly (readonly [number, TlsVersion])[] = [
  [0x0008, sslv2],
  [0x0020, sslv3],
  [0x0080, tls10],
  [0x0200, tls11],
  [0x0800, tls12],
  [0x2000, tls13],
];
/** The bit that a backup client needs. */
export const tls12Bit = 0x0800;

export function versionsOfBits(bits: number): TlsVersion[] {
  return protocolBits.filter(([bit]) => (bits & bit) !== 0).map(([, version]) => version);
}

interface DefaultRow {
  readonly from: number;
  readonly versions: readonly TlsVersion[];
  readonly sources: readonly SourceId[];
}

const winHttpRows: readonly DefaultRow[] = [
  { from: 2600, versions: [sslv3, tls10], sources: ['winHttpOptions'] },
  { from: 7600, versions: [sslv3, tls10], sources: ['winHttpOptions', 'kb3140245'] },
  { from: 9600, versions: [sslv3, tls10, tls11, tls12], sources: ['winHttpOptions'] },
  { from: 20_348, versions: [tls12, tls13], sources: ['winHttpOptions', 'tls10Deprecation'] },
];

export function winHttpDefaults(build: number): DefaultRow | undefined {
  return winHttpRows.findLast((row) => build >= row.from);
}

/** Up to 6.2 the value is a feature that KB3140245 brings; before 6.1 there is none. */
export function valueNeedsUpdate(build: number): boolean {
  return build < 9600;
}

/** Up to 6.1 WinHTTP gets a version only if Schannel has it on by default. */
export function needsSchannelDefault(build: number): boolean {
  return build <= 7601;
}

/** WinINet's own defaults depend on the version of Internet Explorer and are stated only for 2022 and 11. */
export function winInetDefaults(build: number): readonly TlsVersion[] | undefined {
  return build >= 20_348 ? [tls12, tls13] : undefined;
}
