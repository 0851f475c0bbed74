/** Server policies drawn by fast-check, and what hellos and clients draw from as well. */

import fc from 'fast-check';
import type { Policy } from '../../src/tls/policy.ts';
import { findContradiction } from '../../src/tls/policy.ts';
import type { TlsVersion } from '../../src/tls/versions.ts';
import type { SelfSignedType } from './self-signed.ts';

export const suitePool = [
  ...[0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9],
  ...[0xc009, 0xc00a, 0xc013, 0xc014, 0xc023, 0xc027, 0x002f, 0x0035, 0x003c, 0x009c, 0x009d],
  ...[0x009e, 0x0033, 0xccaa, 0x000a],
];
export const groupPool = [0x11ec, 0x11eb, 0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0100];
export const schemePool = [
  ...[0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0201, 0x0203],
];
const certificateSets: readonly (readonly SelfSignedType[])[] = [
  ['rsa'],
  ['ecdsa-p256'],
  ['ecdsa-p384'],
  ['ecdsa-p256', 'rsa'],
];

const versionRanges: readonly (readonly TlsVersion[])[] = [
  [0x0304],
  [0x0303],
  [0x0303, 0x0304],
  [0x0301, 0x0302, 0x0303, 0x0304],
  [0x0301, 0x0302, 0x0303],
  [0x0302],
];

export function someOf(pool: readonly number[], minLength = 1): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray([...pool], { minLength });
}

/** A policy that somebody can satisfy; its certificates are those of test/support/door.ts. */
export const drawnPolicies: fc.Arbitrary<Policy> = fc
  .record({
    versions: fc.constantFrom(...versionRanges),
    cipherSuites: someOf(suitePool, 4),
    preference: fc.constantFrom('server', 'client'),
    groups: someOf(groupPool, 1),
    levelSize: fc.integer({ min: 1, max: 3 }),
    signatureSchemes: someOf(schemePool, 3),
    certificates: fc.constantFrom(...certificateSets),
    finiteFieldDh: fc.boolean(),
  })
  .map(
    ({ groups, levelSize, ...policy }): Policy => ({
      ...policy,
      name: 'drawn',
      source: 'fast-check',
      groups: Array.from({ length: Math.ceil(groups.length / levelSize) }, (_, level) =>
        groups.slice(level * levelSize, (level + 1) * levelSize),
      ),
    }),
  )
  .filter((policy) => findContradiction(policy) === undefined);
