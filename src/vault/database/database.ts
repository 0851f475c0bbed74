/**
 * The vault's database: one SQLite file, opened by Node itself, with Kysely for its queries. The
 * running vault and the command line use it side by side (write-ahead log), so that a user added or
 * revoked by a command counts at the vault's next request.
 */

import { chmodSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import {
  type Generated,
  Kysely,
  type Migration,
  Migrator,
  type SqliteDatabase,
  SqliteDialect,
} from 'kysely';
import { messageOf, SealiftError } from '../../base/errors.ts';
import { privateFileMode, privateFolderMode, vaultPaths } from '../data-folder.ts';
import type { ConsoleTables } from './console-tables.ts';
import type { ClientFactsTable } from './facts-table.ts';
import type { LedgerTable, OffersTable, SightingsTable } from './ledger-tables.ts';
import * as first from './migrations/0001-accounts.ts';
import * as second from './migrations/0002-ledger.ts';
import * as third from './migrations/0003-ratchet-and-notices.ts';
import * as fourth from './migrations/0004-facts.ts';
import * as fifth from './migrations/0005-console.ts';
import * as sixth from './migrations/0006-drills.ts';
import type {
  NoticeDeliveriesTable,
  NoticesTable,
  RatchetReleasesTable,
  RatchetTable,
} from './notice-tables.ts';

export interface UsersTable {
  readonly name: string;
  readonly password_hash: string;
  /** 1: may add but not delete. */
  readonly append_only: number;
  /** 1: used by several machines, so that it has no ratchet. */
  readonly shared: Generated<number>;
  readonly created_ms: number;
}

/** One row for each certificate that the vault gave to a client. */
export interface ClientsTable {
  readonly id: Generated<number>;
  readonly name: string;
  readonly serial: string;
  /** SHA-256 of the certificate's DER, lower-case hex. */
  readonly fingerprint: string;
  readonly state: 'active' | 'replaced' | 'revoked';
  readonly append_only: number;
  readonly created_ms: number;
  readonly not_after_ms: number;
  readonly last_seen_ms: number | null;
}

export interface InvitesTable {
  /** SHA-256 of the secret; the secret itself is nowhere in the vault. */
  readonly secret_hash: string;
  readonly name: string;
  readonly append_only: number;
  readonly created_ms: number;
  readonly expires_ms: number;
  readonly used_ms: number | null;
}

/** Who made which lock, so that an append-only client can delete its own. */
export interface LockOwnersTable {
  readonly repository: string;
  readonly lock: string;
  readonly owner: string;
  readonly created_ms: number;
}

export interface VaultTables extends ConsoleTables {
  readonly users: UsersTable;
  readonly clients: ClientsTable;
  readonly invites: InvitesTable;
  readonly lock_owners: LockOwnersTable;
  readonly ledger: LedgerTable;
  readonly offers: OffersTable;
  readonly sightings: SightingsTable;
  readonly ratchet: RatchetTable;
  readonly ratchet_releases: RatchetReleasesTable;
  readonly notices: NoticesTable;
  readonly notice_deliveries: NoticeDeliveriesTable;
  readonly client_facts: ClientFactsTable;
}

export type VaultDatabase = Kysely<VaultTables>;

const migrations: Record<string, Migration> = {
  '0001-accounts': first,
  '0002-ledger': second,
  '0003-ratchet-and-notices': third,
  '0004-facts': fourth,
  '0005-console': fifth,
  '0006-drills': sixth,
};

/** Opens, and on first use makes, the database of a data folder. The caller destroys it. */
export async function openVaultDatabase(dataDir: string): Promise<VaultDatabase> {
  const file = vaultPaths(dataDir).database;
  await mkdir(dirname(file), { recursive: true, mode: privateFolderMode });
  return openDatabaseFile(file);
}

/** @param file a path, or `:memory:` for a test */
export async function openDatabaseFile(file: string): Promise<VaultDatabase> {
  let database: VaultDatabase | undefined;
  try {
    database = new Kysely<VaultTables>({
      dialect: new SqliteDialect({ database: nodeSqlite(file) }),
    });
    const migrator = new Migrator({
      db: database,
      provider: { getMigrations: async () => migrations },
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    return database;
  } catch (error) {
    await database?.destroy();
    throw new SealiftError('vault/data-folder', `cannot open ${file}: ${messageOf(error)}`, {
      cause: error,
      fields: { path: file },
      hint: 'Check that the folder is a vault of this version and belongs to this account.',
    });
  }
}

/** Opens the database for one job and closes it, for commands beside a running vault. */
export async function withVaultDatabase<T>(
  dataDir: string,
  job: (database: VaultDatabase) => Promise<T>,
): Promise<T> {
  const database = await openVaultDatabase(dataDir);
  try {
    return await job(database);
  } finally {
    await database.destroy();
  }
}

/** Node's own SQLite in the shape that Kysely's dialect asks for (that of better-sqlite3). */
function nodeSqlite(file: string): SqliteDatabase {
  const database = new DatabaseSync(file);
  // It holds password hashes; SQLite gives its side files the same mode.
  if (file !== ':memory:') chmodSync(file, privateFileMode);
  // Another process may hold the write lock for a moment; an acknowledged change must survive a power cut.
  database.exec('pragma busy_timeout = 5000');
  database.exec('pragma journal_mode = wal');
  database.exec('pragma synchronous = full');
  database.exec('pragma foreign_keys = on');
  return {
    close: () => database.close(),
    prepare(sql) {
      // Every transaction of ours writes. One that reads first and then finds that another connection has
      // written fails at once, whatever the timeout; one that takes the lock at its beginning waits for it.
      const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql);
      // Kysely compiles to values that SQLite takes; its type says unknown.
      const values = (parameters: readonly unknown[]): SQLInputValue[] =>
        parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      };
    },
  };
}
