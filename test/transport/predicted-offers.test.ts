/**
 * For each configuration, the hello that is predicted from it is the hello that the stack sends:
 * its versions, its suites in order, groups, key shares and signature schemes.
 */

import assert from 'node:assert/strict';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { parseJavaVersion } from '../../src/doctor/facts/java/java-version.ts';
import {
  readSecurityProperties,
  readSystemProperties,
} from '../../src/doctor/facts/java/security-properties.ts';
import { readLinuxFacts } from '../../src/doctor/facts/linux/linux-facts.ts';
import { parseNodeOptions } from '../../src/doctor/facts/node/node-options.ts';
import { parseOpensslConfig } from '../../src/doctor/facts/openssl/config-file.ts';
import { findTlsSettings } from '../../src/doctor/facts/openssl/tls-settings.ts';
import { predictGnutls } from '../../src/doctor/stacks/gnutls.ts';
import { predictJava } from '../../src/doctor/stacks/java.ts';
import { predictStackFact } from '../../src/doctor/stacks/known-stacks.ts';
import { predictNode } from '../../src/doctor/stacks/node.ts';
import { predictOpenssl } from '../../src/doctor/stacks/openssl.ts';
import { parseOpensslVersion } from '../../src/doctor/stacks/openssl-releases.ts';
import type { StackOffer } from '../../src/doctor/stacks/stack-offer.ts';
import type { Offer } from '../../src/tls/offer.ts';
import { trapHello } from '../support/hello-trap.ts';
import { findPeer, skipWithout } from '../support/peers.ts';
import { mustRun, run } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** The fields that a prediction is about, legible in a failure. */
function shape(offer: Offer | undefined): Readonly<Record<string, unknown>> | undefined {
  if (offer === undefined) return undefined;
  const { legacyVersion, versions, cipherSuites, groups, keyShares, signatureSchemes } = offer;
  const hex = (codes: readonly number[] | undefined): string | undefined =>
    codes?.map((code) => code.toString(16)).join(' ');
  return {
    legacyVersion,
    versions: hex(versions),
    cipherSuites: hex(cipherSuites),
    groups: hex(groups),
    keyShares: hex(keyShares),
    signatureSchemes: hex(signatureSchemes),
    sessionTicket: offer.sessionTicket,
    extendedMasterSecret: offer.extendedMasterSecret,
    encryptThenMac: offer.encryptThenMac,
    secureRenegotiation: offer.secureRenegotiation,
  };
}

function assertPredicted(predicted: StackOffer, sent: Offer | undefined): void {
  assert.notEqual(predicted.kind, 'unknown');
  assert.deepEqual(shape(predicted.kind === 'offer' ? predicted.offer : undefined), shape(sent));
}

const systemDefaults = (lines: readonly string[]): string =>
  [
    ...['openssl_conf = init', 'nodejs_conf = init', '[init]', 'ssl_conf = ssl', '[ssl]'],
    ...['system_default = tls', '[tls]', ...lines, ''],
  ].join('\n');

