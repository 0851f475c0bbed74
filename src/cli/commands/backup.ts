/** `sealift backup`: makes a snapshot of files and folders. */

import { hostname, userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import { SealiftError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { localOffsetMinutes } from '../../base/time.ts';
import {
  type BackupOptions,
  type BackupSummary,
  backup,
  type GroupBy,
} from '../../engine/backup.ts';
import { parseLocation } from '../../storage/location.ts';
import { BackupReport } from '../backup-report.ts';
import { configFolder } from '../config-folder.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { collect, fromEnvironment, integerParser, usageError } from '../global-options.ts';
import { indexProgress, optional, readLocation, withRepository } from '../open-repository.ts';
import type { Runner } from '../runner.ts';
import { compressionOf, packSizeOf } from '../seal-options.ts';
import { parseBackupTime } from '../times.ts';
import { readExcludes } from './excludes.ts';
import { readFilesFrom, readsInput } from './files-from.ts';
import { parseGroupBy, splitTags } from './snapshot-filter.ts';

export interface BackupFlags {
  readonly exclude?: readonly string[];
  readonly iexclude?: readonly string[];
  readonly excludeFile?: readonly string[];
  readonly iexcludeFile?: readonly string[];
  readonly excludeCaches?: boolean;
  readonly excludeIfPresent?: readonly string[];
  readonly excludeLargerThan?: string;
  readonly filesFrom?: readonly string[];
  readonly filesFromVerbatim?: readonly string[];
  readonly filesFromRaw?: readonly string[];
  readonly oneFileSystem?: boolean;
  readonly tag?: readonly string[];
  readonly host?: string;
  readonly time?: string;
  readonly parent?: string;
  readonly groupBy?: string;
  readonly force?: boolean;
  readonly ignoreCtime?: boolean;
  readonly ignoreInode?: boolean;
  readonly withAtime?: boolean;
  readonly stdin?: boolean;
  readonly stdinFilename?: string;
  readonly dryRun?: boolean;
  readonly scan?: boolean;
  readonly skipIfUnchanged?: boolean;
  readonly readConcurrency?: number;
}

export function addBackup(program: Command, run: Runner): void {
  program
    .command('backup')
    .description('make a snapshot of files and folders')
    .addHelpText(
      'before',
      'Example:  sealift -r /srv/backup backup --exclude "*.tmp" ~/documents\n',
    )
    .argument('[path...]', 'what to back up')
    .option('-e, --exclude <pattern>', 'leave out what matches (may be repeated)', collect)
    .option('--iexclude <pattern>', 'the same, ignoring case', collect)
    .option('--exclude-file <file>', 'file with patterns, one a line (may be repeated)', collect)
    .option('--iexclude-file <file>', 'the same, ignoring case', collect)
    .option('--exclude-caches', 'leave out folders with a CACHEDIR.TAG file')
    .option('--exclude-if-present <name[:header]>', 'leave out folders with this file', collect)
    .option('--exclude-larger-than <size>', 'leave out larger files, e.g. 1G')
    .option('--files-from <file>', 'file with patterns of what to back up', collect)
    .option('--files-from-verbatim <file>', 'file with paths, one a line', collect)
    .option('--files-from-raw <file>', 'file with paths that end in a NUL byte', collect)
    .option('-x, --one-file-system', 'stay on the file systems of the paths given')
    .option('--tag <taglist>', 'tags of the new snapshot (may be repeated)', collect)
    .option('-H, --host <host>', 'host name of the snapshot')
    .option('--time <time>', 'time of the snapshot, e.g. "2026-11-24 06:00:00"')
    .option('--parent <snapshot>', 'snapshot to compare with')
    .option('-g, --group-by <list>', 'how to choose the parent: host, paths, tags')
    .option('-f, --force', 'read all files again')
    .option('--ignore-ctime', 'do not take a file for changed because of its ctime')
    .option('--ignore-inode', 'do not take a file for changed because of its inode')
    .option('--with-atime', 'store the access times')
    .option('--stdin', 'back up what standard input gives')
    .option('--stdin-filename <name>', 'file name for --stdin (default: stdin)')
    .option('-n, --dry-run', 'show what would be stored')
    .option('--no-scan', 'do not count the files first')
    .option('--skip-if-unchanged', 'make no snapshot when nothing changed')
    .addOption(
      new Option(
        '--read-concurrency <n>',
        'files read at once; one for each core, up to 6, when left out',
      ).argParser(integerParser('--read-concurrency', 1, 64)),
    )
    .action(run(runBackup));
}

async function runBackup(
  context: Context,
  flags: BackupFlags,
  operands: readonly string[],
): Promise<ExitCode> {
  const summary = await makeBackup(context, flags, operands);
  if (flags.dryRun !== true) await sendFacts(context);
  if (summary.errors === 0) return exitCodes.done;
  throw new SealiftError(
    'source/incomplete',
    `${summary.errors} source files or folders could not be read; the snapshot is without them`,
    { fields: { errors: summary.errors } },
  );
}

/** What the machine's TLS is like goes to an enrolled vault, after the snapshot is safe. */
async function sendFacts(context: Context): Promise<void> {
  const location = parseLocation(await readLocation(context));
  if (location.kind !== 'sealift') return;
  const { sendFactsAfterBackup } = await import('../../agent/send-facts.ts');
  const { env } = context;
  await sendFactsAfterBackup({ vault: location.name, configDir: configFolder(env), env });
}

/** Makes the snapshot and reports it. */
export async function makeBackup(
  context: Context,
  flags: BackupFlags,
  operands: readonly string[],
): Promise<BackupSummary> {
  const options = await backupOptions(context, flags, operands);
  const report = new BackupReport(context, flags.dryRun === true);
  const inputIsTaken = flags.stdin === true || readsInput(flags);
  const callbacks = {
    // Counting ahead and reporting cost time that nobody sees the fruit of.
    ...(report.wantsProgress ? { onProgress: report.onProgress.bind(report) } : {}),
    onIndexProgress: indexProgress(context),
    onItem: report.onItem.bind(report),
    onError: report.onError.bind(report),
    onWarning: (message: string) => context.out.warn(printable(message)),
  };
  const lock = flags.dryRun === true ? 'none' : 'append';
  return withRepository(context, { lock, inputIsTaken }, async (repository, signal) => {
    const summary = await backup(repository, { ...options, ...callbacks }, signal);
    report.finish(summary);
    return summary;
  });
}

async function backupOptions(
  context: Context,
  flags: BackupFlags,
  operands: readonly string[],
): Promise<BackupOptions> {
  const fromLists = await readFilesFrom(flags, (message) => context.out.warn(message));
  const paths = [...operands, ...fromLists];
  if (flags.stdin === true && paths.length > 0) {
    throw usageError('--stdin cannot be used together with paths to back up');
  }
  if (flags.stdin !== true && paths.length === 0) {
    throw usageError('nothing to back up, please specify source files or folders');
  }
  return {
    paths,
    hostname: flags.host ?? fromEnvironment(context.env, 'HOST') ?? hostname(),
    username: userInfo().username,
    tags: (flags.tag ?? []).flatMap(splitTags).filter((tag) => tag !== ''),
    excludes: await readExcludes(flags, context.env),
    compression: compressionOf(context),
    packSizeBytes: packSizeOf(context),
    force: flags.force === true,
    ignoreCtime: flags.ignoreCtime === true,
    ignoreInode: flags.ignoreInode === true,
    withAtime: flags.withAtime === true,
    oneFileSystem: flags.oneFileSystem === true,
    dryRun: flags.dryRun === true,
    skipIfUnchanged: flags.skipIfUnchanged === true,
    noScan: flags.scan === false,
    ...optional('parent', flags.parent),
    ...optional('groupBy', parseParentGroups(flags.groupBy)),
    ...optional(
      'time',
      flags.time === undefined ? undefined : zonedTime(parseBackupTime(flags.time)),
    ),
    ...optional('readConcurrency', readConcurrencyOf(context, flags)),
    ...(flags.stdin === true
      ? { stdin: { name: flags.stdinFilename ?? 'stdin', stream: process.stdin } }
      : {}),
  };
}

/** The empty list means that the latest snapshot of all is the parent. */
function parseParentGroups(text: string | undefined): GroupBy | undefined {
  if (text === undefined) return undefined;
  const criteria = parseGroupBy(text);
  return {
    host: criteria.includes('host'),
    paths: criteria.includes('paths'),
    tags: criteria.includes('tags'),
  };
}

function zonedTime(ns: bigint): { ns: bigint; offsetMinutes: number } {
  return { ns, offsetMinutes: localOffsetMinutes(ns) };
}

function readConcurrencyOf({ env }: Context, flags: BackupFlags): number | undefined {
  const text = fromEnvironment(env, 'READ_CONCURRENCY');
  if (flags.readConcurrency !== undefined || text === undefined) return flags.readConcurrency;
  return integerParser('READ_CONCURRENCY', 1, 64)(text);
}
