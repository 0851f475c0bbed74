/**
 * A restore, or a check of all data, of a repository on an enrolled vault is a drill: the vault is told
 * how it went, and never what was in it.
 */

import { isSealiftError } from '../base/errors.ts';
import { parseLocation } from '../storage/location.ts';
import type { DrillReport } from '../vault/drills/drill-store.ts';
import { configFolder } from './config-folder.ts';
import type { Context } from './context.ts';
import { readLocation } from './open-repository.ts';

export type DrillCounts = Pick<DrillReport, 'files' | 'bytes' | 'errors'>;

/** Failures that say nothing about the backup: the user's, the target's, the connection's. */
const elsewhere =
  /^(?:usage\/|tls\/|backend\/(?:unreachable|unauthorized|forbidden)|restore\/target|snapshot\/path-not-found)/;

/**
 * @param job gives what it did, or throws
 * @param countsSoFar of a job that threw
 */
export async function asDrill<T>(
  context: Context,
  { kind, snapshot }: Pick<DrillReport, 'kind' | 'snapshot'>,
  { job, counts }: { job: () => Promise<T>; counts: (result: T | undefined) => DrillCounts },
): Promise<T> {
  const tell = (done: DrillCounts, code: string | null): Promise<void> =>
    tellVault(context, { kind, snapshot, ok: code === null && done.errors === 0, ...done, code });
  let result: T;
  try {
    result = await job();
  } catch (error) {
    if (isSealiftError(error) && !context.signal.aborted && !elsewhere.test(error.code)) {
      const done = counts(undefined);
      await tell({ ...done, errors: Math.max(1, done.errors) }, error.code);
    }
    throw error;
  }
  const done = counts(result);
  await tell(done, done.errors > 0 ? 'check/damaged' : null);
  return result;
}

async function tellVault(context: Context, report: DrillReport): Promise<void> {
  const location = parseLocation(await readLocation(context));
  if (location.kind !== 'sealift') return;
  const { reportDrill } = await import('../agent/report-drill.ts');
  const configDir = configFolder(context.env);
  const problem = await reportDrill({ vault: location.name, configDir }, report);
  if (problem !== undefined) context.out.warn(context.say('drill.notTold', { message: problem }));
}
