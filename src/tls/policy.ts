/**
 * A TLS policy: what a server accepts, as data. Baselines are in baselines.ts; a user's policy is a
 * YAML file, read here. `contextOptions` makes the settings of Node's TLS from the same data that
 * negotiate.ts predicts from, so that the two cannot drift apart.
 */

import { z } from 'zod';
import { SealiftError } from '../base/errors.ts';
import type { CertificateType } from './certificate-types.ts';
import { certificateTypes } from './certificate-types.ts';
import type { CipherSuite } from './cipher-suites.ts';
import { brokenStrengths, findCipherSuiteByName, getCipherSuite } from './cipher-suites.ts';
import { findGroup, findGroupByName } from './groups.ts';
import { findSignatureScheme, findSignatureSchemeByName } from './signature-schemes.ts';
import type { TlsVersion } from './versions.ts';
import { findVersion, findVersionByName, tls10, tls12, tls13 } from './versions.ts';
import type { YamlText } from './yaml-text.ts';
import { parseFields, readYamlText } from './yaml-text.ts';

export interface Policy {
  readonly name: string;
  /** The guideline and its date, or the file. */
  readonly source: string;
  /** Oldest first, without a gap, TLS 1.0 to TLS 1.3. */
  readonly versions: readonly TlsVersion[];
  /** Codes in order of preference, those of TLS 1.3 and of older versions in one list. */
  readonly cipherSuites: readonly number[];
  /** Whose order of suites, groups and schemes decides. */
  readonly preference: 'server' | 'client';
  /**
   * Levels of groups: a group of an earlier level is worth a HelloRetryRequest, one inside a level is
   * not (OpenSSL 3.5's group tuples).
   */
  readonly groups: readonly (readonly number[])[];
  /** In order of preference. */
  readonly signatureSchemes: readonly number[];
  /** The certificates that the server has, one of each key type. */
  readonly certificates: readonly CertificateType[];
  /** DHE suites are usable (`dhparam: 'auto'`). */
  readonly finiteFieldDh: boolean;
}

const versionField = z.string().transform((text, context): TlsVersion => {
  const version = findVersionByName(text);
  if (version !== undefined && version.code >= tls10) return version.code;
  context.addIssue({ code: 'custom', message: `"${text}" is not one of 1.0, 1.1, 1.2, 1.3` });
  return z.NEVER;
});

const suiteField = z.string().transform((text, context): number => {
  const suite = findCipherSuiteByName(text);
  const trouble = suiteTrouble(text, suite);
  if (suite !== undefined && trouble === undefined) return suite.code;
  context.addIssue({ code: 'custom', message: trouble ?? text });
  return z.NEVER;
});

function suiteTrouble(text: string, suite: CipherSuite | undefined): string | undefined {
  if (suite === undefined) return `"${text}" is not a cipher suite (IANA's or OpenSSL's name)`;
  if (suite.strength === 'signal') return `"${text}" is a signal, not a cipher suite`;
  if (brokenStrengths.has(suite.strength)) {
    return `"${text}" is broken (class ${suite.strength}); no policy may accept it`;
  }
  return undefined;
}

