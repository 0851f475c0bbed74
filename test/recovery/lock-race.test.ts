/** Many processes want the lock of one repository at once; see docs/decisions/011-waiting-for-a-lock.md. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { initRepository } from '../../src/engine/open.ts';
import { localBackend } from '../../src/storage/local.ts';
import { mustRun, nodeFlags } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { quickScrypt, tinyPassword } from '../support/tiny-repository.ts';
import { addVaultUser, startVaultProcess } from '../support/vault-process.ts';

interface Report {
  readonly held: { readonly exclusive: number; readonly shared: number };
  readonly refused: number;
  readonly intruders: readonly string[];
}

const child = resolve(import.meta.dirname, '../support/lock-child.ts');

/** Four processes race, each for one of the places, which are ways to one repository; `folder` is where it is. */
async function race(
  t: TestContext,
  folder: string,
  places: readonly (readonly [string, string?])[],
): Promise<void> {
  const marks = join(tempFolder(t), 'marks');
  mkdirSync(marks);
  await initRepository(localBackend(folder), {
    password: tinyPassword,
    scrypt: { ...quickScrypt, cost: 16 },
  });
  const reports = await Promise.all(
    Array.from({ length: 4 }, async (_, index) => {
      const [repository, caFile = ''] = places[index % places.length] ?? assert.fail();
      const args = [child, repository, marks, '25', '40', caFile];
      return JSON.parse(await mustRun(process.execPath, [...nodeFlags, ...args])) as Report;
    }),
  );
  assert.deepEqual(
    reports.flatMap(({ intruders }) => intruders),
    [],
  );
  const sum = (of: (report: Report) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  assert.ok(sum(({ held }) => held.exclusive) > 0, 'some held it alone');
  assert.ok(sum(({ held }) => held.shared) > 0, 'some shared it');
  assert.ok(sum(({ refused }) => refused) > 0, 'they did get in the way of each other');
  assert.deepEqual(readdirSync(join(folder, 'locks')), []);
}

describe('of jobs that race none holds a lock that excludes another holder', () => {
  test('for a local folder', async (t) => {
    const folder = join(tempFolder(t), 'repository');
    await race(t, folder, [[folder]]);
  });

  test('for a repository of a vault, and for the folder behind it', async (t) => {
    const vault = await startVaultProcess(join(tempFolder(t), 'vault'));
    t.after(() => vault.stop());
    const password = encodeURIComponent(await addVaultUser(vault.dataFolder, 'alice'));
    const url = `rest:https://alice:${password}@127.0.0.1:${vault.port}/alice/`;
    const folder = join(vault.dataFolder, 'repositories', 'alice');
    await race(t, folder, [[url, vault.caFile], [folder], [url, vault.caFile]]);
  });
});
