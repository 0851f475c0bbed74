import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { makeEmptyHive } from '../../../test/support/empty-hive.ts';
import { makePe } from '../../../test/support/make-pe.ts';
import { skipWithout } from '../../../test/support/peers.ts';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import {
  type Keys,
  machineReg,
  net4,
  regText,
  schannel,
  tls12Client,
  windowsMachine,
  winHttp,
} from '../../../test/support/windows-machine.ts';
import { isSealiftError } from '../../base/errors.ts';
import { diagnose } from '../doctor.ts';
import type { Facts } from './facts.ts';
import { type MachineReading, readMachines } from './read-machines.ts';

const on = { Enabled: 1, DisabledByDefault: 0 };
const strong = { SchUseStrongCrypto: 1, SystemDefaultTlsVersions: 1 };
const control = 'HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet002\\Control';

const systemKeys: Keys = {
  'HKEY_LOCAL_MACHINE\\SYSTEM\\Select': { Current: 2, Default: 2 },
  [`${control}\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Client`]: on,
  [`${control.replace('002', '001')}\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Client`]: {
    Enabled: 0,
  },
  [`${control}\\ComputerName\\ComputerName`]: { ComputerName: 'FILE01' },
  [`${control}\\ProductOptions`]: { ProductType: 'ServerNT' },
  [`${control}\\Session Manager\\Environment`]: { PROCESSOR_ARCHITECTURE: 'AMD64' },
  'HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet002\\Services\\obengine': {
    Start: 2,
    ImagePath: 'C:\\Program Files\\Microsoft Azure Recovery Services Agent\\bin\\cbengine.exe',
  },
};
const softwareKeys: Keys = {
  'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion': {
    ProductName: 'Windows Server 2008 R2 Standard',
    CurrentVersion: '6.1',
    CurrentBuildNumber: '7601',
    CSDVersion: 'Service Pack 1',
    InstallationType: 'Server',
  },
  [net4.replace('HKLM', 'HKEY_LOCAL_MACHINE')]: strong,
};

/** A hive made by hivexregedit from keys; it wants every parent listed before its children. */
function makeHive(file: string, hive: 'SYSTEM' | 'SOFTWARE', keys: Keys): void {
  const prefix = `HKEY_LOCAL_MACHINE\\${hive}`;
  const withParents: Record<string, Keys[string]> = {};
  for (const [path, values] of Object.entries(keys)) {
    const parts = path.slice(prefix.length + 1).split('\\');
    for (let length = 1; length < parts.length; length += 1) {
      withParents[`${prefix}\\${parts.slice(0, length).join('\\')}`] ??= {};
    }
    withParents[path] = values;
  }
  const text = `${file}.reg`;
  writeFileSync(file, makeEmptyHive());
  writeFileSync(text, regText(withParents).replaceAll('\r\n', '\n'));
  const options = ['--encoding', 'UTF-16LE', '--prefix', prefix];
  execFileSync('hivexregedit', ['--merge', ...options, file, text]);
  rmSync(text);
}

async function readAll(...paths: string[]): Promise<MachineReading[]> {
  const machines: MachineReading[] = [];
  for await (const machine of readMachines(paths)) machines.push(machine);
  return machines;
}

async function readOne(...paths: string[]): Promise<Facts> {
  const machines = await readAll(...paths);
  const [machine] = machines;
  assert.equal(machines.length, 1);
  assert.ok(machine && 'facts' in machine, 'the machine could be read');
  return machine.facts;
}

