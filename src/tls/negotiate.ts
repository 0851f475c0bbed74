/**
 * The heart: what a server with a policy agrees on with a client's offer. Pure. It follows, step by
 * step and in its order, what OpenSSL 3.5 does as the server behind Node's TLS with the settings of
 * `contextOptions`; tests hold it against real handshakes.
 *
 * It predicts the full handshake: a resumed session of TLS 1.2 keeps its suite and has no group.
 */

import type { AlertName } from './alerts.ts';
import type { CertificateType, CertificateTypeEntry } from './certificate-types.ts';
import { getCertificateType } from './certificate-types.ts';
import type { CipherSuite } from './cipher-suites.ts';
import { fallbackScsv, findCipherSuite } from './cipher-suites.ts';
import { findGroup } from './groups.ts';
import type { Offer } from './offer.ts';
import { offeredVersions } from './offer.ts';
import type { Policy } from './policy.ts';
import { policySuites, securityLevel } from './policy.ts';
import type { Reason, SuiteObstacle } from './reasons.ts';
import { findSignatureScheme } from './signature-schemes.ts';
import type { TlsVersion } from './versions.ts';
import { sslv2, sslv3, tls10, tls12, tls13 } from './versions.ts';

export type Negotiation =
  | {
      readonly kind: 'agreed';
      readonly version: TlsVersion;
      readonly cipherSuite: number;
      /** undefined for static RSA and for DHE, whose group is not negotiated before TLS 1.3. */
      readonly group: number | undefined;
      readonly postQuantum: boolean;
      /** The client must send a second hello with a share for the group. */
      readonly helloRetryRequest: boolean;
      readonly certificateType: CertificateType;
      /** undefined before TLS 1.2, where MD5 with SHA-1 or SHA-1 alone is fixed. */
      readonly signatureScheme: number | undefined;
      readonly why: readonly Reason[];
    }
  | {
      readonly kind: 'refused';
      /** What OpenSSL sends. */
      readonly alert: AlertName;
      /**
       * The client has suites, all of them below the policy: who refuses before OpenSSL may send
       * `insufficient_security`, which says more.
       */
      readonly insufficientSecurity: boolean;
      readonly why: readonly Reason[];
    };

export interface ServerSide {
  /** The certificates at hand; the policy's when left out. One of each key type counts. */
  readonly certificates?: readonly CertificateType[];
  /** The application protocols that the server insists on; no check when left out. */
  readonly alpn?: readonly string[];
}

/** Predicts the outcome of a handshake; never throws on an offer. */
export function negotiate(offer: Offer, policy: Policy, server: ServerSide = {}): Negotiation {
  const table: Table = {
    offer,
    policy,
    certificates: (server.certificates ?? policy.certificates).map(getCertificateType),
    why: [],
  };
  const version = chooseVersion(table);
  if (typeof version !== 'number') return version;
  const result = version === tls13 ? negotiate13(table) : negotiateOld(table, version);
  if (result.kind === 'refused') return result;
  return checkAlpn(table, result, server.alpn);
}

/** What both sides bring, and what has been found so far. */
interface Table {
  readonly offer: Offer;
  readonly policy: Policy;
  readonly certificates: readonly CertificateTypeEntry[];
  readonly why: Reason[];
}

function refuse(
  table: Table,
  alert: AlertName,
  reason: Reason,
  { insufficientSecurity = false }: { readonly insufficientSecurity?: boolean } = {},
): Extract<Negotiation, { kind: 'refused' }> {
  return { kind: 'refused', alert, insufficientSecurity, why: [...table.why, reason] };
}

type Refusal = Extract<Negotiation, { kind: 'refused' }>;
type Agreement = Extract<Negotiation, { kind: 'agreed' }>;

