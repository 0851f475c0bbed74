import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { tempFolder } from '../../../../test/support/temp-folder.ts';
import { regText, tls12Client } from '../../../../test/support/windows-machine.ts';
import { encodeRegFile } from '../../remedies/emit-reg.ts';
import { type MachineReading, readMachines } from '../read-machines.ts';
import { viewOf } from '../registry-view.ts';
import { readCollected } from './read-collected.ts';
import { filesThatMatter, registryRequests } from './requests.ts';
import { collectorForCmd } from './script-cmd.ts';
import { collectorForPowerShell } from './script-ps1.ts';

const net4 = 'HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319';
const currentVersion = 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion';
const schannel = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL';

/** What the script leaves of a Windows 7, in three of its files. */
function collected(context: Parameters<typeof tempFolder>[0], lines: readonly string[] = []) {
  const folder = join(tempFolder(context), 'PC-7');
  mkdirSync(folder);
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'sealift-collected.txt': [
      ...['sealift-collected=1', 'host=PC-7', `export=001;${schannel}`],
      ...[`query=002;${currentVersion}`, `above=003;${net4};HKLM\\SOFTWARE\\Microsoft`],
      ...(lines.length > 0 ? lines : ['done=1']),
      '',
    ].join('\r\n'),
    '001.reg': encodeRegFile(regText({ [schannel]: {}, [tls12Client]: { Enabled: 0 } })),
    '002.txt': [
      ...['', 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion'],
      ...['    CurrentVersion    REG_SZ    6.1', '    CurrentBuildNumber    REG_SZ    7601', ''],
    ].join('\r\n'),
    '003.above.txt':
      'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\r\n\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\r\n',
    // wmic writes UTF-16.
    'updates.txt': Buffer.from('\ufeffHotFixID  \r\nKB3140245 \r\n', 'utf16le'),
    'schannel.dll.txt': Buffer.from('\ufeffVersion \r\n6.1.7601.23915\r\n', 'utf16le'),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

describe('a folder that the collector wrote', () => {
  test('is one machine, with values, absent keys, updates and file versions', async (context) => {
    const folder = collected(context);
    const machines: MachineReading[] = [];
    for await (const entry of readMachines([folder])) machines.push(entry);
    const [machine] = machines;
    assert.ok(machine !== undefined && 'facts' in machine);
    const { facts, name } = machine;
    assert.equal(name, 'PC-7');
    assert.equal(facts.os?.build, 7601);
    const view = viewOf(facts);
    assert.equal(view.find(tls12Client, 'Enabled')?.data, 0);
    assert.equal(view.dword(net4, 'SchUseStrongCrypto').kind, 'absent');
    assert.deepEqual(
      facts.updates.map(({ kb, state }) => [kb, state]),
      [['KB3140245', 'installed']],
    );
    assert.deepEqual(facts.fileVersions, { 'schannel.dll': '6.1.7601.23915' });
    assert.deepEqual(facts.problems, []);
    assert.equal(facts.sources[0]?.kind, 'collector');
  });

  test('of a script that was stopped says so', async (context) => {
    const facts = await readCollected(collected(context, ['x=1']));
    assert.deepEqual(
      facts?.problems.map(({ what }) => what),
      ['cut-short'],
    );
  });

  test('names the files that are missing; their keys are unknown', async (context) => {
    const folder = collected(context, [`export=009;${net4}X`, 'failed=010;HKLM\\A\\B', 'done=1']);
    const facts = await readCollected(folder);
    assert.equal(facts?.problems.length, 2);
    assert.equal(facts?.read.includes(`${net4}X`), false);
  });

  test('one of a newer script is told from one of this version', async (context) => {
    const folder = collected(context);
    writeFileSync(join(folder, 'sealift-collected.txt'), 'sealift-collected=2\r\ndone=1\r\n');
    const facts = await readCollected(folder);
    assert.match(facts?.problems[0]?.detail ?? '', /version 2/);
  });
});

describe('the scripts of the collector', () => {
  for (const [name, text] of [
    ['cmd', collectorForCmd()],
    ['ps1', collectorForPowerShell()],
  ] as const) {
    test(`${name}: ASCII, lines end in CR LF`, () => {
      assert.match(text, /^[\r\n\x20-\x7e]*$/);
      assert.equal(text.replaceAll('\r\n', '').search(/[\r\n]/), -1);
    });
  }

  test('cmd: every key is asked for, and no line is longer than XP takes', () => {
    const text = collectorForCmd();
    for (const { path } of registryRequests()) assert.ok(text.includes(`"${path}"`), path);
    assert.ok(Math.max(...text.split('\r\n').map((line) => line.length)) < 2047);
  });

  test('both ask for the version of every file that matters', () => {
    for (const name of filesThatMatter.filter((one) => one !== 'msdpm.exe')) {
      assert.ok(
        collectorForCmd().includes(`name='`) && collectorForCmd().includes(`\\\\${name}'`),
        name,
      );
    }
    for (const name of filesThatMatter)
      assert.ok(collectorForPowerShell().includes(`Show '${name}'`), name);
  });

  test('cmd: nothing is written but below the folder', () => {
    const targets = [...collectorForCmd().matchAll(/>+\s*("[^"]*"|\S+)/g)].map(
      ([, to]) => to ?? '',
    );
    const elsewhere = targets.filter((to) => !/^(?:"%(?:OUT|INDEX)%|nul|&1)/.test(to));
    assert.deepEqual(elsewhere, []);
    assert.doesNotMatch(collectorForCmd(), /reg (?:add|delete|import|load)/);
  });

  test('ps1: nothing that came with PowerShell 3', () => {
    const later =
      /Get-CimInstance|ConvertTo-Json|ConvertFrom-Json|\[pscustomobject\]|\[ordered\]|-in\b|-notin\b|\$PSItem|\.Where\(|\.ForEach\(|-Raw\b|&&|\?\?|Get-FileHash|::new\(/i;
    assert.doesNotMatch(collectorForPowerShell(), later);
  });

  test('ps1: carries the batch file whole', () => {
    const batch = /@'\r\n([\s\S]*?)\r\n'@/.exec(collectorForPowerShell())?.[1] ?? '';
    assert.equal(`${batch}\r\n`, collectorForCmd());
  });
});
