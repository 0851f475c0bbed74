/**
 * What a policy is without a capability. Versions stay gapless, since one TLS context has a lowest and
 * a highest version: without TLS 1.1 there is no TLS 1.0 either, and without a suite that a version
 * needs that version goes too.
 */

import type { CipherSuite } from '../cipher-suites.ts';
import { findGroup } from '../groups.ts';
import type { Policy } from '../policy.ts';
import { findContradiction, policySuites } from '../policy.ts';
import { findSignatureScheme } from '../signature-schemes.ts';
import type { TlsVersion } from '../versions.ts';
import { tls10, tls11, tls12, tls13 } from '../versions.ts';
import type { Capability } from './plan.ts';
import type { Agreement } from './verdict.ts';

/** Every capability that can be retired, oldest protocol first. */
export const capabilities = [
  ...(['tls1.0', 'tls1.1', 'tls1.2'] as const),
  ...(['3des', 'rc4', 'cbc', 'static-rsa', 'sha1', 'no-pq'] as const),
] as const satisfies readonly Capability[];

const versionOf: Readonly<Partial<Record<Capability, TlsVersion>>> = {
  'tls1.0': tls10,
  'tls1.1': tls11,
  'tls1.2': tls12,
};

/** The version that a capability is; undefined for suites, signatures and key exchange. */
export function capabilityVersion(capability: Capability): TlsVersion | undefined {
  return versionOf[capability];
}

/**
 * The policy without a capability; undefined when nothing usable is left. The policy itself comes back
 * when it does not have the capability. The same arguments give the same object, so that one context
 * can be kept for each result.
 */
export function withoutCapability(policy: Policy, capability: Capability): Policy | undefined {
  const narrowed = narrowPolicy(policy, capability);
  return isUsable(narrowed) ? narrowed : undefined;
}

/** True if retiring the capability changes anything for the policy. */
export function hasCapability(policy: Policy, capability: Capability): boolean {
  return narrowPolicy(policy, capability) !== policy;
}

/** True if some client can agree on something: what is left of a policy may be nothing. */
export function isUsable(policy: Policy): boolean {
  return (
    policy.versions.length > 0 &&
    policy.signatureSchemes.length > 0 &&
    policy.groups.length > 0 &&
    findContradiction(policy) === undefined
  );
}

/**
 * As {@link withoutCapability}, but what is left may be unusable: negotiate() with it still names the
 * alert and the reason for a client that has nothing else.
 */
export function narrowPolicy(policy: Policy, capability: Capability): Policy {
  const known = narrowed.get(policy) ?? new Map<Capability, Policy>();
  narrowed.set(policy, known);
  const result = known.get(capability) ?? narrow(policy, capability);
  known.set(capability, result);
  return result;
}

/** Takes several away, in the order of the table whatever the order given. */
export function narrowAll(policy: Policy, retired: ReadonlySet<Capability>): Policy {
  return capabilities
    .filter((capability) => retired.has(capability))
    .reduce((rest, capability) => narrowPolicy(rest, capability), policy);
}

/**
 * True if all that was agreed on is also in the policy. If it was agreed on under a wider policy, a
 * client that agrees so is never refused by this one: the version stays the highest in common, and at
 * least what it had is still there to choose.
 */
export function admits(policy: Policy, agreement: Agreement): boolean {
  const { version, cipherSuite, group, signatureScheme } = agreement;
  return (
    policy.versions.includes(version) &&
    policy.cipherSuites.includes(cipherSuite) &&
    (group === undefined || policy.groups.some((level) => level.includes(group))) &&
    (signatureScheme === undefined || policy.signatureSchemes.includes(signatureScheme))
  );
}

/** Remembered results: they depend on nothing but the arguments. */
const narrowed = new WeakMap<Policy, Map<Capability, Policy>>();

function narrow(policy: Policy, capability: Capability): Policy {
  switch (capability) {
    case 'tls1.0':
    case 'tls1.1':
    case 'tls1.2':
      return keepVersions(policy, (version) => version > (versionOf[capability] ?? tls13));
    case '3des':
    case 'rc4':
    case 'cbc':
    case 'static-rsa':
      return withoutSuites(policy, suiteTests[capability]);
    case 'sha1':
      return withoutSha1(policy);
    case 'no-pq':
      return withHybridsOnly(policy);
  }
}

/** 3DES stands for every cipher with blocks of 64 bits (SWEET32): they end together. */
const suiteTests = {
  '3des': (suite: CipherSuite) => suite.strength === 'block64',
  rc4: (suite: CipherSuite) => suite.encryption?.startsWith('RC4') ?? false,
  cbc: (suite: CipherSuite) => suite.encryption?.endsWith('-CBC') ?? false,
  'static-rsa': (suite: CipherSuite) => /^RSA(?:_PSK)?$/.test(suite.keyExchange ?? ''),
} as const;

function keepVersions(policy: Policy, keep: (version: TlsVersion) => boolean): Policy {
  const versions = policy.versions.filter(keep);
  return versions.length === policy.versions.length ? policy : { ...policy, versions };
}

function withoutSuites(policy: Policy, isRetired: (suite: CipherSuite) => boolean): Policy {
  const kept = policySuites(policy).filter((suite) => !isRetired(suite));
  if (kept.length === policy.cipherSuites.length) return policy;
  const isServed = (version: TlsVersion): boolean =>
    kept.some(
      (suite) => suite.inNode && (suite.min ?? tls13) <= version && (suite.max ?? tls10) >= version,
    );
  const firstServed = policy.versions.findLastIndex((version) => !isServed(version)) + 1;
  return {
    ...policy,
    cipherSuites: kept.map((suite) => suite.code),
    versions: policy.versions.slice(firstServed),
  };
}

/** Handshakes before TLS 1.2 are signed with SHA-1, or MD5 and SHA-1, and nothing else. */
function withoutSha1(policy: Policy): Policy {
  const signatureSchemes = policy.signatureSchemes.filter(
    (code) => findSignatureScheme(code)?.hash !== 'sha1',
  );
  const rest = keepVersions(policy, (version) => version >= tls12);
  if (signatureSchemes.length === policy.signatureSchemes.length) return rest;
  return { ...rest, signatureSchemes };
}

/** Hybrids exist in TLS 1.3 only. */
function withHybridsOnly(policy: Policy): Policy {
  const groups = policy.groups
    .map((level) => level.filter((code) => findGroup(code)?.postQuantum === true))
    .filter((level) => level.length > 0);
  const rest = keepVersions(policy, (version) => version === tls13);
  return groups.flat().length === policy.groups.flat().length ? rest : { ...rest, groups };
}
