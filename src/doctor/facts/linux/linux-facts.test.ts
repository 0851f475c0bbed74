import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findPeer, skipWithout } from '../../../../test/support/peers.ts';
import { mustRun } from '../../../../test/support/run.ts';
import { tempFolder } from '../../../../test/support/temp-folder.ts';
import { parseGnutlsConfig } from './gnutls-config.ts';
import { parseGoBuildInfo } from './go-build-info.ts';
import { readLinuxFacts } from './linux-facts.ts';
import { machineFiles } from './machine-files.ts';
import { parseOsRelease } from './os-release.ts';

interface Tree {
  readonly files: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
}

function makeRoot(context: Parameters<typeof tempFolder>[0], { files, links = {} }: Tree): string {
  const root = tempFolder(context);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
  return root;
}

const library = (...texts: readonly string[]): string => `\x7fELF\0${texts.join('\0')}\0`;

/** An Enterprise Linux 9 as its disk shows it, with a policy and a Java behind absolute links. */
const enterpriseLinux: Tree = {
  files: {
    'usr/lib/os-release':
      'ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.4"\nPRETTY_NAME="Red Hat Enterprise Linux 9.4"\n',
    'etc/hostname': 'backup-3\n',
    'etc/environment': 'export https_proxy="http://user:secret@proxy:3128"\n',
    'etc/crypto-policies/state/current': 'DEFAULT:SHA1\n',
    'etc/crypto-policies/back-ends/opensslcnf.txt':
      'CipherString = @SECLEVEL=2:kEECDH:kRSA\nTLS.MinProtocol = TLSv1.2\nDTLS.MinProtocol = DTLSv1.2\n',
    'etc/crypto-policies/back-ends/java.txt': 'jdk.tls.disabledAlgorithms=SSLv3, TLSv1.1\n',
    'etc/crypto-policies/back-ends/gnutls.config':
      '[global]\noverride-mode = allowlist\n[overrides]\nenabled-version = TLS1.3\n[priorities]\nSYSTEM=NONE\n',
    'etc/pki/tls/openssl.cnf':
      'openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = policy\n[policy]\n.include = /etc/crypto-policies/back-ends/opensslcnf.config\n',
    'usr/lib64/libcrypto.so.3.0.7': library(
      'OpenSSL 3.0.7 1 Nov 2022',
      'OPENSSLDIR: "/etc/pki/tls"',
      'compiler: gcc -O2 -DOPENSSL_TLS_SECURITY_LEVEL=2 -g',
    ),
    'usr/lib64/libgnutls.so.30': library('Enabled GnuTLS 3.8.3 logging...'),
    'usr/lib/jvm/java-17-openjdk-17.0.11.0.9-2.el9.x86_64/release': 'JAVA_VERSION="17.0.11"\n',
    'etc/java/java.security':
      'jdk.tls.disabledAlgorithms=SSLv3\nsecurity.useSystemPropertiesFile=true\n',
  },
  links: {
    'usr/lib64/libcrypto.so.3': 'libcrypto.so.3.0.7',
    'etc/crypto-policies/back-ends/opensslcnf.config':
      '/etc/crypto-policies/back-ends/opensslcnf.txt',
    'etc/crypto-policies/back-ends/java.config': '/etc/crypto-policies/back-ends/java.txt',
    'usr/lib/jvm/jre-17': 'java-17-openjdk-17.0.11.0.9-2.el9.x86_64',
    'usr/lib/jvm/java-17-openjdk-17.0.11.0.9-2.el9.x86_64/conf/security/java.security':
      '/etc/java/java.security',
  },
};

test('a mounted disk tells its libraries, their configuration and their policy', (context) => {
  const facts = readLinuxFacts({ root: makeRoot(context, enterpriseLinux) });
  assert.ok(facts);
  assert.equal(facts.host, 'backup-3');
  assert.equal(facts.os?.product, 'Red Hat Enterprise Linux 9.4');
  assert.deepEqual(facts.os?.distribution, ['rhel', 'fedora']);
  const [openssl] = facts.stacks;
  assert.equal(openssl?.version, '3.0.7');
  assert.deepEqual(openssl?.settings, {
    configuration: '/etc/pki/tls/openssl.cnf',
    securityLevel: '2',
    CipherString: '@SECLEVEL=2:kEECDH:kRSA',
    MinProtocol: ['TLSv1.2', 'DTLSv1.2'],
    cryptoPolicy: 'DEFAULT:SHA1',
  });
  assert.deepEqual(openssl?.origins?.['CipherString'], {
    ...{ file: '/etc/crypto-policies/back-ends/opensslcnf.config', line: 1 },
  });
});

test('one Java behind two links is one stack, with the system policy over its own', (context) => {
  const facts = readLinuxFacts({ root: makeRoot(context, enterpriseLinux) });
  const java = facts?.stacks.filter(({ kind }) => kind === 'java') ?? [];
  assert.deepEqual(
    java.map(({ version, settings }) => [version, settings?.['jdk.tls.disabledAlgorithms']]),
    [['17.0.11', 'SSLv3, TLSv1.1']],
  );
});

test('GnuTLS is read with its overrides', (context) => {
  const facts = readLinuxFacts({ root: makeRoot(context, enterpriseLinux) });
  const gnutls = facts?.stacks.find(({ kind }) => kind === 'gnutls');
  assert.equal(gnutls?.version, '3.8.3');
  assert.deepEqual(gnutls?.settings?.['overrides'], ['enabled-version = TLS1.3']);
  assert.equal(gnutls?.settings?.['SYSTEM'], 'NONE');
});

