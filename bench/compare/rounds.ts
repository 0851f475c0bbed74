/**
 * The rounds over one data set. Within a round every program does a job before any does the next one,
 * so that whatever else the machine does falls on all alike; the order turns by one each round. What is
 * compared is verified in each round: restored trees are the original, and restic finds every
 * repository that Sealift made to be whole.
 *
 * At any time there are at most the data, one local repository for each program (or one in the vault for
 * each of two) and one restored copy: compare/estimate.ts counts on it.
 */

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bytesBelow, changeSet, filesBelow, makeSet, type SetOptions } from './data-sets.ts';
import { bestPeer, httpsJobs, medianSeconds } from './goals.ts';
import { type Command, measure, runQuietly, settle, touchMemory } from './measure.ts';
import { timeBetween } from './process-time.ts';
import type { Program, Workplace } from './programs.ts';
import { assertSameTree } from './same-tree.ts';
import type { JobName, Place, RepositorySize, Sample, SetName } from './samples.ts';
import { busySeconds, type ProcessorTime } from './statistics.ts';
import { startVault } from './vault-place.ts';

export interface Comparison {
  readonly folder: string;
  readonly programs: readonly Program[];
  readonly options: SetOptions;
  readonly jobs: readonly JobName[];
  readonly https: boolean;
  readonly samples: Sample[];
  readonly sizes: RepositorySize[];
  /** What the reader of the report must know: who was left out of what, and why. */
  readonly notes: Set<string>;
  readonly log: (line: string) => void;
}

/** A peer that is so much slower than the best at everything cannot be the best: one round will do. */
const hopelessFactor = 1.5;

export interface SetRun {
  readonly set: SetName;
  readonly source: string;
  readonly bytes: number;
}

/** Jobs that write as much as the data set has. */
const largeJobs: ReadonlySet<JobName> = new Set(['first', 'restore']);

/** Makes a data set and reads it once, so that every program finds it in the file system's cache. */
export function prepareSet({ folder, options, log }: Comparison, set: SetName): SetRun {
  const source = join(folder, 'data', set);
  log(`${set}: making the data set`);
  makeSet(set, source, options);
  for (const file of filesBelow(source)) if (set !== 'image') readFileSync(file);
  settle();
  return { set, source, bytes: bytesBelow(source) };
}

export async function runRound(
  comparison: Comparison,
  { set, source, bytes }: SetRun,
  round: number,
): Promise<void> {
  const turned = turn(contenders(comparison, set), round);
  const places = new Map(
    turned.map((program) => [program, workplace(comparison, program, 'local')]),
  );
  try {
    for (const [program, place] of places) {
      await orNote(comparison, places, program, () => runAll(program.init(place)));
    }
    await runJobs(comparison, { set, source, bytes, round, place: 'local', places });
    await verifyWithRestic(comparison, places);
    removeRepositories(comparison);
    if (comparison.https) await runHttps(comparison, { set, source, bytes }, round);
  } finally {
    removeRepositories(comparison);
  }
}

/** Those that have a chance to be the best of a job, by the rounds so far; the first restic always. */
function contenders({ programs, samples, notes }: Comparison, set: SetName): Program[] {
  const firstRestic = programs.find(({ kind }) => kind === 'restic');
  const ofSet = samples.filter((sample) => sample.set === set && sample.place === 'local');
  if (ofSet.length === 0) return [...programs];
  const kept = programs.filter((program) => {
    if (program.kind === 'sealift' || program === firstRestic) return true;
    return (['first', 'unchanged', 'restore', 'check'] as const).some((job) => {
      const best = bestPeer(ofSet, set, job)?.seconds ?? 0;
      return medianSeconds(ofSet, { set, job, program: program.name }) <= best * hopelessFactor;
    });
  });
  for (const { name } of programs.filter((program) => !kept.includes(program))) {
    notes.add(
      `${set}: ${name} ran only in the first round, where it was more than ${hopelessFactor} times slower than the best peer at every job, or failed.`,
    );
  }
  return kept;
}

interface RoundJobs extends SetRun {
  readonly round: number;
  readonly place: Place;
  readonly places: Map<Program, Workplace>;
  /** Of the server that the programs work with. */
  readonly serverTime?: () => ProcessorTime | undefined;
}

