/** Tokens of programs that use the API: shown once, kept as hashes, with an end. */

import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '../../base/secret.ts';
import type { Clock } from '../../base/time.ts';
import type { ApiTokensTable } from '../database/console-tables.ts';
import type { VaultDatabase } from '../database/database.ts';
import { type ConsoleRole, lesserRole } from './console-users.ts';

const secretSize = 32;
const dayMs = 86_400_000;
const usedStepMs = 60_000;
/** Tells a token from other secrets, for people and for scanners of leaked ones. */
const prefix = 'sealift_api_';

export type TokenRow = Omit<ApiTokensTable, 'secret_hash'>;

export async function createApiToken(
  database: VaultDatabase,
  {
    name,
    user,
    role,
    days,
  }: {
    readonly name: string;
    readonly user: string;
    readonly role: ConsoleRole;
    readonly days: number;
  },
  clock: Clock,
): Promise<{ readonly row: TokenRow; readonly secret: Secret }> {
  const secret = `${prefix}${randomBytes(secretSize).toString('base64url')}`;
  const nowMs = clock.now();
  const row: TokenRow = {
    ...{ id: randomBytes(8).toString('hex'), name, user, role },
    ...{ created_ms: nowMs, expires_ms: nowMs + days * dayMs, last_used_ms: null },
  };
  await database
    .insertInto('api_tokens')
    .values({ ...row, secret_hash: hashOf(secret) })
    .execute();
  return { row, secret: new Secret(secret) };
}

/** @param user undefined for those of everybody */
export async function listApiTokens(
  database: VaultDatabase,
  user: string | undefined,
): Promise<TokenRow[]> {
  let query = database.selectFrom('api_tokens').selectAll();
  if (user !== undefined) query = query.where('user', '=', user);
  const rows = await query.orderBy('created_ms', 'desc').execute();
  return rows.map(({ secret_hash: _, ...row }) => row);
}

/** Who a bearer token is; never more than its user is now. */
export async function findApiToken(
  database: VaultDatabase,
  secret: string,
  clock: Clock,
): Promise<{ readonly user: string; readonly role: ConsoleRole } | undefined> {
  if (!secret.startsWith(prefix)) return undefined;
  const secret_hash = hashOf(secret);
  const row = await database
    .selectFrom('api_tokens')
    .innerJoin('console_users', 'console_users.name', 'api_tokens.user')
    .select(['api_tokens.user', 'api_tokens.role', 'expires_ms', 'last_used_ms'])
    .select('console_users.role as userRole')
    .where('secret_hash', '=', secret_hash)
    .executeTakeFirst();
  const nowMs = clock.now();
  if (row === undefined || row.expires_ms <= nowMs) return undefined;
  if (nowMs - (row.last_used_ms ?? 0) >= usedStepMs)
    await database
      .updateTable('api_tokens')
      .set({ last_used_ms: nowMs })
      .where('secret_hash', '=', secret_hash)
      .execute();
  return { user: row.user, role: lesserRole(row.role, row.userRole) };
}

/** @returns what it was; undefined if there is none of that id (and user) */
export async function removeApiToken(
  database: VaultDatabase,
  id: string,
  user: string | undefined,
): Promise<TokenRow | undefined> {
  const row = (await listApiTokens(database, user)).find((token) => token.id === id);
  if (row !== undefined) await database.deleteFrom('api_tokens').where('id', '=', id).execute();
  return row;
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
