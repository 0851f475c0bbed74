/** The hello of Java's own TLS, predicted from its release, its security and its system properties. */

import {
  findCipherSuite,
  findCipherSuiteByName,
  renegotiationScsv,
} from '../../tls/cipher-suites.ts';
import { findGroup, findGroupByName } from '../../tls/groups.ts';
import type { Offer } from '../../tls/offer.ts';
import { makeOffer } from '../../tls/offer.ts';
import { findSignatureScheme, findSignatureSchemeByName } from '../../tls/signature-schemes.ts';
import type { TlsVersion } from '../../tls/versions.ts';
import { tls12, tls13 } from '../../tls/versions.ts';
import type { JavaVersion } from '../facts/java/java-version.ts';
import type { JavaConstraints } from './java-constraints.ts';
import {
  allowsGroup,
  allowsScheme,
  allowsSuite,
  allowsVersion,
  findJavaVersionName,
  parseConstraints,
} from './java-constraints.ts';
import type { JavaTraits } from './java-releases.ts';
import { javaTraits } from './java-releases.ts';
import type { StackOffer } from './stack-offer.ts';

export interface JavaInput {
  readonly version: JavaVersion;
  /** Security and system properties by name; what is not there has the release's default. */
  readonly properties: ReadonlyMap<string, string>;
  /** The runtime's own file uses `TLS_RSA_*`: an update brought the wider language to it. */
  readonly wideConstraints?: boolean;
}

interface Client {
  readonly traits: JavaTraits;
  readonly properties: ReadonlyMap<string, string>;
  readonly constraints: JavaConstraints;
  readonly groups: readonly number[];
}

/** The offer of an SSLSocket with default parameters. */
export function predictJava({
  version,
  properties,
  wideConstraints = false,
}: JavaInput): StackOffer {
  const traits = javaTraits(version);
  if (traits === undefined) return { kind: 'unknown', missing: 'release' };
  const disabled = properties.get('jdk.tls.disabledAlgorithms') ?? traits.disabledAlgorithms;
  const constraints = parseConstraints(disabled, {
    wide: traits.wideConstraints || wideConstraints,
    curves: properties.get('jdk.disabled.namedCurves'),
  });
  const wanted = listOf(properties, 'jdk.tls.namedGroups')?.flatMap(
    (name) => findGroupByName(name)?.code ?? [],
  );
  const groups = (wanted ?? traits.groups).filter((code) => allowsGroup(constraints, code));
  const client: Client = { traits, properties, constraints, groups };
  const enabled = enabledVersions(client);
  if (enabled.length === 0) return { kind: 'nothing', why: 'no-version' };
  const suites = enabledSuites(client);
  // A version that no suite fits is not offered; the signalling suite fits all before TLS 1.3.
  const versions = enabled.filter((one) => suites.some((code) => fits(code, one)));
  const codes = suites.filter((code) => versions.some((one) => fits(code, one)));
  if (versions.length === 0) return { kind: 'nothing', why: 'no-suite' };
  return { kind: 'offer', versions, offer: hello(client, versions, codes) };
}

function listOf(properties: ReadonlyMap<string, string>, name: string): string[] | undefined {
  const text = properties
    .get(name)
    ?.trim()
    .replace(/^"(.*)"$/s, '$1');
  if (text === undefined || text === '') return undefined;
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function enabledVersions({ traits, properties, constraints }: Client): TlsVersion[] {
  const named = listOf(properties, 'jdk.tls.client.protocols')?.flatMap(
    (name) => findJavaVersionName(name, traits.supported) ?? [],
  );
  const wanted = new Set(named ?? traits.versions);
  return traits.supported.filter((one) => wanted.has(one) && allowsVersion(constraints, one));
}

function enabledSuites({ traits, properties, constraints, groups }: Client): number[] {
  const named = listOf(properties, 'jdk.tls.client.cipherSuites')?.flatMap(
    (name) => findCipherSuiteByName(name.replace(/^SSL_/, 'TLS_'))?.code ?? [],
  );
  const hasCurve = groups.some((code) => findGroup(code)?.kind !== 'finite-field');
  return (named ?? traits.suites).filter((code) => {
    const needsCurve = findCipherSuite(code)?.keyExchange?.startsWith('ECDH') === true;
    return allowsSuite(constraints, code) && (hasCurve || !needsCurve);
  });
}

function fits(code: number, version: TlsVersion): boolean {
  if (code === renegotiationScsv) return version < tls13;
  const suite = findCipherSuite(code);
  if (suite?.min === undefined || suite.max === undefined) return false;
  return suite.min <= version && suite.max >= version;
}

function hello(client: Client, versions: readonly TlsVersion[], codes: readonly number[]): Offer {
  const { traits, groups } = client;
  const max = versions.at(-1) ?? tls12;
  const has12OrOlder = versions.some((one) => one < tls13);
  return makeOffer({
    legacyVersion: Math.min(max, tls12),
    versions: traits.modern ? versions.toReversed() : undefined,
    cipherSuites: codes,
    groups: groups.length === 0 ? undefined : groups,
    keyShares: max === tls13 ? shares(client) : undefined,
    signatureSchemes: max >= tls12 ? schemes(client, { has12OrOlder }) : undefined,
    pointFormats: has12OrOlder && groups.length > 0 ? [0] : undefined,
    pskModes: max === tls13 ? [1] : undefined,
    sessionTicket: traits.sessionTicket && has12OrOlder ? 'empty' : 'absent',
    extendedMasterSecret: has12OrOlder && traits.modern,
    secureRenegotiation: has12OrOlder,
    statusRequest: traits.modern,
  });
}

/** One share of each kind of group, in the order of the groups. */
function shares({ traits, groups }: Client): number[] {
  const kinds = new Set<string>();
  const chosen: number[] = [];
  for (const code of groups) {
    const kind = findGroup(code)?.kind ?? '';
    if (kinds.has(kind) || chosen.length === traits.shareCount) continue;
    kinds.add(kind);
    chosen.push(code);
  }
  return chosen;
}

function schemes(
  { traits, properties, constraints }: Client,
  { has12OrOlder }: { readonly has12OrOlder: boolean },
): number[] {
  const named = listOf(properties, 'jdk.tls.client.SignatureSchemes')?.flatMap(
    (name) => findSignatureSchemeByName(name)?.code ?? [],
  );
  return (named ?? traits.schemes).filter((code) => {
    const scheme = findSignatureScheme(code);
    if (scheme === undefined || !allowsScheme(constraints, code)) return false;
    if (has12OrOlder) return true;
    if (traits.scopedSchemes) return scheme.inTls13;
    return scheme.key !== 'dsa' && scheme.hash !== 'sha224';
  });
}