async function runJobs(comparison: Comparison, run: RoundJobs): Promise<void> {
  const { set, source, round, places } = run;
  const { jobs } = comparison;
  const all = (job: JobName, make: (program: Program, place: Workplace) => Command[]) =>
    forAll(comparison, run, job, make);
  await all('first', (program, place) => program.backup(place, source));
  recordSizes(comparison, run);
  if (jobs.includes('unchanged')) {
    await all('unchanged', (program, place) => program.backup(place, source));
  }
  if (jobs.includes('changed')) {
    changeSet(set, source, round);
    await all('changed', (program, place) => program.backup(place, source));
  }
  if (jobs.includes('restore')) await restoreAll(comparison, run);
  if (jobs.includes('check')) await all('check', (program, place) => program.check(place));
  if (!jobs.includes('prune')) return;
  for (const [program, place] of [...places]) {
    await orNote(comparison, places, program, () =>
      runAll(program.backup(place, join(source, 'a'))),
    );
  }
  await all('prune', (program, place) => program.prune?.(place, source) ?? []);
}

async function forAll(
  comparison: Comparison,
  { set, bytes, round, place, places, serverTime }: RoundJobs,
  job: JobName,
  make: (program: Program, workplace: Workplace) => Command[],
): Promise<void> {
  for (const [program, workplace] of [...places]) {
    const commands = make(program, workplace);
    if (commands.length === 0) {
      comparison.notes.add(`${program.name} (${program.version}) has no ${job} yet: skipped.`);
      continue;
    }
    await orNote(comparison, places, program, async () => {
      if (largeJobs.has(job)) touchMemory(comparison.folder, bytes);
      settle();
      const before = serverTime?.();
      const cost = await measure(commands);
      const server = timeBetween(before, serverTime?.());
      comparison.samples.push({ set, place, job, program: program.name, round, cost, server });
      const busy = busySeconds(cost).toFixed(1);
      comparison.log(
        `${set} ${round} ${place} ${job.padEnd(9)} ${program.name.padEnd(12)} ${cost.seconds.toFixed(2)} s, ${busy} s of CPU`,
      );
    });
  }
}

async function restoreAll(comparison: Comparison, run: RoundJobs): Promise<void> {
  const { source, places } = run;
  for (const [program, workplace] of [...places]) {
    const target = join(comparison.folder, 'target');
    mkdirSync(target);
    try {
      const only = { ...run, places: new Map([[program, workplace]]) };
      await forAll(comparison, only, 'restore', () => program.restore(workplace, target, source));
      if (!only.places.has(program)) places.delete(program);
      else {
        await orNote(comparison, places, program, async () => {
          const metadata = program.kind === 'sealift' || program.kind === 'restic';
          assertSameTree(source, program.restoredRoot(target, source), { metadata });
        });
      }
    } finally {
      rmSync(target, { recursive: true, force: true });
    }
  }
}

/** A peer that fails leaves the comparison with a word; a failure of Sealift ends it. */
async function orNote(
  comparison: Comparison,
  places: Map<Program, Workplace>,
  program: Program,
  job: () => Promise<void>,
): Promise<void> {
  try {
    await job();
  } catch (error) {
    if (program.kind === 'sealift') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    comparison.log(`${program.name} failed and is left out of this round: ${reason}`);
    comparison.notes.add(
      `${program.name} failed and left a round: ${reason.split('\n').at(-1)?.slice(0, 200)}`,
    );
    places.delete(program);
  }
}

async function verifyWithRestic(
  { programs, log }: Comparison,
  places: ReadonlyMap<Program, Workplace>,
): Promise<void> {
  const restic = programs.find(({ kind }) => kind === 'restic');
  const ours = [...places].find(([program]) => program.kind === 'sealift')?.[1];
  if (restic === undefined || ours === undefined) return;
  const home = `${ours.home}-restic`;
  mkdirSync(home, { recursive: true });
  await runAll(restic.check({ ...ours, home }));
  log('restic check --read-data passed on the repository that Sealift made');
}

