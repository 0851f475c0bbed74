/**
 * The hello of OpenSSL 1.1.0 and later, predicted from its release and its configuration. Follows
 * ssl_get_min_max_version(), ssl_cipher_list_to_bytes() and the tls_construct_ctos_* functions.
 */

import { findCipherSuiteByName, renegotiationScsv } from '../../tls/cipher-suites.ts';
import { findGroup } from '../../tls/groups.ts';
import type { Offer } from '../../tls/offer.ts';
import { makeOffer } from '../../tls/offer.ts';
import { findSignatureScheme } from '../../tls/signature-schemes.ts';
import type { TlsVersion } from '../../tls/versions.ts';
import { tls10, tls11, tls12, tls13 } from '../../tls/versions.ts';
import type { TlsCommand } from '../facts/openssl/tls-settings.ts';
import { parseCipherString } from './cipher-string.ts';
import type { GroupList } from './openssl-lists.ts';
import {
  applyProtocolList,
  parseGroupList,
  parseProtocolBound,
  parseSignatureList,
} from './openssl-lists.ts';
import type { OpensslRelease, OpensslTraits } from './openssl-releases.ts';
import { opensslTraits } from './openssl-releases.ts';
import type { OpensslSuite } from './openssl-suites.ts';
import { allowsGroup, allowsScheme, allowsSuite } from './security-level.ts';
import type { StackOffer } from './stack-offer.ts';

export interface OpensslCommand {
  readonly command: TlsCommand;
  readonly value: string;
}

export interface OpensslInput {
  readonly release: OpensslRelease;
  /** Compiled in by the distributor; the release's own when left out. */
  readonly securityLevel?: number;
  /** In the order of the configuration; a program's own settings come last. */
  readonly commands: readonly OpensslCommand[];
}

const defaultSuites13 =
  'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';
const pskSuites = /PSK|SRP/;

/** An SSL_CTX as far as it shapes the hello. */
interface Context {
  readonly traits: OpensslTraits;
  readonly level: number;
  readonly min: TlsVersion;
  readonly max: TlsVersion;
  readonly disabled: ReadonlySet<TlsVersion>;
  readonly suites: readonly OpensslSuite[];
  readonly suites13: readonly number[];
  readonly groups: GroupList;
  readonly schemes: readonly number[];
  readonly options: ReadonlyMap<string, boolean>;
}

export function predictOpenssl(input: OpensslInput): StackOffer {
  const traits = opensslTraits(input.release);
  if (traits === undefined) return { kind: 'unknown', missing: 'release' };
  const context = configure(traits, input);
  const versions = enabledVersions(context);
  const [min] = versions;
  const max = versions.at(-1);
  if (min === undefined || max === undefined) return { kind: 'nothing', why: 'no-version' };
  const suites13 = max >= tls13 ? allowed13(context) : [];
  const oldSuites = allowedSuites(context, { min, max });
  const codes = [...suites13, ...oldSuites.map(({ code }) => code)];
  // TLS 1.3 cannot be offered without a suite of its own.
  if (codes.length === 0 || (max === tls13 && suites13.length === 0)) {
    return { kind: 'nothing', why: 'no-suite' };
  }
  return {
    kind: 'offer',
    versions,
    offer: hello(context, { min, max, versions, codes, oldSuites }),
  };
}

function configure(traits: OpensslTraits, { securityLevel, commands }: OpensslInput): Context {
  const known = (code: number): boolean => knowsGroup(traits, code);
  const disabled = new Set<TlsVersion>();
  const options = new Map<string, boolean>();
  let level = securityLevel ?? traits.securityLevel;
  let min: TlsVersion | 'none' = 'none';
  let max: TlsVersion | 'none' = 'none';
  let list = parseCipherString('DEFAULT', traits).suites;
  let suites13 = parseSuites13(defaultSuites13) ?? [];
  let groups = parseGroupList(traits.groups, () => true) ?? { groups: [], starred: [] };
  let schemes = traits.signatureSchemes;
  for (const { command, value } of commands) {
    switch (command) {
      case 'MinProtocol':
        min = parseProtocolBound(value) ?? min;
        break;
      case 'MaxProtocol':
        max = parseProtocolBound(value) ?? max;
        break;
      case 'Protocol':
        applyProtocolList(value, disabled);
        break;
      case 'CipherString': {
        const parsed = parseCipherString(value, traits);
        list = parsed.suites;
        level = parsed.securityLevel ?? level;
        break;
      }
      case 'Ciphersuites':
        suites13 = parseSuites13(value) ?? suites13;
        break;
      case 'Groups':
        groups = parseGroupList(value, known) ?? groups;
        break;
      case 'SignatureAlgorithms':
        schemes = parseSignatureList(value, traits.signatureSchemes) ?? schemes;
        break;
      case 'Options':
        applyOptions(value, options);
        break;
      case 'ClientSignatureAlgorithms':
        // What a server accepts of a client's certificate.
        break;
    }
  }
  return {
    ...{ traits, level, disabled, suites: list, suites13, groups, schemes, options },
    min: min === 'none' ? tls10 : min,
    max: newestOf(traits, max),
  };
}

function newestOf({ tls13: has13 }: OpensslTraits, max: TlsVersion | 'none'): TlsVersion {
  const newest = has13 ? tls13 : tls12;
  return max === 'none' || max > newest ? newest : max;
}

function knowsGroup(traits: OpensslTraits, code: number): boolean {
  const group = findGroup(code);
  if (group?.openssl === undefined) return false;
  switch (group.kind) {
    case 'kem':
    case 'hybrid':
      return traits.mlKem;
    case 'finite-field':
      return traits.finiteFieldGroups;
    default:
      return group.min < tls13 || group.kind === 'montgomery' || traits.brainpool13;
  }
}

