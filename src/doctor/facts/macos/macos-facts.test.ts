import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { build, buildBinary } from 'plist';
import { makeMacosDisk } from '../../../../test/support/macos-disk.ts';
import { tempFolder } from '../../../../test/support/temp-folder.ts';
import { diagnose } from '../../doctor.ts';
import type { Facts } from '../facts.ts';
import { readMachines } from '../read-machines.ts';
import { readMacosFacts } from './macos-facts.ts';
import { parsePlist, textAt } from './plist.ts';

function diskOf(
  context: Parameters<typeof tempFolder>[0],
  disk: Parameters<typeof makeMacosDisk>[1],
): { readonly root: string; readonly facts: Facts } {
  const root = tempFolder(context);
  makeMacosDisk(root, disk);
  const facts = readMacosFacts({ root });
  assert.ok(facts);
  return { root, facts };
}

const versionsOf = (facts: Facts, kind: string) =>
  facts.stacks.filter((one) => one.kind === kind).map(({ version }) => version);

describe('a disk of macOS', () => {
  test('tells its release, its name, its time zone and its processor', (context) => {
    const { facts } = diskOf(context, { version: '14.5', homebrew: true });
    assert.deepEqual(facts.os, {
      ...{ family: 'macos', product: 'macOS 14.5 (23F79)', version: '14.5', architecture: 'arm64' },
    });
    assert.equal(facts.host, 'studio-4');
    assert.equal(facts.clock?.timeZone, 'Europe/Berlin');
  });

  for (const binary of [true, false]) {
    test(`tells the proxies of its active networks, ${binary ? 'binary' : 'XML'} list`, (context) => {
      const { facts } = diskOf(context, { version: '14.5', binary });
      assert.deepEqual(
        facts.proxies.map(({ scope, server, enabled }) => [scope, server, enabled]),
        [
          ['system', 'proxy.corp.example:3128', true],
          ['system', 'http://wpad/wpad.dat', false],
        ],
      );
    });
  }

  test('tells the Java, the Python and the OpenSSL of packages', (context) => {
    const { facts } = diskOf(context, { version: '14.5' });
    assert.deepEqual(versionsOf(facts, 'java'), ['17.0.11']);
    assert.deepEqual(versionsOf(facts, 'openssl'), ['3.0.13']);
    const python = facts.stacks.find(({ kind }) => kind === 'python');
    assert.equal(python?.version, '3.12');
    assert.equal(python.settings?.['openssl'], '3.0.13');
  });

  test('tells what Homebrew installed, each once, with its configuration', (context) => {
    const { facts } = diskOf(context, { version: '14.5', homebrew: true });
    assert.deepEqual(versionsOf(facts, 'openssl'), ['3.3.1', '3.0.13']);
    assert.deepEqual(versionsOf(facts, 'java'), ['17.0.11', '21.0.3']);
    const [openssl] = facts.stacks;
    assert.equal(openssl?.settings?.['MaxProtocol'], 'TLSv1.1');
    const node = facts.stacks.find(({ kind }) => kind === 'node');
    assert.equal(node?.version, '22.3.0');
    assert.equal(node.settings?.['openssl'], '3.3.1');
    const brewed = facts.stacks.find(({ path }) => path?.includes('python@3.11') === true);
    assert.equal(brewed?.settings?.['openssl'], '3.3.1');
  });

  test('is one machine for `doctor PATH`, as a Linux is', async (context) => {
    const { root } = diskOf(context, { version: '14.5' });
    const names: string[] = [];
    for await (const machine of readMachines([root])) names.push(machine.name);
    assert.deepEqual(names, ['studio-4']);
  });

  test('that is damaged or none gives no facts and no failure', (context) => {
    const root = tempFolder(context);
    assert.equal(readMacosFacts({ root }), undefined);
    mkdirSync(join(root, 'System/Library/CoreServices'), { recursive: true });
    const file = join(root, 'System/Library/CoreServices/SystemVersion.plist');
    for (const text of [
      '',
      'bplist00',
      '<plist><dict>',
      '{}',
      '<plist><string>14</string></plist>',
    ]) {
      writeFileSync(file, text);
      assert.equal(readMacosFacts({ root }), undefined, text);
    }
  });
});

