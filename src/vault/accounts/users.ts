/** Logins with a password, for restic, rustic and everything else that knows only that. */

import { SealiftError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { systemClock } from '../../base/time.ts';
import type { VaultDatabase } from '../database/database.ts';
import { checkAccountName } from './names.ts';
import { hashPassword } from './password-hash.ts';

export interface User {
  readonly name: string;
  readonly appendOnly: boolean;
  /** Several machines use it, so that it has no ratchet. */
  readonly shared: boolean;
  readonly createdMs: number;
}

/**
 * @throws SealiftError `vault/user` if the name exists (without `replace`) or is not allowed,
 *   `password/empty` if the password is empty
 */
export async function addUser(
  database: VaultDatabase,
  {
    name,
    password,
    appendOnly = false,
    shared = false,
    replace = false,
    clock = systemClock,
  }: {
    name: string;
    password: Secret;
    appendOnly?: boolean;
    shared?: boolean;
    replace?: boolean;
    clock?: { now(): number };
  },
): Promise<User> {
  checkAccountName(name);
  if (password.reveal() === '')
    throw new SealiftError('password/empty', `the password of ${name} is empty`);
  const row = {
    name,
    password_hash: await hashPassword(password.reveal()),
    append_only: appendOnly ? 1 : 0,
    shared: shared ? 1 : 0,
    created_ms: clock.now(),
  };
  const insert = database.insertInto('users').values(row);
  const { password_hash, append_only } = row;
  const change = { password_hash, append_only, shared: row.shared };
  const result = await insert
    .onConflict((conflict) =>
      replace ? conflict.column('name').doUpdateSet(change) : conflict.column('name').doNothing(),
    )
    .executeTakeFirst();
  if ((result.numInsertedOrUpdatedRows ?? 0n) === 0n) {
    throw new SealiftError('vault/user', `there is a user ${name} already`, {
      fields: { name },
      hint: 'Remove the user first, or replace the password.',
    });
  }
  return { name, appendOnly, shared, createdMs: row.created_ms };
}

export async function listUsers(database: VaultDatabase): Promise<User[]> {
  const rows = await database
    .selectFrom('users')
    .select(['name', 'append_only', 'shared', 'created_ms'])
    .orderBy('name')
    .execute();
  return rows.map((row) => ({
    name: row.name,
    appendOnly: row.append_only === 1,
    shared: row.shared === 1,
    createdMs: row.created_ms,
  }));
}

export async function findUser(database: VaultDatabase, name: string): Promise<User | undefined> {
  return (await listUsers(database)).find((user) => user.name === name);
}

/**
 * Changes what is given.
 * @throws SealiftError `vault/user` if there is no such user
 */
export async function changeUser(
  database: VaultDatabase,
  name: string,
  change: {
    readonly password?: Secret | undefined;
    readonly appendOnly?: boolean | undefined;
    readonly shared?: boolean | undefined;
  },
): Promise<void> {
  const { password, appendOnly, shared } = change;
  const set = {
    ...(password === undefined ? {} : { password_hash: await hashPassword(password.reveal()) }),
    ...(appendOnly === undefined ? {} : { append_only: appendOnly ? 1 : 0 }),
    ...(shared === undefined ? {} : { shared: shared ? 1 : 0 }),
  };
  if (Object.keys(set).length === 0) return;
  const { numUpdatedRows } = await database
    .updateTable('users')
    .set(set)
    .where('name', '=', name)
    .executeTakeFirst();
  if (numUpdatedRows === 0n)
    throw new SealiftError('vault/user', `there is no user ${name}`, { fields: { name } });
}

/**
 * Takes the login away; the repositories stay.
 * @returns what it was
 * @throws SealiftError `vault/user` if there is no such user
 */
export async function removeUser(database: VaultDatabase, name: string): Promise<User> {
  const removed = await findUser(database, name);
  if (removed === undefined)
    throw new SealiftError('vault/user', `there is no user ${name}`, { fields: { name } });
  await database.deleteFrom('users').where('name', '=', name).execute();
  return removed;
}
