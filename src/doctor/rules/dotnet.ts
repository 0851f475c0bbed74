/**
 * What a program on .NET Framework asks Schannel for. The program's target decides the defaults, the
 * registry replaces them. Source: Microsoft, "TLS best practices with .NET Framework".
 */

import type { TlsVersion } from '../../tls/versions.ts';
import { sslv3, tls10, tls11, tls12 } from '../../tls/versions.ts';

/** Programs by the version that they were built for: their defaults differ. */
export const targetClasses = [
  { id: '4.5', from: '4.0', strongCrypto: false, systemDefault: false },
  { id: '4.6', from: '4.6', strongCrypto: true, systemDefault: false },
  { id: '4.7', from: '4.7', strongCrypto: true, systemDefault: true },
] as const;

export type TargetClass = (typeof targetClasses)[number]['id'];

export interface DotNetMode {
  /** `system`: no versions are asked for; `strong`: TLS 1.0 to 1.2; `legacy`: SSL 3.0 and TLS 1.0. */
  readonly kind: 'system' | 'strong' | 'legacy';
  readonly asks: readonly TlsVersion[] | undefined;
  /** SCH_USE_STRONG_CRYPTO: no RC4 and weaker. */
  readonly strongCrypto: boolean;
}

const legacyVersions = [sslv3, tls10] as const;
const strongVersions = [tls10, tls11, tls12] as const;

export interface DotNetValues {
  readonly strongCrypto: boolean | undefined;
  readonly systemDefault: boolean | undefined;
}

/** Programs of .NET 4. */
export function dotNet4Mode(target: TargetClass, values: DotNetValues): DotNetMode {
  const defaults = targetClasses.find(({ id }) => id === target);
  const strongCrypto = values.strongCrypto ?? defaults?.strongCrypto ?? false;
  const systemDefault = values.systemDefault ?? defaults?.systemDefault ?? false;
  return modeOf({ strongCrypto, systemDefault });
}

/**
 * Programs of .NET 2.0 to 3.5: only SystemDefaultTlsVersions changes what they do without being
 * rebuilt, and only with the update of their Windows.
 */
export function dotNet2Mode(
  values: DotNetValues,
  { hasUpdate }: { readonly hasUpdate: boolean },
): DotNetMode {
  const systemDefault = hasUpdate && values.systemDefault === true;
  return modeOf({ strongCrypto: false, systemDefault });
}

function modeOf({
  strongCrypto,
  systemDefault,
}: {
  strongCrypto: boolean;
  systemDefault: boolean;
}): DotNetMode {
  if (systemDefault) return { kind: 'system', asks: undefined, strongCrypto };
  if (strongCrypto) return { kind: 'strong', asks: strongVersions, strongCrypto };
  return { kind: 'legacy', asks: legacyVersions, strongCrypto };
}

/** Which classes of programs can run on an installed version; all when it is unknown. */
export function classesUpTo(version: string | undefined): readonly TargetClass[] {
  return targetClasses
    .filter(({ from }) => version === undefined || compareVersions(version, from) >= 0)
    .map(({ id }) => id);
}

/** The sign of one dotted version against another; missing numbers count as 0. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
