/** Suites, curves and signature pairs that a machine's Schannel offers, and the hello made of them. */

import type { CipherSuite } from '../../tls/cipher-suites.ts';
import { makeOffer, type Offer } from '../../tls/offer.ts';
import type { TlsVersion } from '../../tls/versions.ts';
import { sslv3, tls10, tls12, tls13 } from '../../tls/versions.ts';
import type { Facts, RegistryFact } from '../facts/facts.ts';
import { localSuitesKey, lsaKey, policySuitesKey, schannelKey } from '../facts/registry-facts.ts';
import { viewOf } from '../facts/registry-view.ts';
import {
  algorithmSwitches,
  curvesOfSuffixes,
  defaultGroups,
  defaultPairs,
  defaultSuites,
  isFipsGroup,
  isFipsSuite,
  isKnownSuiteName,
  isStrongSuite,
  parseCurveName,
  parsePair,
  parseSuiteName,
} from '../rules/schannel-algorithms.ts';
import { type UpdatePurpose, updateEvidence, updateFor } from '../rules/updates.ts';
import type { MissingFact } from './verdict.ts';

export interface ClientAlgorithms {
  readonly suites: readonly CipherSuite[];
  readonly groups: readonly number[];
  readonly pairs: readonly number[];
  /** Where the list of suites stands; undefined for Windows' own. */
  readonly list: { readonly origin: 'policy' | 'local'; readonly fact: RegistryFact } | undefined;
  /** Names of the list that this Windows does not know for lack of a curve. */
  readonly unknownNames: readonly string[];
  /** Subkeys of SCHANNEL that took suites away, with their names. */
  readonly takenAway: readonly {
    readonly fact: RegistryFact;
    readonly suites: readonly string[];
  }[];
  readonly fips: boolean;
  readonly assumed: readonly MissingFact[];
}

export function clientAlgorithms(facts: Facts, build: number): ClientAlgorithms {
  const view = viewOf(facts);
  const assumed: MissingFact[] = [];
  const list = suiteList(facts);
  if (list?.origin !== 'policy' && !view.wasRead(policySuitesKey)) {
    assumed.push({ kind: 'key', path: policySuitesKey });
  }
  const names =
    list?.names ?? defaultSuites(build, { hasGcmUpdate: hasUpdate(facts, 'gcm-suites', build) });
  const unknownNames =
    list === undefined ? [] : names.filter((name) => !isKnownSuiteName(name, build));
  const known = names.flatMap((name) => {
    const suite = unknownNames.includes(name) ? undefined : parseSuiteName(name);
    return suite === undefined || isOnRequestOnly(suite) ? [] : suite;
  });
  const fips = isFips(facts);
  const fromStart = [...new Set(known)].filter((suite) => !fips || isFipsSuite(suite));
  const { suites, takenAway } = applySwitches(facts, fromStart);
  const groups = groupsOf(facts, build, list?.names);
  return {
    ...{ suites, takenAway, fips, assumed, unknownNames },
    list: list === undefined ? undefined : { origin: list.origin, fact: list.fact },
    groups: groups.filter((group) => !fips || isFipsGroup(group)),
    pairs: pairsOf(facts, build),
  };
}

function hasUpdate(facts: Facts, purpose: UpdatePurpose, build: number): boolean {
  const row = updateFor(purpose, build);
  return row !== undefined && updateEvidence(facts, row).kind === 'proven';
}

/** NULL and PSK suites stand in Windows' lists, but are used only by programs that ask for them. */
function isOnRequestOnly(suite: CipherSuite): boolean {
  return suite.strength === 'null' || suite.strength === 'sslv2' || suite.name.includes('_PSK_');
}

interface SuiteList {
  readonly origin: 'policy' | 'local';
  readonly names: readonly string[];
  readonly fact: RegistryFact;
}

/** The policy's list replaces the local one; the local one replaces Windows' own. */
function suiteList(facts: Facts): SuiteList | undefined {
  const view = viewOf(facts);
  const policy = view.find(policySuitesKey, 'Functions');
  const ofPolicy = policy && namesIn(policy);
  if (policy && ofPolicy) return { origin: 'policy', names: ofPolicy, fact: policy };
  const local = view.find(`${localSuitesKey}\\00010002`, 'Functions');
  const ofLocal = local && namesIn(local);
  return local && ofLocal && { origin: 'local', names: ofLocal, fact: local };
}