describe('hives', { skip: skipWithout('hivexregedit') }, () => {
  test('SYSTEM and SOFTWARE together are one machine, by the control set of Select', async (t) => {
    const folder = tempFolder(t);
    makeHive(join(folder, 'SYSTEM'), 'SYSTEM', systemKeys);
    makeHive(join(folder, 'SOFTWARE'), 'SOFTWARE', softwareKeys);
    const facts = await readOne(join(folder, 'SYSTEM'), join(folder, 'SOFTWARE'));
    assert.equal(facts.host, 'FILE01');
    assert.equal(facts.os?.build, 7601);
    assert.equal(facts.os.architecture, 'x64');
    assert.equal(facts.agents[0]?.kind, 'azure-backup');
    const enabled = facts.registry.find(
      ({ path, name }) => path === tls12Client && name === 'Enabled',
    );
    assert.equal(enabled?.data, 1);
    assert.ok((enabled.source?.offset ?? 0) > 4096, 'the evidence carries the offset in the file');
    const stack = diagnose(facts).stacks.find(({ stack: id }) => id === 'schannel');
    assert.equal(stack?.status, 'ready');
  });

  test('a mounted disk is read whatever the case of its folders', async (t) => {
    const folder = tempFolder(t);
    const config = join(folder, 'disk', 'WINDOWS', 'system32', 'Config');
    mkdirSync(config, { recursive: true });
    makeHive(join(config, 'system'), 'SYSTEM', systemKeys);
    makeHive(join(config, 'software'), 'SOFTWARE', softwareKeys);
    writeFileSync(join(config, 'SAM'), makeEmptyHive());
    const facts = await readOne(join(folder, 'disk'));
    assert.equal(facts.host, 'FILE01');
    assert.equal(facts.sources.length, 2);
  });

  test('a mounted disk tells the versions of its files, which prove updates and agents', async (t) => {
    const disk = join(tempFolder(t), 'disk');
    const write = (path: string, version: string) => {
      mkdirSync(dirname(join(disk, path)), { recursive: true });
      writeFileSync(join(disk, path), makePe(version));
    };
    write('WINDOWS/SYSTEM32/WinHTTP.dll', '6.1.7601.24545');
    write('WINDOWS/SYSTEM32/webio.dll', '6.1.7601.24545');
    write('WINDOWS/Microsoft.NET/Framework64/v4.0.30319/clr.dll', '4.8.4110.0');
    write('Program Files/Microsoft Azure Recovery Services Agent/bin/CBEngine.exe', '2.0.9270.0');
    write('Program Files/SQL/Binn/sqlservr.exe', '12.2.5000.0');
    const config = join(disk, 'WINDOWS/SYSTEM32/config');
    mkdirSync(config);
    makeHive(join(config, 'SYSTEM'), 'SYSTEM', systemKeys);
    const sql = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Microsoft SQL Server';
    makeHive(join(config, 'SOFTWARE'), 'SOFTWARE', {
      ...softwareKeys,
      [`${sql}\\Instance Names\\SQL`]: { DPM: 'MSSQL12.DPM' },
      [`${sql}\\MSSQL12.DPM\\Setup`]: { SQLBinRoot: 'C:\\Program Files\\SQL\\Binn' },
      [winHttp.replace('HKLM', 'HKEY_LOCAL_MACHINE')]: { DefaultSecureProtocols: 0xa00 },
    });
    const facts = await readOne(disk);
    assert.equal(facts.fileVersions['winhttp.dll'], '6.1.7601.24545');
    assert.equal(facts.filePaths['winhttp.dll'], join(disk, 'WINDOWS/SYSTEM32/WinHTTP.dll'));
    assert.equal(facts.agents[0]?.version, '2.0.9270.0');
    assert.match(facts.agents[0].source?.file ?? '', /CBEngine\.exe$/);
    assert.equal(facts.sqlServers[0]?.version, '12.2.5000.0');
    assert.deepEqual(
      facts.dotNet.map(({ version }) => version),
      ['4.8'],
    );
    const stack = diagnose(facts).stacks.find(({ stack: id }) => id === 'winhttp-64');
    assert.equal(stack?.status, 'ready', 'the files prove KB3140245');
  });

  test('SYSTEM and SOFTWARE of two machines in one folder are refused', async (t) => {
    const folder = tempFolder(t);
    const options = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions';
    writeFileSync(
      join(folder, 'system.reg'),
      regText({ 'HKLM\\SYSTEM': {}, [options]: { ProductType: 'WinNT' } }),
    );
    const server = machineReg('2019').replace(/\[HKLM\\SYSTEM\][^[]*/, '');
    writeFileSync(join(folder, 'software.reg'), server);
    const [machine] = await readAll(folder);
    assert.ok(machine !== undefined && 'error' in machine);
    assert.ok(isSealiftError(machine.error, 'facts/contradictory'));
    assert.match(machine.error.message, /system\.reg/);
  });

  test('SYSTEM alone leaves the build unknown, and says so', async (t) => {
    const file = join(tempFolder(t), 'SYSTEM');
    makeHive(file, 'SYSTEM', systemKeys);
    const facts = await readOne(file);
    assert.equal(facts.os?.role, 'server');
    const diagnosis = diagnose(facts);
    assert.equal(diagnosis.status, 'unknown');
    assert.ok(
      diagnosis.consumers.some(({ missing }) => missing.some(({ kind }) => kind === 'os-build')),
    );
  });

  test('a hive cut short gives what can be read, and the rest is unknown, not absent', async (t) => {
    const folder = tempFolder(t);
    const file = join(folder, 'SYSTEM');
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`filler ${i}`, 'x'.repeat(200)]),
    );
    const filler = `${control}\\SecurityProviders\\SCHANNEL\\Messaging`;
    makeHive(file, 'SYSTEM', { ...systemKeys, [filler]: many });
    const whole = readFileSync(file);
    truncateSync(file, Math.floor(whole.length * 0.6));
    const facts = await readOne(file);
    assert.ok(facts.problems.some(({ what }) => what === 'cut-short'));
    assert.ok(facts.problems.some(({ offset }) => offset !== undefined));
    assert.ok(!facts.read.includes(schannel));
  });

  test('flipped bits never crash the reader', async (t) => {
    const folder = tempFolder(t);
    const file = join(folder, 'SYSTEM');
    makeHive(file, 'SYSTEM', systemKeys);
    const whole = readFileSync(file);
    const flips = fc.array(fc.nat(whole.length * 8 - 1), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(flips, async (bits) => {
        const damaged = Buffer.from(whole);
        for (const bit of bits) damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        writeFileSync(file, damaged);
        try {
          for (const machine of await readAll(file)) {
            if ('facts' in machine) diagnose(machine.facts);
            else assert.ok(isSealiftError(machine.error), String(machine.error));
          }
        } catch (error) {
          assert.ok(isSealiftError(error), String(error));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('exports', () => {
  const text = machineReg('2012 R2', { keys: { [tls12Client]: on } });
  const encodings: readonly (readonly [string, Buffer])[] = [
    ['UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16, big-endian', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from(text, 'utf16le')],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`, 'utf8')],
    ['UTF-8', Buffer.from(text, 'utf8')],
    ['a code page', Buffer.from(text.replace('Windows Server', 'Windows Sérver'), 'latin1')],
    ['version 4', Buffer.from(text.replace(/^.*\r\n/, 'REGEDIT4\r\n'), 'latin1')],
  ];
  for (const [encoding, bytes] of encodings) {
    test(`are read in ${encoding}`, async (t) => {
      const file = join(tempFolder(t), 'machine.reg');
      writeFileSync(file, bytes);
      const facts = await readOne(file);
      assert.equal(facts.os?.build, 9600);
      const { source } = facts.registry.find(({ path }) => path === tls12Client) ?? {};
      assert.equal(source?.file, file);
      assert.ok((source?.line ?? 0) > 1, 'the evidence carries the line');
    });
  }

  test('of several keys are parts of one machine; of the same keys, several machines', async (t) => {
    const folder = tempFolder(t);
    const parts = [join(folder, 'a.reg'), join(folder, 'b.reg')] as const;
    writeFileSync(parts[0], regText({ [schannel]: {}, [tls12Client]: on }));
    writeFileSync(parts[1], machineReg('2012 R2', { partial: true }));
    const facts = await readOne(...parts);
    assert.equal(diagnose(facts).stacks[0]?.status, 'ready');
    writeFileSync(parts[0], machineReg('2019'));
    assert.equal((await readAll(...parts)).length, 2);
  });

  test('of an offline hive under another name are those of the machine', async (t) => {
    const file = join(tempFolder(t), 'offline.reg');
    const offline = 'HKEY_LOCAL_MACHINE\\OFFLINE_SYSTEM\\ControlSet001';
    const path = `${offline}\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Client`;
    writeFileSync(file, regText({ [path]: on }));
    const facts = await readOne(file);
    assert.ok(facts.registry.some((fact) => fact.path === tls12Client));
  });

  test('with lines that mean nothing are read around them, and the lines are told', async (t) => {
    const file = join(tempFolder(t), 'odd.reg');
    writeFileSync(file, `${text}\r\nthis is no value\r\n`);
    const facts = await readOne(file);
    assert.equal(facts.problems[0]?.what, 'bad-line');
    assert.equal(facts.os?.build, 9600);
  });
});

describe('paths', () => {
  test('a folder of many machines gives each by its name', async (t) => {
    const folder = tempFolder(t);
    for (const name of ['web01', 'web02']) {
      const facts = { ...windowsMachine('2019'), host: name };
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(facts));
    }
    mkdirSync(join(folder, 'sql01'));
    writeFileSync(join(folder, 'sql01', 'all.reg'), machineReg('2012'));
    writeFileSync(join(folder, 'README.txt'), 'nothing here');
    const names = (await readAll(folder)).map(({ name }) => name).sort();
    assert.deepEqual(names, ['all', 'web01', 'web02']);
  });

  test('facts that cannot be used are the failure of their machine alone', async (t) => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'a.json'), JSON.stringify(windowsMachine('2019')));
    writeFileSync(join(folder, 'b.json'), '{"schema":"sealift-facts","version":99}');
    const machines = await readAll(folder);
    assert.deepEqual(
      machines.map((machine) => 'error' in machine),
      [false, true],
    );
  });

  test('a file of 2 GiB given by mistake is refused before it is read', async (t) => {
    const folder = tempFolder(t);
    const heads = ['', 'regf', 'Windows Registry Editor Version 5.00\r\n', '{'];
    for (const [i, head] of heads.entries()) {
      const file = join(folder, `big${i}`);
      writeFileSync(file, Buffer.concat([Buffer.from(head), Buffer.alloc(1024)]));
      truncateSync(file, 2 ** 31);
      const [machine] = await readAll(file);
      assert.ok(machine && 'error' in machine);
      assert.ok(isSealiftError(machine.error, 'facts/too-large'), String(machine.error));
      assert.match(machine.error.message, /2\.0.* GiB/);
    }
  });

  test('what is not there or holds nothing is said', async (t) => {
    const folder = tempFolder(t);
    const isUnreadable = (error: unknown) => isSealiftError(error, 'facts/unreadable');
    await assert.rejects(readAll(join(folder, 'absent')), isUnreadable);
    await assert.rejects(readAll(folder), isUnreadable);
  });
});
