/** The part of the report that says what bounds Sealift on this machine, as Markdown; pure. */

import type { ContentCosts } from './content-costs.ts';
import {
  bestPeer,
  httpsFactor,
  httpsJobs,
  judge,
  medianOf,
  medianSeconds,
  type SpeedJob,
  speedGoals,
  type Verdict,
} from './goals.ts';
import { type Hardware, kernels } from './hardware.ts';
import { type Limit, limitOf } from './limits.ts';
import { percent, table } from './markdown.ts';
import type { SelfTime } from './profile.ts';
import {
  type JobName,
  jobTitles,
  type RepositorySize,
  type Sample,
  type SetName,
} from './samples.ts';
import { busySeconds } from './statistics.ts';

export interface Profile {
  readonly set: SetName;
  readonly job: JobName;
  readonly times: readonly SelfTime[];
}

export interface BoundsInput {
  readonly hardware: Hardware;
  readonly contents: readonly { readonly set: SetName; readonly costs: ContentCosts }[];
  readonly samples: readonly Sample[];
  readonly sizes: readonly RepositorySize[];
  readonly profiles: readonly Profile[];
}

/** Functions of a profile that are listed, and that the line of a missed goal names. */
const profileRows = 12;
const profileMentions = 3;
/** Parts of a limit that are named. */
const partMentions = 3;
const memoryAccount = 'docs/decisions/003-workers-own-a-file.md';

interface JobBound {
  readonly set: SetName;
  readonly job: SpeedJob;
  readonly factor: number;
  readonly limit: Limit;
  /** Sealift's time by the clock. */
  readonly seconds: number;
  readonly peer: { readonly program: string; readonly seconds: number } | undefined;
}

interface HttpsBound {
  readonly set: SetName;
  readonly job: JobName;
  /** Processor time of Sealift, and of the vault meanwhile. */
  readonly client: number;
  readonly vault: number;
  /** Both on all cores at once, by the clock. */
  readonly least: number;
  readonly seconds: number;
  readonly localSeconds: number;
}

export function bounds(input: BoundsInput): string[] {
  const { hardware, contents, samples, profiles } = input;
  const jobBounds = jobBoundsOf(input);
  const httpsBounds = httpsBoundsOf(input);
  const missed = judge(samples).filter(({ isMet }) => !isMet);
  return [
    ...(missed.length === 0
      ? []
      : [
          'Goals that were missed:',
          missed.map((one) => missedLine(one, { jobBounds, httpsBounds, profiles })).join('\n'),
        ]),
    ...(jobBounds.length === 0 ? [] : jobSection(jobBounds, hardware)),
    ...(httpsBounds.length === 0 ? [] : httpsSection(httpsBounds)),
    'What this is made of, measured in the same run with all cores at it:',
    hardwareTable(hardware),
    contentTable(contents, hardware),
    ...(profiles.length === 0
      ? ['Profiles of each step: `npm run bench -- --profile`.']
      : ['<details><summary>Profiles</summary>', ...profiles.flatMap(profileTable), '</details>']),
  ];
}

function jobBoundsOf({ hardware, contents, samples, sizes }: BoundsInput): JobBound[] {
  return contents.flatMap(({ set, costs }) => {
    const size = sizes.find((one) => one.set === set && one.program === 'sealift');
    if (size === undefined) return [];
    return speedGoals.flatMap(({ job, factor }) => {
      const seconds = medianSeconds(samples, { set, job, program: 'sealift' });
      if (Number.isNaN(seconds)) return [];
      const limit = limitOf(job, hardware, costs, size.bytes);
      return [{ set, job, factor, limit, seconds, peer: bestPeer(samples, set, job) }];
    });
  });
}