const opensslConfigurations: readonly (readonly string[])[] = [
  ['MinProtocol = None'],
  ['MinProtocol = TLSv1.2'],
  ['MinProtocol = TLSv1.3'],
  ['MaxProtocol = TLSv1.2'],
  ['MaxProtocol = TLSv1.1'],
  ['MaxProtocol = TLSv1'],
  ['MinProtocol = TLSv1.1', 'MaxProtocol = TLSv1.2'],
  ['MinProtocol = TLSv1.3', 'MaxProtocol = TLSv1.2'],
  ['MinProtocol = TLSv1.0'],
  ['MinProtocol = DTLSv1.2'],
  ['Protocol = -ALL,TLSv1.1,TLSv1.2'],
  ['Protocol = -TLSv1.2'],
  ['CipherString = DEFAULT@SECLEVEL=0'],
  ['CipherString = DEFAULT@SECLEVEL=1'],
  ['CipherString = DEFAULT@SECLEVEL=3'],
  ['CipherString = DEFAULT@SECLEVEL=4'],
  ['CipherString = DEFAULT@SECLEVEL=5'],
  ['CipherString = kRSA', 'MaxProtocol = TLSv1.2'],
  ['CipherString = HIGH:!aNULL:!kRSA:@STRENGTH'],
  ['CipherString = ALL:COMPLEMENTOFALL:@SECLEVEL=0'],
  ['CipherString = aECDSA', 'MaxProtocol = TLSv1.2'],
  ['CipherString = ECDHE+AESGCM:DHE+AESGCM', 'MinProtocol = TLSv1.2'],
  ['Ciphersuites = TLS_AES_128_CCM_SHA256:TLS_AES_128_GCM_SHA256'],
  ['Ciphersuites = TLS_NO_SUCH_SUITE'],
  ['Groups = P-384:ffdhe2048:X25519'],
  ['Curves = brainpoolP256r1:P-256', 'MaxProtocol = TLSv1.2'],
  ['Groups = no-such-group:P-256'],
  ['SignatureAlgorithms = ECDSA+SHA256:RSA+SHA1:rsa_pss_pss_sha256:RSA-PSS+SHA384:ed25519'],
  ['SignatureAlgorithms = RSA+SHA256:RSA-PSS+SHA256', 'CipherString = DEFAULT@SECLEVEL=1'],
  ['Options = -SessionTicket,-EncryptThenMac', '2.Options = -ExtendedMasterSecret'],
  // Red Hat's DEFAULT policy of version 9, as its back end writes it.
  [
    'CipherString = @SECLEVEL=2:kEECDH:kRSA:kEDH:kPSK:kDHEPSK:kECDHEPSK:kRSAPSK:-aDSS:-3DES:!DES:!RC4:!RC2:!IDEA:-SEED:!eNULL:!aNULL:!MD5:-SHA384:-CAMELLIA:-ARIA:-AESCCM8',
    'Ciphersuites = TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256',
    'TLS.MinProtocol = TLSv1.2',
    'TLS.MaxProtocol = TLSv1.3',
    'DTLS.MinProtocol = DTLSv1.2',
    'DTLS.MaxProtocol = DTLSv1.2',
    'SignatureAlgorithms = ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512:ECDSA+SHA224:RSA+SHA224',
    'Groups = X25519:secp256r1:X448:secp521r1:secp384r1:ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:ffdhe8192',
  ],
];

describe('OpenSSL sends what its configuration predicts', {
  skip: skipWithout('openssl'),
}, () => {
  for (const lines of opensslConfigurations) {
    test(lines.join(', ').slice(0, 100), async (context) => {
      const file = join(tempFolder(context), 'openssl.cnf');
      const text = systemDefaults(lines);
      writeFileSync(file, text);
      const about = await mustRun('openssl', ['version', '-a'], { env: { OPENSSL_CONF: file } });
      const release = parseOpensslVersion(about);
      assert.ok(release);
      const level = /-DOPENSSL_TLS_SECURITY_LEVEL=(\d)/.exec(about)?.[1];
      const commands = findTlsSettings(parseOpensslConfig({ file, text }));
      const predicted = predictOpenssl({
        ...{ release, commands },
        ...(level === undefined ? {} : { securityLevel: Number(level) }),
      });
      const sent = await trapHello(
        'openssl',
        (port) => ['s_client', '-connect', `127.0.0.1:${port}`],
        {
          env: { OPENSSL_CONF: file },
        },
      );
      assertPredicted(predicted, sent);
    });
  }
});

interface NodeCase {
  readonly flags: readonly string[];
  readonly lines?: readonly string[];
}

const nodeCases: readonly NodeCase[] = [
  { flags: [] },
  { flags: ['--tls-min-v1.0'] },
  { flags: ['--tls-min-v1.3'] },
  { flags: ['--tls-max-v1.2'] },
  { flags: ['--tls-min-v1.0', '--tls-cipher-list=DEFAULT:@SECLEVEL=0'] },
  { flags: ['--tls-min-v1.1', '--tls-max-v1.2', '--tls-cipher-list=DEFAULT@SECLEVEL=0'] },
  { flags: ['--tls-cipher-list=TLS_AES_128_GCM_SHA256:HIGH:!aNULL'] },
  { flags: ['--tls-cipher-list=ECDHE-RSA-AES128-SHA:AES128-SHA', '--tls-max-v1.2'] },
  { flags: ['--tls-min-v1.0'], lines: ['CipherString = DEFAULT@SECLEVEL=0'] },
  { flags: [], lines: ['CipherString = DEFAULT@SECLEVEL=3'] },
  { flags: [], lines: ['MinProtocol = TLSv1.3', 'MaxProtocol = TLSv1.3'] },
  { flags: ['--openssl-shared-config'], lines: ['Groups = P-384:X25519'] },
  { flags: [], lines: ['SignatureAlgorithms = RSA-PSS+SHA256:ECDSA+SHA256:RSA+SHA256'] },
  { flags: [], lines: ['Options = -SessionTicket'] },
];

