import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ClientIdentity } from '../../door/connection.ts';
import { openDatabaseFile } from '../database/database.ts';
import { listRatchet, listReleases, releaseRatchet, turnRatchet } from './ratchet.ts';

const alice: ClientIdentity = { kind: 'login', name: 'alice' };
const clock = { now: () => 1_800_000_000_000 };
const tls12 = 0x0303;
const tls13 = 0x0304;

test('who has proved TLS 1.3 is refused with less, and keeps being refused', async (t) => {
  const { turn } = await setUp(t);
  assert.equal((await turn(tls12)).kind, 'holds');
  assert.equal((await turn(tls13)).kind, 'holds');
  const refused = await turn(tls12);
  assert.equal(refused.kind, 'downgrade');
  assert.equal(refused.kind === 'downgrade' && refused.proved, tls13);
  assert.equal((await turn(0x0302)).kind, 'downgrade');
  assert.equal((await turn(tls13)).kind, 'holds');
});

test('who has never proved TLS 1.3 comes and goes as they can', async (t) => {
  const { turn } = await setUp(t);
  for (const version of [tls12, 0x0301, tls12, 0x0302])
    assert.equal((await turn(version)).kind, 'holds');
});

test("the vault's own limit is no downgrade", async (t) => {
  const { turn } = await setUp(t);
  await turn(tls13);
  assert.equal((await turn(tls12, tls13)).kind, 'holds');
});

test('a login and a certificate of the same name are apart', async (t) => {
  const { turn, database } = await setUp(t);
  await turn(tls13);
  const shown = { address: '192.0.2.1', version: tls12, offered: tls12 };
  const client: ClientIdentity = { kind: 'certificate', name: 'alice' };
  assert.equal((await turnRatchet(database, client, { shown, clock })).kind, 'holds');
  assert.deepEqual(
    (await listRatchet(database)).map(({ kind, version }) => [kind, version]),
    [
      ['certificate', tls12],
      ['login', tls13],
    ],
  );
});

test('a release lets the client back in, keeps its reason, and ends with the next proof', async (t) => {
  const { turn, database } = await setUp(t);
  await turn(tls13);
  const reason = 'reinstalled with Windows 10';
  assert.equal((await releaseRatchet(database, 'alice', { reason, clock })).length, 1);
  assert.equal((await turn(tls12)).kind, 'holds');
  const [release] = await listReleases(database);
  assert.equal(release?.reason, reason);
  assert.equal(release?.version, tls13);
  await turn(tls13);
  assert.equal((await turn(tls12)).kind, 'downgrade');
  const wrong = releaseRatchet(database, 'bob', { reason, clock });
  await assert.rejects(wrong, { code: 'vault/ratchet' });
});

async function setUp(t: TestContext) {
  const database = await openDatabaseFile(':memory:');
  t.after(() => database.destroy());
  const turn = (version: number, offered = version) =>
    turnRatchet(database, alice, { shown: { address: '192.0.2.1', version, offered }, clock });
  return { database, turn };
}