describe('a property list', () => {
  test('reads alike as XML and as binary', () => {
    const value = { ProductVersion: '12.7.4', Ключ: 'значение' };
    assert.deepEqual(
      { ...parsePlist(Buffer.from(build(value))) },
      { ...parsePlist(new Uint8Array(buildBinary(value))) },
    );
  });

  test('with entities is none', () => {
    const bomb =
      '<!DOCTYPE plist [<!ENTITY a "aa">]><plist><dict><key>a</key><string>&a;</string></dict></plist>';
    assert.equal(parsePlist(Buffer.from(bomb)), undefined);
  });

  test('that is damaged anywhere is read or is none, and never throws', () => {
    const whole = [
      Buffer.from(build({ a: { b: 'text' }, n: 1 })),
      Buffer.from(buildBinary({ a: { b: 'text' }, n: 1 })),
    ];
    const change = fc.record({ at: fc.nat({ max: 400 }), byte: fc.nat({ max: 255 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(...whole),
        fc.array(change, { maxLength: 12 }),
        (list, changes) => {
          const bytes = Buffer.from(list);
          for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
          assert.doesNotThrow(() => textAt(parsePlist(bytes), 'a', 'b'));
        },
      ),
      { numRuns: 1500 },
    );
  });
});

describe('the stacks that macOS brings', () => {
  const rows: readonly (readonly [string, string, string | undefined, string | undefined])[] = [
    ['10.8.5', 'not-ready', 'not-ready', undefined],
    ['10.10.5', 'ready', 'ready', undefined],
    ['10.12.6', 'ready', 'ready', undefined],
    ['10.13.6', 'ready', 'ready', 'ready'],
    ['10.15.7', 'ready', 'ready', 'ready'],
    ['11.7.10', 'ready', 'ready', 'ready'],
    ['14.5', 'ready', 'ready', 'ready'],
    ['26.0', 'ready', 'ready', 'ready'],
  ];
  for (const [version, ...expected] of rows) {
    test(`of ${version} are judged by its release`, (context) => {
      const { facts } = diskOf(context, { version });
      const diagnosis = diagnose(facts);
      const statusOf = (id: string) => diagnosis.stacks.find(({ stack }) => stack === id)?.status;
      assert.deepEqual(
        ['urlsession', 'secure-transport', 'macos-libressl'].map(statusOf),
        expected,
      );
      assert.equal(diagnosis.status, expected[0], 'URLSession is what most programs use');
    });
  }

  test('TLS 1.3 is agreed on by URLSession since 10.15 and by Secure Transport never', (context) => {
    const { facts } = diskOf(context, { version: '10.15.7' });
    const agreed = (id: string) =>
      diagnose(facts)
        .stacks.find(({ stack }) => stack === id)
        ?.outcomes.map(({ negotiation }) => negotiation.kind === 'agreed' && negotiation.version);
    assert.deepEqual(agreed('urlsession'), [0x0304, 0x0304]);
    assert.deepEqual(agreed('secure-transport'), [0x0303]);
  });

  test('a macOS without TLS 1.2 is a finding with its evidence', (context) => {
    const { facts } = diskOf(context, { version: '10.8.5' });
    const [finding] = diagnose(facts).findings;
    assert.equal(finding?.id, 'macos/too-old');
    assert.equal(finding.evidence[0]?.value, '10.8.5');
    assert.match(finding.evidence[0].file ?? '', /SystemVersion\.plist$/);
  });

  test("an old OpenSSL setting of Homebrew's is found", (context) => {
    const { facts } = diskOf(context, { version: '14.5', homebrew: true });
    const finding = diagnose(facts).findings.find(({ id }) => id === 'openssl/max-protocol');
    assert.equal(finding?.evidence[0]?.file, '/opt/homebrew/etc/openssl@3/openssl.cnf');
  });

  test('a release that is no version gives no verdict, and says unknown', (context) => {
    const { facts } = diskOf(context, { version: 'golden gate' });
    assert.equal(diagnose(facts).status, 'unknown');
  });
});
