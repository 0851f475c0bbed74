/** What the machines of the demonstration speak: settings of a real TLS client, and which machines have them. */

import type { SecureContextOptions } from 'node:tls';
import type { SystemName } from '../../test/support/windows-machine.ts';

export interface Profile {
  readonly id: string;
  readonly tls: SecureContextOptions & { readonly ecdhCurve?: string };
}

/** Without it, OpenSSL offers nothing below TLS 1.2. */
const anyStrength = '@SECLEVEL=0';
const cbcSuites = [
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'AES256-SHA',
  'AES128-SHA',
].join(':');
const gcmSuites = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');
const classicGroups = 'X25519:P-256:P-384';

export const profiles = {
  tls10: {
    id: 'tls10',
    tls: {
      ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1', ecdhCurve: 'P-256:P-384' },
      ciphers: `${cbcSuites}:${anyStrength}`,
    },
  },
  tls11: {
    id: 'tls11',
    tls: {
      ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ecdhCurve: 'P-256:P-384' },
      ciphers: `${cbcSuites}:${anyStrength}`,
    },
  },
  /** TLS 1.2 without an AEAD suite, as .NET on an old Windows leaves it. */
  tls12cbc: {
    id: 'tls12cbc',
    tls: {
      ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ecdhCurve: 'P-256:P-384' },
      ciphers: `${cbcSuites}:${anyStrength}`,
    },
  },
  tls12: {
    id: 'tls12',
    tls: {
      ...{ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ecdhCurve: classicGroups },
      ciphers: gcmSuites,
    },
  },
  tls13: {
    id: 'tls13',
    tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ecdhCurve: classicGroups },
  },
  hybrid: {
    id: 'hybrid',
    tls: {
      ...{ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' },
      ecdhCurve: `X25519MLKEM768:${classicGroups}`,
    },
  },
} as const satisfies Record<string, Profile>;

export type ProfileId = keyof typeof profiles;

export interface Kind {
  readonly role: string;
  readonly tags: readonly string[];
  /** How many machines of a hundred are of this kind. */
  readonly share: number;
  readonly before: ProfileId;
  readonly after: ProfileId;
  /** How many of a hundred change from `before` to `after` within the year. */
  readonly changing: number;
  /** What facts an enrolled machine of the kind sends. */
  readonly windows?: SystemName;
}

/** Shares add up to 100. */
export const kinds: readonly Kind[] = [
  {
    ...{ role: 'xray', tags: ['medical'], share: 2, windows: '7 SP1' },
    ...{ before: 'tls10', after: 'tls12cbc', changing: 40 },
  },
  {
    ...{ role: 'press', tags: ['plant'], share: 4, windows: '2008 R2 SP1' },
    ...{ before: 'tls10', after: 'tls12cbc', changing: 88 },
  },
  {
    ...{ role: 'till', tags: ['shop'], share: 6, windows: '2012' },
    ...{ before: 'tls11', after: 'tls12', changing: 80 },
  },
  {
    ...{ role: 'db', tags: ['server', 'critical'], share: 14, windows: '2012 R2' },
    ...{ before: 'tls12cbc', after: 'tls12', changing: 65 },
  },
  {
    ...{ role: 'file', tags: ['server'], share: 18, windows: '2016' },
    ...{ before: 'tls12', after: 'tls13', changing: 45 },
  },
  {
    ...{ role: 'web', tags: ['server'], share: 20 },
    ...{ before: 'tls13', after: 'hybrid', changing: 55 },
  },
  {
    ...{ role: 'laptop', tags: ['office'], share: 28, windows: '11 25H2' },
    ...{ before: 'tls13', after: 'hybrid', changing: 70 },
  },
  {
    ...{ role: 'build', tags: ['server'], share: 8 },
    ...{ before: 'hybrid', after: 'hybrid', changing: 0 },
  },
];
