/** What is known of the machine that failed, as observations: the doctor's verdict on its programs. */

import { type TlsVersion, tls12, versionName } from '../../tls/versions.ts';
import { formatSkew, toleratedSkewMs } from '../rules/clock.ts';
import type { Observation } from './explain.ts';

export interface MachineFacts {
  /** The highest version that the program which failed would offer. */
  readonly bestVersion?: TlsVersion | undefined;
  /** Its clock minus the true time. */
  readonly clockSkewMs?: number | undefined;
}

export function observationsOfMachine({ bestVersion, clockSkewMs }: MachineFacts): Observation[] {
  const found: Observation[] = [];
  if (bestVersion !== undefined) {
    const version = versionName(bestVersion);
    found.push(
      bestVersion < tls12
        ? {
            key: 'machine.bestVersion',
            values: { version },
            weights: { 'client-too-old': 0.7, 'something-between': -0.3, 'transfer-cut': -0.3 },
          }
        : {
            key: 'machine.modern',
            values: { version },
            weights: {
              'client-too-old': -0.85,
              'dotnet-old-default': -0.85,
              'server-too-old': 0.5,
            },
            supportsOnly: true,
          },
    );
  }
  if (clockSkewMs !== undefined && Math.abs(clockSkewMs) > toleratedSkewMs) {
    found.push({
      key: clockSkewMs > 0 ? 'machine.clockAhead' : 'machine.clockBehind',
      values: { skew: formatSkew(clockSkewMs) },
      weights: { 'clock-wrong': 0.7 },
    });
  }
  return found;
}
