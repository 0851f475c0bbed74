/** Many processes want the lock of one folder at once; see docs/decisions/011-waiting-for-a-lock.md. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { initRepository } from '../../src/engine/open.ts';
import { localBackend } from '../../src/storage/local.ts';
import { mustRun, nodeFlags } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { quickScrypt, tinyPassword } from '../support/tiny-repository.ts';

interface Report {
  readonly held: { readonly exclusive: number; readonly shared: number };
  readonly refused: number;
  readonly intruders: readonly string[];
}

const child = resolve(import.meta.dirname, '../support/lock-child.ts');

test('of jobs that race for a local folder, none holds a lock that excludes another holder', async (t) => {
  const folder = tempFolder(t);
  const repository = join(folder, 'repository');
  const marks = join(folder, 'marks');
  mkdirSync(marks);
  const backend = localBackend(repository);
  await initRepository(backend, {
    password: tinyPassword,
    scrypt: { ...quickScrypt, cost: 16 },
  });
  const race = async (): Promise<Report> =>
    JSON.parse(
      await mustRun(process.execPath, [...nodeFlags, child, repository, marks, '25', '40']),
    ) as Report;
  const reports = await Promise.all([race(), race(), race(), race()]);
  assert.deepEqual(
    reports.flatMap(({ intruders }) => intruders),
    [],
  );
  const sum = (of: (report: Report) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  assert.ok(sum(({ held }) => held.exclusive) > 0, 'some held it alone');
  assert.ok(sum(({ held }) => held.shared) > 0, 'some shared it');
  assert.ok(sum(({ refused }) => refused) > 0, 'they did get in the way of each other');
  assert.deepEqual(readdirSync(join(repository, 'locks')), []);
});
