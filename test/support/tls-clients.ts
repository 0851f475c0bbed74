/**
 * Other programs as TLS clients with settings that a test chooses, and what each says of its handshake
 * in the end, in our terms.
 */

import { once } from 'node:events';
import tls from 'node:tls';
import { alertName } from '../../src/tls/alerts.ts';
import { findCipherSuite, findCipherSuiteByName } from '../../src/tls/cipher-suites.ts';
import { findGroup, findGroupByName } from '../../src/tls/groups.ts';
import { findSignatureScheme } from '../../src/tls/signature-schemes.ts';
import { findVersion, findVersionByName, tls13 } from '../../src/tls/versions.ts';
import { run } from './run.ts';

/** Codes of the registries; each client takes of them what its library can express. */
export interface ClientSettings {
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly cipherSuites: readonly number[];
  readonly groups: readonly number[];
  readonly signatureSchemes: readonly number[];
  /** Says that the hello is a retry with a lower version (RFC 7507). */
  readonly fallback: boolean;
}

export type ClientReport =
  | {
      readonly kind: 'agreed';
      readonly version: number | undefined;
      readonly cipherSuite: number | undefined;
      /** undefined where the client does not name it. */
      readonly group: number | undefined;
    }
  | { readonly kind: 'refused'; readonly alert: string }
  /** Neither: what the program said. */
  | { readonly kind: 'failed'; readonly said: string };

export type TlsClient = (port: number, settings: ClientSettings) => Promise<ClientReport>;

const hasVersion = ({ minVersion, maxVersion }: ClientSettings, version: number): boolean =>
  minVersion <= version && maxVersion >= version;

/** OpenSSL's names of the suites of TLS 1.3, or of all others, joined as OpenSSL wants them. */
function opensslSuites(settings: ClientSettings, { modern }: { readonly modern: boolean }): string {
  return settings.cipherSuites
    .flatMap((code) => findCipherSuite(code) ?? [])
    .filter((suite) => (suite.min === tls13) === modern)
    .flatMap((suite) => (modern ? suite.name : (suite.openssl ?? [])))
    .join(':');
}

function opensslGroups({ groups }: Pick<ClientSettings, 'groups'>): string {
  return groups.flatMap((code) => findGroup(code)?.openssl ?? []).join(':');
}

/** The program may be older than 3.5, which brought the hybrids. */
function classicGroups({ groups }: ClientSettings): number[] {
  return groups.filter((code) => findGroup(code)?.postQuantum === false);
}

/** OpenSSL 3.0 knows those with SHA-1 only as pairs. */
function opensslSchemes({ signatureSchemes }: ClientSettings): string {
  const names = signatureSchemes.flatMap((code) => findSignatureScheme(code)?.name ?? []);
  return names.map((name) => name.replace(/^(rsa)_pkcs1_sha1$|^(ecdsa)_sha1$/, pairName)).join(':');
}

function pairName(_: string, rsa: string | undefined, ecdsa: string | undefined): string {
  return `${(rsa ?? ecdsa ?? '').toUpperCase()}+SHA1`;
}

/** OpenSSL's `s_client` at security level 0, so that what it is told is what it offers. */
export const opensslClient: TlsClient = async (port, settings) => {
  const versions = ['-min_protocol', nodeName(settings.minVersion)];
  versions.push('-max_protocol', nodeName(settings.maxVersion));
  const older = opensslSuites(settings, { modern: false });
  const { stdout, stderr } = await run('openssl', [
    ...['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-brief'],
    ...versions,
    ...['-cipher', `${older === '' ? 'DEFAULT' : older}:@SECLEVEL=0`],
    ...(hasVersion(settings, tls13)
      ? ['-ciphersuites', opensslSuites(settings, { modern: true })]
      : []),
    ...['-groups', opensslGroups({ groups: classicGroups(settings) })],
    ...['-sigalgs', opensslSchemes(settings)],
    ...(settings.fallback ? ['-fallback_scsv'] : []),
  ]);
  const said = stdout + stderr;
  const version = /^Protocol version: (\S+)/m.exec(said)?.[1];
  if (version === undefined) return refusalIn(said, /SSL alert number (\d+)/);
  return {
    kind: 'agreed',
    version: findVersionByName(version)?.code,
    cipherSuite: findCipherSuiteByName(/^Ciphersuite: (\S+)/m.exec(said)?.[1] ?? '')?.code,
    group: findGroupByName(/^Server Temp Key: (?:ECDH, )?([\w-]+), /m.exec(said)?.[1] ?? '')?.code,
  };
};