function chooseVersion(table: Table): TlsVersion | Refusal {
  const { offer, policy } = table;
  const offered = offeredVersions(offer);
  // SSL 3.0 has no supported_versions: OpenSSL takes such a hello for a broken one.
  const isBroken = offer.versions !== undefined && offer.legacyVersion <= sslv3;
  const version = isBroken ? undefined : offered.findLast((code) => policy.versions.includes(code));
  if (version === undefined) {
    // SSL 3.0 has no alert for versions, and OpenSSL answers in the version of the hello.
    const isSsl = offer.legacyVersion < tls10 && offer.legacyVersion !== sslv2;
    if (isSsl) return refuse(table, 'handshake_failure', { rule: 'version/ssl-only' });
    const accepted = policy.versions;
    return refuse(table, 'protocol_version', { rule: 'version/none-in-common', offered, accepted });
  }
  const best = policy.versions.at(-1) ?? version;
  if (offer.cipherSuites.includes(fallbackScsv) && version < best) {
    const reason: Reason = { rule: 'version/fallback-signal', version, best };
    return refuse(table, 'inappropriate_fallback', reason);
  }
  table.why.push({ rule: 'version/chosen', version, offered });
  return version;
}

/** Suite, then group, then signature: OpenSSL's order, which decides between alerts. */
function negotiate13(table: Table): Negotiation {
  const { offer } = table;
  const suite = chooseSuite(table, tls13, () => undefined);
  if (suite === undefined) return refuseSuites(table);
  const choice = chooseGroup13(table);
  if ('kind' in choice) return choice;
  const { group, helloRetryRequest } = choice;
  const signature = chooseSignature(table, tls13, () => true);
  if (signature === undefined) {
    const offered = offer.signatureSchemes ?? [];
    return refuse(table, 'handshake_failure', { rule: 'signature/none-in-common', offered });
  }
  return {
    ...{ kind: 'agreed', version: tls13, cipherSuite: suite.code, group, helloRetryRequest },
    postQuantum: findGroup(group)?.postQuantum ?? false,
    certificateType: signature.certificate,
    signatureScheme: signature.scheme,
    why: table.why,
  };
}

interface GroupChoice {
  readonly group: number;
  readonly helloRetryRequest: boolean;
}

/**
 * Goes through the levels of the policy's groups: in the first level that shares a group with the
 * client, a group with a key share wins, else one without, by HelloRetryRequest.
 */
function chooseGroup13(table: Table): GroupChoice | Refusal {
  const { offer, policy, why } = table;
  const { groups = [], keyShares = [] } = offer;
  if (offer.keyShares !== undefined && offer.groups === undefined) {
    return refuse(table, 'missing_extension', missing('supported_groups'));
  }
  const stray = keyShares.find((group) => !groups.includes(group));
  if (stray !== undefined) {
    return refuse(table, 'illegal_parameter', { rule: 'group/share-not-offered', group: stray });
  }
  if (offer.signatureSchemes === undefined) {
    return refuse(table, 'missing_extension', missing('signature_algorithms'));
  }
  if (offer.keyShares === undefined) {
    return refuse(table, 'missing_extension', missing('key_share'));
  }
  for (const level of policy.groups) {
    const usable = level.filter((group) => findGroup(group)?.max === tls13);
    const byShare = firstShared(usable, keyShares, policy.preference);
    if (byShare !== undefined) {
      why.push({ rule: 'group/chosen', group: byShare, byShare: true });
      return { group: byShare, helloRetryRequest: false };
    }
    const byRetry = firstShared(usable, groups, policy.preference);
    if (byRetry !== undefined) {
      why.push({ rule: 'group/retry', group: byRetry, shares: keyShares });
      return { group: byRetry, helloRetryRequest: true };
    }
  }
  return refuse(table, 'handshake_failure', { rule: 'group/none-in-common', offered: groups });
}

function missing(extension: string): Reason {
  return { rule: 'extension/missing', extension };
}

function firstShared(
  server: readonly number[],
  client: readonly number[],
  preference: Policy['preference'],
): number | undefined {
  const [first, second] = preference === 'server' ? [server, client] : [client, server];
  return first.find((code) => second.includes(code));
}

