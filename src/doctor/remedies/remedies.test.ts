import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  factsOfReg,
  type MachineOptions,
  machineReg,
  net4,
  type SystemName,
  schannel,
  tls12Client,
  winHttp,
} from '../../../test/support/windows-machine.ts';
import { diagnose } from '../doctor.ts';
import { applyRegText, formatRegValue, parseRegText } from '../facts/registry/reg-text.ts';
import { emitCmd } from './emit-cmd.ts';
import { emitPowerShell } from './emit-powershell.ts';
import { emitReg } from './emit-reg.ts';
import { applyOperations, type Operation, undoOperations, type ValueData } from './operations.ts';
import { remediesFor } from './remedies.ts';

/** What stands in the registry after the files are imported one after the other. */
function importAll(...texts: readonly string[]): Map<string, string[]> {
  const operations = texts.flatMap((text) => parseRegText(text)?.operations ?? assert.fail(text));
  const keys = applyRegText({ version: 5, operations, problems: [] });
  return new Map(
    [...keys].map(([path, { values }]) => [
      path.replace(/^HKEY_LOCAL_MACHINE/, 'HKLM'),
      [...values.values()].map(({ value }) => formatRegValue(value)).sort(),
    ]),
  );
}

/** Facts of the machine after an import. */
function factsAfter(...texts: readonly string[]) {
  return factsOfReg(
    texts.map((text, i) => (i === 0 ? text : text.replace(/^.*\r\n/, ''))).join('\r\n'),
  );
}

const machines: readonly (readonly [string, SystemName, MachineOptions])[] = [
  ['7 SP1 as installed, with KB3140245', '7 SP1', { updates: ['KB3140245', 'KB3042058'] }],
  [
    '2008 R2 with TLS 1.2 disabled',
    '2008 R2 SP1',
    {
      updates: ['KB3140245', 'KB3042058'],
      keys: { [tls12Client]: { Enabled: 0, DisabledByDefault: 1 } },
    },
  ],
  ['2012', '2012', { updates: ['KB3140245', 'KB3042058'] }],
  [
    '2016 with WinHTTP at TLS 1.0',
    '2016',
    { keys: { [winHttp]: { DefaultSecureProtocols: 0xa0 } } },
  ],
  [
    '2019 with values of wrong types',
    '2019',
    {
      keys: { [net4]: { SchUseStrongCrypto: 'yes', SystemDefaultTlsVersions: ['1', '2'] } },
    },
  ],
  [
    '2019 with TLS 1.3 forced',
    '2019',
    {
      keys: { [`${schannel}\\Protocols\\TLS 1.3\\Client`]: { Enabled: 1 } },
    },
  ],
  [
    '2012 R2 without key exchange',
    '2012 R2',
    {
      keys: {
        [`${schannel}\\KeyExchangeAlgorithms\\ECDH`]: { Enabled: 0 },
        [`${schannel}\\KeyExchangeAlgorithms\\Diffie-Hellman`]: { Enabled: 0 },
      },
    },
  ],
];

describe('the remedies of', () => {
  for (const [name, system, options] of machines) {
    const text = machineReg(system, options);
    const facts = factsOfReg(text);
    const remedies = remediesFor(facts, diagnose(facts).findings);
    const fix = emitReg(applyOperations(remedies));
    const undo = emitReg(undoOperations(remedies));

    test(`${name} make Schannel, WinHTTP and .NET 4 ready`, () => {
      assert.ok(remedies.some(({ changes }) => changes.length > 0));
      const { stacks } = diagnose(factsAfter(text, fix));
      const mended = ['schannel', 'winhttp-64', 'winhttp-32', 'dotnet4-64', 'dotnet4-32'];
      for (const id of mended) {
        assert.equal(stacks.find(({ stack }) => stack === id)?.status, 'ready', id);
      }
    });

    test(`${name} are none the second time`, () => {
      const mended = factsAfter(text, fix);
      const left = remediesFor(mended, diagnose(mended).findings);
      assert.deepEqual(
        left.flatMap(({ changes }) => changes),
        [],
      );
    });

    test(`${name} are undone exactly`, () => {
      const before = importAll(text);
      const after = importAll(text, fix);
      assert.notDeepEqual(after, before);
      assert.deepEqual(importAll(text, fix, undo), before);
    });
  }
});

test('an undo takes no key away that holds more than TLS settings', () => {
  // A 32-bit export of a 64-bit Windows shows no WOW6432Node at all.
  const facts = factsOfReg(machineReg('2012'));
  const undo = undoOperations(remediesFor(facts, diagnose(facts).findings));
  const keys = undo.flatMap((operation) => (operation.kind === 'delete-key' ? operation.path : []));
  const own = /\\(?:v4\.0\.30319|WinHttp|SCHANNEL\\Protocols)(?:\\|$)/;
  assert.ok(keys.some((key) => key.includes('WOW6432Node')));
  assert.deepEqual(
    keys.filter((key) => !own.test(key)),
    [],
  );
});