describe('Node sends what its options predict', () => {
  const release = parseOpensslVersion(process.versions.openssl ?? '');
  for (const { flags, lines } of nodeCases) {
    const name = [...flags, ...(lines ?? [])].join(', ');
    test(name === '' ? 'no options' : name, async (context) => {
      assert.ok(release);
      const file = join(tempFolder(context), 'openssl.cnf');
      const text = lines === undefined ? '' : systemDefaults(lines);
      writeFileSync(file, text);
      const options = parseNodeOptions(flags);
      const config = parseOpensslConfig({ file, text });
      const section = options.sharedConfig ? 'openssl_conf' : 'nodejs_conf';
      const commands = findTlsSettings(config, section);
      const client = (port: number): string =>
        `tls.connect({ port: ${port}, host: '127.0.0.1' }).on('error', () => {})`;
      const sent = await trapHello(process.execPath, (port) => [...flags, '-e', client(port)], {
        env: { OPENSSL_CONF: file },
      });
      assertPredicted(predictNode({ openssl: { release, commands }, options }), sent);
    });
  }
});

interface GnutlsCase {
  readonly priority?: string;
  /** Lines of `[overrides]` in the system's configuration. */
  readonly overrides?: readonly string[];
}

const gnutlsCases: readonly GnutlsCase[] = [
  { priority: 'NORMAL' },
  { priority: 'NORMAL:-VERS-TLS1.3' },
  { priority: 'NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0' },
  { priority: 'SECURE128' },
  { priority: 'SECURE256' },
  { priority: 'PFS' },
  { priority: 'PERFORMANCE' },
  { priority: 'NORMAL:-KX-ALL:+RSA' },
  { priority: 'NORMAL:-CIPHER-ALL:+AES-128-CBC:+AES-256-GCM' },
  { priority: 'NORMAL:-GROUP-ALL:+GROUP-SECP384R1:+GROUP-X25519' },
  { priority: 'NORMAL:-SIGN-ALL:+SIGN-RSA-SHA256:+SIGN-ECDSA-SECP256R1-SHA256' },
  { priority: 'NORMAL:+3DES-CBC:-MAC-ALL:+AEAD:+SHA1:%COMPAT' },
  { overrides: ['disabled-version = tls1.0', 'disabled-version = tls1.1'] },
  { overrides: ['tls-disabled-cipher = AES-128-CBC', 'tls-disabled-kx = RSA'] },
  { overrides: ['tls-disabled-mac = SHA1', 'tls-disabled-group = X25519'] },
];

describe('GnuTLS sends what its priorities predict', { skip: skipWithout('gnutls-cli') }, () => {
  for (const { priority, overrides = [] } of gnutlsCases) {
    test(priority ?? overrides.join(', '), async (context) => {
      const file = join(tempFolder(context), 'gnutls.config');
      writeFileSync(file, `[overrides]\n${overrides.join('\n')}\n`);
      const given = priority === undefined ? [] : ['--priority', priority];
      const sent = await trapHello(
        'gnutls-cli',
        (port) => [...given, '--insecure', '--port', String(port), '127.0.0.1'],
        { env: { GNUTLS_SYSTEM_PRIORITY_FILE: file } },
      );
      assertPredicted(predictGnutls({ priority: priority ?? 'NORMAL', overrides }), sent);
    });
  }
});

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

interface JavaCase {
  /** Lines of a file for -Djava.security.properties. */
  readonly security?: string;
  readonly options?: readonly string[];
}

const disabled = (...names: readonly string[]): JavaCase => ({
  security: `jdk.tls.disabledAlgorithms=SSLv3, RC4, DES, MD5withRSA, DH keySize < 1024, \\\n  EC keySize < 224, anon, NULL, ${names.join(', ')}`,
});
const property = (name: string, value: string): JavaCase => ({ options: [`-D${name}=${value}`] });

