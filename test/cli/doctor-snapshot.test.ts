import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { makeEmptyHive } from '../support/empty-hive.ts';
import { makeMacosDisk } from '../support/macos-disk.ts';
import { makePe } from '../support/make-pe.ts';
import { skipWithout } from '../support/peers.ts';
import { mustRun, mustRunSealift, runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { machineReg } from '../support/windows-machine.ts';

const password = { SEALIFT_PASSWORD: 'secret', RESTIC_PASSWORD: 'secret' };

/** The two hives of a machine in `config`, as on a disk, made by hivexregedit from its export. */
function makeDisk(folder: string, config: string): void {
  mkdirSync(join(folder, config), { recursive: true });
  const export_ = machineReg('2008 R2 SP1')
    .replaceAll('CurrentControlSet', 'ControlSet001')
    .replaceAll('[HKLM\\', '[HKEY_LOCAL_MACHINE\\');
  for (const hive of ['SYSTEM', 'SOFTWARE']) {
    const prefix = `HKEY_LOCAL_MACHINE\\${hive}`;
    const file = join(folder, config, hive);
    const text = join(folder, `${hive}.reg`);
    const sections = export_.split(/\r?\n(?=\[)/).filter((part) => part.startsWith(`[${prefix}\\`));
    const bodies = new Map(
      sections.map((part): [string, string] => {
        const [head = '', ...lines] = part.split(/\r?\n/);
        return [head.slice(1, -1), lines.filter((line) => line !== '').join('\n')];
      }),
    );
    if (hive === 'SYSTEM') bodies.set(`${prefix}\\Select`, '"Current"=dword:00000001');
    // Parents come before children, and hivexregedit wants each of them.
    const keys = new Set(
      [...bodies.keys()].flatMap((key) => {
        const parts = key.split('\\');
        return parts.slice(2).map((_, i) => parts.slice(0, i + 3).join('\\'));
      }),
    );
    const lines = [...keys].map((key) => `[${key}]\n${bodies.get(key) ?? ''}\n`);
    writeFileSync(file, makeEmptyHive());
    writeFileSync(text, `Windows Registry Editor Version 5.00\n\n${lines.join('\n')}`);
    const options = ['--encoding', 'UTF-16LE', '--prefix', prefix];
    execFileSync('hivexregedit', ['--merge', ...options, file, text]);
    rmSync(text);
  }
}

interface Document {
  readonly machine: string;
  readonly path: string;
  readonly status: string;
  readonly system?: string;
  readonly sources: readonly unknown[];
  readonly findings: readonly {
    readonly id: string;
    readonly evidence: readonly { file?: string }[];
  }[];
}

function parse(stdout: string): Document {
  return JSON.parse(stdout) as Document;
}

describe('sealift doctor --snapshot', () => {
  const skip = skipWithout('hivexregedit');
  for (const writer of ['sealift', 'restic'] as const) {
    const peer = writer === 'restic' ? skip || skipWithout('restic') : skip;
    test(`a Windows disk inside a snapshot of ${writer} is judged as the disk itself`, {
      skip: peer,
    }, async (t) => {
      const folder = tempFolder(t);
      const disk = join(folder, 'backup', 'C');
      makeDisk(disk, 'WINDOWS/system32/Config');
      // Larger than a blob, so that its resources lie in a later one.
      const library = makePe('6.1.7601.24545', { padding: 9 * 1024 * 1024 });
      writeFileSync(join(disk, 'WINDOWS/system32/winhttp.dll'), library);
      const agent = join(disk, 'Program Files/Microsoft Azure Recovery Services Agent/bin');
      mkdirSync(agent, { recursive: true });
      writeFileSync(join(agent, 'cbengine.exe'), makePe('2.0.8000.0'));
      const repo = join(folder, 'repo');
      if (writer === 'sealift') {
        await mustRunSealift(['init', '-r', repo], { env: password });
        await mustRunSealift(['backup', '-r', repo, '--host', 'old01', disk], { env: password });
      } else {
        await mustRun('restic', ['init', '-r', repo], { env: password });
        await mustRun('restic', ['backup', '-r', repo, '--host', 'old01', disk], { env: password });
      }
      const options = ['--snapshot', 'latest', '-r', repo, '--json'];
      const { code, stdout, stderr } = await runSealift(['doctor', ...options], { env: password });
      assert.equal(code, 1, stderr);
      const found = parse(stdout);
      const direct = parse((await runSealift(['doctor', disk, '--json'])).stdout);
      assert.equal(found.system, direct.system);
      assert.equal(found.status, 'not-ready');
      assert.deepEqual(
        found.findings.map(({ id }) => id),
        direct.findings.map(({ id }) => id),
      );
      assert.match(
        JSON.stringify(found.sources),
        /snapshot [0-9a-f]{8}:.*\/Config\/(?:SYSTEM|SOFTWARE)/,
      );
      assert.equal(found.machine, 'old01');
      const versions = JSON.stringify(found.findings);
      assert.match(versions, /"winhttp.dll","value":"6.1.7601.24545"/);
      assert.match(versions, /agent\/mars-old.*2\.0\.8000\.0.*cbengine\.exe/);
    });
  }

  test('a macOS disk inside a snapshot is judged as the disk itself', async (t) => {
    const folder = tempFolder(t);
    const disk = join(folder, 'Macintosh HD');
    makeMacosDisk(disk, { version: '10.8.5', build: '12F2560', homebrew: true });
    const repo = join(folder, 'repo');
    await mustRunSealift(['init', '-r', repo], { env: password });
    await mustRunSealift(['backup', '-r', repo, disk], { env: password });
    const options = ['--snapshot', 'latest', '-r', repo, '--json'];
    const inside = await runSealift(['doctor', ...options], { env: password });
    const direct = await runSealift(['doctor', disk, '--json']);
    assert.deepEqual([inside.code, direct.code], [1, 1], inside.stderr + direct.stderr);
    const [found, named] = [parse(inside.stdout), parse(direct.stdout)];
    assert.equal(found.machine, 'studio-4');
    assert.equal(found.system, 'Mac OS X 10.8.5 (12F2560)');
    assert.deepEqual(
      found.findings.map(({ id }) => id),
      named.findings.map(({ id }) => id),
    );
    assert.equal(found.findings[0]?.id, 'macos/too-old');
  });

  test('a hive that is cut short inside the snapshot gives what can be read', {
    skip,
  }, async (t) => {
    const folder = tempFolder(t);
    const disk = join(folder, 'C');
    makeDisk(disk, 'Windows/System32/config');
    truncateSync(join(disk, 'Windows/System32/config/SOFTWARE'), 5000);
    const repo = join(folder, 'repo');
    await mustRunSealift(['init', '-r', repo], { env: password });
    await mustRunSealift(['backup', '-r', repo, disk], { env: password });
    const { code, stdout, stderr } = await runSealift(
      ['doctor', '--snapshot', 'latest', '-r', repo, '--json'],
      { env: password },
    );
    assert.equal(code, 2);
    assert.match(stdout, /config\/SYSTEM/);
    assert.match(stdout + stderr, /"cut-short"|"damaged-record"|SOFTWARE: /);
  });

  test('a Linux root inside a snapshot is read through its links, and never outside of it', async (t) => {
    const folder = tempFolder(t);
    const root = join(folder, 'root');
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    write('usr/lib/os-release', 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n');
    write('etc/real-hostname', 'box07\n');
    symlinkSync('../usr/lib/os-release', join(root, 'etc/os-release'));
    symlinkSync('/etc/real-hostname', join(root, 'etc/hostname'));
    const lib = 'usr/lib/x86_64-linux-gnu/libssl.so.3';
    write(lib, `${'\0'.repeat(200)}OpenSSL 3.0.13 30 Jan 2024\0${'\0'.repeat(200)}`);
    write(lib.replace('ssl', 'crypto'), `${'\0'.repeat(200)}OpenSSL 3.0.13 30 Jan 2024\0`);
    write('etc/ssl/openssl.cnf', '[default]\n');
    const repo = join(folder, 'repo');
    await mustRunSealift(['init', '-r', repo], { env: password });
    await mustRunSealift(['backup', '-r', repo, root], { env: password });
    const { stdout, stderr } = await runSealift(
      ['doctor', '--snapshot', 'latest', '-r', repo, '--json'],
      { env: password },
    );
    const found = parse(stdout === '' ? assert.fail(stderr) : stdout);
    const direct = parse((await runSealift(['doctor', root, '--json'])).stdout);
    assert.equal(found.machine, 'box07');
    assert.deepEqual({ ...found, path: '', sources: [] }, { ...direct, path: '', sources: [] });
  });

  test('a snapshot without a system disk is a clear error; paths beside --snapshot too', async (t) => {
    const folder = tempFolder(t);
    const repo = join(folder, 'repo');
    writeFileSync(join(folder, 'file.txt'), 'nothing');
    await mustRunSealift(['init', '-r', repo], { env: password });
    await mustRunSealift(['backup', '-r', repo, join(folder, 'file.txt')], { env: password });
    const args = ['doctor', '--snapshot', 'latest', '-r', repo];
    const none = await runSealift(args, { env: password });
    assert.match(none.stderr, /facts\/unreadable|System32/);
    const both = await runSealift([...args, folder], { env: password });
    assert.equal(both.code, 1);
    assert.match(both.stderr, /exclude each other/);
  });
});