function jobSection(jobBounds: readonly JobBound[], { cores }: Hardware): string[] {
  return [
    `The shortest time possible: what SHA-256, AES, Poly1305, zstd, scrypt and the calls that look at, read and write files must take, divided by the ${cores} cores, after the start of Node. ` +
      'A first backup hashes content for blobs and what is stored for packs, folds what can be folded, encrypts and authenticates what is stored once; a restore opens and hashes it and writes the files; ' +
      'a check hashes what is stored and opens and hashes it; a backup of what has not changed looks at each file. ' +
      'Not counted: chunking, looking up what is known, trees and index, metadata, the locks, reading back what was sealed, and every copy and wait between threads; so no program in Node can reach it.',
    table(
      [
        'job',
        'data',
        'kernels, s of processor',
        'mostly',
        'shortest, s',
        'Sealift, s',
        'share',
        'best peer, s',
        'times the best peer: limit / goal / reached',
      ],
      jobBounds.map(({ job, set, limit, seconds, peer, factor }) => [
        jobTitles[job],
        set,
        limit.busySeconds.toFixed(2),
        mostly(limit),
        limit.seconds.toFixed(2),
        seconds.toFixed(2),
        percent(limit.seconds / seconds),
        peer === undefined ? '' : peer.seconds.toFixed(2),
        peer === undefined
          ? ''
          : `${times(peer.seconds / limit.seconds)} / ${factor} / ${times(peer.seconds / seconds)}`,
      ]),
    ),
  ];
}

function mostly({ parts, busySeconds: total }: Limit): string {
  return parts
    .slice(0, partMentions)
    .map(({ what, seconds }) => `${what} ${percent(seconds / total)}`)
    .join(', ');
}

function httpsBoundsOf({ hardware, contents, samples }: BoundsInput): HttpsBound[] {
  return contents.flatMap(({ set }) =>
    httpsJobs.flatMap((job) => {
      const local = { set, job, program: 'sealift' };
      const wanted = { ...local, place: 'https' } as const;
      const client = medianOf(samples, wanted, ({ cost }) => busySeconds(cost));
      const vault = medianOf(samples, wanted, ({ server }) =>
        server === undefined ? Number.NaN : busySeconds(server),
      );
      const localSeconds = medianSeconds(samples, local);
      if (Number.isNaN(client + vault + localSeconds)) return [];
      const least = (client + vault) / hardware.cores;
      const seconds = medianSeconds(samples, wanted);
      return [{ set, job, client, vault, least, seconds, localSeconds }];
    }),
  );
}

function httpsSection(httpsBounds: readonly HttpsBound[]): string[] {
  return [
    'Through HTTPS, client and vault share the cores: with the processor time that both took, and no moment in which a core waits, the job would take the time below. The local time over it is the best that can be reached without saving processor time.',
    table(
      [
        'job',
        'data',
        'client, s of processor',
        'vault, s of processor',
        'shortest, s',
        'through HTTPS, s',
        'local, s',
        'of the local rate: limit / goal / reached',
      ],
      httpsBounds.map(({ job, set, client, vault, least, seconds, localSeconds }) => [
        jobTitles[job],
        set,
        client.toFixed(2),
        vault.toFixed(2),
        least.toFixed(2),
        seconds.toFixed(2),
        localSeconds.toFixed(2),
        `${times(localSeconds / least)} / ${httpsFactor} / ${times(localSeconds / seconds)}`,
      ]),
    ),
  ];
}

interface Evidence {
  readonly jobBounds: readonly JobBound[];
  readonly httpsBounds: readonly HttpsBound[];
  readonly profiles: readonly Profile[];
}

function missedLine(verdict: Verdict, evidence: Evidence): string {
  const { goal, set, against, reached, wanted, unit, sense } = verdict;
  const figure = unit === 'MiB' ? `${reached.toFixed(0)} MiB` : times(reached);
  const asked = `${sense} ${wanted}${unit === 'MiB' ? ' MiB' : ''}`;
  const words = [
    `${goal}, ${set}: ${figure} (against ${against}), wanted ${asked}`,
    possible(verdict, evidence),
    ...profileWords(verdict, evidence),
  ];
  return `- ${words.join('; ')}.`;
}

