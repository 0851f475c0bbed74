/** Verdicts and findings for Linux, Java and Node, and scripts that mend them and take it back. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { mustRun, run } from '../../test/support/run.ts';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { diagnose } from './doctor.ts';
import { type Facts, makeFacts, type StackFact } from './facts/facts.ts';
import { readLinuxFacts } from './facts/linux/linux-facts.ts';
import { emitShell } from './remedies/emit-sh.ts';
import { remediesFor } from './remedies/remedies.ts';
import type { Diagnosis } from './verdicts/verdict.ts';

function linux(...stacks: readonly StackFact[]): Facts {
  return makeFacts({
    os: { family: 'linux', product: 'Debian GNU/Linux 12' },
    stacks: [...stacks],
  });
}

const openssl = (version: string, settings: StackFact['settings'] = {}): StackFact => ({
  ...{ kind: 'openssl', version, path: '/usr/lib/libcrypto.so', settings },
  origins: Object.fromEntries(
    Object.keys(settings).map((name, index) => [
      name,
      { file: '/etc/ssl/openssl.cnf', line: index + 1 },
    ]),
  ),
});
const java = (version: string, settings: StackFact['settings'] = {}): StackFact => ({
  ...{ kind: 'java', version, path: '/opt/java', settings },
});

function ids({ findings }: Diagnosis): string[] {
  return findings.map(({ id }) => id);
}

interface Row {
  readonly name: string;
  readonly stack: StackFact;
  readonly status: string;
  readonly findings?: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'OpenSSL 3.0 as it comes', stack: openssl('3.0.2'), status: 'ready' },
  { name: 'OpenSSL 1.1.1', stack: openssl('1.1.1w'), status: 'ready' },
  { name: 'OpenSSL 1.0.2', stack: openssl('1.0.2k-fips'), status: 'ready' },
  {
    ...{ name: 'OpenSSL 0.9.8', stack: openssl('0.9.8y') },
    ...{ status: 'not-ready', findings: ['openssl/too-old'] },
  },
  {
    name: 'OpenSSL up to TLS 1.1',
    stack: openssl('3.0.2', { MaxProtocol: 'TLSv1.1' }),
    ...{ status: 'not-ready', findings: ['openssl/max-protocol'] },
  },
  {
    name: 'OpenSSL with suites that nobody accepts',
    stack: openssl('3.0.2', { CipherString: 'CAMELLIA', Ciphersuites: '', MaxProtocol: 'TLSv1.2' }),
    ...{ status: 'not-ready', findings: ['openssl/none-in-common'] },
  },
  {
    name: 'OpenSSL without a security level',
    stack: openssl('3.0.2', { CipherString: 'DEFAULT:@SECLEVEL=0', MinProtocol: 'TLSv1' }),
    ...{ status: 'ready', findings: ['openssl/level-0', 'openssl/min-protocol'] },
  },
  { name: 'an OpenSSL without a version', stack: openssl('unknown'), status: 'unknown' },
  {
    name: 'GnuTLS 3.7',
    stack: { kind: 'gnutls', version: '3.7.9', path: '/usr/lib/libgnutls.so.30' },
    status: 'ready',
  },
  {
    name: 'GnuTLS whose system allows TLS 1.1 only',
    stack: {
      ...{ kind: 'gnutls', version: '3.7.9', path: '/usr/lib/libgnutls.so.30' },
      settings: { overrides: ['disabled-version = tls1.3', 'disabled-version = tls1.2'] },
    },
    status: 'not-ready',
  },
  { name: 'Java 17', stack: java('17.0.15'), status: 'ready' },
  { name: 'Java 8', stack: java('1.8.0_402'), status: 'ready' },
  {
    ...{ name: 'Java 6', stack: java('1.6.0_45'), status: 'not-ready' },
    findings: ['java/old'],
  },
  { name: 'Java 7', stack: java('1.7.0_80'), status: 'not-ready', findings: ['java/old'] },
  {
    name: 'Java 7 that is told to use TLS 1.2',
    stack: java('1.7.0_80', { 'jdk.tls.client.protocols': 'TLSv1.2' }),
    status: 'ready',
  },
  {
    name: 'Java 17 that is told to use TLS 1.1',
    stack: java('17.0.15', {
      'jdk.tls.client.protocols': 'TLSv1.1',
      'jdk.tls.disabledAlgorithms': 'SSLv3',
    }),
    ...{ status: 'not-ready', findings: ['java/protocols'] },
  },
  {
    name: 'Java with modern versions disabled',
    stack: java('11.0.13', { 'jdk.tls.disabledAlgorithms': 'TLSv1.2, TLSv1.3, RC4' }),
    ...{ status: 'not-ready', findings: ['java/disabled-algorithms'] },
  },
  { name: 'Java 10, which nobody measured', stack: java('10.0.2'), status: 'unknown' },
  {
    name: 'Node 20 with old versions on',
    stack: {
      ...{ kind: 'node', version: '20.20.2', path: '/usr/bin/node' },
      settings: { openssl: '3.0.19', NODE_OPTIONS: '--tls-min-v1.0' },
    },
    ...{ status: 'ready', findings: ['node/min-version'] },
  },
  {
    name: 'Go 1.22',
    stack: { kind: 'go', version: '1.22.1', path: '/usr/bin/restic' },
    status: 'ready',
  },
];

describe('each row of a stack has its verdict and its findings', () => {
  for (const { name, stack, status, findings = [] } of rows) {
    test(name, () => {
      const diagnosis = diagnose(linux(stack));
      assert.equal(diagnosis.stacks[0]?.status, status);
      assert.deepEqual(ids(diagnosis), findings);
    });
  }
});

test("the system's own TLS is URLSession on macOS and OpenSSL on Linux", () => {
  const of = (facts: Facts) => diagnose(facts, { consumer: 'system' });
  const mac = (version: string) => makeFacts({ os: { family: 'macos', version } });
  assert.equal(of(mac('14.5')).status, 'ready');
  assert.deepEqual(
    of(mac('10.8.5')).consumers[0]?.stacks.map(({ stack, status }) => [stack, status]),
    [['urlsession', 'not-ready']],
  );
  const stack = { kind: 'openssl', version: '1.0.0', path: '/usr/lib/libssl.so.1.0.0' } as const;
  const linux = makeFacts({ os: { family: 'linux' }, stacks: [stack] });
  assert.equal(of(linux).status, 'not-ready');
  assert.match(of(linux).consumers[0]?.stacks[0]?.stack ?? '', /^openssl 1\.0\.0/);
});

test('a machine is as ready as its OpenSSL when no backup program is known', () => {
  assert.equal(diagnose(linux(openssl('0.9.8y'), java('17.0.1'))).status, 'not-ready');
  assert.equal(diagnose(linux(java('17.0.1'))).status, 'unknown');
});

test('a stack that has no version left offers nothing, which is not ready', () => {
  const [stack] = diagnose(
    linux(java('17.0.1', { 'jdk.tls.disabledAlgorithms': 'TLSv1.3, TLSv1.2, TLSv1.1, TLSv1' })),
  ).stacks;
  assert.equal(stack?.status, 'not-ready');
  assert.deepEqual(stack?.outcomes[0]?.scenario.versions, []);
});

const broken: Readonly<Record<string, string>> = {
  'etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
  'usr/lib/libcrypto.so.3': '\x7fELF\0OpenSSL 3.0.11 19 Sep 2023\0OPENSSLDIR: "/etc/ssl"\0',
  'etc/ssl/openssl.cnf': [
    ...[
      'openssl_conf = init',
      '[init]',
      'ssl_conf = ssl',
      '[ssl]',
      'system_default = tls',
      '[tls]',
    ],
    ...[
      "  MaxProtocol =TLSv1.1 # an old firewall, don't ask",
      'CipherString = DEFAULT@SECLEVEL=0',
      '',
    ],
  ].join('\n'),
  'usr/lib/jvm/java-17/release': 'JAVA_VERSION="17.0.9"\n',
  'usr/lib/jvm/java-17/conf/security/java.security':
    'jdk.tls.disabledAlgorithms=SSLv3, TLSv1.2, \\\n    TLSv1.3, RC4',
};

function makeBroken(context: Parameters<typeof tempFolder>[0]): string {
  const root = tempFolder(context);
  for (const [path, content] of Object.entries(broken)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

function diagnoseRoot(root: string): Diagnosis {
  const facts = readLinuxFacts({ root });
  assert.ok(facts);
  return diagnose(facts);
}

function scriptsFor(diagnosis: Diagnosis): ReturnType<typeof emitShell> {
  const remedies = remediesFor(diagnosis.facts, diagnosis.findings);
  return emitShell(
    remedies.flatMap(({ edits = [] }) => edits),
    ['for a test'],
  );
}

describe('the shell script of a machine', {
  skip: process.platform === 'win32' && 'needs sh',
}, () => {
  test('makes it ready, twice the same, and its undo gives back every byte', async (context) => {
    const root = makeBroken(context);
    const before = diagnoseRoot(root);
    assert.deepEqual(
      before.stacks.map(({ status }) => status),
      ['not-ready', 'not-ready'],
    );
    const { apply, undo } = scriptsFor(before);
    const env = { SEALIFT_ROOT: root };
    await mustRun('sh', ['-c', apply], { env });
    const after = diagnoseRoot(root);
    assert.deepEqual(
      after.stacks.map(({ status }) => status),
      ['ready', 'ready'],
    );
    assert.deepEqual(ids(after), []);
    const changed = Object.keys(broken).map((path) => readFileSync(join(root, path), 'utf8'));
    await mustRun('sh', ['-c', apply], { env });
    assert.deepEqual(
      Object.keys(broken).map((path) => readFileSync(join(root, path), 'utf8')),
      changed,
    );
    await mustRun('sh', ['-c', undo], { env });
    for (const [path, content] of Object.entries(broken)) {
      assert.equal(readFileSync(join(root, path), 'utf8'), content, path);
    }
    await mustRun('sh', ['-c', undo], { env });
  });

  test('stops at a line that somebody changed since', async (context) => {
    const root = makeBroken(context);
    const { apply } = scriptsFor(diagnoseRoot(root));
    const file = join(root, 'etc/ssl/openssl.cnf');
    writeFileSync(file, `# new\n${broken['etc/ssl/openssl.cnf'] ?? ''}`);
    const outcome = await run('sh', ['-c', apply], { env: { SEALIFT_ROOT: root } });
    assert.notEqual(outcome.code, 0);
    assert.match(outcome.stderr, /does not set MaxProtocol any more/);
    assert.equal(readFileSync(file, 'utf8'), `# new\n${broken['etc/ssl/openssl.cnf'] ?? ''}`);
  });

  test('does not undo over a later change', async (context) => {
    const root = makeBroken(context);
    const { apply, undo } = scriptsFor(diagnoseRoot(root));
    const env = { SEALIFT_ROOT: root };
    await mustRun('sh', ['-c', apply], { env });
    const file = join(root, 'usr/lib/jvm/java-17/conf/security/java.security');
    writeFileSync(file, 'mine');
    const outcome = await run('sh', ['-c', undo], { env });
    assert.match(outcome.stderr, /was changed after the fix/);
    assert.equal(readFileSync(file, 'utf8'), 'mine');
    assert.ok(existsSync(join(root, 'var/lib/sealift/fix')));
  });
});

test('the system-wide policy goes to DEFAULT and back to what it was', () => {
  const facts = linux(openssl('3.0.7', { cryptoPolicy: 'LEGACY:AD-SUPPORT' }));
  const { apply, undo } = scriptsFor(diagnose(facts));
  assert.match(apply, /^update-crypto-policies --set 'DEFAULT'$/m);
  assert.match(undo, /^update-crypto-policies --set 'LEGACY:AD-SUPPORT'$/m);
});

test('what a policy wrote is not edited: the remedy is done by hand', () => {
  const fact = openssl('3.0.7', { MaxProtocol: 'TLSv1.1' });
  const origins = {
    MaxProtocol: { file: '/etc/crypto-policies/back-ends/opensslcnf.config', line: 2 },
  };
  const { facts, findings } = diagnose(linux({ ...fact, origins }));
  assert.deepEqual(
    remediesFor(facts, findings).map(({ id, byHand }) => [id, byHand]),
    [['openssl-max-protocol', true]],
  );
});
