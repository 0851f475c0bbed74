/** Enrolled machines: the certificates that the vault gave them, and whether they still count. */

import { SealiftError } from '../../base/errors.ts';
import { type Clock, systemClock } from '../../base/time.ts';
import { readCertificate } from '../certificates/authority.ts';
import type { VaultDatabase } from '../database/database.ts';
import { inTransaction } from '../database/in-transaction.ts';

export interface Client {
  readonly name: string;
  readonly serial: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  readonly state: 'active' | 'replaced' | 'revoked';
  readonly appendOnly: boolean;
  readonly createdMs: number;
  readonly notAfterMs: number;
  readonly lastSeenMs: number | undefined;
}

/** Every certificate given out, newest last within a name. */
export async function listClients(database: VaultDatabase): Promise<Client[]> {
  const rows = await database
    .selectFrom('clients')
    .selectAll()
    .orderBy('name')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    name: row.name,
    serial: row.serial,
    fingerprint: row.fingerprint,
    state: row.state,
    appendOnly: row.append_only === 1,
    createdMs: row.created_ms,
    notAfterMs: row.not_after_ms,
    lastSeenMs: row.last_seen_ms ?? undefined,
  }));
}

export interface CertificateId {
  readonly serial: string;
  readonly fingerprint: string;
}

/**
 * Ends a machine's access with its next request; its repositories stay.
 * @returns the certificates that were not revoked yet
 * @throws SealiftError `vault/user` if no certificate of that name counts
 */
export async function revokeClient(
  database: VaultDatabase,
  name: string,
): Promise<readonly CertificateId[]> {
  const revoked = await database
    .updateTable('clients')
    .set({ state: 'revoked' })
    .where('name', '=', name)
    .where('state', '!=', 'revoked')
    .returning(['serial', 'fingerprint'])
    .execute();
  // An invitation that is still open would let the machine back in.
  await database.deleteFrom('invites').where('name', '=', name).execute();
  if (revoked.length === 0)
    throw new SealiftError('vault/user', `there is no enrolled client ${name}`, {
      fields: { name },
    });
  return revoked.map(({ serial, fingerprint }) => ({ serial, fingerprint }));
}

/**
 * Records a certificate just issued.
 * @param options.replaceOthers true at enrolment: a name belongs to one machine, the last enrolled.
 *   A renewal keeps the certificate before it, so that a lost answer locks nobody out.
 * @returns the certificate, and those that it replaced
 */
export async function recordClient(
  database: VaultDatabase,
  certificate: string,
  {
    name,
    appendOnly,
    replaceOthers,
    clock = systemClock,
  }: { name: string; appendOnly: boolean; replaceOthers: boolean; clock?: Clock },
): Promise<{ readonly recorded: CertificateId; readonly replaced: readonly CertificateId[] }> {
  const { serial, fingerprint, notAfterMs } = readCertificate(certificate);
  return inTransaction(database, async (transaction) => {
    const replaced = replaceOthers
      ? await transaction
          .updateTable('clients')
          .set({ state: 'replaced' })
          .where('name', '=', name)
          .where('state', '=', 'active')
          .returning(['serial', 'fingerprint'])
          .execute()
      : [];
    await transaction
      .insertInto('clients')
      .values({
        name,
        serial,
        fingerprint,
        state: 'active',
        append_only: appendOnly ? 1 : 0,
        created_ms: clock.now(),
        not_after_ms: notAfterMs,
        last_seen_ms: null,
      })
      .execute();
    return { recorded: { serial, fingerprint }, replaced };
  });
}
