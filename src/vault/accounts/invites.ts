/** Invitations: made by the operator, used once by a machine, stored only as hashes. */

import { createHash, randomBytes } from 'node:crypto';
import { SealiftError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import { type Clock, systemClock } from '../../base/time.ts';
import type { VaultDatabase } from '../database/database.ts';
import { encodeInviteToken } from './invite-token.ts';
import { checkAccountName } from './names.ts';

const secretSize = 32;
export const defaultInviteLifeMs = 24 * 60 * 60_000;

export interface InviteOptions {
  readonly name: string;
  /** SHA-256 of the vault's trust anchor; `trustAnchorOf` of ../certificates/server-certificate.ts. */
  readonly anchor: string;
  readonly url?: string;
  readonly lifeMs?: number;
  readonly appendOnly?: boolean;
  readonly clock?: Clock;
}

export interface Invite {
  /** For the machine to be enrolled; it is shown once and stored nowhere. */
  readonly token: Secret;
  readonly name: string;
  readonly expiresMs: number;
}

/** @throws SealiftError `vault/user` if the name is not allowed */
export async function createInvite(
  database: VaultDatabase,
  { name, anchor, url, lifeMs, appendOnly, clock = systemClock }: InviteOptions,
): Promise<Invite> {
  checkAccountName(name);
  const secret = new Secret(randomBytes(secretSize).toString('base64url'));
  const createdMs = clock.now();
  const expiresMs = createdMs + (lifeMs ?? defaultInviteLifeMs);
  await database.deleteFrom('invites').where('expires_ms', '<', createdMs).execute();
  await database
    .insertInto('invites')
    .values({
      secret_hash: hashOf(secret),
      name,
      append_only: appendOnly === true ? 1 : 0,
      created_ms: createdMs,
      expires_ms: expiresMs,
      used_ms: null,
    })
    .execute();
  const token = new Secret(encodeInviteToken({ url, ca: anchor, secret, name }));
  return { token, name, expiresMs };
}

/**
 * Uses an invitation up, in one statement, so that two machines cannot both have it.
 * @throws SealiftError `agent/enrol-refused` if it is unknown, used or expired; which of these is
 *   told only to someone who knows the secret
 */
export async function redeemInvite(
  database: VaultDatabase,
  { secret, clock }: { secret: Secret; clock: Clock },
): Promise<{ name: string; appendOnly: boolean }> {
  const nowMs = clock.now();
  const row = await database
    .updateTable('invites')
    .set({ used_ms: nowMs })
    .where('secret_hash', '=', hashOf(secret))
    .where('used_ms', 'is', null)
    .where('expires_ms', '>', nowMs)
    .returning(['name', 'append_only'])
    .executeTakeFirst();
  if (row !== undefined) return { name: row.name, appendOnly: row.append_only === 1 };
  const known = await database
    .selectFrom('invites')
    .select('used_ms')
    .where('secret_hash', '=', hashOf(secret))
    .executeTakeFirst();
  const reason =
    known === undefined
      ? 'is not known here'
      : known.used_ms === null
        ? 'has expired'
        : 'was used already';
  throw new SealiftError('agent/enrol-refused', `the invitation ${reason}`, {
    hint: 'Ask for a new one: `sealift vault invite NAME` on the vault.',
  });
}

function hashOf(secret: Secret): string {
  return createHash('sha256').update(secret.reveal()).digest('hex');
}
