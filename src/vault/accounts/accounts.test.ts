import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { Secret } from '../../base/secret.ts';
import { openDatabaseFile, openVaultDatabase, withVaultDatabase } from '../database/database.ts';
import { networkOf } from './authenticator.ts';
import { HtpasswdFile, parseHtpasswd } from './htpasswd.ts';
import { encodeInviteToken, parseInviteToken } from './invite-token.ts';
import { createInvite, redeemInvite } from './invites.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';
import { Throttle } from './throttle.ts';
import { addUser, listUsers, removeUser } from './users.ts';

const anchor = 'ab'.repeat(32);
const password = new Secret('correct horse');

async function memoryDatabase(t: TestContext) {
  const database = await openDatabaseFile(':memory:');
  t.after(() => database.destroy());
  return database;
}

test('a password verifies against its hash and no other does', async () => {
  const hash = await hashPassword('correct horse');
  assert.match(hash, /^scrypt\$15\$8\$3\$/);
  assert.equal(await verifyPassword('correct horse', hash), true);
  assert.equal(await verifyPassword('correct hors', hash), false);
  assert.equal(await verifyPassword('correct horse', 'plain'), false);
  assert.equal(await verifyPassword('', 'scrypt$4$8$1$$'), false);
});

test("Apache's SHA and bcrypt lines verify as htpasswd wrote them", async () => {
  assert.equal(await verifyPassword('password', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='), true);
  assert.equal(await verifyPassword('passwort', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='), false);
  // Vector of the crypt_blowfish test suite, with Apache's prefix.
  const hash = '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
  assert.equal(await verifyPassword('U*U', hash), true);
  assert.equal(await verifyPassword('U*V', hash), false);
});

test('the password file is read again when it changes, and counts for nobody when it is gone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, '.htpasswd');
  const file = new HtpasswdFile(path);
  assert.equal(await file.find('a'), undefined);
  writeFileSync(path, 'a:1\r\n# comment\n\nb:2:3\n');
  assert.equal(await file.find('a'), '1');
  assert.equal(await file.find('b'), '2:3');
  rmSync(path);
  assert.equal(await file.find('a'), undefined);
  assert.equal(parseHtpasswd(':x\nno colon').size, 0);
});

test('users are added once, listed and removed', async (t) => {
  const database = await memoryDatabase(t);
  await addUser(database, { name: 'alice', password, appendOnly: true });
  await assert.rejects(addUser(database, { name: 'alice', password }), { code: 'vault/user' });
  await addUser(database, { name: 'alice', password, replace: true });
  const users = await listUsers(database);
  assert.deepEqual(
    users.map(({ name, appendOnly }) => ({ name, appendOnly })),
    [{ name: 'alice', appendOnly: false }],
  );
  await removeUser(database, 'alice');
  await assert.rejects(removeUser(database, 'alice'), { code: 'vault/user' });
  await assert.rejects(addUser(database, { name: 'alice', password: new Secret('') }), {
    code: 'password/empty',
  });
});

test('a name that a repository path cannot hold is no user', async (t) => {
  const database = await memoryDatabase(t);
  for (const name of ['', 'data', 'config', '_sealift', '..', '.htpasswd', 'a/b', 'a b', 'a\n'])
    await assert.rejects(addUser(database, { name, password }), { code: 'vault/user' }, name);
});

test('an invitation token survives its text, and torn text is refused', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Za-z0-9_-]{32,43}$/),
      fc.stringMatching(/^[a-z][a-z0-9]{0,20}$/),
      (secret, name) => {
        const url = 'https://vault.example:8443/';
        const text = encodeInviteToken({ url, ca: anchor, secret: new Secret(secret), name });
        const token = parseInviteToken(` ${text}\n`);
        assert.equal(token.secret.reveal(), secret);
        assert.deepEqual([token.url, token.ca, token.name], [url, anchor, name]);
        assert.throws(() => parseInviteToken(text.slice(0, -5)), { code: 'agent/token' });
      },
    ),
    { numRuns: 50 },
  );
  for (const text of ['', 'sealift1.', 'sealift2.e30', 'sealift1.e30', 'sealift1.%%%'])
    assert.throws(() => parseInviteToken(text), { code: 'agent/token' });
});

test('an invitation works once, also for two at the same moment', async (t) => {
  const database = await memoryDatabase(t);
  const clock = { now: () => 1000 };
  const { token } = await createInvite(database, { name: 'laptop', anchor, clock });
  const { secret } = parseInviteToken(token.reveal());
  const results = await Promise.allSettled([
    redeemInvite(database, { secret, clock }),
    redeemInvite(database, { secret, clock }),
  ]);
  assert.deepEqual(results.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  await assert.rejects(redeemInvite(database, { secret, clock }), /used already/);
});

test('an invitation expires, and the vault keeps no secret of it', async (t) => {
  const database = await memoryDatabase(t);
  let nowMs = 1000;
  const clock = { now: () => nowMs };
  const { token } = await createInvite(database, { name: 'laptop', anchor, lifeMs: 500, clock });
  const { secret } = parseInviteToken(token.reveal());
  const rows = await database.selectFrom('invites').selectAll().execute();
  assert.doesNotMatch(JSON.stringify(rows), new RegExp(secret.reveal()));
  nowMs = 1500;
  await assert.rejects(redeemInvite(database, { secret, clock }), /has expired/);
  const unknown = new Secret('x'.repeat(43));
  await assert.rejects(redeemInvite(database, { secret: unknown, clock }), /not known/);
});

test('a change by another process is seen through an open database', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-test-'));
  const database = await openVaultDatabase(folder);
  t.after(async () => {
    await database.destroy();
    rmSync(folder, { recursive: true, force: true });
  });
  assert.deepEqual(await listUsers(database), []);
  await withVaultDatabase(folder, (other) => addUser(other, { name: 'alice', password }));
  assert.equal((await listUsers(database)).length, 1);
});

test('failed logins wait longer and longer, up to a bound; a right one clears the slate', async () => {
  const waits: number[] = [];
  const throttle = new Throttle({
    clock: { now: () => 0 },
    wait: async (ms) => {
      waits.push(ms);
    },
  });
  for (let round = 0; round < 10; round += 1) await throttle.run('key', async () => undefined);
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 4000, 4000]);
  await throttle.run('key', async () => true);
  waits.length = 0;
  await throttle.run('key', async () => undefined);
  await throttle.run('other', async () => undefined);
  assert.deepEqual(waits, []);
});

test('guesses at the same time run one after another, and too many are turned away', async () => {
  let running = 0;
  let most = 0;
  const throttle = new Throttle({ wait: async () => undefined });
  const guess = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return undefined;
  };
  const results = await Promise.all(Array.from({ length: 20 }, () => throttle.run('key', guess)));
  assert.equal(most, 1);
  assert.equal(results.filter(({ kind }) => kind === 'busy').length, 12);
});

test('an IPv6 network counts as one address', () => {
  assert.equal(networkOf('2001:db8:1:2::1'), '2001:db8:1:2::/64');
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  assert.equal(networkOf('::1'), '0:0:0:0::/64');
  assert.equal(networkOf('::ffff:192.0.2.7'), '192.0.2.7');
  assert.equal(networkOf('192.0.2.7'), '192.0.2.7');
});
