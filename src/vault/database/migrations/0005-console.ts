/**
 * What the console and its API keep: users, sessions, tokens, the audit log, tags, notes, and what the
 * vault measures for it: backups that arrived, storage by day, scrubs, plans that were in force.
 */

import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createAccounts(db);
  await createAudit(db);
  await createClientData(db);
  await createMeasurements(db);
}

async function createAccounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('console_users')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('certificate_client', 'text', (column) => column.unique())
    .addColumn('must_change', 'integer', (column) => column.notNull())
    .addColumn('created_ms', 'integer', (column) => column.notNull())
    .addColumn('last_sign_in_ms', 'integer')
    .execute();
  await db.schema
    .createTable('console_sessions')
    .addColumn('secret_hash', 'text', (column) => column.primaryKey())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('method', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'integer', (column) => column.notNull())
    .addColumn('seen_ms', 'integer', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('console_sessions_user')
    .on('console_sessions')
    .column('user')
    .execute();
  await db.schema
    .createTable('api_tokens')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'integer', (column) => column.notNull())
    .addColumn('expires_ms', 'integer', (column) => column.notNull())
    .addColumn('last_used_ms', 'integer')
    .execute();
}

async function createAudit(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('at_ms', 'integer', (column) => column.notNull())
    .addColumn('by', 'text')
    .addColumn('role', 'text')
    .addColumn('via', 'text', (column) => column.notNull())
    .addColumn('address', 'text')
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('before', 'text', (column) => column.notNull())
    .addColumn('after', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .execute();
  // The database itself holds that the log only grows, whatever code comes later.
  for (const change of ['update', 'delete']) {
    await sql
      .raw(
        `create trigger audit_no_${change} before ${change} on audit
         begin select raise(abort, 'the audit log only grows'); end`,
      )
      .execute(db);
  }
}

async function createClientData(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('client_tags')
    .addColumn('client', 'text', (column) => column.notNull())
    .addColumn('tag', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('client_tags_key', ['client', 'tag'])
    .execute();
  await db.schema
    .createTable('client_notes')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('client', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('by', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'integer', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('client_notes_client').on('client_notes').column('client').execute();
  await db.schema
    .createTable('backups')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('client_kind', 'text', (column) => column.notNull())
    .addColumn('client', 'text', (column) => column.notNull())
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('snapshot', 'text', (column) => column.notNull())
    .addColumn('started_ms', 'integer')
    .addColumn('arrived_ms', 'integer', (column) => column.notNull())
    .addColumn('added_bytes', 'integer')
    .addColumn('added_files', 'integer')
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('version', 'integer')
    .addColumn('cipher_suite', 'integer')
    .addColumn('key_group', 'integer')
    .execute();
  await db.schema
    .createIndex('backups_client')
    .on('backups')
    .columns(['client_kind', 'client', 'id'])
    .execute();
  await db.schema.createIndex('backups_arrived').on('backups').column('arrived_ms').execute();
  await db.schema
    .createTable('drills')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('client', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'integer', (column) => column.notNull())
    .addColumn('ok', 'integer', (column) => column.notNull())
    .addColumn('snapshot', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('drills_client').on('drills').columns(['client', 'id']).execute();
}

async function createMeasurements(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('storage_days')
    .addColumn('day', 'text', (column) => column.notNull())
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('bytes', 'integer', (column) => column.notNull())
    .addColumn('files', 'integer', (column) => column.notNull())
    .addColumn('measured_ms', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('storage_days_key', ['day', 'repository'])
    .execute();
  await db.schema
    .createTable('quotas')
    .addColumn('owner', 'text', (column) => column.primaryKey())
    .addColumn('bytes', 'integer', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('scrubs')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('started_ms', 'integer', (column) => column.notNull())
    .addColumn('ended_ms', 'integer')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('by', 'text')
    .addColumn('repositories', 'integer', (column) => column.notNull())
    .addColumn('files', 'integer', (column) => column.notNull())
    .addColumn('bytes', 'integer', (column) => column.notNull())
    .addColumn('damaged_count', 'integer', (column) => column.notNull())
    .addColumn('damaged', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('plan_revisions')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('revision', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('yaml', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'integer', (column) => column.notNull())
    .addColumn('by', 'text')
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .execute();
}
