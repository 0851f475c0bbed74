/** Every plan that was in force, as text: what was applied can be put back. */

import { createHash } from 'node:crypto';
import type { PlanRevisionsTable } from './database/console-tables.ts';
import type { VaultDatabase } from './database/database.ts';

export type PlanRevision = {
  [K in keyof PlanRevisionsTable]: K extends 'id' ? number : PlanRevisionsTable[K];
};

/** Names one text of a plan; a draft says which one it was made from. */
export function revisionOf(yaml: string): string {
  return createHash('sha256').update(yaml).digest('hex').slice(0, 32);
}

/** Notes a plan, unless it is the one that was noted last. @returns true if it was another one */
export async function recordRevision(
  database: VaultDatabase,
  revision: Omit<PlanRevisionsTable, 'id'>,
): Promise<boolean> {
  const last = await latestRevision(database);
  if (last?.revision === revision.revision) {
    // The vault may have seen the file before whoever wrote it said so.
    if (last.by === null && revision.by !== null) {
      const { by, source, reason } = revision;
      await database
        .updateTable('plan_revisions')
        .set({ by, source, reason })
        .where('id', '=', last.id)
        .execute();
    }
    return false;
  }
  await database.insertInto('plan_revisions').values(revision).execute();
  return true;
}

export async function latestRevision(database: VaultDatabase): Promise<PlanRevision | undefined> {
  return database
    .selectFrom('plan_revisions')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}
