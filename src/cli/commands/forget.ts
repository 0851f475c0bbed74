/** `sealift forget`: removes snapshots that a retention policy does not keep, or those named. */

import type { Command } from 'commander';
import { SealiftError } from '../../base/errors.ts';
import { nsPerMs, systemClock } from '../../base/time.ts';
import { type ForgetGroup, planForget, removeSnapshots } from '../../engine/forget.ts';
import type { OpenRepository } from '../../engine/open.ts';
import type { PruneLimits } from '../../engine/prune-plan.ts';
import {
  type CalendarSpan,
  parseCalendarSpan,
  type RetentionPolicy,
  unlimited,
} from '../../engine/retention.ts';
import { type FoundSnapshot, findSnapshot, listSnapshots } from '../../engine/snapshots.ts';
import type { Context } from '../context.ts';
import { printForgetGroups, printNamed } from '../forget-report.ts';
import { collect, usageError } from '../global-options.ts';
import { optional, withRepository } from '../open-repository.ts';
import { addPruneOptions, type PruneFlags, pruneLimits } from '../prune-options.ts';
import type { Runner } from '../runner.ts';
import {
  addFilterOptions,
  type FilterFlags,
  filterOf,
  parseGroupBy,
  splitTags,
} from './snapshot-filter.ts';

/** How `forget` goes on once it is known which snapshots go. */
interface ForgetJob {
  readonly dryRun: boolean;
  /** Of the prune that follows, if one does. */
  readonly limits: PruneLimits | undefined;
  readonly signal: AbortSignal;
}

interface ForgetFlags extends FilterFlags, PruneFlags {
  readonly keepLast?: number;
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  readonly keepWithin?: CalendarSpan;
  readonly keepWithinHourly?: CalendarSpan;
  readonly keepWithinDaily?: CalendarSpan;
  readonly keepWithinWeekly?: CalendarSpan;
  readonly keepWithinMonthly?: CalendarSpan;
  readonly keepWithinYearly?: CalendarSpan;
  readonly keepTag?: readonly string[];
  readonly unsafeAllowRemoveAll?: boolean;
  readonly compact?: boolean;
  readonly groupBy: string;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
}

export function addForget(program: Command, run: Runner): void {
  const command = program
    .command('forget')
    .description('remove snapshots that a policy does not keep, or those named')
    .addHelpText('before', 'Example:  sealift forget --keep-daily 7 --keep-weekly 4 --dry-run\n')
    .argument('[snapshot...]', 'remove these, whatever the policy');
  for (const [short, kind] of counted) {
    const flags = `-${short}, --keep-${kind} <n>`;
    command.option(flags, `keep the last n ${kind} snapshots ('unlimited' for all)`, parseCount);
  }
  for (const kind of ['', '-hourly', '-daily', '-weekly', '-monthly', '-yearly']) {
    const what = kind === '' ? 'all' : `one ${kind.slice(1)}`;
    command.option(
      `--keep-within${kind} <span>`,
      `keep ${what} newer than 1y5m7d2h before the newest`,
      parseCalendarSpan,
    );
  }
  command.option('--keep-tag <taglist>', 'keep snapshots with all of these tags', collect);
  addFilterOptions(command, '--host')
    .option('--unsafe-allow-remove-all', 'let a policy remove every snapshot that the filters name')
    .option('-c, --compact', 'one line for each snapshot')
    .option('-g, --group-by <list>', "group by host, paths, tags ('' for no groups)", 'host,paths')
    .option('-n, --dry-run', 'remove nothing, show what would be done')
    .option('--prune', 'then remove data that only the removed snapshots referred to');
  addPruneOptions(command).action(run(forget));
}

const counted = [
  ['l', 'last'],
  ['H', 'hourly'],
  ['d', 'daily'],
  ['w', 'weekly'],
  ['m', 'monthly'],
  ['y', 'yearly'],
] as const;

function parseCount(text: string): number {
  if (text === 'unlimited' || text === '-1') return unlimited;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usageError(`--keep-… takes a number or 'unlimited', not '${text}'`);
}