/** undefined where a name is not one of TLS 1.3: OpenSSL then keeps its list. */
function parseSuites13(text: string): readonly number[] | undefined {
  const suites = text
    .split(':')
    .filter((name) => name !== '')
    .map((name) => findCipherSuiteByName(name));
  const codes = suites.flatMap((suite) => (suite?.min === tls13 ? [suite.code] : []));
  return codes.length === suites.length ? codes : undefined;
}

function applyOptions(text: string, options: Map<string, boolean>): void {
  for (const part of text.split(',')) {
    const word = part.trim();
    options.set(word.replace(/^[-+]/, '').toLowerCase(), !word.startsWith('-'));
  }
}

/** The lowest run without a gap: a hole in the range hides what is above it. */
function enabledVersions({ traits, level, min, max, disabled }: Context): TlsVersion[] {
  const run: TlsVersion[] = [];
  for (const version of [tls10, tls11, tls12, tls13] as const) {
    const isEnabled =
      version >= min &&
      version <= max &&
      !disabled.has(version) &&
      allowsVersion(traits, level, version);
    if (isEnabled) run.push(version);
    else if (run.length > 0) break;
  }
  return run;
}

function allowsVersion(
  { levelRemovesOldVersions }: OpensslTraits,
  level: number,
  version: TlsVersion,
): boolean {
  if (levelRemovesOldVersions) return version >= tls12 || level === 0;
  return (version > tls10 || level < 3) && (version > tls11 || level < 4);
}

function allowed13({ suites13, level }: Context): number[] {
  return suites13.filter((code) => level < 4 || !is128(code));
}

function is128(code: number): boolean {
  return code === 0x1301 || code === 0x1304 || code === 0x1305;
}

interface Range {
  readonly min: TlsVersion;
  readonly max: TlsVersion;
}

function allowedSuites(context: Context, { min, max }: Range): OpensslSuite[] {
  if (min >= tls13) return [];
  const { level, traits } = context;
  const keys = new Set(allowedSchemes(context, min).map((code) => signerOf(code)));
  return context.suites.filter(
    (suite) =>
      suite.min <= max &&
      allowsSuite(level, suite, traits) &&
      // Without a callback for keys or passwords a client leaves these out.
      !pskSuites.test(suite.keyExchange) &&
      (suite.authentication === 'anon' || keys.has(suite.authentication)),
  );
}

function signerOf(code: number): string {
  switch (findSignatureScheme(code)?.key) {
    case 'rsa':
    case 'rsa-pss':
      return 'RSA';
    case 'dsa':
      return 'DSS';
    case 'ecdsa':
    case 'ed25519':
    case 'ed448':
      return 'ECDSA';
    default:
      return '';
  }
}

/** Filtered by the level; without TLS 1.2, DSA and the short hashes are left out as well. */
function allowedSchemes({ schemes, level, traits, max }: Context, min: TlsVersion): number[] {
  return schemes.filter((code) => {
    const scheme = findSignatureScheme(code);
    if (scheme === undefined || !allowsScheme(level, scheme, traits)) return false;
    if (max < tls13 && !scheme.inTls12) return false;
    const isOld = scheme.key === 'dsa' || scheme.hash === 'sha1' || scheme.hash === 'sha224';
    return min < tls13 || !isOld;
  });
}

interface HelloInput extends Range {
  readonly versions: readonly TlsVersion[];
  readonly codes: readonly number[];
  readonly oldSuites: readonly OpensslSuite[];
}

function hello(context: Context, input: HelloInput): Offer {
  const { min, max, versions, codes, oldSuites } = input;
  const { traits, level, options } = context;
  const usesSignal = traits.renegotiationExtension ? min <= tls10 : true;
  const usesCurves = oldSuites.some(
    ({ keyExchange, authentication }) => keyExchange === 'ECDHE' || authentication === 'ECDSA',
  );
  const has13 = max >= tls13;
  const groups = has13 || usesCurves ? allowedGroups(context, input) : undefined;
  const hasTickets = options.get('sessionticket') !== false && level < 3;
  return makeOffer({
    legacyVersion: Math.min(max, tls12),
    versions: has13 ? versions.toReversed() : undefined,
    cipherSuites: usesSignal ? [...codes, renegotiationScsv] : codes,
    groups,
    keyShares: has13 ? sharesOf(context.groups, groups ?? []) : undefined,
    signatureSchemes: max >= tls12 ? allowedSchemes(context, min) : undefined,
    pointFormats: usesCurves ? [0, 1, 2] : undefined,
    pskModes: has13 ? [1] : undefined,
    sessionTicket: hasTickets ? 'empty' : 'absent',
    extendedMasterSecret: options.get('extendedmastersecret') !== false,
    encryptThenMac: options.get('encryptthenmac') !== false,
    secureRenegotiation: usesSignal || min < tls13,
  });
}

function allowedGroups({ groups, level }: Context, { min, max }: Range): number[] {
  return groups.groups.filter((code) => {
    const group = findGroup(code);
    if (group === undefined || !allowsGroup(level, code)) return false;
    // OpenSSL uses the finite fields by name in TLS 1.3 only.
    const from = group.kind === 'finite-field' ? tls13 : group.min;
    return from <= max && group.max >= min;
  });
}

function sharesOf({ starred }: GroupList, groups: readonly number[]): number[] {
  const asked = starred.filter((code) => groups.includes(code));
  return asked.length > 0 ? asked : groups.slice(0, 1);
}
