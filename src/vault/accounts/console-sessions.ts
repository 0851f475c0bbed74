/** Sessions of the console: a random secret in a cookie, its hash in the database, an end by two clocks. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../base/time.ts';
import type { ConsoleSessionsTable } from '../database/console-tables.ts';
import type { VaultDatabase } from '../database/database.ts';
import type { ConsoleRole } from './console-users.ts';

export interface SessionLimits {
  /** Without a request. */
  readonly idleMs: number;
  /** From signing in, whatever is done. */
  readonly wholeMs: number;
}

export interface ConsoleSession {
  readonly user: string;
  readonly role: ConsoleRole;
  readonly mustChangePassword: boolean;
  readonly method: ConsoleSessionsTable['method'];
  /** The enrolled client that a session by certificate needs on its connection. */
  readonly certificateClient: string | null;
  readonly csrfToken: string;
  readonly expiresMs: number;
  readonly idleEndsMs: number;
}

const secretSize = 32;
/** How exactly the last request is remembered: not each one is a write. */
const seenStepMs = 60_000;
const maxSessionsOfUser = 20;

/** A new session, never one that existed before signing in. @returns the cookie's secret */
export async function openSession(
  database: VaultDatabase,
  { user, method }: Pick<ConsoleSessionsTable, 'user' | 'method'>,
  clock: Clock,
): Promise<string> {
  const secret = randomBytes(secretSize).toString('base64url');
  const nowMs = clock.now();
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('console_sessions')
      .values({ secret_hash: hashOf(secret), user, method, created_ms: nowMs, seen_ms: nowMs })
      .execute();
    const oldest = await transaction
      .selectFrom('console_sessions')
      .select('secret_hash')
      .where('user', '=', user)
      .orderBy('created_ms', 'desc')
      .offset(maxSessionsOfUser)
      .limit(maxSessionsOfUser)
      .execute();
    for (const { secret_hash } of oldest)
      await transaction
        .deleteFrom('console_sessions')
        .where('secret_hash', '=', secret_hash)
        .execute();
    await transaction
      .updateTable('console_users')
      .set({ last_sign_in_ms: nowMs })
      .where('name', '=', user)
      .execute();
  });
  return secret;
}

/** The session of a cookie; undefined when there is none or it has ended. */
export async function findSession(
  database: VaultDatabase,
  secret: string,
  { clock, limits }: { readonly clock: Clock; readonly limits: SessionLimits },
): Promise<ConsoleSession | undefined> {
  const secret_hash = hashOf(secret);
  const row = await database
    .selectFrom('console_sessions')
    .innerJoin('console_users', 'console_users.name', 'console_sessions.user')
    .select(['console_sessions.user', 'method', 'console_sessions.created_ms', 'seen_ms'])
    .select(['role', 'must_change', 'certificate_client'])
    .where('secret_hash', '=', secret_hash)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const nowMs = clock.now();
  const expiresMs = row.created_ms + limits.wholeMs;
  if (nowMs >= expiresMs || nowMs >= row.seen_ms + limits.idleMs) {
    await closeSession(database, secret);
    return undefined;
  }
  let seenMs = row.seen_ms;
  if (nowMs - seenMs >= Math.min(seenStepMs, limits.idleMs / 4)) {
    seenMs = nowMs;
    await database
      .updateTable('console_sessions')
      .set({ seen_ms: nowMs })
      .where('secret_hash', '=', secret_hash)
      .execute();
  }
  return {
    user: row.user,
    role: row.role,
    mustChangePassword: row.must_change === 1,
    method: row.method,
    certificateClient: row.certificate_client,
    csrfToken: csrfTokenOf(secret),
    expiresMs,
    idleEndsMs: Math.min(expiresMs, seenMs + limits.idleMs),
  };
}

export async function closeSession(database: VaultDatabase, secret: string): Promise<void> {
  await database.deleteFrom('console_sessions').where('secret_hash', '=', hashOf(secret)).execute();
}

/** Ends what nobody came back to. */
export async function sweepSessions(
  database: VaultDatabase,
  { clock, limits }: { readonly clock: Clock; readonly limits: SessionLimits },
): Promise<void> {
  const nowMs = clock.now();
  await database
    .deleteFrom('console_sessions')
    .where((where) =>
      where.or([
        where('created_ms', '<', nowMs - limits.wholeMs),
        where('seen_ms', '<', nowMs - limits.idleMs),
      ]),
    )
    .execute();
  await database.deleteFrom('api_tokens').where('expires_ms', '<', nowMs).execute();
}

/** Belongs to one session and tells nothing of its cookie. */
export function csrfTokenOf(secret: string): string {
  return createHash('sha256').update(`csrf ${secret}`).digest('base64url');
}

export function isSameToken(given: string | undefined, expected: string): boolean {
  const a = Buffer.from(given ?? '');
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
