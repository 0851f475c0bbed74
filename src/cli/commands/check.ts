/** `sealift check`: is everything there that the snapshots need, and is it whole? */

import type { Command } from 'commander';
import { SealiftError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { formatSize } from '../../base/units.ts';
import { type CheckOptions, type CheckReport, check, type Finding } from '../../engine/check.ts';
import type { Context } from '../context.ts';
import { asDrill, type DrillCounts } from '../drill.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { usageError } from '../global-options.ts';
import { optional, withRepository } from '../open-repository.ts';
import { Throttle } from '../progress.ts';
import type { Runner } from '../runner.ts';

interface CheckFlags {
  readonly readData?: boolean;
  readonly readDataSubset?: string;
}

export function addCheck(program: Command, run: Runner): void {
  program
    .command('check')
    .description('check the repository for damage')
    .option('--read-data', 'read and verify all data')
    .option('--read-data-subset <subset>', 'read a part of it: n/t, 5% or a size such as 10G')
    .action(run(runCheck));
}

async function runCheck(context: Context, flags: CheckFlags): Promise<ExitCode> {
  const { out, say } = context;
  if (flags.readData === true && flags.readDataSubset !== undefined) {
    throw usageError('--read-data and --read-data-subset exclude each other');
  }
  const readsData = flags.readData === true || flags.readDataSubset !== undefined;
  out.info(say(readsData ? 'check.runningData' : 'check.running'));
  const report = await withRepository(context, { lock: 'check' }, (repository, signal) => {
    const job = (): Promise<CheckReport> => check(repository, checkOptions(context, flags), signal);
    // A part that was read proves nothing of the rest.
    if (flags.readData !== true) return job();
    return asDrill(context, { kind: 'check', snapshot: null }, { job, counts: drillCounts });
  });
  out.status([]);
  if (out.modes.json) out.json(summaryJson(report));
  if (report.errorCount === 0) {
    out.info(say('check.noErrors'));
    return exitCodes.done;
  }
  throw new SealiftError('check/damaged', `the repository contains ${report.errorCount} errors`, {
    fields: { count: report.errorCount },
  });
}

function drillCounts(report: CheckReport | undefined): DrillCounts {
  return { files: 0, bytes: report?.bytesRead ?? 0, errors: report?.errorCount ?? 0 };
}

function checkOptions(context: Context, flags: CheckFlags): CheckOptions {
  const { out, say } = context;
  const throttle = new Throttle(100);
  return {
    readData: flags.readData === true,
    ...optional('readDataSubset', flags.readDataSubset),
    onFinding: (finding) => printFinding(context, finding),
    onProgress: ({ packsDone, packsTotal, bytesDone, bytesTotal }) => {
      if (!throttle.due()) return;
      const size = `${formatSize(bytesDone)} / ${formatSize(bytesTotal)}`;
      const values = { done: packsDone, total: packsTotal, size };
      out.status([say('check.reading', values)]);
    },
  };
}

/** One finding and what to do about it; what a scheduler must see goes to standard error. */
function printFinding({ out, say }: Context, finding: Finding): void {
  const { severity, message, advice, kind, what, id, path } = finding;
  if (out.modes.json) {
    out.jsonError({
      message_type: severity === 'error' ? 'error' : 'warning',
      message,
      kind,
      what,
      id,
      ...(path === undefined ? {} : { path: path.toWellFormed() }),
      hint: advice,
    });
    return;
  }
  const prefix = severity === 'error' ? say('error.error') : say('warning.prefix');
  out.note(`${prefix}: ${printable(message)}`);
  out.note(`${say('error.hint')}: ${printable(advice)}`);
}

/** restic's field names, then Sealift's. */
function summaryJson(report: CheckReport): Record<string, unknown> {
  return {
    message_type: 'summary',
    num_errors: report.errorCount,
    broken_packs: report.brokenPacks.length === 0 ? null : report.brokenPacks,
    suggest_repair_index: report.suggestRepairIndex,
    suggest_prune: report.suggestPrune,
    num_hints: report.hintCount,
    snapshots: report.snapshotCount,
    trees: report.treeCount,
    packs: report.packCount,
    packs_read: report.packsRead,
    bytes_read: report.bytesRead,
  };
}
