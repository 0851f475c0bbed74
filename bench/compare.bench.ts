/**
 * Question: is Sealift faster than the best programs of its kind, on this machine, in one run?
 *
 *     npm run bench -- [--scale 0.1] [--sets random,small] [--rounds 3] …    (--help lists all)
 *
 * The goals are in compare/goals.ts. The other parts: data-sets (what is
 * backed up), programs (who takes part, with which settings), rounds (what is run and verified),
 * measure (what it cost), hardware, content-costs, limits and profile (what bounds it), goals, bounds and
 * report (what it means).
 * It needs GNU time. Nothing is downloaded.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir, totalmem, type } from 'node:os';
import { join, resolve } from 'node:path';
import { measureContent } from './compare/content-costs.ts';
import { filesBelow } from './compare/data-sets.ts';
import { estimate } from './compare/estimate.ts';
import { measureHardware } from './compare/hardware.ts';
import { requireTime } from './compare/measure.ts';
import { type Options, parseOptions, usage } from './compare/options.ts';
import { readProfiles, selfTimes } from './compare/profile.ts';
import { profiled } from './compare/profiled.ts';
import { findProgram, type Program } from './compare/programs.ts';
import { type ReportInput, renderReport } from './compare/report.ts';
import {
  type Comparison,
  prepareSet,
  runRound,
  runStart,
  type SetRun,
  warmUp,
} from './compare/rounds.ts';

const root = resolve(import.meta.dirname, '..');
const startRounds = 7;
/** What the report says of programs that are not there. */
const missing: string[] = [];

if (process.argv.includes('--help')) process.stdout.write(usage);
else await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  const started = performance.now();
  const options = parseOptions(args, process.env);
  requireTime();
  const programs = findPrograms(options);
  const { minutes, bytes } = estimate(options, {
    programs: programs.length,
    cores: availableParallelism(),
  });
  log(`about ${minutes.toFixed(0)} minutes and ${(bytes / 1e9).toFixed(1)} GB of disk`);
  const base = options.folder ?? tmpdir();
  mkdirSync(base, { recursive: true });
  const { bavail, bsize } = statfsSync(base);
  if (bavail * bsize < bytes) {
    throw new Error(
      `${base} has only ${((bavail * bsize) / 1e9).toFixed(1)} GB free; see --folder`,
    );
  }
  const folder = mkdtempSync(join(base, 'sealift-compare-'));
  const stop = (): void => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  };
  process.once('SIGINT', stop);
  try {
    await compare({ options, folder, programs, started, args });
  } finally {
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
  }
}

interface Run {
  readonly options: Options;
  readonly folder: string;
  readonly programs: readonly Program[];
  readonly started: number;
  readonly args: readonly string[];
}

async function compare({ options, folder, programs, started, args }: Run): Promise<void> {
  const { rounds, scale, tree, jobs, https, sets, maxMinutes } = options;
  const draft: Comparison = {
    folder,
    programs,
    options: { scale, tree },
    jobs,
    https,
    samples: [],
    sizes: [],
    notes: new Set(missing),
    log,
  };
  const comparison = { ...draft, programs: await warmUp(draft) };
  const sources: ReportInput['sources'][number][] = [];
  const contents: ReportInput['contents'][number][] = [];
  const profiles: ReportInput['profiles'][number][] = [];
  log('measuring what the hardware could do');
  const hardware = await measureHardware(folder);
  const isOver = (): boolean => (performance.now() - started) / 60_000 > maxMinutes;
  for (const set of sets) {
    if (isOver()) {
      comparison.notes.add(`${set}: left out, for --max-minutes ${maxMinutes}.`);
      continue;
    }
    const run = prepareSet(comparison, set);
    sources.push({ set, bytes: run.bytes, files: filesBelow(run.source).length });
    contents.push({ set, costs: await measureContent(run.source, folder) });
    for (let round = 1; round <= rounds; round += 1) {
      if (round > 1 && isOver()) {
        comparison.notes.add(`${set}: not all rounds were begun, for --max-minutes ${maxMinutes}.`);
        break;
      }
      await runRound(comparison, run, round);
    }
    if (options.profile) profiles.push(...(await profileSet(comparison, run)));
    if (!options.keep) rmSync(run.source, { recursive: true, force: true });
  }
  await runStart(comparison, startRounds);
  const report = renderReport({
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      memoryBytes: totalmem(),
      system: `${type()} ${release()}`,
    },
    commit: commitOf(),
    date: new Date().toISOString().slice(0, 10),
    versions: comparison.programs.map(({ name, version }) => [name, version]),
    command: ['npm run bench', ...(args.length === 0 ? [] : ['--', ...withoutPaths(args)])].join(
      ' ',
    ),
    rounds,
    scale,
    sources,
    samples: comparison.samples,
    sizes: comparison.sizes,
    hardware,
    contents,
    profiles,
    notes: [...comparison.notes],
  });
  writeFileSync(resolve(root, options.output), report);
  log(
    `${options.output} is written, after ${((performance.now() - started) / 60_000).toFixed(1)} minutes`,
  );
  process.stdout.write(report);
}

/** One round of Sealift alone, with its threads profiled. Its figures are not counted. */
async function profileSet(
  comparison: Comparison,
  run: SetRun,
): Promise<ReportInput['profiles'][number][]> {
  const folder = join(comparison.folder, 'profiles', run.set);
  const ours = comparison.programs.filter(({ kind }) => kind === 'sealift');
  const programs = ours.map((program) => profiled(program, folder));
  await runRound({ ...comparison, programs, https: false, samples: [], sizes: [] }, run, 0);
  return comparison.jobs.flatMap((job) => {
    const times = selfTimes(readProfiles(join(folder, job)));
    return times.length === 0 ? [] : [{ set: run.set, job, times }];
  });
}

function findPrograms({ peers }: Options): Program[] {
  return ['sealift', ...peers].flatMap((spec) => {
    const program = findProgram(spec);
    if (program === undefined) {
      missing.push(`${spec} is not installed: skipped.`);
      log(`${spec} is not installed: skipped`);
      return [];
    }
    log(`${program.name}: ${program.version}`);
    return [program];
  });
}

/** A report says which kind of program stood at a path and leaves out where files went. */
function withoutPaths(args: readonly string[]): string[] {
  const places = /^--(folder|output|tree)$/;
  return args
    .filter((arg, at) => !places.test(arg) && !places.test(args[at - 1] ?? ''))
    .filter((arg) => !/^--(folder|output|tree)=/.test(arg))
    .map((arg) => arg.replaceAll(/(=\w+):[^,]+/g, '$1'));
}

function commitOf(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const dirty = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes';
  return `${git('rev-parse', '--short', 'HEAD')}${dirty}`;
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}
