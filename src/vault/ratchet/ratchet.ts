/**
 * The ratchet: the highest TLS version that each client has proved with its certificate or login. Who
 * has proved TLS 1.3 and comes back with less is refused, because somebody in between may be holding
 * the better version back. docs/decisions says why it is kept for each identity, and for no address.
 */

import { SealiftError } from '../../base/errors.ts';
import type { Clock } from '../../base/time.ts';
import type { ClientIdentity } from '../../door/connection.ts';
import { tls13, versionName } from '../../tls/versions.ts';
import type { VaultDatabase } from '../database/database.ts';
import { inTransaction } from '../database/in-transaction.ts';

export interface RatchetEntry {
  readonly kind: ClientIdentity['kind'];
  readonly client: string;
  readonly version: number;
  readonly provedMs: number;
  readonly address: string;
}

export interface RatchetRelease {
  readonly kind: ClientIdentity['kind'];
  readonly client: string;
  readonly version: number;
  readonly provedMs: number;
  readonly releasedMs: number;
  readonly reason: string;
}

/** What a connection shows of itself. */
export interface Shown {
  readonly address: string;
  /** What was negotiated. */
  readonly version: number;
  /** The best that the hello offered. */
  readonly offered: number;
}

export type RatchetVerdict =
  | { readonly kind: 'holds' }
  | { readonly kind: 'downgrade'; readonly proved: number; readonly provedMs: number };

/**
 * Compares a connection with what its client has proved before, and keeps what it proves. A client
 * that offers TLS 1.3 and gets less, because the vault's policy has no more, is not downgraded.
 */
export async function turnRatchet(
  database: VaultDatabase,
  client: ClientIdentity,
  { shown, clock }: { shown: Shown; clock: Clock },
): Promise<RatchetVerdict> {
  const known = await database
    .selectFrom('ratchet')
    .select(['version', 'proved_ms'])
    .where('client_kind', '=', client.kind)
    .where('client', '=', client.name)
    .executeTakeFirst();
  if (
    known !== undefined &&
    known.version >= tls13 &&
    Math.max(shown.version, shown.offered) < tls13
  )
    return { kind: 'downgrade', proved: known.version, provedMs: known.proved_ms };
  if (shown.version <= (known?.version ?? 0)) return { kind: 'holds' };
  const { version, address } = shown;
  const row = { version, proved_ms: clock.now(), address };
  await database
    .insertInto('ratchet')
    .values({ client_kind: client.kind, client: client.name, ...row })
    .onConflict((conflict) => conflict.columns(['client_kind', 'client']).doUpdateSet(row))
    .execute();
  return { kind: 'holds' };
}

/** The sentence that a refused client reads. */
export function downgradeText(name: string, proved: number, version: number): string {
  return (
    `${name} has proved ${versionName(proved)} before and now comes with ${versionName(version)}: ` +
    'the connection is refused, because somebody in between may hold the better version back. ' +
    "If the machine was set back on purpose, the vault's operator can release it: " +
    `sealift vault ratchet release ${name} --reason TEXT`
  );
}

export async function listRatchet(database: VaultDatabase): Promise<RatchetEntry[]> {
  const rows = await database
    .selectFrom('ratchet')
    .selectAll()
    .orderBy('client')
    .orderBy('client_kind')
    .execute();
  return rows.map((row) => ({
    kind: row.client_kind,
    client: row.client,
    version: row.version,
    provedMs: row.proved_ms,
    address: row.address,
  }));
}

/** What the audit log says of it. */
export function ratchetDocument({ kind, version, provedMs, address }: RatchetEntry): object {
  const provedAt = new Date(provedMs).toISOString();
  return { kind, version: versionName(version), provedAt, address };
}

/** The latest first. */
export async function listReleases(database: VaultDatabase): Promise<RatchetRelease[]> {
  const rows = await database
    .selectFrom('ratchet_releases')
    .selectAll()
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => ({
    kind: row.client_kind,
    client: row.client,
    version: row.version,
    provedMs: row.proved_ms,
    releasedMs: row.released_ms,
    reason: row.reason,
  }));
}

/**
 * Forgets what a client has proved, and keeps that and why it was forgotten. When the client proves
 * TLS 1.3 again, the ratchet holds again.
 * @param more.kind only the certificate's or the login's entry; both when left out
 * @returns what was forgotten
 * @throws SealiftError `vault/ratchet` if there is none
 */
export async function releaseRatchet(
  database: VaultDatabase,
  client: string,
  more: { reason: string; clock: Clock; kind?: ClientIdentity['kind'] | undefined },
): Promise<readonly RatchetEntry[]> {
  const released = (await listRatchet(database)).filter(
    (entry) => entry.client === client && (more.kind ?? entry.kind) === entry.kind,
  );
  if (released.length === 0)
    throw new SealiftError('vault/ratchet', `the ratchet has nothing on ${client}`, {
      fields: { name: client },
      hint: 'sealift vault ratchet list shows what each client has proved.',
    });
  await inTransaction(database, async (transaction) => {
    for (const { kind, version, provedMs } of released) {
      await transaction
        .deleteFrom('ratchet')
        .where('client_kind', '=', kind)
        .where('client', '=', client)
        .execute();
      await transaction
        .insertInto('ratchet_releases')
        .values({
          client_kind: kind,
          client,
          version,
          proved_ms: provedMs,
          released_ms: more.clock.now(),
          reason: more.reason,
        })
        .execute();
    }
  });
  return released;
}
