import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openDatabaseFile } from '../../src/vault/database/database.ts';
import { Ledger } from '../../src/vault/ledger/ledger.ts';
import { refused, rowsOf, silent } from '../support/ledger.ts';
import { cleanEnvironment, nodeFlags } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const childFile = resolve(import.meta.dirname, '../support/ledger-child.ts');

test('a refused hello survives the kill of the vault a second later', async (context) => {
  const file = join(tempFolder(context), 'vault.db');
  const child = spawn(process.execPath, [...nodeFlags, childFile, file], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [said] = await Promise.race([once(child.stdout, 'data'), exited]);
  assert.equal(String(said), 'refused\n');
  // The claim is about this second, so the test has to let it pass.
  await new Promise((done) => setTimeout(done, 1000));
  child.kill('SIGKILL');
  await exited;
  const rows = await rowsOf(file);
  assert.deepEqual(
    rows.map(({ client, refused: count, reasons }) => [client, count, reasons]),
    [['192.0.2.1', 1, '{"retired/tls1.0":1}']],
  );
});

/** As Sealift 0.1 left it: the schema that SQLite itself tells. */
const firstVersion = `
create table kysely_migration (name varchar(255) not null primary key, timestamp varchar(255) not null);
create table kysely_migration_lock (id varchar(255) not null primary key, is_locked integer default 0 not null);
create table users (name text primary key, password_hash text not null, append_only integer not null, created_ms integer not null);
create table clients (id integer primary key autoincrement, name text not null, serial text not null unique, fingerprint text not null unique, state text not null, append_only integer not null, created_ms integer not null, not_after_ms integer not null, last_seen_ms integer);
create index clients_name on clients (name);
create table invites (secret_hash text primary key, name text not null, append_only integer not null, created_ms integer not null, expires_ms integer not null, used_ms integer);
create table lock_owners (repository text not null, lock text not null, owner text not null, created_ms integer not null, constraint lock_owners_key primary key (repository, lock));
insert into kysely_migration values ('0001-accounts', '2026-11-24T10:00:00.000Z');
insert into kysely_migration_lock values ('migration_lock', 0);
insert into users values ('alice', 'hash', 0, 1);
`;

test('a vault of the first version gets its ledger and keeps its logins', async (context) => {
  const file = join(tempFolder(context), 'vault.db');
  const old = new DatabaseSync(file);
  old.exec(firstVersion);
  old.close();
  const ledger = await Ledger.open(file, { log: silent });
  ledger.onVerdict(refused());
  await ledger.close();
  assert.equal((await rowsOf(file)).length, 1);
  const database = await openDatabaseFile(file);
  const users = await database.selectFrom('users').select('name').execute();
  await database.destroy();
  assert.deepEqual(
    users.map(({ name }) => name),
    ['alice'],
  );
});
