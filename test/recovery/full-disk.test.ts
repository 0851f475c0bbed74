/** A disk that is full is named as such; what was there stays whole. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustRunSealift, runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

test('a full disk stops the backup with its name, and the earlier snapshot still restores', {
  skip: !isRoot && 'needs root, to mount a small disk',
}, async (t) => {
  // Registered first, since hooks run in order and a mounted folder cannot be removed.
  t.after(() => execFileSync('umount', [join(folder, 'disk')]));
  const folder = tempFolder(t);
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk]);
  const source = join(folder, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'first'), randomBytes(1024 * 1024));
  const env = { SEALIFT_PASSWORD: 'correct horse', SEALIFT_REPOSITORY: join(disk, 'repository') };
  await mustRunSealift(['init'], { env });
  await mustRunSealift(['backup', source], { env });

  writeFileSync(join(source, 'second'), randomBytes(20 * 1024 * 1024));
  const failed = await runSealift(['backup', '--pack-size', '4', source], { env });
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /error: .*(full|no space)/i);
  assert.match(failed.stderr, /hint: /);
  assert.doesNotMatch(failed.stderr, /\n\s+at /);

  await mustRunSealift(['unlock'], { env });
  await mustRunSealift(['check', '--read-data'], { env });
  await mustRunSealift(['restore', 'latest', '--target', join(folder, 'out')], { env });
});

test('a restore to a disk that is full stops with its name, and what was written is right', {
  skip: !isRoot && 'needs root, to mount a small disk',
}, async (t) => {
  t.after(() => execFileSync('umount', [join(folder, 'disk')]));
  const folder = tempFolder(t);
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
  const source = join(folder, 'source');
  mkdirSync(source);
  for (let at = 0; at < 8; at += 1) writeFileSync(join(source, `${at}`), randomBytes(2 ** 20));
  const env = { SEALIFT_PASSWORD: 'correct horse', SEALIFT_REPOSITORY: join(folder, 'repository') };
  await mustRunSealift(['init'], { env });
  await mustRunSealift(['backup', source], { env });

  const failed = await runSealift(['restore', `latest:${source}`, '--target', disk], { env });
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /error: .*(full|no space)/i);
  assert.match(failed.stderr, /hint: /);
  const whole = readdirSync(disk).filter((name) => {
    const restored = readFileSync(join(disk, name));
    return restored.equals(readFileSync(join(source, name)));
  });
  assert.ok(whole.length >= 1);
});