test("a proxy's password stays out of the facts", (context) => {
  const facts = readLinuxFacts({ root: makeRoot(context, enterpriseLinux) });
  assert.deepEqual(
    facts?.proxies.map(({ server }) => server),
    ['http://proxy:3128'],
  );
});

test('a link never leads out of the root', (context) => {
  const files = machineFiles(
    makeRoot(context, {
      files: { 'etc/secret': 'inside' },
      links: { up: '../../../../etc/secret', absolute: '/etc/secret', loop: 'loop' },
    }),
  );
  assert.equal(files.text('/up'), 'inside');
  assert.equal(files.text('/absolute'), 'inside');
  assert.equal(files.text('/loop'), undefined);
  assert.equal(files.text('/../../etc/secret'), 'inside');
});

test('a folder without os-release is no Linux', (context) => {
  assert.equal(readLinuxFacts({ root: tempFolder(context) }), undefined);
});

test('a mark is found where two reads meet', (context) => {
  const root = makeRoot(context, {
    files: {
      'etc/os-release': 'ID=test\n',
      'usr/lib/libcrypto.so.3': `${'x'.repeat(1024 * 1024 - 5)}${library('OpenSSL 3.0.9 30 May 2023')}`,
    },
  });
  assert.equal(readLinuxFacts({ root })?.stacks[0]?.version, '3.0.9');
});

test('os-release keeps quoted texts', () => {
  assert.deepEqual(
    parseOsRelease('ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\'22.04\'\nNAME="A \\"B\\""\n'),
    {
      ...{ id: 'ubuntu', like: ['debian'], version: '22.04', name: 'A "B"' },
    },
  );
});

test('the configuration of GnuTLS is read by its sections', () => {
  const config = parseGnutlsConfig(
    '# comment\n[overrides]\ndisabled-version = tls1.0\ntls-disabled-cipher = aes-128-cbc\n[priorities]\nSYSTEM = NORMAL:-VERS-TLS1.1\n',
  );
  assert.equal(config.mode, 'blocklist');
  assert.deepEqual(config.overrides[0], { name: 'disabled-version', value: 'tls1.0', line: 3 });
  assert.equal(config.priorities.get('SYSTEM'), 'NORMAL:-VERS-TLS1.1');
});

test('build information without its texts gives nothing', () => {
  const header = Buffer.from('\xff Go buildinf:\x08\x00', 'latin1');
  assert.equal(parseGoBuildInfo(Buffer.concat([header, Buffer.alloc(64)])), undefined);
  const cut = Buffer.concat([
    Buffer.from('\xff Go buildinf:\x08\x02', 'latin1'),
    Buffer.alloc(16),
    Buffer.from([0x7f]),
  ]);
  assert.equal(parseGoBuildInfo(cut), undefined);
});

test('Go programs are found in the folders of PATH and where `go install` puts them', (context) => {
  const root = makeRoot(context, { files: { 'usr/lib/os-release': 'ID=debian\n' } });
  const [header, end] = [Buffer.from('\xff Go buildinf:\x08\x02', 'latin1'), Buffer.alloc(16)];
  for (const [path, version] of [
    ['usr/bin/restic', 'go1.21.0'],
    ['opt/backup/restic', 'go1.22.0'],
    ['home/me/go/bin/restic', 'go1.23.0'],
  ] as const) {
    const text = Buffer.from(`\x08${version}\0`);
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), Buffer.concat([header, end, text]));
  }
  const found = (environment: Readonly<Record<string, string>>) =>
    readLinuxFacts({ root, environment })?.stacks.map(({ version }) => version);
  assert.deepEqual(found({}), ['1.21.0']);
  const environment = { PATH: 'backup:/opt/backup', HOME: '/home/me' };
  assert.deepEqual(found(environment), ['1.21.0', '1.22.0', '1.23.0']);
});

const live =
  process.platform === 'linux'
    ? readLinuxFacts({ environment: { PATH: process.env['PATH'] } })
    : undefined;
const versionOf = (kind: string, path = ''): readonly (string | undefined)[] =>
  live?.stacks
    .filter((stack) => stack.kind === kind && stack.path?.startsWith(path))
    .map(({ version }) => version) ?? [];

test('the version read out of libcrypto is what openssl says of it', {
  skip: skipWithout('openssl'),
}, async () => {
  const said = await mustRun('openssl', ['version']);
  const version = /Library: OpenSSL (\S+)/.exec(said)?.[1] ?? '';
  assert.ok(versionOf('openssl').includes(version), `${version} is not in ${versionOf('openssl')}`);
});

test('the version read out of libgnutls is what gnutls-cli says of it', {
  skip: skipWithout('gnutls-cli'),
}, async () => {
  const version = /gnutls-cli (\S+)/.exec(await mustRun('gnutls-cli', ['--version']))?.[1];
  assert.ok(versionOf('gnutls').includes(version));
});

test("restic's compiler is read out of its file", { skip: skipWithout('restic') }, async () => {
  const version = /compiled with go(\S+)/.exec(await mustRun('restic', ['version']))?.[1];
  const path = machineFiles().resolve(findPeer('restic') ?? '');
  assert.deepEqual(versionOf('go', path), [version]);
});