/** The client of this very Node; the server must end the connection. */
export const nodeClient: TlsClient = async (port, settings) => {
  const suites = [true, false].map((modern) => opensslSuites(settings, { modern }));
  const socket = tls.connect({
    ...{ host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false },
    minVersion: nodeName(settings.minVersion),
    maxVersion: nodeName(settings.maxVersion),
    ciphers: [...suites, '@SECLEVEL=0'].filter((names) => names !== '').join(':'),
    ecdhCurve: opensslGroups(settings),
    sigalgs: opensslSchemes(settings),
  });
  try {
    await once(socket, 'secureConnect');
    const info = socket.getEphemeralKeyInfo();
    const name = info !== null && 'name' in info ? String(info.name) : '';
    const report: ClientReport = {
      kind: 'agreed',
      version: findVersionByName(socket.getProtocol() ?? '')?.code,
      cipherSuite: findCipherSuiteByName(socket.getCipher().standardName)?.code,
      group: findGroupByName(name)?.code,
    };
    // The server ends the connection when the client's last message has reached it.
    await once(socket.resume(), 'end');
    return report;
  } catch (error) {
    return refusalIn(String(error), /SSL alert number (\d+)/);
  } finally {
    socket.destroy();
  }
};

const nodeNames = new Map<number, tls.SecureVersion>([
  [0x0301, 'TLSv1'],
  [0x0302, 'TLSv1.1'],
  [0x0303, 'TLSv1.2'],
  [0x0304, 'TLSv1.3'],
]);

function nodeName(version: number): tls.SecureVersion {
  const name = nodeNames.get(version);
  if (name === undefined) throw new RangeError(`no client is told to speak ${version}`);
  return name;
}

/** What GnuTLS calls the parts of the suites, groups and schemes of the pools. */
const gnutlsKeyExchange = new Map<string, string>([
  ['ECDHE RSA', 'ECDHE-RSA'],
  ['ECDHE ECDSA', 'ECDHE-ECDSA'],
  ['DHE RSA', 'DHE-RSA'],
  ['RSA RSA', 'RSA'],
]);
const gnutlsGroups = new Map<number, string>([
  [0x0017, 'SECP256R1'],
  [0x0018, 'SECP384R1'],
  [0x0019, 'SECP521R1'],
  [0x001d, 'X25519'],
  [0x001e, 'X448'],
  [0x0100, 'FFDHE2048'],
]);
/** For TLS 1.2 GnuTLS has names of its own for the same codes of ECDSA. */
const gnutlsSchemes = new Map<number, string>([
  [0x0201, 'RSA-SHA1'],
  [0x0203, 'ECDSA-SHA1'],
  [0x0401, 'RSA-SHA256'],
  [0x0501, 'RSA-SHA384'],
  [0x0601, 'RSA-SHA512'],
  [0x0403, 'ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SHA256'],
  [0x0503, 'ECDSA-SECP384R1-SHA384:+SIGN-ECDSA-SHA384'],
  [0x0603, 'ECDSA-SECP521R1-SHA512:+SIGN-ECDSA-SHA512'],
  [0x0804, 'RSA-PSS-RSAE-SHA256'],
  [0x0805, 'RSA-PSS-RSAE-SHA384'],
  [0x0806, 'RSA-PSS-RSAE-SHA512'],
]);

