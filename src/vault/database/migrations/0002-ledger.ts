/** The ledger: what each client offered and got, by day; the offers themselves; who was where. */

import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('offers')
    .addColumn('sha256', 'text', (column) => column.primaryKey())
    .addColumn('json', 'text', (column) => column.notNull())
    .execute();
  await createLedger(db);
  await db.schema
    .createTable('sightings')
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('client_kind', 'text', (column) => column.notNull())
    .addColumn('client', 'text', (column) => column.notNull())
    .addColumn('last_seen_ms', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('sightings_key', ['address', 'fingerprint', 'client_kind', 'client'])
    .execute();
}

async function createLedger(db: Kysely<unknown>): Promise<void> {
  const counts = [
    'accepted',
    'warned',
    'brownout',
    'refused',
    'failed',
    'empty',
    'not_tls',
    'transfers',
    'bytes_in',
    'bytes_out',
    'backups',
  ];
  let table = db.schema
    .createTable('ledger')
    .addColumn('day', 'text', (column) => column.notNull())
    .addColumn('listener', 'text', (column) => column.notNull())
    .addColumn('client_kind', 'text', (column) => column.notNull())
    .addColumn('client', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('first_seen_ms', 'integer', (column) => column.notNull())
    .addColumn('last_seen_ms', 'integer', (column) => column.notNull());
  for (const name of counts) {
    table = table.addColumn(name, 'integer', (column) => column.notNull());
  }
  await table
    .addColumn('reasons', 'text', (column) => column.notNull())
    .addColumn('agreements', 'text', (column) => column.notNull())
    .addColumn('best_offered', 'integer')
    .addColumn('best_negotiated', 'integer')
    .addColumn('last_version', 'integer')
    .addColumn('cipher_suite', 'integer')
    .addColumn('key_group', 'integer')
    .addColumn('signature_scheme', 'integer')
    .addColumn('server_name', 'text')
    .addColumn('alpn', 'text')
    .addColumn('offer', 'text')
    .addColumn('offer_rank', 'integer')
    .addColumn('last_backup_ms', 'integer')
    .addPrimaryKeyConstraint('ledger_key', [
      'day',
      'listener',
      'client_kind',
      'client',
      'fingerprint',
    ])
    .execute();
  await db.schema.createIndex('ledger_client').on('ledger').column('client').execute();
  await db.schema.createIndex('ledger_offer').on('ledger').column('offer').execute();
}
