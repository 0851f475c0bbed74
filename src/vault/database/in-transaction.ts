/** One transaction for what belongs together, whoever began it. */

import type { VaultDatabase } from './database.ts';

/** @param job works with what it is given only: another query of the same connection would wait for it */
export function inTransaction<T>(
  database: VaultDatabase,
  job: (transaction: VaultDatabase) => Promise<T>,
): Promise<T> {
  return database.isTransaction ? job(database) : database.transaction().execute(job);
}
