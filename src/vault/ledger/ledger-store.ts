/** What the ledger puts on disk and reads back at its start; in SQL, one transaction for each batch. */

import { sql } from 'kysely';
import type { VaultDatabase } from '../database/database.ts';
import type { LedgerTable, SightingsTable } from '../database/ledger-tables.ts';
import type { PruneOptions } from './prune.ts';
import {
  type GrowingRow,
  growing,
  type LedgerRow,
  mergeInto,
  type RowKey,
  type StoredOffer,
} from './row.ts';

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
  const sum = before === undefined ? growing(row) : rowFromTable(before);
  if (before !== undefined) mergeInto(sum, row);
  await database.replaceInto('ledger').values(rowToTable(sum)).execute();
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

/** Field by field: copying what SQLite hands over with `...` takes ten times as long. */
export function rowFromTable(row: LedgerTable): GrowingRow {
  return {
    day: row.day,
    listener: row.listener,
    client_kind: row.client_kind,
    client: row.client,
    fingerprint: row.fingerprint,
    address: row.address,
    first_seen_ms: row.first_seen_ms,
    last_seen_ms: row.last_seen_ms,
    accepted: row.accepted,
    warned: row.warned,
    brownout: row.brownout,
    refused: row.refused,
    failed: row.failed,
    empty: row.empty,
    not_tls: row.not_tls,
    transfers: row.transfers,
    bytes_in: row.bytes_in,
    bytes_out: row.bytes_out,
    backups: row.backups,
    reasons: countsFromJson(row.reasons),
    agreements: countsFromJson(row.agreements),
    best_offered: row.best_offered,
    best_negotiated: row.best_negotiated,
    last_version: row.last_version,
    cipher_suite: row.cipher_suite,
    key_group: row.key_group,
    signature_scheme: row.signature_scheme,
    server_name: row.server_name,
    alpn: row.alpn,
    offer: row.offer,
    offer_rank: row.offer_rank,
    last_backup_ms: row.last_backup_ms,
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
  if (json === '{}') return new Map();
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value).filter((entry): entry is [string, number] => Number.isInteger(entry[1])),
  );
}
