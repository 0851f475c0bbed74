/** Changes by commands on the vault's machine, in the same audit log as those of the console. */

import { userInfo } from 'node:os';
import { type VaultDatabase, withVaultDatabase } from '../database/database.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { type AuditRecord, writeAudit } from './audit-log.ts';

export type CommandChange = Pick<AuditRecord, 'action' | 'target' | 'before' | 'after' | 'reason'>;

/** Notes a change as made by the system's account that runs the command. */
export async function auditCommand(database: VaultDatabase, change: CommandChange): Promise<void> {
  await writeAudit(database, {
    ...change,
    ...{ atMs: Date.now(), by: systemAccount(), via: 'command' },
  });
}

/** Makes a change and notes it: both or neither. */
export function changeByCommand<T>(
  dataDir: string,
  change: CommandChange | ((result: T) => CommandChange),
  job: (database: VaultDatabase) => Promise<T>,
): Promise<T> {
  return withVaultDatabase(dataDir, (database) =>
    inTransaction(database, async (transaction) => {
      const result = await job(transaction);
      await auditCommand(transaction, typeof change === 'function' ? change(result) : change);
      return result;
    }),
  );
}

/** A container may run an account that has no name. */
export function systemAccount(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return process.getuid === undefined ? undefined : `uid ${process.getuid()}`;
  }
}
