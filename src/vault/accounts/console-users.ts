/** Who may sign in to the console, with which role. Logins of backup programs are in users.ts. */

import { randomBytes } from 'node:crypto';
import { SealiftError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import type { Clock } from '../../base/time.ts';
import type { ConsoleUsersTable } from '../database/console-tables.ts';
import type { VaultDatabase } from '../database/database.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { checkAccountName } from './names.ts';
import { hashPassword } from './password-hash.ts';

export type ConsoleRole = ConsoleUsersTable['role'];

const ranks: Readonly<Record<ConsoleRole, number>> = { viewer: 0, operator: 1, owner: 2 };

/** True if a role may do what needs another one. */
export function includesRole(role: ConsoleRole, needed: ConsoleRole): boolean {
  return ranks[role] >= ranks[needed];
}

/** The lesser of two. */
export function lesserRole(a: ConsoleRole, b: ConsoleRole): ConsoleRole {
  return ranks[a] <= ranks[b] ? a : b;
}

/** 20 letters, digits, - and _ with 120 bits of chance. */
export function makePassword(): Secret {
  return new Secret(randomBytes(15).toString('base64url'));
}

export interface NewConsoleUser {
  readonly name: string;
  readonly role: ConsoleRole;
  readonly password: Secret;
  /** True for a password that the vault made and told somebody. */
  readonly mustChange: boolean;
  readonly certificateClient?: string | null | undefined;
}

export async function findConsoleUser(
  database: VaultDatabase,
  name: string,
): Promise<ConsoleUsersTable | undefined> {
  return database
    .selectFrom('console_users')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst();
}

/** @throws SealiftError `vault/user` for a name that cannot be one, `api/conflict` for one that is there */
export async function addConsoleUser(
  database: VaultDatabase,
  user: NewConsoleUser,
  clock: Clock,
): Promise<void> {
  checkAccountName(user.name);
  const password_hash = await hashPassword(user.password.reveal());
  if ((await findConsoleUser(database, user.name)) !== undefined)
    throw conflict(`there is a console user ${user.name} already`);
  await checkCertificate(database, user.name, user.certificateClient);
  await database
    .insertInto('console_users')
    .values({
      name: user.name,
      role: user.role,
      password_hash,
      certificate_client: user.certificateClient ?? null,
      must_change: user.mustChange ? 1 : 0,
      created_ms: clock.now(),
      last_sign_in_ms: null,
    })
    .execute();
}

export interface ConsoleUserChange {
  readonly role?: ConsoleRole | undefined;
  readonly password?: Secret | undefined;
  readonly mustChange?: boolean | undefined;
  readonly certificateClient?: string | null | undefined;
}

/**
 * Changes what is given. A changed role, password or certificate ends every session of the user, and a
 * changed role its tokens too: a token is never worth more than its user.
 * @throws SealiftError `api/not-found`, `api/conflict` if nobody would be left who owns the vault
 */
export async function changeConsoleUser(
  database: VaultDatabase,
  name: string,
  change: ConsoleUserChange,
): Promise<void> {
  const password_hash =
    change.password === undefined ? undefined : await hashPassword(change.password.reveal());
  await inTransaction(database, async (transaction) => {
    const before = await findConsoleUser(transaction, name);
    if (before === undefined) throw unknownUser();
    if (change.role !== undefined && change.role !== 'owner')
      await keepAnOwner(transaction, before);
    await checkCertificate(transaction, name, change.certificateClient);
    const set = {
      ...(change.role === undefined ? {} : { role: change.role }),
      ...(password_hash === undefined ? {} : { password_hash }),
      ...(change.mustChange === undefined ? {} : { must_change: change.mustChange ? 1 : 0 }),
      ...(change.certificateClient === undefined
        ? {}
        : { certificate_client: change.certificateClient }),
    };
    if (Object.keys(set).length > 0)
      await transaction.updateTable('console_users').set(set).where('name', '=', name).execute();
    const endsSessions =
      password_hash !== undefined ||
      (change.role !== undefined && change.role !== before.role) ||
      change.certificateClient !== undefined;
    if (endsSessions)
      await transaction.deleteFrom('console_sessions').where('user', '=', name).execute();
  });
}

/** @throws SealiftError `api/not-found`, `api/conflict` */
export async function removeConsoleUser(database: VaultDatabase, name: string): Promise<void> {
  await inTransaction(database, async (transaction) => {
    const before = await findConsoleUser(transaction, name);
    if (before === undefined) throw unknownUser();
    await keepAnOwner(transaction, before);
    await transaction.deleteFrom('console_sessions').where('user', '=', name).execute();
    await transaction.deleteFrom('api_tokens').where('user', '=', name).execute();
    await transaction.deleteFrom('console_users').where('name', '=', name).execute();
  });
}

/**
 * Makes the first owner of a vault that has no console user yet.
 * @returns its password, to be shown once; undefined if there was somebody
 */
export async function ensureFirstOwner(
  database: VaultDatabase,
  clock: Clock,
): Promise<{ readonly name: string; readonly password: Secret } | undefined> {
  const known = await database.selectFrom('console_users').select('name').executeTakeFirst();
  if (known !== undefined) return undefined;
  const password = makePassword();
  const name = 'admin';
  await addConsoleUser(database, { name, role: 'owner', password, mustChange: true }, clock);
  return { name, password };
}

async function keepAnOwner(database: VaultDatabase, leaving: ConsoleUsersTable): Promise<void> {
  if (leaving.role !== 'owner') return;
  const other = await database
    .selectFrom('console_users')
    .select('name')
    .where('role', '=', 'owner')
    .where('name', '!=', leaving.name)
    .executeTakeFirst();
  if (other === undefined) throw conflict('the vault would have no owner left');
}

async function checkCertificate(
  database: VaultDatabase,
  name: string,
  client: string | null | undefined,
): Promise<void> {
  if (client === null || client === undefined) return;
  const other = await database
    .selectFrom('console_users')
    .select('name')
    .where('certificate_client', '=', client)
    .where('name', '!=', name)
    .executeTakeFirst();
  if (other !== undefined)
    throw conflict(`the certificate of ${client} signs ${other.name} in already`);
}

function conflict(detail: string): SealiftError {
  return new SealiftError('api/conflict', detail, { fields: { detail } });
}

function unknownUser(): SealiftError {
  return new SealiftError('api/not-found', 'there is no such console user', {
    fields: { what: 'user' },
  });
}