const javaCases: readonly JavaCase[] = [
  {},
  { security: 'jdk.tls.disabledAlgorithms=' },
  property('jdk.tls.client.protocols', 'TLSv1.2'),
  property('jdk.tls.client.protocols', 'TLSv1.3'),
  { ...disabled(), options: ['-Djdk.tls.client.protocols=TLSv1,TLSv1.1'] },
  { ...disabled(), options: ['-Djdk.tls.client.protocols=TLSv1.2, TLSv1'] },
  property('jdk.tls.namedGroups', 'secp384r1, x25519'),
  property('jdk.tls.namedGroups', 'ffdhe2048'),
  property('jdk.tls.namedGroups', 'x25519,x448,ffdhe3072,secp521r1'),
  property(
    'jdk.tls.client.cipherSuites',
    'TLS_RSA_WITH_AES_128_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,TLS_AES_128_GCM_SHA256',
  ),
  property('jdk.tls.client.SignatureSchemes', 'rsa_pss_rsae_sha256,rsa_pkcs1_sha256'),
  disabled('TLSv1', 'TLSv1.1'),
  disabled('TLSv1.2', 'TLSv1.1'),
  disabled('TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'),
  disabled('TLSv1.3', 'TLSv1', 'SHA256'),
  disabled('SHA1'),
  disabled('ECDHE'),
  disabled('ECDH', '3DES_EDE_CBC'),
  disabled('DHE'),
  disabled('DH'),
  disabled('RSA'),
  disabled('DSA', 'ECDSA', 'EdDSA'),
  disabled('CBC'),
  disabled('AES_256_CBC', 'GCM'),
  disabled('AES_128_GCM', 'ChaCha20-Poly1305'),
  disabled('x25519', 'secp256r1'),
  disabled('EC keySize < 384', 'DH keySize < 3072', 'RSA keySize < 2048'),
  disabled('rsa_pkcs1_sha1', 'SHA224withRSA', 'ed25519', 'RSASSA-PSS'),
  disabled('TLS_RSA_*', 'rsa_pkcs1_sha1 usage HandshakeSignature'),
  disabled('TLS_DHE_DSS_WITH_AES_128_CBC_SHA', 'SSL_RSA_WITH_3DES_EDE_CBC_SHA'),
];

describe('Java sends what its properties predict', { skip: skipWithout('keytool') }, () => {
  // Part of every Java runtime: asks a server for its certificates.
  const keytool = findPeer('keytool') ?? '';
  const about = once(() => run(keytool, ['-J-version']));
  for (const { security, options = [] } of javaCases) {
    const name = [...options, security?.replace(/^.*NULL, /s, 'without ') ?? ''].join(' ').trim();
    test(name === '' ? 'no properties' : name, async (context) => {
      const { stdout, stderr } = await about();
      const version = parseJavaVersion(stdout + stderr);
      assert.ok(version);
      const home = dirname(dirname(realpathSync(keytool)));
      const base = {
        file: join(home, version.major > 8 ? 'conf' : 'lib', 'security/java.security'),
      };
      const override = { file: join(tempFolder(context), 'own.security'), text: security ?? '' };
      writeFileSync(override.file, override.text);
      const settings = readSecurityProperties({
        base: { ...base, text: readFileSync(base.file, 'utf8') },
        override: { ...override, replaces: false },
      });
      const properties = new Map([
        ...[...settings].map(([key, { value }]): [string, string] => [key, value]),
        ...readSystemProperties(options),
      ]);
      const flags = [
        '-XX:TieredStopAtLevel=1',
        ...options,
        `-Djava.security.properties=${override.file}`,
      ];
      const sent = await trapHello(keytool, (port) => [
        ...['-printcert', '-sslserver', `localhost:${port}`],
        ...flags.map((flag) => `-J${flag}`),
      ]);
      assertPredicted(predictJava({ version, properties }), sent);
    });
  }
});

describe('curl sends what its OpenSSL predicts', { skip: skipWithout('curl', 'openssl') }, () => {
  for (const lines of [
    [],
    ['MinProtocol = TLSv1.2'],
    ['MaxProtocol = TLSv1.2'],
    ['Groups = P-256'],
  ]) {
    test(lines.join(', ') || 'without a configuration', async (context) => {
      const file = join(tempFolder(context), 'openssl.cnf');
      writeFileSync(file, systemDefaults(lines));
      const environment = { OPENSSL_CONF: file };
      const facts = readLinuxFacts({ environment });
      const fact = facts?.stacks.find(({ kind }) => kind === 'curl');
      assert.ok(fact, 'the library of curl was found');
      const about = await mustRun('curl', ['--version'], {});
      assert.ok(about.includes(`libcurl/${fact.version} OpenSSL/`), about);
      const predicted = predictStackFact(fact);
      assert.ok(predicted);
      const sent = await trapHello('curl', (port) => ['-sk', `https://127.0.0.1:${port}/`], {
        env: environment,
      });
      assertPredicted(predicted, sent);
    });
  }
});