function negotiateOld(table: Table, version: TlsVersion): Negotiation {
  const { offer, why } = table;
  const hasSchemes = version >= tls12;
  const schemes = hasSchemes ? sharedSchemes(table, version) : [];
  if (hasSchemes && schemes.length === 0) {
    const offered = offer.signatureSchemes ?? [];
    return refuse(table, 'handshake_failure', { rule: 'signature/none-in-common', offered });
  }
  const group = chooseGroupOld(table);
  const suite = chooseSuite(table, version, (candidate) =>
    obstacleOf(table, candidate, { group, schemes, hasSchemes }),
  );
  if (suite === undefined) return refuseSuites(table);
  const usesGroup = suite.keyExchange === 'ECDHE';
  if (usesGroup && group !== undefined) why.push({ rule: 'group/chosen', group, byShare: false });
  const common = {
    ...({ kind: 'agreed', version, cipherSuite: suite.code, postQuantum: false } as const),
    group: usesGroup ? group : undefined,
    helloRetryRequest: false,
  };
  if (!hasSchemes) {
    const certificate = table.certificates.find((entry) =>
      canServe(entry, suite, { schemes, hasSchemes }),
    );
    if (certificate === undefined) return refuseSuites(table);
    return { ...common, certificateType: certificate.name, signatureScheme: undefined, why };
  }
  const signature = chooseSignature(table, version, (entry) => fitsSuite(entry, suite));
  if (signature === undefined) {
    const offered = offer.signatureSchemes ?? [];
    return refuse(table, 'handshake_failure', { rule: 'signature/none-in-common', offered });
  }
  return {
    ...common,
    certificateType: signature.certificate,
    signatureScheme: signature.scheme,
    why,
  };
}

/** The first group of both that TLS 1.2 and older can use; finite fields are not negotiated there. */
function chooseGroupOld({ offer, policy }: Table): number | undefined {
  const usable = policy.groups.flat().filter((code) => {
    const group = findGroup(code);
    return group !== undefined && group.min <= tls12 && group.kind !== 'finite-field';
  });
  return firstShared(usable, offer.groups ?? [], policy.preference);
}

interface SuiteContext {
  readonly group: number | undefined;
  readonly schemes: readonly number[];
  readonly hasSchemes: boolean;
}

function obstacleOf(
  table: Table,
  suite: CipherSuite,
  context: SuiteContext,
): SuiteObstacle | undefined {
  const { offer, policy, certificates } = table;
  const fitting = certificates.filter((entry) => canServe(entry, suite, context));
  switch (suite.keyExchange) {
    case 'RSA':
      return fitting.some((entry) => entry.keyTransport) ? undefined : 'certificate';
    case 'DHE':
      if (!policy.finiteFieldDh) return 'no-dh-parameters';
      break;
    case 'ECDHE':
      if (context.group === undefined) return 'no-shared-group';
      break;
    default:
      return 'key-exchange';
  }
  if (fitting.length === 0) return 'certificate';
  // RFC 8422 §5.1: the certificate's own curve must be among the client's, if it lists any.
  const onCurve = fitting.some(
    ({ curve }) => curve === undefined || (offer.groups?.includes(curve) ?? true),
  );
  return onCurve ? undefined : 'certificate-curve';
}

function canServe(
  entry: CertificateTypeEntry,
  suite: CipherSuite,
  { schemes, hasSchemes }: Pick<SuiteContext, 'schemes' | 'hasSchemes'>,
): boolean {
  if (!fitsSuite(entry, suite)) return false;
  if (!hasSchemes) return entry.key === 'rsa' || entry.key === 'ecdsa';
  // OpenSSL asks this of ECDSA before it chooses, of RSA only afterwards.
  return (
    entry.key === 'rsa' || schemes.some((code) => findSignatureScheme(code)?.key === entry.key)
  );
}

function fitsSuite(entry: CertificateTypeEntry, suite: CipherSuite): boolean {
  return entry.authentication === suite.authentication;
}

function chooseSuite(
  { offer, policy, why }: Table,
  version: TlsVersion,
  obstacle: (suite: CipherSuite) => SuiteObstacle | undefined,
): CipherSuite | undefined {
  const accepted = suitesOf(policy, version);
  const isByServer = policy.preference === 'server';
  const offered = isByServer ? new Set(offer.cipherSuites) : undefined;
  for (const code of isByServer ? accepted.keys() : offer.cipherSuites) {
    const suite = accepted.get(code);
    if (suite === undefined || offered?.has(code) === false) continue;
    const cause = suite.inNode ? obstacle(suite) : 'not-built';
    if (cause === undefined) {
      why.push({ rule: 'suite/chosen', suite: suite.code, order: policy.preference });
      return suite;
    }
    why.push({ rule: 'suite/passed-over', suite: suite.code, cause });
  }
  return undefined;
}

