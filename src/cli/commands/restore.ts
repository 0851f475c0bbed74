/** `sealift restore`: brings files of a snapshot back. */

import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { compilePatterns, type PathMatcher } from '../../engine/filter.ts';
import {
  type OverwriteMode,
  type RestoreOptions,
  type RestoreSummary,
  restore,
} from '../../engine/restore.ts';
import { findSnapshot } from '../../engine/snapshots.ts';
import type { Context } from '../context.ts';
import { asDrill } from '../drill.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { collect, usageError } from '../global-options.ts';
import { optional, withIndex } from '../open-repository.ts';
import { RestoreReport } from '../restore-report.ts';
import type { Runner } from '../runner.ts';
import { readPatternFiles } from './excludes.ts';
import { addFilterOptions, type FilterFlags, filterOf } from './snapshot-filter.ts';

export interface RestoreFlags extends FilterFlags {
  readonly target?: string;
  readonly include?: readonly string[];
  readonly iinclude?: readonly string[];
  readonly includeFile?: readonly string[];
  readonly iincludeFile?: readonly string[];
  readonly exclude?: readonly string[];
  readonly iexclude?: readonly string[];
  readonly excludeFile?: readonly string[];
  readonly iexcludeFile?: readonly string[];
  readonly overwrite?: OverwriteMode;
  readonly delete?: boolean;
  readonly sparse?: boolean;
  readonly verify?: boolean;
  readonly dryRun?: boolean;
}

const overwriteModes: readonly OverwriteMode[] = ['always', 'if-changed', 'if-newer', 'never'];

export function addRestore(program: Command, run: Runner): void {
  const command = program
    .command('restore')
    .description('bring the files of a snapshot back')
    .addHelpText(
      'before',
      'Example:  sealift -r /srv/backup restore latest --target /tmp/restored\n',
    )
    .argument('<snapshot>', 'ID of the snapshot, or latest; ID:folder for a part of it')
    .option('-t, --target <folder>', 'folder to restore into')
    .option('-i, --include <pattern>', 'restore only what matches (may be repeated)', collect)
    .option('--iinclude <pattern>', 'the same, ignoring case', collect)
    .option('--include-file <file>', 'file with patterns, one a line', collect)
    .option('--iinclude-file <file>', 'the same, ignoring case', collect)
    .option('-e, --exclude <pattern>', 'leave out what matches (may be repeated)', collect)
    .option('--iexclude <pattern>', 'the same, ignoring case', collect)
    .option('--exclude-file <file>', 'file with patterns, one a line', collect)
    .option('--iexclude-file <file>', 'the same, ignoring case', collect)
    .addOption(
      new Option('--overwrite <mode>', 'what to do with files that exist')
        .choices(overwriteModes)
        .default('always'),
    )
    .option('--delete', 'remove what is in the target but not in the snapshot')
    .option('--sparse', 'write runs of zeros as holes')
    .option('--verify', 'read what was restored and compare')
    .option('-n, --dry-run', 'show what would be restored');
  addFilterOptions(command).action(run(runRestore));
}

async function runRestore(
  context: Context,
  flags: RestoreFlags,
  operands: readonly string[],
): Promise<ExitCode> {
  await makeRestore(context, flags, operands);
  return exitCodes.done;
}

/**
 * Restores and reports.
 * @throws SealiftError `restore/incomplete` when some files could not be restored
 */
export async function makeRestore(
  context: Context,
  flags: RestoreFlags,
  [name = '']: readonly string[],
): Promise<void> {
  const { target } = flags;
  if (target === undefined || target === '') {
    throw usageError('--target is missing', 'Name the folder to restore into: --target FOLDER.');
  }
  const selection = await readSelection(flags, context.env);
  const report = new RestoreReport(context, flags.dryRun === true);
  await withIndex(context, { lock: 'read' }, async (repository, signal) => {
    const found = await findSnapshot(repository, name, filterOf(flags), { signal });
    report.start(found, target);
    const options: RestoreOptions = {
      snapshotId: found.id,
      target: resolve(target),
      ...selection,
      ...optional('subfolder', found.subfolder),
      overwrite: flags.overwrite ?? 'always',
      delete: flags.delete === true,
      sparse: flags.sparse === true,
      verify: flags.verify === true,
      dryRun: flags.dryRun === true,
      ...report.callbacks(),
    };
    if (options.dryRun) {
      await restore(repository, options, signal);
      return;
    }
    let done: RestoreSummary | undefined;
    const onSummary = (summary: RestoreSummary): void => {
      done = summary;
      options.onSummary?.(summary);
    };
    await asDrill(
      context,
      { kind: 'restore', snapshot: found.id },
      {
        job: () => restore(repository, { ...options, onSummary }, signal),
        counts: () => ({
          files: done?.filesDone ?? 0,
          bytes: done?.bytesDone ?? 0,
          errors: done?.errors ?? 0,
        }),
      },
    );
  });
}

/** What of the snapshot is restored; patterns of both cases count. */
async function readSelection(
  flags: RestoreFlags,
  env: NodeJS.ProcessEnv,
): Promise<Pick<RestoreOptions, 'include' | 'exclude'>> {
  const include = [
    ...(flags.include ?? []),
    ...(await readPatternFiles('--include-file', flags.includeFile, env)),
  ];
  const iinclude = [
    ...(flags.iinclude ?? []),
    ...(await readPatternFiles('--iinclude-file', flags.iincludeFile, env)),
  ];
  const exclude = [
    ...(flags.exclude ?? []),
    ...(await readPatternFiles('--exclude-file', flags.excludeFile, env)),
  ];
  const iexclude = [
    ...(flags.iexclude ?? []),
    ...(await readPatternFiles('--iexclude-file', flags.iexcludeFile, env)),
  ];
  const includes = include.length + iinclude.length > 0;
  const excludes = exclude.length + iexclude.length > 0;
  if (includes && excludes) throw usageError('exclude and include patterns exclude each other');
  return {
    ...(includes ? { include: matcherOf(include, iinclude) } : {}),
    ...(excludes ? { exclude: matcherOf(exclude, iexclude) } : {}),
  };
}

function matcherOf(patterns: readonly string[], insensitive: readonly string[]): PathMatcher {
  const exact = compilePatterns(patterns);
  const folded = compilePatterns(insensitive, { caseInsensitive: true });
  return (path) => {
    const [a, b] = [exact(path), folded(path)];
    return {
      matched: a.matched || b.matched,
      childMayMatch: a.childMayMatch || b.childMayMatch,
    };
  };
}
