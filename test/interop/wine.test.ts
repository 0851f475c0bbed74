/** The doctor beside the tools of Windows: reg.exe, regedit and cmd, as Wine has them. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  applyRegText,
  decodeRegFile,
  parseRegText,
} from '../../src/doctor/facts/registry/reg-text.ts';
import { skipWithout } from '../support/peers.ts';
import { mustRunSealift, runSealift } from '../support/run.ts';
import { Wine, windowsNode, windowsPath } from '../support/wine.ts';

const schannel = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL';
const tls12 = `${schannel}\\Protocols\\TLS 1.2\\Client`;
const net4 = 'HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319';

/** Wine finds the hardware anew, and writes it down, while its tools run. */
const hardware =
  /\\(?:CURRENTCONTROLSET\\(?:CONTROL\\(?:VIDEO|CLASS|DEVICECLASSES)|ENUM)|CURRENTVERSION\\NETWORKCARDS)(?:\\|$)/;

/** Keys and values of an export, one text for each, whatever the order in the file. */
function contentOf(file: string): string[] {
  const text = parseRegText(decodeRegFile(readFileSync(file)));
  assert.ok(text);
  assert.deepEqual(text.problems, []);
  return [...applyRegText(text)]
    .filter(([path]) => !hardware.test(path))
    .flatMap(([path, { values }]) => [
      path,
      ...[...values].map(([name, { value }]) => {
        return `${path} ${name} ${value.type} ${Buffer.from(value.data).toString('hex')}`;
      }),
    ])
    .sort();
}

/** Windows itself counts the services that it has started there. */
const countedByWindows = '\\SERVICECURRENT ';

function differences(one: string, other: string): string[] {
  const before = new Set(contentOf(one));
  const after = new Set(contentOf(other));
  return [
    ...[...before].filter((line) => !after.has(line)).map((line) => `- ${line}`),
    ...[...after].filter((line) => !before.has(line)).map((line) => `+ ${line}`),
  ].filter((line) => !line.includes(countedByWindows));
}

describe('Windows tools of Wine', { skip: skipWithout('wine') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-wine-'));
  const wine = new Wine(folder);
  let count = 0;

  before(async () => wine.start());
  after(async () => {
    await wine.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Both hives, one by each tool that exports. */
  async function exportAll(): Promise<string> {
    count += 1;
    const target = join(folder, `export-${count}`);
    mkdirSync(target);
    const system = windowsPath(join(target, 'system.reg'));
    await wine.mustRun('reg', 'export', 'HKLM\\SYSTEM', system, '/y');
    const software = windowsPath(join(target, 'software.reg'));
    await wine.mustRun('regedit', '/e', software, 'HKEY_LOCAL_MACHINE\\SOFTWARE');
    return target;
  }

  function assertSame(one: string, other: string): void {
    for (const file of ['system.reg', 'software.reg']) {
      assert.deepEqual(differences(join(one, file), join(other, file)), []);
    }
  }

  const imports = {
    reg: (file: string) => wine.mustRun('regedit', '/S', windowsPath(file)),
    cmd: (file: string) => wine.mustRun('cmd', '/c', windowsPath(file)),
  };

  test('exports of a Windows 7 are not ready, and the files of fix make them ready and take it back', async () => {
    await wine.setVersion('win7');
    await wine.mustRun('reg', 'delete', `${schannel}\\Protocols`, '/f');
    // Every Windows has this key; the undo of a file leaves it, since others keep settings there.
    const internet = 'Microsoft\\Windows\\CurrentVersion\\Internet Settings';
    await wine.mustRun('reg', 'add', `HKLM\\SOFTWARE\\WOW6432Node\\${internet}`, '/f');
    // A value of another type and a text that cmd would run must come back as they were.
    await wine.mustRun(
      'reg',
      'add',
      tls12,
      '/v',
      'Enabled',
      '/t',
      'REG_SZ',
      '/d',
      'a "b & exit 1 %PATH% \\',
      '/f',
    );
    const first = await exportAll();
    assert.equal((await runSealift(['doctor', first])).code, 1);
    for (const format of ['reg', 'cmd'] as const) {
      const output = join(folder, format);
      const args = ['fix', first, '--emit', format, '--output', output, '--json'];
      const { files } = JSON.parse(await mustRunSealift(args));
      const [apply, undo] = files;
      await imports[format](apply);
      const fixed = await exportAll();
      const { code, stdout } = await runSealift(['doctor', fixed]);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /READY/);
      await imports[format](undo);
      assertSame(first, await exportAll());
    }
  });

  const skip = windowsNode() === undefined && 'needs SEALIFT_WINDOWS_NODE (see .ci/run)';

  test('fix --apply on the running Windows makes it ready, once; --undo restores every value', {
    skip,
  }, async () => {
    await wine.setVersion('win10');
    await wine.mustRun('reg', 'add', tls12, '/v', 'Enabled', '/t', 'REG_DWORD', '/d', '0', '/f');
    await wine.mustRun('reg', 'add', net4, '/v', 'SchUseStrongCrypto', '/d', 'wrong', '/f');
    const first = await exportAll();
    assert.equal((await runSealift(['doctor', first])).code, 1);
    const { code, stdout, stderr } = await wine.sealift('fix', '--apply', '--json');
    assert.equal(code, 0, stderr);
    const { fix, remedies } = JSON.parse(stdout);
    assert.ok(remedies.length > 0);
    const ready = await wine.sealift('doctor');
    assert.equal(ready.code, 0, ready.stdout + ready.stderr);
    const fixed = await exportAll();
    const again = await wine.sealift('fix', '--apply', '--json');
    assert.equal(JSON.parse(again.stdout).fix, undefined);
    assertSame(fixed, await exportAll());
    // What somebody changed after the fix is not undone.
    await wine.mustRun('reg', 'add', tls12, '/v', 'Enabled', '/t', 'REG_DWORD', '/d', '7', '/f');
    const refused = await wine.sealift('fix', '--undo', 'latest');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /TLS 1\.2\\Client {2}Enabled/);
    await wine.mustRun('reg', 'add', tls12, '/v', 'Enabled', '/t', 'REG_DWORD', '/d', '1', '/f');
    assertSame(fixed, await exportAll());
    const undone = await wine.sealift('fix', '--undo', fix, '--json');
    assert.deepEqual(JSON.parse(undone.stdout), { undone: fix, changed: true });
    assertSame(first, await exportAll());
    const twice = await wine.sealift('fix', '--undo', fix, '--json');
    assert.deepEqual(JSON.parse(twice.stdout), { undone: fix, changed: false });
  });

  test('the folder that the collector writes under cmd gives the verdict of the exports', async () => {
    const script = join(folder, 'collect.cmd');
    writeFileSync(script, await mustRunSealift(['doctor', 'collect', '--script', 'cmd']));
    const target = join(folder, 'collected');
    await wine.mustRun('cmd', '/c', windowsPath(script), windowsPath(target));
    const collected = JSON.parse((await runSealift(['doctor', target, '--json'])).stdout);
    const exported = JSON.parse((await runSealift(['doctor', await exportAll(), '--json'])).stdout);
    assert.deepEqual(
      [collected.status, collected.stacks.map(statusOf)],
      [exported.status, exported.stacks.map(statusOf)],
    );
  });
});

function statusOf({ stack, status }: { readonly stack: string; readonly status: string }) {
  return `${stack} ${status}`;
}
