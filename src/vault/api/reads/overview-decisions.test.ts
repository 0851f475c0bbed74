import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { randomFile, startTestVault } from '../../vault-fixture.ts';
import { addConsoleUsers, signInAs } from '../api-fixture.ts';
import type { ReadFacts } from './read-facts.ts';
import { storageFull } from './storage-full.ts';

const dayMs = 86_400_000;

test('who misses its own rhythm is silent; who has none yet is overdue after two days', async (t) => {
  const driven = { ms: Date.now() };
  const vault = await startTestVault(t, { clock: { now: () => driven.ms } });
  await addConsoleUsers(vault.database);
  const backUp = async (user: string): Promise<void> => {
    await vault.call('POST', `/${user}/?create=true`, { user });
    const { body, name } = randomFile(300);
    assert.equal(
      (await vault.call('POST', `/${user}/snapshots/${name}`, { user, body })).status,
      200,
    );
  };
  const late = async (kind: string): Promise<string[]> => {
    await vault.vault.flush();
    const owner = await signInAs(vault, 'owner');
    const { decisions } = await owner.read('getOverview', '/overview');
    return decisions
      .filter((decision) => decision.kind === kind)
      .flatMap(({ clients }) => clients.map(({ name }) => name));
  };
  // Alice comes each week, Bob came once.
  for (let week = 0; week < 4; week++) {
    await backUp('alice');
    driven.ms += 7 * dayMs;
  }
  await backUp('bob');
  assert.deepEqual(await late('silent'), []);
  assert.deepEqual(await late('backup-overdue'), []);
  driven.ms += 3 * dayMs;
  assert.deepEqual(await late('silent'), []);
  assert.deepEqual(await late('backup-overdue'), ['bob']);
  driven.ms += 5 * dayMs;
  assert.deepEqual(await late('silent'), ['alice']);
  assert.deepEqual(await late('backup-overdue'), ['bob']);
});

test('a quota that is nearly used up needs a decision', async (t) => {
  const vault = await startTestVault(t);
  await addConsoleUsers(vault.database);
  const owner = await signInAs(vault, 'owner');
  await vault.call('POST', '/alice/?create=true', { user: 'alice' });
  const { body } = randomFile(10_000);
  const name = createHash('sha256').update(body).digest('hex');
  await vault.call('POST', `/alice/data/${name}`, { user: 'alice', body });
  const full = async (bytes: number): Promise<unknown> => {
    await owner.call('PUT', '/storage/quotas/alice', { body: { bytes } });
    const { decisions } = await owner.read('getOverview', '/overview');
    return decisions.find(({ kind }) => kind === 'quota-full')?.clients;
  };
  assert.equal(await full(20_000), undefined);
  assert.deepEqual(await full(11_000), [{ id: 'login:alice', name: 'alice' }]);
});

test('storage is full when a tenth of it or less is free', () => {
  const of = (storage: ReadFacts['storage']) => storageFull(storage);
  assert.equal(of(undefined), undefined);
  assert.equal(of({ usedBytes: 80, freeBytes: 20 }), undefined);
  assert.deepEqual(of({ usedBytes: 90, freeBytes: 10 }), { usedBytes: 90, freeBytes: 10 });
});

test('the overview counts clients by version and week, with the dates of the plan and who fails next', async (t) => {
  const vault = await startTestVault(t);
  await addConsoleUsers(vault.database);
  const owner = await signInAs(vault, 'owner');
  for (const [user, maxVersion] of [
    ['alice', 'TLSv1.2'],
    ['bob', 'TLSv1.3'],
  ] as const) {
    const { body, name } = randomFile(300);
    await vault.call('POST', `/${user}/?create=true`, { user, maxVersion });
    await vault.call('POST', `/${user}/snapshots/${name}`, { user, maxVersion, body });
  }
  await vault.vault.flush();
  const enforce = new Date(Date.now() + 40 * dayMs).toISOString().slice(0, 10);
  const yaml = `name: next\npolicy: intermediate\nretirements:\n  - {capability: tls1.2, enforce: ${enforce}}\n`;
  const { revision } = await owner.read('getPolicy', '/policy');
  const body = { draft: { yaml }, reason: 'it is time', base: revision };
  assert.equal((await owner.call('POST', '/policy/apply', { body })).status, 200);

  const overview = await owner.read('getOverview', '/overview');
  const one = { clients: 1 };
  assert.deepEqual(
    overview.versions.toSorted((a, b) => String(a.version).localeCompare(String(b.version))),
    [
      { version: '1.2', ...one },
      { version: '1.3', ...one },
    ],
  );
  const { counts, weeks, markers, next } = overview;
  assert.deepEqual([counts.ready, counts.notReady], [1, 1]);
  assert.deepEqual(
    weeks.at(-1)?.versions.map(({ version, clients }) => [version, clients]),
    [
      ['1.3', 1],
      ['1.2', 1],
    ],
  );
  const at = `${enforce}T00:00:00.000Z`;
  assert.deepEqual(markers, [{ capability: 'tls1.2', phase: 'enforce', at }]);
  assert.deepEqual([next?.phase, next?.at, next?.failing], ['enforce', at, 1]);
  assert.deepEqual(
    next?.failures.map(({ client }) => client),
    ['alice'],
  );
});