/**
 * GnuTLS sets its suites up from key exchanges, ciphers and MACs: it offers every suite that the parts
 * of the ones it is told allow.
 */
function gnutlsPriority(settings: ClientSettings): string {
  const suites = settings.cipherSuites.flatMap((code) => findCipherSuite(code) ?? []);
  const names = suites.flatMap((suite) => {
    const exchange = gnutlsKeyExchange.get(`${suite.keyExchange} ${suite.authentication}`);
    const cipher = /(AES_\d+_(?:GCM|CCM|CBC)|CHACHA20_POLY1305|3DES_EDE_CBC)/.exec(suite.name)?.[1];
    const mac = suite.aead ? 'AEAD' : /SHA\d*$/.exec(suite.name)?.[0].replace(/^SHA$/, 'SHA1');
    const parts = [exchange, cipher?.replaceAll('_', '-').replace('-EDE', ''), mac];
    return parts.flatMap((part) => (part === undefined ? [] : `+${part}`));
  });
  const versions = [0x0304, 0x0303, 0x0302, 0x0301].filter((code) => hasVersion(settings, code));
  return [
    ...['NONE', '+CTYPE-ALL', '+COMP-NULL', '%VERIFY_ALLOW_BROKEN'],
    ...versions.map((code) => `+VERS-TLS${findVersion(code)?.short}`),
    ...new Set(names),
    ...settings.groups.flatMap((code) => prefixed('+GROUP-', gnutlsGroups.get(code))),
    ...settings.signatureSchemes.flatMap((code) => prefixed('+SIGN-', gnutlsSchemes.get(code))),
    ...(settings.fallback ? ['%FALLBACK_SCSV'] : []),
  ].join(':');
}

function prefixed(prefix: string, name: string | undefined): string[] {
  return name === undefined ? [] : [prefix + name];
}

const gnutlsDebugLevel = '4';

export const gnutlsClient: TlsClient = async (port, settings) => {
  const { stdout, stderr } = await run('gnutls-cli', [
    ...['--insecure', '-d', gnutlsDebugLevel, '--priority', gnutlsPriority(settings)],
    ...['--sni-hostname', 'localhost', '-p', String(port), '127.0.0.1'],
  ]);
  const said = stdout + stderr;
  const version = /^- Description: \(TLS([\d.]+)/m.exec(said)?.[1];
  if (version === undefined) return refusalIn(said, /Received alert \[(\d+)\]/);
  const suite = /Selected cipher suite: GNUTLS_(\w+)/.exec(said)?.[1];
  return {
    kind: 'agreed',
    version: findVersionByName(version)?.code,
    cipherSuite: gnutlsSuites.get(suite ?? ''),
    group: findGroupByName(/Selected group ([\w-]+) /.exec(said)?.[1]?.toLowerCase() ?? '')?.code,
  };
};

/** GNUTLS_ECDHE_RSA_AES_128_CBC_SHA1 is TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA. */
const gnutlsSuites = new Map<string, number>();
for (let code = 0; code <= 0xffff; code += 1) {
  const name = findCipherSuite(code)?.name;
  if (name?.startsWith('TLS_')) {
    gnutlsSuites.set(
      name
        .slice('TLS_'.length)
        .replace('_WITH_', '_')
        .replace(/_SHA$/, '_SHA1')
        .replace(/_(\w+_CHACHA20_POLY1305)_SHA256$/, '_$1'),
      code,
    );
  }
}

function refusalIn(said: string, pattern: RegExp): ClientReport {
  const code = pattern.exec(said)?.[1];
  if (code === undefined) return { kind: 'failed', said: withoutDebugLines(said) };
  return { kind: 'refused', alert: alertName(Number(code)) };
}

/** GnuTLS's lines of debugging, but for those that name a failed check. */
function withoutDebugLines(said: string): string {
  return said.replace(/^\|<\d>\|(?! ASSERT).*\n/gm, '');
}