/** First backup and restore through the vault, by Sealift and the restic that was fastest so far. */
async function runHttps(
  comparison: Comparison,
  { set, source, bytes }: SetRun,
  round: number,
): Promise<void> {
  const { programs, samples } = comparison;
  const time = ({ name }: Program): number =>
    medianSeconds(samples, { set, job: 'first', program: name });
  const restic = programs
    .filter(({ kind }) => kind === 'restic')
    .toSorted((a, b) => time(a) - time(b))[0];
  const chosen = programs.filter((program) => program.kind === 'sealift' || program === restic);
  const vault = await startVault(comparison.folder);
  try {
    const places = new Map<Program, Workplace>();
    for (const program of turn(chosen, round)) {
      const repository = await vault.repositoryFor(program.name);
      const { home } = workplace(comparison, program, 'https');
      const place = { repository, home, caFile: vault.caFile };
      await runAll(program.init(place));
      places.set(program, place);
    }
    const serverTime = (): ProcessorTime | undefined => vault.processorTime();
    const run = { set, source, bytes, round, place: 'https', places, serverTime } as const;
    await runJobs({ ...comparison, jobs: httpsJobs }, run);
    await verifyWithRestic(comparison, places);
  } finally {
    await vault.stop();
  }
}

function workplace({ folder }: Comparison, program: Program, place: Place): Workplace {
  // Sealift's holds its compiled code, which a machine that backs up every day has.
  const home = join(folder, 'homes', program.name);
  mkdirSync(home, { recursive: true });
  const repository = join(folder, 'repositories', `${program.name}-${place}`);
  mkdirSync(join(folder, 'repositories'), { recursive: true });
  return { repository, home };
}

/** Removes all that programs made, and their caches but for Sealift's compiled code. */
function removeRepositories({ folder, programs }: Comparison): void {
  const homes = programs
    .filter(({ kind }) => kind !== 'sealift')
    .map(({ name }) => join('homes', name));
  for (const name of ['repositories', 'vault', 'homes/sealift-restic', ...homes]) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function recordSizes({ sizes }: Comparison, { set, round, place, places }: RoundJobs): void {
  if (round > 1 || place !== 'local') return;
  for (const [program, { repository }] of places) {
    sizes.push({ set, program: program.name, bytes: bytesBelow(repository) });
  }
}

/** Every program once at everything, on next to nothing: finds what does not work, fills code caches. */
export async function warmUp(comparison: Comparison): Promise<Program[]> {
  comparison.log('warming up: each program once, on a few files');
  const quiet: Comparison = {
    ...comparison,
    options: { ...comparison.options, scale: 0.0005 },
    samples: [],
    sizes: [],
    log: () => {},
  };
  const run = prepareSet(quiet, 'small');
  const usable: Program[] = [];
  for (const program of comparison.programs) {
    const alone = { ...quiet, https: false, samples: [] as Sample[], programs: [program] };
    await runRound(alone, run, 1);
    const jobs = new Set(alone.samples.map(({ job }) => job));
    const wanted = comparison.jobs.filter((job) => job !== 'prune' || program.prune !== undefined);
    if (wanted.every((job) => jobs.has(job))) usable.push(program);
    else comparison.log(`${program.name} does not work here and is left out`);
  }
  rmSync(run.source, { recursive: true });
  return usable;
}

/** Start-up: `version`, and `snapshots` of a small repository, a few times each in turn. */
export async function runStart(comparison: Comparison, rounds: number): Promise<void> {
  const source = join(comparison.folder, 'data', 'start');
  makeSet('small', source, { ...comparison.options, scale: 0.0005 });
  const programs = comparison.programs.filter(({ start }) => start !== undefined);
  try {
    // One repository for all, since each program chooses the cost of its scrypt when it makes one.
    const [maker] = programs;
    if (maker === undefined) return;
    const { repository, home } = workplace(comparison, maker, 'local');
    await runAll([
      ...maker.init({ repository, home }),
      ...maker.backup({ repository, home }, source),
    ]);
    for (let round = 1; round <= rounds; round += 1) {
      for (const job of ['version', 'snapshots'] as const) {
        for (const program of turn(programs, round)) {
          const commands =
            program.start?.[job]({ ...workplace(comparison, program, 'local'), repository }) ?? [];
          const cost = await measure(commands);
          const sample = { set: 'start', place: 'local', job, program: program.name } as const;
          comparison.samples.push({ ...sample, round, cost });
        }
      }
    }
  } finally {
    removeRepositories(comparison);
    rmSync(source, { recursive: true, force: true });
  }
}

async function runAll(commands: readonly Command[]): Promise<void> {
  for (const command of commands) await runQuietly(command);
}

/** The list begun at another place each round. */
export function turn<T>(list: readonly T[], round: number): T[] {
  const start = list.length === 0 ? 0 : (round - 1) % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