function possible({ kind, set, job, wanted }: Verdict, evidence: Evidence): string {
  const isSame = (bound: { set: SetName; job: JobName }): boolean =>
    bound.set === set && bound.job === job;
  switch (kind) {
    case 'memory':
      return `most at '${jobTitles[job]}'; no kernel bounds it, ${memoryAccount} says what it is made of`;
    case 'https': {
      const bound = evidence.httpsBounds.find(isSame);
      if (bound === undefined) return 'the processor time of the vault is not known here';
      const best = bound.localSeconds / bound.least;
      return `at most ${times(best)} with this processor time of client and vault${outOfReach(best, wanted)}`;
    }
    case 'speed': {
      const bound = evidence.jobBounds.find(isSame);
      if (bound?.peer === undefined) return 'the limit of this machine is not known';
      const best = bound.peer.seconds / bound.limit.seconds;
      const share = percent(bound.limit.seconds / bound.seconds);
      return `at most ${times(best)} on this machine (${mostly(bound.limit)})${outOfReach(best, wanted)}; ${share} of that reached`;
    }
  }
}

function outOfReach(best: number, wanted: number): string {
  return best < wanted ? ', so **out of reach**' : '';
}

/** Profiles are of local jobs. */
function profileWords({ kind, set, job }: Verdict, { profiles }: Evidence): string[] {
  const profile = profiles.find((one) => one.set === set && one.job === job);
  if (kind !== 'speed' || profile === undefined) return [];
  const total = totalMs(profile);
  const entries = profile.times
    .slice(0, profileMentions)
    .map(({ where, ms }) => `\`${where}\` ${percent(ms / total)}`);
  return [`its profile: ${entries.join(', ')}`];
}

function hardwareTable({ rates, scryptSeconds, nodeSeconds }: Hardware): string {
  return table(
    ['on any data', 'all cores together'],
    [
      ...kernels.map((kernel) => [kernel, `${megabytes(rates[kernel])} MB/s`]),
      ['scrypt of a key', `${scryptSeconds.toFixed(3)} s of processor`],
      ['start of a Node that does nothing', `${nodeSeconds.toFixed(3)} s`],
    ],
  );
}

/** Rates of all cores together on a sample of each data set. */
function contentTable(contents: BoundsInput['contents'], { cores }: Hardware): string {
  const rate = (bytes: number, seconds: number): string =>
    bytes === 0 ? '–' : megabytes((bytes * cores) / seconds);
  return table(
    [
      'on a sample of',
      'lstat, µs a file',
      'read, MB/s',
      'SHA-256, MB/s',
      'zstd fold, MB/s',
      'Poly1305, MB/s',
      'zstd unfold, MB/s',
      'write, MB/s',
      'folded of unique content',
      'stored of unique content',
    ],
    contents.map(({ set, costs: { sample } }) => {
      const { files, bytes, uniqueBytes, storedBytes, foldedBytes, seconds } = sample;
      return [
        set,
        ((seconds.lstat * 1e6) / Math.max(1, files)).toFixed(1),
        rate(bytes, seconds.read),
        rate(bytes, seconds.hash),
        rate(foldedBytes, seconds.fold),
        rate(storedBytes, seconds.mac),
        rate(foldedBytes, seconds.unfold),
        rate(bytes, seconds.write),
        percent(foldedBytes / uniqueBytes),
        percent(storedBytes / uniqueBytes),
      ];
    }),
  );
}

function profileTable(profile: Profile): string[] {
  const { set, job, times: entries } = profile;
  const total = totalMs(profile);
  return [
    `${set}, ${job}: ${(total / 1000).toFixed(1)} s in all threads, without waiting.`,
    table(
      ['where', 'ms', 'share'],
      entries
        .slice(0, profileRows)
        .map(({ where, ms }) => [`\`${where}\``, ms.toFixed(0), percent(ms / total)]),
    ),
  ];
}

function totalMs({ times: entries }: Profile): number {
  return entries.reduce((sum, { ms }) => sum + ms, 0);
}

function times(factor: number): string {
  return factor.toFixed(2);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
