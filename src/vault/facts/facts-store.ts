/** The facts that enrolled machines send, the latest of each. */

import { createHash } from 'node:crypto';
import { isSealiftError } from '../../base/errors.ts';
import type { Facts } from '../../doctor/facts/facts.ts';
import { parseFacts } from '../../doctor/facts/parse-facts.ts';
import type { VaultDatabase } from '../database/database.ts';

export interface StoredFacts {
  /** `2026-11-24`, UTC. */
  readonly day: string;
  readonly sha256: string;
  readonly facts: Facts;
}

export interface ReceivedFacts {
  readonly client: string;
  /** JSON that {@link parseFacts} has accepted. */
  readonly json: string;
  readonly nowMs: number;
}

export async function saveFacts(
  database: VaultDatabase,
  { client, json, nowMs }: ReceivedFacts,
): Promise<void> {
  const row = {
    day: new Date(nowMs).toISOString().slice(0, 10),
    received_ms: nowMs,
    sha256: createHash('sha256').update(json).digest('hex'),
    json,
  };
  await database
    .insertInto('client_facts')
    .values({ client, ...row })
    .onConflict((conflict) => conflict.column('client').doUpdateSet(row))
    .execute();
}

/**
 * The facts, with what the vault's clock said when they came.
 * @returns undefined for a client that sent none, or none that this version reads
 */
export async function readStoredFacts(
  database: VaultDatabase,
  client: string,
): Promise<StoredFacts | undefined> {
  const row = await database
    .selectFrom('client_facts')
    .selectAll()
    .where('client', '=', client)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { day, sha256, json } = row;
  try {
    const facts = parseFacts(json, `facts of ${client}`);
    return { day, sha256, facts: withSkew(facts, row.received_ms) };
  } catch (error) {
    // A newer Sealift wrote them; the ledger is told without.
    if (isSealiftError(error)) return undefined;
    throw error;
  }
}

/** Facts are sent as soon as they are read: the difference is that of the clocks. */
function withSkew(facts: Facts, receivedMs: number): Facts {
  const { collectedAt, clock } = facts;
  if (collectedAt === undefined) return facts;
  const skewMs = Date.parse(collectedAt) - receivedMs;
  return { ...facts, clock: { ...clock, skewMs, server: 'vault' } };
}
