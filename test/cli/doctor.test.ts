import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { decodeRegFile, parseRegText } from '../../src/doctor/facts/registry/reg-text.ts';
import { makeEmptyHive } from '../support/empty-hive.ts';
import { skipWithout } from '../support/peers.ts';
import { runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import {
  machineReg,
  net4,
  net4in32,
  regText,
  schannel,
  tls12Client,
  winHttp,
} from '../support/windows-machine.ts';

const strong = { SchUseStrongCrypto: 1, SystemDefaultTlsVersions: 1 };
const mars = {
  'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Windows Azure Backup': {
    DisplayName: 'Microsoft Azure Recovery Services Agent',
    DisplayVersion: '2.0.9262.0',
  },
};

function writeMachine(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, Buffer.from(`\ufeff${text}`, 'utf16le'));
  return file;
}

describe('sealift doctor', () => {
  test('exits 0 for a machine that is ready, 1 for one that is not, 2 where facts are missing', async (t) => {
    const folder = tempFolder(t);
    const ready = writeMachine(folder, 'new.reg', machineReg('2022'));
    const notReady = writeMachine(folder, 'old.reg', machineReg('2008 R2 SP1'));
    const unknown = writeMachine(folder, 'part.reg', regText({ [schannel]: {} }));
    assert.equal((await runSealift(['doctor', ready])).code, 0);
    assert.equal((await runSealift(['doctor', notReady])).code, 1);
    const { code, stdout } = await runSealift(['doctor', unknown]);
    assert.equal(code, 2);
    assert.match(stdout, /missing: the build of Windows/);
  });

  test('prints the evidence with the line of the export, in either language', async (t) => {
    const keys = { [tls12Client]: { Enabled: 0 } };
    const file = writeMachine(tempFolder(t), 'web01.reg', machineReg('2019', { keys }));
    const { stdout } = await runSealift(['doctor', file]);
    assert.match(stdout, /NOT READY {2}web01: Windows Server 2019/);
    assert.match(stdout, /TLS 1\.2\\Client {2}Enabled = REG_DWORD 0 \(.*web01\.reg, line \d+\)/);
    const chinese = await runSealift(['doctor', file, '--lang', 'zh-CN']);
    assert.match(chinese.stdout, /未就绪/);
    assert.match(chinese.stdout, /客户端的 TLS 1\.2 已禁用/);
  });

  test('marks a source that is not the maker of what it tells of', async (t) => {
    const uninstall = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\DPM';
    const dpm = {
      [uninstall]: { DisplayName: 'Microsoft System Center 2012 R2 Data Protection Manager' },
    };
    const text = machineReg('2012 R2', { keys: dpm, release: 378_389 });
    const { stdout } = await runSealift(['doctor', writeMachine(tempFolder(t), 'd.reg', text)]);
    assert.match(
      stdout,
      /\[agent\/dpm-dotnet\]\n(?: {4}.*\n)+? {4}.*packtpub\.com.* \(not by the maker\)/,
    );
  });

  test('judges one consumer, against the server that is named', async (t) => {
    const keys = { ...mars, [net4]: strong, [net4in32]: strong };
    const file = writeMachine(tempFolder(t), 'm.reg', machineReg('2012 R2', { keys }));
    const azure = await runSealift(['doctor', file, '--consumer', 'azure-backup']);
    assert.equal(azure.code, 0, azure.stdout);
    const modern = ['--consumer', 'azure-backup', '--server', 'modern'];
    assert.equal((await runSealift(['doctor', file, ...modern])).code, 1);
    const wrong = await runSealift(['doctor', file, '--server', 'nothing-of-the-kind']);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /nothing-of-the-kind/);
  });

  test('as JSON says what is offered, found, and to be changed', async (t) => {
    const keys = { [tls12Client]: { Enabled: 0 } };
    const file = writeMachine(tempFolder(t), 'web01.reg', machineReg('2019', { keys }));
    const { stdout } = await runSealift(['doctor', file, '--json']);
    const document = JSON.parse(stdout);
    assert.equal(document.machine, 'web01');
    assert.equal(document.status, 'not-ready');
    assert.deepEqual(document.stacks[0].outcomes[0].offer.versions, ['TLS 1.0', 'TLS 1.1']);
    assert.equal(document.stacks[0].outcomes[0].alert, 'protocol_version');
    const finding = document.findings.find(
      ({ id }: { id: string }) => id === 'schannel/tls12-disabled',
    );
    assert.equal(finding.remedy, 'schannel-tls12');
    assert.match(finding.sources[0].url, /^https:/);
    const remedy = document.remedies.find(({ id }: { id: string }) => id === 'schannel-tls12');
    assert.deepEqual(remedy.changes[0].before, { type: 'REG_DWORD', data: 0 });
  });

  test('over a folder prints a line for each machine and each finding once', async (t) => {
    const folder = tempFolder(t);
    for (const name of ['a', 'b', 'c']) {
      mkdirSync(join(folder, name));
      writeMachine(join(folder, name), `${name}.reg`, machineReg(name === 'c' ? '2022' : '7 SP1'));
    }
    const { code, stdout } = await runSealift(['doctor', folder]);
    assert.equal(code, 1);
    assert.match(stdout, /3 machines: 1 ready, 2 not ready, 0 unknown/);
    assert.equal(stdout.match(/\[schannel\/tls12-not-switched-on\]/g)?.length, 1);
    assert.match(stdout, /2 machines: a, b/);
  });

  test('over a folder names a finding of both views once for its machine', async (t) => {
    const folder = tempFolder(t);
    writeMachine(folder, 'a.reg', machineReg('7 SP1'));
    writeMachine(folder, 'b.reg', machineReg('2022'));
    const { stdout } = await runSealift(['doctor', folder]);
    const row = stdout.split('\n').find((line) => line.startsWith('a ')) ?? '';
    assert.equal(row.match(/winhttp\/not-configured/g)?.length, 1);
    assert.match(row, /winhttp\/update-missing/);
  });

  test('as CSV and SARIF has a row and a result for each finding', async (t) => {
    const file = writeMachine(tempFolder(t), 'old.reg', machineReg('2008 R2 SP1'));
    const csv = await runSealift(['doctor', file, '--format', 'csv']);
    const rows = csv.stdout.split('\r\n');
    assert.match(rows[0] ?? '', /^machine,system,build,status,kind,subject,result/);
    const findings = rows.filter((row) => row.includes(',finding,'));
    const sarif = JSON.parse((await runSealift(['doctor', file, '--format', 'sarif'])).stdout);
    assert.equal(sarif.version, '2.1.0');
    const [run] = sarif.runs;
    assert.equal(run.results.length, findings.length);
    const rules = new Set(run.tool.driver.rules.map(({ id }: { id: string }) => id));
    for (const { ruleId, message } of run.results) {
      assert.ok(rules.has(ruleId));
      assert.notEqual(message.text, '');
    }
  });

  test('says what a wrong file is instead of guessing', async (t) => {
    const file = join(tempFolder(t), 'photo.jpg');
    writeFileSync(file, Buffer.from('ffd8ffe000104a464946', 'hex'));
    const { code, stderr } = await runSealift(['doctor', file]);
    assert.equal(code, 1);
    assert.match(stderr, /error: .*photo\.jpg/);
    assert.match(stderr, /hint: /);
  });
});

