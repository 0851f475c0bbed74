/** Restore drills say what was tried and how much came back. Nothing recorded any before. */

import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('drills').dropColumn('detail').execute();
  await db.schema
    .alterTable('drills')
    .addColumn('kind', 'text', (column) => column.notNull().defaultTo('restore'))
    .execute();
  for (const name of ['files', 'bytes', 'errors'] as const) {
    await db.schema
      .alterTable('drills')
      .addColumn(name, 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
  }
  await db.schema.alterTable('drills').addColumn('code', 'text').execute();
}
