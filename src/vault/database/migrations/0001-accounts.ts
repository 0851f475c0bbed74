/** The first schema: users, clients' certificates, invitations, owners of locks. */

import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('append_only', 'integer', (column) => column.notNull())
    .addColumn('created_ms', 'integer', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('clients')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('serial', 'text', (column) => column.notNull().unique())
    .addColumn('fingerprint', 'text', (column) => column.notNull().unique())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('append_only', 'integer', (column) => column.notNull())
    .addColumn('created_ms', 'integer', (column) => column.notNull())
    .addColumn('not_after_ms', 'integer', (column) => column.notNull())
    .addColumn('last_seen_ms', 'integer')
    .execute();
  await db.schema.createIndex('clients_name').on('clients').column('name').execute();
  await db.schema
    .createTable('invites')
    .addColumn('secret_hash', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('append_only', 'integer', (column) => column.notNull())
    .addColumn('created_ms', 'integer', (column) => column.notNull())
    .addColumn('expires_ms', 'integer', (column) => column.notNull())
    .addColumn('used_ms', 'integer')
    .execute();
  await db.schema
    .createTable('lock_owners')
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('lock', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('lock_owners_key', ['repository', 'lock'])
    .execute();
}
