/** The ledger's retention: what is older than it is kept for goes, with the offers nobody refers to. */

import { sql } from 'kysely';
import type { VaultDatabase } from '../database/database.ts';
import { dayOf } from './row.ts';

export interface PruneOptions {
  /** Days, today included, that stay. */
  readonly keepDays: number;
  readonly nowMs: number;
}

export interface Pruned {
  readonly rows: number;
  readonly offers: number;
  readonly sightings: number;
}

const dayMs = 86_400_000;
/** Rows in one statement, so that no other writer waits long. */
const step = 2000;

export async function prune(
  database: VaultDatabase,
  { keepDays, nowMs }: PruneOptions,
): Promise<Pruned> {
  const firstMs = nowMs - (keepDays - 1) * dayMs;
  const firstDay = dayOf(firstMs);
  const rows = await inSteps(
    database,
    sql`delete from ledger where rowid in (select rowid from ledger where day < ${firstDay} limit ${step})`,
  );
  const sightings = await inSteps(
    database,
    sql`delete from sightings where rowid in (select rowid from sightings where last_seen_ms < ${Date.parse(firstDay)} limit ${step})`,
  );
  // A row and its offer are written in one transaction, so an offer without a row is left over.
  const offers = await inSteps(
    database,
    sql`delete from offers where rowid in (select offers.rowid from offers where not exists (select 1 from ledger where ledger.offer = offers.sha256) limit ${step})`,
  );
  return { rows, offers, sightings };
}

async function inSteps(
  database: VaultDatabase,
  statement: ReturnType<typeof sql>,
): Promise<number> {
  let total = 0;
  for (;;) {
    const { numAffectedRows = 0n } = await statement.execute(database);
    total += Number(numAffectedRows);
    if (numAffectedRows < step) return total;
  }
}