describe('sealift doctor dump', { skip: skipWithout('hivexregedit') }, () => {
  test('prints a hive as an export that holds every key and value', async (t) => {
    const file = join(tempFolder(t), 'hive');
    const text = `${file}.reg`;
    const root = 'HKEY_LOCAL_MACHINE\\HIVE';
    writeFileSync(file, makeEmptyHive());
    const keys = { [`${root}\\A`]: { n: 5 }, [`${root}\\A\\B`]: { s: 'text "x"', l: ['1', '2'] } };
    writeFileSync(text, regText(keys).replaceAll('\r\n', '\n'));
    const options = ['--encoding', 'UTF-16LE', '--prefix', root];
    execFileSync('hivexregedit', ['--merge', ...options, file, text]);
    const { code, stdout } = await runSealift(['doctor', 'dump', file]);
    assert.equal(code, 0);
    const dumped = parseRegText(stdout);
    assert.deepEqual(dumped?.problems, []);
    const values = (operations: NonNullable<typeof dumped>['operations']) =>
      operations.flatMap((operation) =>
        operation.kind === 'set-value' ? { path: operation.path, ...operation.value } : [],
      );
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    const expected = parseRegText(regText(keys));
    assert.deepEqual(
      values(dumped?.operations ?? []).sort(byName),
      values(expected?.operations ?? []).sort(byName),
    );
    const below = await runSealift(['doctor', 'dump', file, 'A\\B', '--json']);
    assert.deepEqual(
      below.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).key),
      ['A\\B'],
    );
    assert.equal((await runSealift(['doctor', 'dump', file, 'absent'])).code, 1);
  });
});

describe('sealift fix', () => {
  const options = {
    updates: ['KB3140245', 'KB3042058'],
    keys: { ...mars, [winHttp]: { DefaultSecureProtocols: 0xa0 } },
  };

  test('writes changes that make the machine ready, and their exact undo', async (t) => {
    const folder = tempFolder(t);
    const text = machineReg('2008 R2 SP1', options);
    const file = writeMachine(folder, 'bak01.reg', text);
    assert.equal((await runSealift(['doctor', file])).code, 1);
    const out = join(folder, 'out');
    const { code, stdout } = await runSealift([
      'fix',
      file,
      '--emit',
      'reg,ps1,cmd',
      '--output',
      out,
    ]);
    assert.equal(code, 0);
    assert.match(stdout, /DefaultSecureProtocols: 0xa0 -> 0x8a0/);
    const read = (name: string) =>
      decodeRegFile(readFileSync(join(out, name))).replace(/^.*\r\n/, '');
    const fixed = writeMachine(folder, 'bak02.reg', text + read('fix-bak01.reg'));
    const after = await runSealift(['doctor', fixed]);
    assert.equal(after.code, 0, after.stdout);
    const undone = writeMachine(
      folder,
      'bak03.reg',
      text + read('fix-bak01.reg') + read('undo-bak01.reg'),
    );
    assert.equal((await runSealift(['doctor', undone])).code, 1);
    assert.match(readFileSync(join(out, 'fix-bak01.cmd'), 'utf8'), /reg add .*SchUseStrongCrypto/);
    assert.match(
      readFileSync(join(out, 'undo-bak01.ps1'), 'utf8'),
      /DefaultSecureProtocols' \(\[int\]160\)/,
    );
  });

  test('changes nothing on a machine that needs nothing', async (t) => {
    const keys = { [net4]: strong, [net4in32]: strong };
    const folder = tempFolder(t);
    const file = writeMachine(folder, 'm.reg', machineReg('2022', { keys }));
    const { stdout } = await runSealift(['fix', file, '--emit', 'reg', '--output', folder]);
    assert.match(stdout, /nothing to change/);
    assert.doesNotMatch(stdout, /wrote/);
  });
});