test('on 2012 R2 with absent keys nothing of Schannel is changed', () => {
  const facts = factsOfReg(machineReg('2012 R2'));
  const remedies = remediesFor(facts, diagnose(facts).findings);
  const paths = applyOperations(remedies).map(({ path }) => path);
  assert.ok(paths.every((path) => !path.includes('SCHANNEL')));
});

test('other bits of WinHTTP stay as they are', () => {
  const keys = { [winHttp]: { DefaultSecureProtocols: 0x2a0 } };
  const facts = factsOfReg(machineReg('2016', { keys }));
  const [remedy] = remediesFor(facts, diagnose(facts).findings).filter(
    ({ id }) => id === 'winhttp-tls12-64',
  );
  assert.equal(remedy?.changes[0]?.value, 0xaa0);
});

test('a value that was not read has no undo, and the file says so', () => {
  const keys = { [schannel]: {}, [tls12Client]: { Enabled: 1 } };
  const facts = factsOfReg(machineReg('7 SP1', { keys, partial: true }));
  const unread = { ...facts, read: [] };
  const remedies = remediesFor(unread, diagnose(unread).findings);
  const undo = emitReg(undoOperations(remedies));
  assert.match(undo, /; "DisabledByDefault" was not read/);
});

describe('scripts', () => {
  const keys = { [tls12Client]: { Enabled: 0 }, [winHttp]: { DefaultSecureProtocols: '100% "x"' } };
  const facts = factsOfReg(machineReg('2008 R2 SP1', { keys }));
  const remedies = remediesFor(facts, diagnose(facts).findings);

  test('for PowerShell set what the .reg sets', () => {
    const script = emitPowerShell(applyOperations(remedies), ['a comment']);
    assert.match(script, /^# a comment\r\n/);
    const path = tls12Client.replace('HKLM\\', '');
    assert.ok(
      script.includes(
        `Set-SealiftValue ([Microsoft.Win32.Registry]::LocalMachine) '${path}' 'Enabled' ([int]1) 'DWord'`,
      ),
    );
    const undo = emitPowerShell(undoOperations(remedies));
    assert.ok(undo.includes(`'Enabled' ([int]0) 'DWord'`));
    assert.ok(undo.includes(`'DefaultSecureProtocols' '100% "x"' 'String'`));
    assert.ok(
      undo.includes(
        `Remove-SealiftValue ([Microsoft.Win32.Registry]::LocalMachine) '${path}' 'DisabledByDefault'`,
      ),
    );
  });

  test('for cmd set what the .reg sets, and restore text with its quotes', () => {
    const script = emitCmd(applyOperations(remedies));
    assert.ok(script.includes(`reg add "${tls12Client}" /v "Enabled" /t REG_DWORD /d 1 /f`));
    const undo = emitCmd(undoOperations(remedies));
    assert.ok(undo.includes('/v "DefaultSecureProtocols" /t REG_SZ /d ^"100%% \\^"x\\^"^" /f'));
    assert.ok(undo.includes(`reg delete "${tls12Client}" /v "DisabledByDefault" /f`));
    assert.ok(script.split('\r\n').length > 5);
  });

  const restore = (value: ValueData): Operation[] => [
    { kind: 'set', path: tls12Client, name: 'Enabled', value },
  ];

  test('a text of the machine runs as no command', () => {
    const hostile = 'a" & calc & "%PATH%';
    assert.ok(
      emitCmd(restore({ type: 'REG_SZ', data: hostile })).includes(
        '/d ^"a\\^" ^& calc ^& \\^"%%PATH%%^" /f >nul',
      ),
    );
    const lines = emitCmd(restore({ type: 'REG_MULTI_SZ', data: ['a\r\ncalc'] }));
    assert.doesNotMatch(lines, /^calc/m);
    assert.ok(
      emitPowerShell(restore({ type: 'REG_SZ', data: '\u2019; calc; \u2018' })).includes(
        "'\u2019\u2019; calc; \u2018\u2018' 'String'",
      ),
    );
  });

  test('what a tool would write otherwise than it was is left and told', () => {
    for (const value of [
      { type: 'REG_NONE', data: { hex: '01' } },
      { type: 'REG_DWORD', data: { hex: '010203' } },
    ]) {
      assert.match(emitPowerShell(restore(value)), /^Write-Warning 'Enabled was left/m);
      assert.match(emitCmd(restore(value)), /^echo Enabled was left/m);
    }
  });

  test('a negative DWord is what .NET wants of 0xffffffff', () => {
    const operations = [
      {
        kind: 'set',
        path: tls12Client,
        name: 'Enabled',
        value: { type: 'REG_DWORD', data: 0xffffffff },
      },
    ] as const;
    assert.match(emitPowerShell(operations), /\(\[int\]-1\)/);
  });
});
