/** A restore drill, from the command that makes it to the pages that show it. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addConsoleUsers, signInAs } from '../../src/vault/api/api-fixture.ts';
import { startTestVault } from '../../src/vault/vault-fixture.ts';
import { withoutBrowser } from '../support/browser.ts';
import { signIn, startConsole } from '../support/console.ts';
import { backUp, enrolMachine } from '../support/console-clients.ts';
import { mustRunSealift, runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('a restore that worked and a check that found damage show on the pages, without a name of a file', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  const folder = tempFolder(t);
  await enrolMachine(vault, { name: 'laptop', folder });
  const source = join(folder, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'secret-name.txt'), 'content');
  const env = {
    ...{ SEALIFT_CONFIG_DIR: join(folder, 'laptop'), SEALIFT_PASSWORD: 'secret' },
    ...{ SEALIFT_REPOSITORY: 'sealift:vault', SEALIFT_NO_FACTS: '1' },
  };
  await mustRunSealift(['init'], { env });
  await mustRunSealift(['backup', source], { env });
  const page = await open();
  await page.goto(`${url}/clients/certificate:laptop`);
  await signIn(page, 'viewer');
  const drills = page.getByRole('region', { name: 'Restore drills' });
  await drills.getByText('No restore was tried').waitFor();

  const target = join(folder, 'restored');
  await mustRunSealift(['restore', 'latest', '--target', target, '--dry-run'], { env });
  await mustRunSealift(['restore', 'latest', '--target', target], { env });
  // The page follows the vault's event.
  await drills.getByText('all came back').waitFor();
  assert.equal(await drills.getByRole('listitem').count(), 1, 'a dry run is no drill');

  const [pack = ''] = vault.files().filter((file) => file.includes('/data/'));
  const bytes = readFileSync(pack);
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  writeFileSync(pack, bytes);
  const check = await runSealift(['check', '--read-data'], { env });
  assert.notEqual(check.code, 0);
  await drills.getByText('failed').waitFor();
  await drills.getByText('check/damaged').waitFor();

  await page.goto(url);
  await page.getByText('1 drill failed in the last month').waitFor();
  await page.getByRole('link', { name: 'The latest restore drill of 1 client failed' }).waitFor();
  await page.getByText('back up again if data are missing').waitFor();
  const rows = await vault.database.selectFrom('drills').selectAll().execute();
  assert.deepEqual(
    rows.map(({ client, kind, ok }) => [client, kind, ok]),
    [
      ['laptop', 'restore', 1],
      ['laptop', 'check', 0],
    ],
  );
  assert.doesNotMatch(JSON.stringify(rows), /secret-name/);
});

test('a machine whose drill failed, or that tried none for a quarter, needs a decision', async (t) => {
  const driven = { ms: Date.now() };
  const vault = await startTestVault(t, { clock: { now: () => driven.ms } });
  await addConsoleUsers(vault.database);
  const folder = tempFolder(t);
  const drill = { kind: 'restore', snapshot: null, files: 1, bytes: 2, errors: 0, code: null };
  for (const name of ['tried', 'failed', 'idle']) {
    const machine = await enrolMachine(vault, { name, folder });
    await backUp(vault, machine);
    if (name === 'idle') continue;
    const body = Buffer.from(JSON.stringify({ ...drill, ok: name === 'tried' }));
    const proof = { cert: machine.certificate, key: machine.key.reveal() };
    assert.equal((await vault.call('POST', '/_sealift/v1/drills', { body, ...proof })).status, 204);
  }
  const due = async (): Promise<unknown> => {
    const owner = await signInAs(vault, 'owner');
    // More days than the ledger's usual quarter.
    const { decisions } = await owner.read('getOverview', '/overview?days=366');
    return Object.fromEntries(
      decisions
        .filter(({ kind }) => kind.startsWith('drill-'))
        .map(({ kind, clients }) => [kind, clients.map(({ name }) => name)]),
    );
  };
  assert.deepEqual(await due(), { 'drill-failed': ['failed'] });
  driven.ms += 93 * 86_400_000;
  assert.deepEqual(await due(), {
    'drill-failed': ['failed'],
    'drill-overdue': ['idle', 'tried'],
  });
});

test('only an enrolled machine reports drills, only in their form, and only so many are kept', async (t) => {
  const vault = await startTestVault(t);
  const machine = await enrolMachine(vault, { name: 'laptop', folder: tempFolder(t) });
  const proof = { cert: machine.certificate, key: machine.key.reveal() };
  const good = {
    kind: 'restore',
    ok: true,
    snapshot: null,
    files: 1,
    bytes: 2,
    errors: 0,
    code: null,
  };
  const send = async (report: unknown, options: object): Promise<number> => {
    const body = Buffer.from(typeof report === 'string' ? report : JSON.stringify(report));
    return (await vault.call('POST', '/_sealift/v1/drills', { body, ...options })).status;
  };
  assert.equal(await send(good, {}), 401);
  assert.equal(await send(good, { user: 'alice' }), 401);
  for (const bad of [
    'no JSON',
    [],
    { ...good, kind: 'dream' },
    { ...good, bytes: -1 },
    { ...good, snapshot: '<img>' },
    { ...good, code: 'x\r\ny' },
  ]) {
    assert.equal(await send(bad, proof), 400, JSON.stringify(bad));
  }
  assert.equal(await send(' '.repeat(5000), proof), 413);
  for (let n = 0; n < 202; n++) assert.equal(await send({ ...good, files: n }, proof), 204);
  const rows = await vault.database.selectFrom('drills').select('files').execute();
  assert.equal(rows.length, 200);
  assert.equal(rows.at(-1)?.files, 201);
});