function namesIn({ data }: RegistryFact): string[] | undefined {
  const parts = Array.isArray(data) ? data : typeof data === 'string' ? data.split(',') : [];
  const names = parts.map((name) => name.trim()).filter((name) => name !== '');
  return names.length === 0 ? undefined : names;
}

function applySwitches(facts: Facts, start: readonly CipherSuite[]) {
  const view = viewOf(facts);
  const takenAway: { fact: RegistryFact; suites: string[] }[] = [];
  let suites = start;
  for (const { key, takesAway } of algorithmSwitches) {
    const reading = view.dword(`${schannelKey}\\${key}`, 'Enabled');
    if (reading.kind !== 'set' || reading.value !== 0) continue;
    const gone = suites.filter(takesAway);
    if (gone.length === 0) continue;
    suites = suites.filter((suite) => !gone.includes(suite));
    takenAway.push({ fact: reading.fact, suites: gone.map((suite) => suite.name) });
  }
  return { suites, takenAway };
}

function groupsOf(facts: Facts, build: number, names: readonly string[] | undefined): number[] {
  const view = viewOf(facts);
  const order =
    view.find(policySuitesKey, 'EccCurves') ??
    view.find(`${localSuitesKey}\\00010002`, 'EccCurves');
  const listed = order && namesIn(order)?.flatMap((name) => parseCurveName(name) ?? []);
  if (listed !== undefined && listed.length > 0 && build >= 10_240) return listed;
  const suffixes = build < 10_240 && names !== undefined ? curvesOfSuffixes(names) : [];
  return suffixes.length > 0 ? suffixes : [...defaultGroups(build)];
}

function pairsOf(facts: Facts, build: number): readonly number[] {
  const fact = viewOf(facts).find(`${localSuitesKey}\\00010003`, 'Functions');
  const listed = fact && namesIn(fact)?.flatMap((name) => parsePair(name) ?? []);
  if (listed !== undefined && listed.length > 0) return listed;
  return defaultPairs(build, { hasSha512Update: hasUpdate(facts, 'sha512', build) });
}

export function fipsFact(facts: Facts): RegistryFact | undefined {
  const view = viewOf(facts);
  return (
    view.find(`${lsaKey}\\FipsAlgorithmPolicy`, 'Enabled') ??
    view.find(lsaKey, 'FIPSAlgorithmPolicy')
  );
}

function isFips(facts: Facts): boolean {
  return fipsFact(facts)?.data === 1;
}

/** The hello of a program on this machine that offers these versions. */
export function schannelOffer(
  versions: readonly TlsVersion[],
  algorithms: ClientAlgorithms,
  { strongCrypto = false }: { readonly strongCrypto?: boolean } = {},
): Offer {
  const max = versions.reduce((best, version) => Math.max(best, version), 0);
  const suites = algorithms.suites
    .filter((suite) => !strongCrypto || isStrongSuite(suite))
    .filter((suite) => versions.some((version) => isDefined(suite, version)));
  const speaks13 = max === tls13;
  const { groups, pairs } = algorithms;
  return makeOffer({
    legacyVersion: Math.max(sslv3, Math.min(max, tls12)),
    versions: speaks13 ? [...versions].filter((version) => version >= tls10).reverse() : undefined,
    cipherSuites: suites.map((suite) => suite.code),
    groups: max < tls10 || groups.length === 0 ? undefined : groups,
    keyShares: speaks13 ? groups.slice(0, 1) : undefined,
    signatureSchemes: max >= tls12 ? pairs : undefined,
    pointFormats: max < tls10 ? undefined : [0],
    pskModes: speaks13 ? [1] : undefined,
    secureRenegotiation: true,
  });
}

function isDefined(suite: CipherSuite, version: TlsVersion): boolean {
  return (suite.min ?? tls13) <= version && (suite.max ?? 0) >= version;
}