const groupField = z.string().transform((text, context): number => {
  const group = findGroupByName(text);
  if (group?.openssl !== undefined) return group.code;
  const message =
    group === undefined
      ? `"${text}" is not a named group`
      : `OpenSSL cannot do the group "${text}"`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const schemeField = z.string().transform((text, context): number => {
  const scheme = findSignatureSchemeByName(text);
  if (scheme !== undefined && scheme.hash !== 'md5') return scheme.code;
  context.addIssue({ code: 'custom', message: `"${text}" is not a usable signature scheme` });
  return z.NEVER;
});

/** YAML reads 1.2 as a number; people write it without quotes. */
const versionText = z
  .union([z.string(), z.number().transform((value) => value.toFixed(1))])
  .pipe(versionField);

const groupLevel = z.union([groupField.transform((group) => [group]), z.array(groupField).min(1)]);

/** A policy file. `extends` takes a baseline's fields for those that are left out. */
export const policySchema = z.strictObject({
  name: z.string().min(1).optional(),
  extends: z.string().min(1).optional(),
  versions: z
    .array(versionText)
    .min(1)
    .transform((versions) => [...new Set(versions)].sort((a, b) => a - b))
    .refine((versions) => (versions.at(-1) ?? 0) - (versions[0] ?? 0) === versions.length - 1, {
      message: 'must not leave out a version between the first and the last',
    })
    .optional(),
  cipherSuites: z.array(suiteField).min(1).optional(),
  preference: z.enum(['server', 'client']).optional(),
  groups: z.array(groupLevel).min(1).optional(),
  signatureSchemes: z.array(schemeField).min(1).optional(),
  certificates: z.array(z.enum(certificateTypes)).min(1).optional(),
  finiteFieldDh: z.boolean().optional(),
});

export type PolicyDocument = z.input<typeof policySchema>;

export interface ParsePolicyOptions {
  /** For messages. */
  readonly file: string;
  /** Looks up what `extends` names; `intermediate` stands for fields that a file without it leaves out. */
  readonly findBaseline: (name: string) => Policy | undefined;
}

/**
 * Reads a policy file.
 * @throws SealiftError `tls/policy-file` that names file, line and field
 */
export function parsePolicy(yaml: string, options: ParsePolicyOptions): Policy {
  const text = readYamlText(yaml, { file: options.file, what: 'a policy' });
  return policyOfFields(parseFields(text, policySchema), { ...options, text, at: [] });
}

/**
 * The policy of fields that the schema has read, which may stand inside another document.
 * @param options.at where in the document they stand, for messages
 * @throws SealiftError `tls/policy-file` that names file, line and field
 */
export function policyOfFields(
  own: z.output<typeof policySchema>,
  options: ParsePolicyOptions & { readonly text: YamlText; readonly at: readonly PropertyKey[] },
): Policy {
  const { file, findBaseline, text, at } = options;
  const baselineName = own.extends ?? 'intermediate';
  const baseline = findBaseline(baselineName);
  if (baseline === undefined) {
    throw text.fail([...at, 'extends'], `"${baselineName}" is not a baseline`);
  }
  const policy = mergePolicy(baseline, own, file);
  const trouble = findContradiction(policy);
  if (trouble !== undefined) throw text.fail([...at, trouble.field], trouble.message);
  return policy;
}

function mergePolicy(baseline: Policy, own: z.output<typeof policySchema>, file: string): Policy {
  return {
    name: own.name ?? file,
    source: file,
    versions: own.versions ?? baseline.versions,
    cipherSuites: own.cipherSuites ?? baseline.cipherSuites,
    preference: own.preference ?? baseline.preference,
    groups: own.groups ?? baseline.groups,
    signatureSchemes: own.signatureSchemes ?? baseline.signatureSchemes,
    certificates: own.certificates ?? baseline.certificates,
    finiteFieldDh: own.finiteFieldDh ?? baseline.finiteFieldDh,
  };
}

export interface Contradiction {
  readonly field: keyof Policy;
  readonly message: string;
}

/** The first thing in a policy that no client can satisfy; undefined when there is none. */
export function findContradiction(policy: Policy): Contradiction | undefined {
  const flat = policy.groups.flat();
  if (new Set(flat).size < flat.length) {
    return { field: 'groups', message: 'a group is listed twice' };
  }
  for (const code of policy.versions) {
    const usable = policySuites(policy).some(
      (suite) => suite.inNode && (suite.min ?? tls13) <= code && (suite.max ?? tls10) >= code,
    );
    const name = findVersion(code)?.short ?? '';
    if (!usable)
      return { field: 'cipherSuites', message: `no suite that Node has is usable in TLS ${name}` };
  }
  if (policy.versions.includes(tls13) && !flat.some((code) => findGroup(code)?.max === tls13)) {
    return { field: 'groups', message: 'no group is usable in TLS 1.3' };
  }
  return undefined;
}

/** The suites as records, in order of preference. */
export function policySuites(policy: Policy): CipherSuite[] {
  return policy.cipherSuites.map(getCipherSuite);
}

/** The settings of `tls.createSecureContext` and `tls.createServer` that a policy decides. */
export interface ContextOptions {
  readonly minVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers: string;
  readonly honorCipherOrder: boolean;
  readonly ecdhCurve: string;
  readonly sigalgs: string;
  readonly dhparam?: 'auto';
}

/**
 * Settings for Node's TLS.
 * @param options.openssl `process.versions.openssl`; before 3.5 there are neither hybrids, levels of
 *   groups nor Brainpool in TLS 1.3, and negotiate.ts does not claim to predict those versions
 * @throws SealiftError `tls/policy` when this OpenSSL lacks every group of the policy
 */
export function contextOptions(
  policy: Policy,
  { openssl = '3.5.0' }: { readonly openssl?: string } = {},
): ContextOptions {
  const suites = policySuites(policy).filter((suite) => suite.inNode && isUsable(suite, policy));
  const names = suites.flatMap((suite) => suite.openssl ?? []);
  // OpenSSL wants a suite of TLS 1.2 in the list that sets the level, even where none is ever used.
  if (policy.versions[0] === tls13) names.push('DEFAULT');
  return {
    minVersion: nodeVersion(policy.versions[0]),
    maxVersion: nodeVersion(policy.versions.at(-1)),
    ciphers: [...names, `@SECLEVEL=${securityLevel(policy)}`].join(':'),
    honorCipherOrder: policy.preference === 'server',
    ecdhCurve: groupList(policy, openssl),
    sigalgs: schemeList(policy, openssl),
    ...(policy.finiteFieldDh ? { dhparam: 'auto' as const } : {}),
  };
}

function isUsable(suite: CipherSuite, policy: Policy): boolean {
  return policy.versions.some(
    (version) => (suite.min ?? tls13) <= version && (suite.max ?? tls10) >= version,
  );
}

/**
 * OpenSSL's security level: 0 where SHA-1 is needed in the handshake (TLS 1.0 and 1.1, or a scheme with
 * it), 2 otherwise, which is OpenSSL 3.5's default and the same on every Node.
 */
export function securityLevel(policy: Policy): 0 | 2 {
  const weakScheme = policy.signatureSchemes.some(
    (code) => findSignatureScheme(code)?.hash === 'sha1',
  );
  return weakScheme || (policy.versions[0] ?? tls13) < tls12 ? 0 : 2;
}

/** Levels of groups, hybrids, ML-DSA and Brainpool in TLS 1.3 are all there from OpenSSL 3.5 on. */
function isCurrent(openssl: string): boolean {
  const [major = 0, minor = 0] = openssl.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 5);
}

/** Older OpenSSL knows the SHA-1 schemes only as pairs, which OpenSSL 3.5 still takes. */
const schemePairs: ReadonlyMap<string, string> = new Map([
  ['rsa_pkcs1_sha1', 'RSA+SHA1'],
  ['ecdsa_sha1', 'ECDSA+SHA1'],
]);

function schemeList(policy: Policy, openssl: string): string {
  return policy.signatureSchemes
    .flatMap((code) => {
      const scheme = findSignatureScheme(code);
      if (scheme === undefined) return [];
      if (!scheme.inTls12 && !isCurrent(openssl)) return [];
      return [schemePairs.get(scheme.name) ?? scheme.name];
    })
    .join(':');
}

function groupList(policy: Policy, openssl: string): string {
  const hasLevels = isCurrent(openssl);
  const levels = policy.groups
    .map((level) =>
      level.flatMap((code) => {
        const group = findGroup(code);
        const isBrainpool13 = group?.name.startsWith('brainpool') && group.min === tls13;
        const isKnown = hasLevels || (group?.postQuantum === false && !isBrainpool13);
        return isKnown && group?.openssl !== undefined ? [group.openssl] : [];
      }),
    )
    .filter((level) => level.length > 0);
  if (levels.length === 0) {
    throw new SealiftError(
      'tls/policy',
      `OpenSSL ${openssl} has no group of policy ${policy.name}`,
      {
        hint: 'use Node 24.5 or newer, which brings OpenSSL 3.5',
      },
    );
  }
  return levels.map((level) => level.join(':')).join(hasLevels ? '/' : ':');
}

function nodeVersion(code: TlsVersion | undefined): ContextOptions['minVersion'] {
  const name = code === undefined ? undefined : findVersion(code)?.node;
  switch (name) {
    case 'TLSv1':
    case 'TLSv1.1':
    case 'TLSv1.2':
    case 'TLSv1.3':
      return name;
    default:
      throw new RangeError(`Node cannot speak version ${code}`);
  }
}
