/** The goals of the comparison and whether the samples reach them; pure. */

import {
  type JobName,
  jobNames,
  jobTitles,
  type Place,
  type RepositorySize,
  type Sample,
  type SetName,
} from './samples.ts';
import { median } from './statistics.ts';

export interface Verdict {
  readonly goal: string;
  readonly kind: 'speed' | 'memory' | 'https';
  /** The one that it is about; that with the highest peak where it is about memory. */
  readonly job: JobName;
  readonly set: SetName;
  /** How the figure came about: against which program. */
  readonly against: string;
  /** The figure, and what it should be at least or at most. */
  readonly reached: number;
  readonly wanted: number;
  readonly sense: 'at least' | 'at most';
  readonly unit: 'times' | 'MiB';
  readonly isMet: boolean;
}

export const mib = 1024 ** 2;
/** Jobs that are to be a multiple of the best peer's speed. */
export type SpeedJob = 'first' | 'unchanged' | 'restore' | 'check';
export const speedGoals: readonly { job: SpeedJob; factor: number }[] = [
  { job: 'first', factor: 2 },
  { job: 'unchanged', factor: 2 },
  { job: 'restore', factor: 1.5 },
  { job: 'check', factor: 1.5 },
];
const memoryFactor = 1.5;
const memoryMib = 500;
export const httpsFactor = 0.8;
export const httpsJobs = ['first', 'restore'] as const;

interface Wanted {
  readonly set: SetName;
  readonly job?: JobName;
  readonly place?: Place;
  readonly program: string;
}

function matching(samples: readonly Sample[], wanted: Wanted): Sample[] {
  return samples.filter(
    ({ set, job, place, program }) =>
      set === wanted.set &&
      program === wanted.program &&
      place === (wanted.place ?? 'local') &&
      (wanted.job === undefined || job === wanted.job),
  );
}

export function medianSeconds(samples: readonly Sample[], wanted: Wanted): number {
  return medianOf(samples, wanted, ({ cost }) => cost.seconds);
}

export function medianOf(
  samples: readonly Sample[],
  wanted: Wanted,
  of: (sample: Sample) => number,
): number {
  return median(matching(samples, wanted).map(of));
}

function peakMib(samples: readonly Sample[], wanted: Wanted): number {
  return Math.max(...matching(samples, wanted).map(({ cost }) => cost.peakBytes)) / mib;
}

/** The fastest program but Sealift at one job, by its median. */
export function bestPeer(
  samples: readonly Sample[],
  set: SetName,
  job: JobName,
): { readonly program: string; readonly seconds: number } | undefined {
  return peersOf(samples, set)
    .map((program) => ({ program, seconds: medianSeconds(samples, { set, job, program }) }))
    .filter(({ seconds }) => !Number.isNaN(seconds))
    .toSorted((a, b) => a.seconds - b.seconds)[0];
}

export function peersOf(samples: readonly Sample[], set: Sample['set']): string[] {
  const names = samples.filter((sample) => sample.set === set).map(({ program }) => program);
  return [...new Set(names)].filter((name) => name !== 'sealift');
}

export function judge(samples: readonly Sample[]): Verdict[] {
  const sets = [...new Set(samples.map(({ set }) => set))].filter((set) => set !== 'start');
  return sets.flatMap((set) => [
    ...speedVerdicts(samples, set),
    ...memoryVerdicts(samples, set),
    ...httpsVerdicts(samples, set),
  ]);
}

function speedVerdicts(samples: readonly Sample[], set: SetName): Verdict[] {
  return speedGoals.flatMap(({ job, factor }) => {
    const ours = medianSeconds(samples, { set, job, program: 'sealift' });
    const peer = bestPeer(samples, set, job);
    if (Number.isNaN(ours) || peer === undefined) return [];
    const subject = {
      goal: jobTitles[job],
      kind: 'speed',
      job,
      set,
      against: peer.program,
    } as const;
    return [atLeast(subject, peer.seconds / ours, factor)];
  });
}

function memoryVerdicts(samples: readonly Sample[], set: SetName): Verdict[] {
  const ours = peakMib(samples, { set, program: 'sealift' });
  const theirs = peersOf(samples, set)
    .filter((name) => name.startsWith('restic'))
    .map((program) => ({ program, peak: peakMib(samples, { set, program }) }))
    .toSorted((a, b) => a.peak - b.peak)[0];
  if (!Number.isFinite(ours)) return [];
  const subject = {
    goal: 'peak memory of any job',
    kind: 'memory',
    job: hungriestJob(samples, set),
    set,
  } as const;
  const limit = atMost({ ...subject, against: 'the promise' }, ours, memoryMib, 'MiB');
  if (theirs === undefined) return [limit];
  const ratio = ours / theirs.peak;
  return [limit, atMost({ ...subject, against: theirs.program }, ratio, memoryFactor, 'times')];
}

function hungriestJob(samples: readonly Sample[], set: SetName): JobName {
  const peakOf = (job: JobName): number => peakMib(samples, { set, job, program: 'sealift' });
  return jobNames.reduce((worst, job) => (peakOf(job) > peakOf(worst) ? job : worst), 'first');
}

function httpsVerdicts(samples: readonly Sample[], set: SetName): Verdict[] {
  return httpsJobs.flatMap((job) => {
    const wanted = { set, job, program: 'sealift' };
    const local = medianSeconds(samples, wanted);
    const remote = medianSeconds(samples, { ...wanted, place: 'https' });
    if (Number.isNaN(local) || Number.isNaN(remote)) return [];
    const goal = `through HTTPS: ${jobTitles[job]}`;
    const subject = { goal, kind: 'https', job, set, against: 'itself, local' } as const;
    return [atLeast(subject, local / remote, httpsFactor)];
  });
}

type Subject = Pick<Verdict, 'goal' | 'kind' | 'job' | 'set' | 'against'>;

function atLeast(subject: Subject, reached: number, wanted: number): Verdict {
  const isMet = reached >= wanted;
  return { ...subject, reached, wanted, sense: 'at least', unit: 'times', isMet };
}

function atMost(subject: Subject, reached: number, wanted: number, unit: Verdict['unit']): Verdict {
  return { ...subject, reached, wanted, sense: 'at most', unit, isMet: reached <= wanted };
}

/** Sealift's repository by the smallest of restic's: an honest comparison is at 1 or less. */
export function sizeRatio(sizes: readonly RepositorySize[], set: SetName): number | undefined {
  const ofSet = sizes.filter((size) => size.set === set);
  const ours = ofSet.find(({ program }) => program === 'sealift')?.bytes;
  const restic = ofSet.filter(({ program }) => program.startsWith('restic'));
  if (ours === undefined || restic.length === 0) return undefined;
  return ours / Math.min(...restic.map(({ bytes }) => bytes));
}
