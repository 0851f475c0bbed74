/** Plans that come by a command or by an editor: into the history and the audit log of the console. */

import type { VaultDatabase } from '../database/database.ts';
import { recordRevision, revisionOf } from '../plan-revisions.ts';
import { readPlanText } from '../plan-store.ts';
import { writeAudit } from './audit-log.ts';
import { changeByCommand, systemAccount } from './command-audit.ts';

/** After `policy apply` has written the file. @param applied.before the file until then */
export async function noteAppliedPlan(
  dataDir: string,
  applied: {
    readonly name: string;
    readonly before: string | undefined;
    readonly reason: string;
    readonly nowMs: number;
  },
): Promise<void> {
  const { name, before, reason, nowMs } = applied;
  const yaml = (await readPlanText(dataDir)) ?? '';
  const by = systemAccount() ?? null;
  await changeByCommand(
    dataDir,
    { action: 'policy/apply', target: name, before, after: yaml, reason },
    (database) =>
      recordRevision(database, {
        ...{ revision: revisionOf(yaml), name, yaml, at_ms: nowMs, by, source: 'file', reason },
      }),
  );
}

/** A file that the running vault has taken up and nobody has told of. */
export async function notePlanFile(
  database: VaultDatabase,
  file: { readonly name: string; readonly yaml: string; readonly nowMs: number },
): Promise<void> {
  const { name, yaml, nowMs } = file;
  const isNew = await recordRevision(database, {
    ...{ revision: revisionOf(yaml), name, yaml, at_ms: nowMs },
    ...{ by: null, source: 'file', reason: '' },
  });
  if (!isNew) return;
  await writeAudit(database, {
    ...{ atMs: nowMs, via: 'file', action: 'policy/apply', target: name, after: yaml },
  });
}
