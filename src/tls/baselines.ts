/** The named baselines: published guidelines as policies. */

import { findCipherSuiteByName } from './cipher-suites.ts';
import { findGroupByName } from './groups.ts';
import type { Policy } from './policy.ts';
import { findSignatureSchemeByName } from './signature-schemes.ts';
import type { TlsVersion } from './versions.ts';
import { tls10, tls11, tls12, tls13 } from './versions.ts';

const aeadOf13 = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
] as const;

const aeadOf12 = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
] as const;

const finiteFieldAead = [
  'DHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-CHACHA20-POLY1305',
] as const;

const legacySuites = [
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'DHE-RSA-AES128-SHA256',
  'DHE-RSA-AES256-SHA256',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA256',
  'AES256-SHA256',
  'AES128-SHA',
  'AES256-SHA',
  // In the guideline, but not compiled into Node's OpenSSL: negotiate says so.
  'DES-CBC3-SHA',
] as const;

const ecdsaSchemes = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ecdsa_secp521r1_sha512',
] as const;

const pssSchemes = [
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pss_pss_sha256',
  'rsa_pss_pss_sha384',
  'rsa_pss_pss_sha512',
] as const;

const pkcs1Schemes = ['rsa_pkcs1_sha256', 'rsa_pkcs1_sha384', 'rsa_pkcs1_sha512'] as const;

const usualSchemes = [...ecdsaSchemes, 'ed25519', ...pssSchemes, ...pkcs1Schemes] as const;

const mozillaGroups = [['X25519MLKEM768'], ['x25519', 'secp256r1'], ['secp384r1']] as const;

export const baselines = [
  baseline({
    name: 'modern',
    source: 'Mozilla Server Side TLS 6.0, modern, 2026-04-06',
    versions: [tls13],
    cipherSuites: aeadOf13,
    preference: 'client',
    groups: mozillaGroups,
    signatureSchemes: usualSchemes,
    certificates: ['ecdsa-p256'],
  }),
  baseline({
    name: 'intermediate',
    source: 'Mozilla Server Side TLS 6.0, intermediate, 2026-04-06',
    versions: [tls12, tls13],
    cipherSuites: [...aeadOf13, ...aeadOf12],
    preference: 'client',
    groups: mozillaGroups,
    signatureSchemes: usualSchemes,
    certificates: ['ecdsa-p256'],
  }),
  baseline({
    name: 'old',
    source: 'Mozilla Server Side TLS 5.7, old (dropped in 6.0)',
    versions: [tls10, tls11, tls12, tls13],
    cipherSuites: [...aeadOf13, ...aeadOf12, ...finiteFieldAead, ...legacySuites],
    preference: 'server',
    groups: mozillaGroups,
    signatureSchemes: [...usualSchemes, 'ecdsa_sha1', 'rsa_pkcs1_sha1'],
    certificates: ['rsa'],
    finiteFieldDh: true,
  }),
  baseline({
    name: 'nist-sp-800-52r2',
    source: 'NIST SP 800-52 Rev. 2, 2019-08, government-only servers',
    versions: [tls12, tls13],
    cipherSuites: [
      ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_AES_128_CCM_SHA256'],
      ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
      ...['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384'],
      ...['ECDHE-ECDSA-AES128-CCM', 'ECDHE-ECDSA-AES256-CCM'],
      ...['DHE-RSA-AES128-GCM-SHA256', 'DHE-RSA-AES256-GCM-SHA384'],
      ...['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA384'],
      ...['ECDHE-RSA-AES128-SHA256', 'ECDHE-RSA-AES256-SHA384'],
    ],
    preference: 'server',
    groups: [
      ['secp256r1', 'secp384r1', 'secp521r1'],
      ['ffdhe2048', 'ffdhe3072'],
    ],
    signatureSchemes: [...ecdsaSchemes, ...pssSchemes, ...pkcs1Schemes],
    certificates: ['ecdsa-p256'],
    finiteFieldDh: true,
  }),
  baseline({
    name: 'bsi-tr-02102-2',
    source: 'BSI TR-02102-2, 2026-01',
    versions: [tls12, tls13],
    cipherSuites: [
      ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_AES_128_CCM_SHA256'],
      ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
      ...['ECDHE-ECDSA-AES128-CCM', 'ECDHE-ECDSA-AES256-CCM'],
      ...['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384'],
      // Recommended until the end of 2029.
      ...['DHE-RSA-AES128-GCM-SHA256', 'DHE-RSA-AES256-GCM-SHA384'],
    ],
    preference: 'server',
    groups: [
      ['SecP256r1MLKEM768', 'SecP384r1MLKEM1024'],
      ['secp256r1', 'secp384r1', 'secp521r1'],
      ['brainpoolP256r1tls13', 'brainpoolP384r1tls13', 'brainpoolP512r1tls13'],
      ['brainpoolP256r1', 'brainpoolP384r1', 'brainpoolP512r1'],
      ['ffdhe3072'],
    ],
    signatureSchemes: [
      ...ecdsaSchemes,
      'ecdsa_brainpoolP256r1tls13_sha256',
      'ecdsa_brainpoolP384r1tls13_sha384',
      'ecdsa_brainpoolP512r1tls13_sha512',
      ...pssSchemes,
    ],
    certificates: ['ecdsa-p256'],
    finiteFieldDh: true,
  }),
  baseline({
    name: 'pq',
    source: 'Sealift: TLS 1.3 with a standard ML-KEM hybrid and nothing else',
    versions: [tls13],
    cipherSuites: [
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'TLS_AES_128_GCM_SHA256',
    ],
    preference: 'server',
    groups: [['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024']],
    signatureSchemes: usualSchemes,
    certificates: ['ecdsa-p256'],
  }),
] as const satisfies readonly Policy[];

const otherNames: Readonly<Record<string, string>> = {
  nist: 'nist-sp-800-52r2',
  bsi: 'bsi-tr-02102-2',
};

/** A baseline by its name, or by `nist` and `bsi`. */
export function findBaseline(name: string): Policy | undefined {
  const wanted = name.trim().toLowerCase();
  return baselines.find((policy) => policy.name === (otherNames[wanted] ?? wanted));
}

/** @throws RangeError for a name that is no baseline */
export function getBaseline(name: string): Policy {
  const policy = findBaseline(name);
  if (policy === undefined) throw new RangeError(`no baseline is called ${name}`);
  return policy;
}

interface BaselineText {
  readonly name: string;
  readonly source: string;
  readonly versions: readonly TlsVersion[];
  readonly cipherSuites: readonly string[];
  readonly preference: Policy['preference'];
  readonly groups: readonly (readonly string[])[];
  readonly signatureSchemes: readonly string[];
  readonly certificates: Policy['certificates'];
  readonly finiteFieldDh?: boolean;
}

/** A wrong name fails when the module loads, so that no baseline can carry one. */
function baseline(text: BaselineText): Policy {
  return {
    ...text,
    cipherSuites: text.cipherSuites.map((name) => codeOf(name, findCipherSuiteByName(name))),
    groups: text.groups.map((level) => level.map((name) => codeOf(name, findGroupByName(name)))),
    signatureSchemes: text.signatureSchemes.map((name) =>
      codeOf(name, findSignatureSchemeByName(name)),
    ),
    finiteFieldDh: text.finiteFieldDh ?? false,
  };
}

function codeOf(name: string, entry: { readonly code: number } | undefined): number {
  if (entry === undefined) throw new RangeError(`${name} is in no registry`);
  return entry.code;
}