type Suites = ReadonlyMap<number, CipherSuite>;

/** Every hello asks, and a server has few policies: what a policy accepts in a version is found once. */
const suitesByPolicy = new WeakMap<Policy, Map<TlsVersion, Suites>>();

/** In the policy's order. */
function suitesOf(policy: Policy, version: TlsVersion): Suites {
  let byVersion = suitesByPolicy.get(policy);
  if (byVersion === undefined) {
    byVersion = new Map();
    suitesByPolicy.set(policy, byVersion);
  }
  let suites = byVersion.get(version);
  if (suites === undefined) {
    suites = new Map(
      policySuites(policy)
        .filter((suite) => isDefinedIn(suite, version))
        .map((suite): [number, CipherSuite] => [suite.code, suite]),
    );
    byVersion.set(version, suites);
  }
  return suites;
}

function isDefinedIn(suite: CipherSuite, version: TlsVersion): boolean {
  return (
    suite.min !== undefined &&
    suite.max !== undefined &&
    suite.min <= version &&
    suite.max >= version
  );
}

function refuseSuites(table: Table): Refusal {
  const { offer, policy } = table;
  const offered = offer.cipherSuites.filter((code) => findCipherSuite(code)?.strength !== 'signal');
  const hasAccepted = offered.some((code) => policy.cipherSuites.includes(code));
  const hasKnown = offered.some((code) => findCipherSuite(code) !== undefined);
  return refuse(
    table,
    'handshake_failure',
    { rule: 'suite/none-in-common', offered },
    { insufficientSecurity: hasKnown && !hasAccepted },
  );
}

/**
 * The schemes of both sides, in the order that decides. A client of TLS 1.2 that lists none means
 * SHA-1 with the suite's key type (RFC 5246 §7.4.1.4.1).
 */
function sharedSchemes({ offer, policy }: Table, version: TlsVersion): number[] {
  const rsaSha1 = 0x0201;
  const ecdsaSha1 = 0x0203;
  const client = offer.signatureSchemes ?? [rsaSha1, ecdsaSha1];
  const usable = policy.signatureSchemes.filter((code) => {
    const scheme = findSignatureScheme(code);
    if (scheme === undefined || (version === tls13 ? !scheme.inTls13 : !scheme.inTls12))
      return false;
    return scheme.hash !== 'sha1' || securityLevel(policy) === 0;
  });
  const [first, second] = policy.preference === 'server' ? [usable, client] : [client, usable];
  return first.filter((code) => second.includes(code));
}

interface SignatureChoice {
  readonly scheme: number;
  readonly certificate: CertificateType;
}

function chooseSignature(
  table: Table,
  version: TlsVersion,
  fits: (entry: CertificateTypeEntry) => boolean,
): SignatureChoice | undefined {
  for (const code of sharedSchemes(table, version)) {
    const scheme = findSignatureScheme(code);
    const entry = table.certificates.find(
      (candidate) =>
        candidate.key === scheme?.key &&
        fits(candidate) &&
        (version < tls13 || scheme.curve === undefined || scheme.curve === candidate.curve),
    );
    if (entry === undefined) continue;
    const certificate = entry.name;
    table.why.push({ rule: 'signature/chosen', scheme: code, certificate });
    return { scheme: code, certificate };
  }
  return undefined;
}

function checkAlpn(
  table: Table,
  agreement: Agreement,
  accepted: readonly string[] | undefined,
): Negotiation {
  const { alpn } = table.offer;
  if (accepted === undefined || alpn === undefined) return agreement;
  if (alpn.some((protocol) => accepted.includes(protocol))) return agreement;
  return refuse(table, 'no_application_protocol', { rule: 'alpn/none-in-common', offered: alpn });
}
