/** What the ledger puts on disk and reads back at its start; in SQL, one transaction for each batch. */

import { sql } from 'kysely';
import type { VaultDatabase } from '../database/database.ts';
import type { LedgerTable, SightingsTable } from '../database/ledger-tables.ts';
import type { PruneOptions } from './prune.ts';
import { type LedgerRow, mergeRows, type RowKey, type StoredOffer } from './row.ts';

export interface LedgerBatch {
  readonly rows: readonly LedgerRow[];
  readonly offers: readonly StoredOffer[];
  readonly sightings: readonly SightingsTable[];
}

export interface LedgerState {
  readonly keys: readonly RowKey[];
  readonly sightings: readonly SightingsTable[];
}

/** Where the ledger writes: a thread with its own connection, so that no disk makes a client wait. */
export interface LedgerStore {
  /** @param sinceDay rows from this day on are told, so that the day's limits go on counting */
  load(sinceDay: string): Promise<LedgerState>;
  /** All of the batch or nothing. */
  write(batch: LedgerBatch): Promise<void>;
  prune(options: PruneOptions): Promise<void>;
  close(): Promise<void>;
}

const maxLoadedSightings = 50_000;

export async function loadState(database: VaultDatabase, sinceDay: string): Promise<LedgerState> {
  const keys = await database
    .selectFrom('ledger')
    .select(['day', 'listener', 'client_kind', 'client', 'fingerprint'])
    .where('day', '>=', sinceDay)
    .execute();
  const latest = await database
    .selectFrom('sightings')
    .selectAll()
    .orderBy('last_seen_ms', 'desc')
    .limit(maxLoadedSightings)
    .execute();
  return { keys, sightings: latest.reverse() };
}

export async function writeBatch(database: VaultDatabase, batch: LedgerBatch): Promise<void> {
  await database.connection().execute(async (connection) => {
    // `immediate` waits for its turn; a read that turns into a write later would fail instead.
    await sql`begin immediate`.execute(connection);
    try {
      for (const { sha256, json } of batch.offers) {
        await connection
          .insertInto('offers')
          .values({ sha256, json })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
      for (const row of batch.rows) await writeRow(connection, row);
      for (const sighting of batch.sightings) await writeSighting(connection, sighting);
      await sql`commit`.execute(connection);
    } catch (error) {
      // SQLite has rolled back by itself after some errors (a full disk); this one then says so.
      await sql`rollback`.execute(connection).catch(() => undefined);
      throw error;
    }
  });
}

async function writeRow(database: VaultDatabase, row: LedgerRow): Promise<void> {
  const before = await database
    .selectFrom('ledger')
    .selectAll()
    .where('day', '=', row.day)
    .where('listener', '=', row.listener)
    .where('client_kind', '=', row.client_kind)
    .where('client', '=', row.client)
    .where('fingerprint', '=', row.fingerprint)
    .executeTakeFirst();
  const merged = before === undefined ? row : mergeRows(rowFromTable(before), row);
  await database.replaceInto('ledger').values(rowToTable(merged)).execute();
}

async function writeSighting(database: VaultDatabase, sighting: SightingsTable): Promise<void> {
  await database
    .insertInto('sightings')
    .values(sighting)
    .onConflict((conflict) =>
      conflict
        .columns(['address', 'fingerprint', 'client_kind', 'client'])
        .doUpdateSet({ last_seen_ms: sql`max(last_seen_ms, excluded.last_seen_ms)` }),
    )
    .execute();
}

export function rowFromTable(row: LedgerTable): LedgerRow {
  return {
    ...row,
    reasons: countsFromJson(row.reasons),
    agreements: countsFromJson(row.agreements),
  };
}

function rowToTable(row: LedgerRow): LedgerTable {
  return { ...row, reasons: countsToJson(row.reasons), agreements: countsToJson(row.agreements) };
}

function countsToJson(counts: ReadonlyMap<string, number>): string {
  return JSON.stringify(Object.fromEntries(counts));
}

/** What this program wrote itself; a value that is no count reads as none. */
function countsFromJson(json: string): Map<string, number> {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value).filter((entry): entry is [string, number] => Number.isInteger(entry[1])),
  );
}
