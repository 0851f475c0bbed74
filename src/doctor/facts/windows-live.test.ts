import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { type Keys, regText, schannel } from '../../../test/support/windows-machine.ts';
import { encodeRegFile } from '../remedies/emit-reg.ts';
import { parseRegQuery } from './collected/reg-query.ts';
import { keysAbove, registryRequests } from './collected/requests.ts';
import { stringOf, stringsOf } from './registry/registry-value.ts';
import { partsThatMatter } from './registry-facts.ts';
import { viewOf } from './registry-view.ts';
import { type RunTool, readWindowsLive, windowsTools } from './windows-live.ts';

const currentVersion = 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion';

/** A machine whose reg.exe knows these keys; those of `denied` exist and cannot be read. */
function machine(keys: Keys, denied: readonly string[] = []): RunTool {
  const all = [...Object.keys(keys), ...denied];
  const exists = (path: string) => all.some((key) => `${key}\\`.startsWith(`${path}\\`));
  const long = (path: string) => path.replace(/^HKLM/, 'HKEY_LOCAL_MACHINE');
  return async (tool, [action = '', path = '', file = '']) => {
    const nothing = { code: 1, output: new Uint8Array() };
    if (tool !== 'reg' || !exists(path) || denied.includes(path)) return nothing;
    const own = Object.entries(keys).filter(([key]) => `${key}\\`.startsWith(`${path}\\`));
    if (action === 'export') {
      const long = Object.fromEntries([[path, {}] as const, ...own]);
      writeFileSync(file, encodeRegFile(regText(long)));
      return { code: 0, output: new Uint8Array() };
    }
    const values = Object.entries(keys[path] ?? {}).map(([name, value]) =>
      typeof value === 'number'
        ? `    ${name}    REG_DWORD    0x${value.toString(16)}`
        : `    ${name}    REG_SZ    ${String(value)}`,
    );
    const children = all
      .filter((key) => key.startsWith(`${path}\\`))
      .map((key) => key.slice(0, (key.indexOf('\\', path.length + 1) + 1 || key.length + 1) - 1));
    const lines = ['', long(path), ...values, '', ...new Set(children.map(long)), ''];
    return { code: 0, output: Buffer.from(lines.join('\r\n')) };
  };
}

const windows7: Keys = {
  [currentVersion]: { ProductName: 'Windows 7', CurrentVersion: '6.1', CurrentBuildNumber: '7601' },
  [`${schannel}\\Protocols\\TLS 1.2\\Client`]: { Enabled: 1 },
};

describe('the running Windows', () => {
  test('is read by reg.exe; what does not exist is known to be absent', async () => {
    const facts = await readWindowsLive(machine(windows7));
    assert.equal(facts.os?.build, 7601);
    const view = viewOf(facts);
    const client = `${schannel}\\Protocols\\TLS 1.2\\Client`;
    assert.deepEqual(view.dword(client, 'DisabledByDefault'), { kind: 'absent' });
    const net = 'HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319';
    assert.deepEqual(view.dword(net, 'SchUseStrongCrypto'), { kind: 'absent' });
  });

  test('a key that may not be read is unknown, not absent', async () => {
    const facts = await readWindowsLive(machine(windows7, [`${schannel}\\x`, schannel]));
    const client = `${schannel}\\Protocols\\TLS 1.2\\Client`;
    assert.equal(viewOf(facts).dword(client, 'Enabled').kind, 'unread');
    assert.ok(facts.problems.some(({ detail }) => detail.includes(schannel)));
  });

  test('where no tool runs at all, every key is a problem and nothing is known', async () => {
    const facts = await readWindowsLive(async () => ({
      code: undefined,
      output: new Uint8Array(),
    }));
    assert.equal(facts.os, undefined);
    assert.deepEqual(facts.read, []);
    assert.equal(facts.problems.length, registryRequests().length + 1);
  });
});

test('a tool that cannot be started has no code, and is tried again where that may help', async (context) => {
  const system = join(tempFolder(context), 'Windows');
  const run = windowsTools({ SystemRoot: `${system}/` });
  assert.deepEqual(await run('reg', []), { code: undefined, output: new Uint8Array() });
  // Node throws at once for a program below a file, as for what Windows says and Node has no name for.
  writeFileSync(system, '');
  assert.equal((await run('reg', [])).code, undefined);
  // The first try has failed when the call returns; the next finds the program.
  const again = run('reg', ['query', 'HKLM']);
  rmSync(system);
  mkdirSync(system);
  const program = '#!/bin/sh\necho "$@"\nexit 5\n';
  writeFileSync(join(system, '\\System32\\reg.exe'), program, { mode: 0o755 });
  const { code, output } = await again;
  assert.equal(code, 5);
  assert.equal(Buffer.from(output).toString(), 'query HKLM\n');
});

test('every part that the rules read is asked for', () => {
  const asked = new Set(registryRequests().map(({ path }) => path.toUpperCase()));
  assert.deepEqual(
    partsThatMatter.filter(({ path }) => !asked.has(path.toUpperCase())),
    [],
  );
});

test('the keys above a key end at the hive', () => {
  assert.deepEqual(keysAbove('HKLM\\SOFTWARE\\A\\B'), ['HKLM\\SOFTWARE\\A', 'HKLM\\SOFTWARE']);
});

test('what reg query prints since Vista and before is read, whatever the language', () => {
  for (const gap of ['    ', '\t']) {
    const { operations } = parseRegQuery(
      [
        '! REG.EXE VERSION 3.0',
        'HKEY_LOCAL_MACHINE\\SOFTWARE\\A',
        `${gap}(Standard)${gap}REG_SZ${gap}default text`,
        `${gap}a name${gap}REG_DWORD${gap}0xa00`,
        `${gap}list${gap}REG_MULTI_SZ${gap}one\\0two`,
        `${gap}bytes${gap}REG_BINARY${gap}0aff`,
        `${gap}empty${gap}REG_SZ`,
        'Ende der Suche: 5 Übereinstimmungen gefunden.',
        'HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\B',
      ].join('\r\n'),
    );
    const values = operations.flatMap((entry) => (entry.kind === 'set-value' ? entry.value : []));
    assert.deepEqual(
      values
        .map(({ name, type, data }) => [name, type, Buffer.from(data).toString('hex')])
        .slice(1, 2),
      [['a name', 4, '000a0000']],
    );
    const [first, , list, bytes, empty] = values;
    assert.ok(first && list && bytes && empty);
    assert.equal(stringOf(first), 'default text');
    assert.deepEqual(stringsOf(list), ['one', 'two']);
    assert.deepEqual([...bytes.data], [0x0a, 0xff]);
    assert.equal(stringOf(empty), '');
    assert.equal(operations.filter(({ kind }) => kind === 'create-key').length, 2);
  }
});