async function forget(
  context: Context,
  flags: ForgetFlags,
  named: readonly string[],
): Promise<undefined> {
  const dryRun = flags.dryRun === true;
  const groupBy = parseGroupBy(flags.groupBy);
  if (!context.flags.lock && !dryRun) {
    throw usageError('--no-lock goes only with --dry-run: removing needs the lock');
  }
  const limits = flags.prune === true ? pruneLimits(context, flags) : undefined;
  // A dry run may go without a lock, as a check may.
  const lock = dryRun ? 'check' : 'exclusive';
  await withRepository(context, { lock }, async (repository, signal) => {
    const filter = filterOf(flags);
    if (named.length > 0) {
      const found = await findNamed(repository, named, filter, signal);
      await finish(context, repository, found, { dryRun, limits, signal }, () =>
        printNamed(context, found),
      );
      return;
    }
    const groups = planForget(await listSnapshots(repository, filter, { signal }), {
      policy: policyOf(flags),
      groupBy,
      isUnfiltered: [flags.host, flags.tag, flags.path].every((list) => (list ?? []).length === 0),
      allowRemoveAll: flags.unsafeAllowRemoveAll === true,
      nowNs: BigInt(systemClock.now()) * nsPerMs,
    });
    const removed = groups.flatMap((group) => group.remove);
    await finish(context, repository, removed, { dryRun, limits, signal }, () =>
      printForgetGroups(context, groups, flags.compact === true),
    );
    sayNothingToDo(context, groups);
  });
}

async function findNamed(
  repository: OpenRepository,
  named: readonly string[],
  filter: ReturnType<typeof filterOf>,
  signal: AbortSignal,
): Promise<FoundSnapshot[]> {
  // All are found before the first is removed, so that a misspelt name removes nothing.
  const found = new Map<string, FoundSnapshot>();
  for (const name of named) {
    const { id, snapshot } = await findSnapshot(repository, name, filter, { signal });
    found.set(id, { id, snapshot });
  }
  return [...found.values()];
}

/**
 * Shows the plan and carries it out. With --json the one document comes when the removal is over, so
 * that it does not tell of what did not happen.
 */
async function finish(
  context: Context,
  repository: OpenRepository,
  snapshots: readonly FoundSnapshot[],
  job: ForgetJob,
  print: () => void,
): Promise<void> {
  const { out, say } = context;
  const { dryRun, limits, signal } = job;
  if (!out.modes.json) print();
  if (dryRun) {
    if (out.modes.json) print();
    else if (snapshots.length > 0) out.info(say('forget.wouldRemove', { count: snapshots.length }));
    if (snapshots.length > 0) await pruneAfter(context, repository, snapshots, job);
    return;
  }
  const { removed, failed } = await removeSnapshots(repository, snapshots, signal);
  if (out.modes.json) print();
  if (removed.length > 0) {
    out.info(say('forget.removed', { count: removed.length }));
    if (limits === undefined) out.info(say('forget.next'));
  }
  for (const { snapshot, error } of failed) {
    const id = snapshot.id.slice(0, 8);
    out.warn(say('forget.failed', { id, message: context.explain(error) }));
  }
  if (failed.length > 0) {
    throw new SealiftError(
      'forget/incomplete',
      `${failed.length} snapshots could not be removed; ${removed.length} were`,
      { fields: { count: failed.length, removed: removed.length } },
    );
  }
  if (removed.length > 0) await pruneAfter(context, repository, [], job);
}

/**
 * As restic's, its JSON stays the one document of `forget`.
 * @param forgotten snapshots that are still there, in a dry run
 */
async function pruneAfter(
  context: Context,
  repository: OpenRepository,
  forgotten: readonly FoundSnapshot[],
  { dryRun, limits, signal }: ForgetJob,
): Promise<void> {
  if (limits === undefined) return;
  const { runPrune } = await import('../run-prune.ts');
  const withoutSnapshots = new Set<string>(forgotten.map(({ id }) => id));
  await runPrune(context, repository, { limits, dryRun, withoutSnapshots, signal });
}

function sayNothingToDo({ out, say }: Context, groups: readonly ForgetGroup[]): void {
  if (groups.some((group) => group.remove.length > 0)) return;
  const count = groups.reduce((sum, group) => sum + group.keep.length, 0);
  out.info(say('forget.nothing', { count }));
}

function policyOf(flags: ForgetFlags): RetentionPolicy {
  return {
    counts: {
      ...optional('last', flags.keepLast),
      ...optional('hourly', flags.keepHourly),
      ...optional('daily', flags.keepDaily),
      ...optional('weekly', flags.keepWeekly),
      ...optional('monthly', flags.keepMonthly),
      ...optional('yearly', flags.keepYearly),
    },
    ...optional('within', flags.keepWithin),
    withinEach: {
      ...optional('hourly', flags.keepWithinHourly),
      ...optional('daily', flags.keepWithinDaily),
      ...optional('weekly', flags.keepWithinWeekly),
      ...optional('monthly', flags.keepWithinMonthly),
      ...optional('yearly', flags.keepWithinYearly),
    },
    tags: (flags.keepTag ?? []).map(splitTags),
  };
}
