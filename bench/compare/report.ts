/** The report as Markdown, from what was measured; pure. */

import { type BoundsInput, bounds } from './bounds.ts';
import { setTitles } from './data-sets.ts';
import { judge, mib, peersOf, sizeRatio, type Verdict } from './goals.ts';
import { table } from './markdown.ts';
import {
  jobNames,
  jobTitles,
  type Place,
  type RepositorySize,
  type Sample,
  type SetName,
  startJobs,
} from './samples.ts';
import { median, spreadOf } from './statistics.ts';

export interface ReportInput extends BoundsInput {
  readonly machine: {
    readonly cpu: string;
    readonly memoryBytes: number;
    readonly system: string;
  };
  readonly commit: string;
  readonly date: string;
  /** Name and what the program says of its version. */
  readonly versions: readonly (readonly [string, string])[];
  /** How it was started, for the next one. */
  readonly command: string;
  readonly rounds: number;
  readonly scale: number;
  /** What each data set came to. */
  readonly sources: readonly {
    readonly set: SetName;
    readonly bytes: number;
    readonly files: number;
  }[];
  readonly notes: readonly string[];
}

export function renderReport(input: ReportInput): string {
  const { samples, sources } = input;
  return [
    '# Sealift beside its peers',
    ...heading(input),
    '## Goals',
    ...goals(judge(samples)),
    ...sources.flatMap(({ set, bytes, files }) => [
      `## ${capital(setTitles[set])}`,
      `${gigabytes(bytes)}, ${files.toLocaleString('en')} files.`,
      jobTable(samples, set, 'local'),
      ...(samples.some((sample) => sample.set === set && sample.place === 'https')
        ? ['Through the vault, over HTTPS on the loopback interface, the server on the same cores:']
        : []),
      jobTable(samples, set, 'https'),
      sizeTable(input.sizes, set),
    ]),
    '## Start-up',
    '`snapshots` opens the same repository with each program, so that all derive the key at the same cost.',
    jobTable(samples, 'start', 'local'),
    '## What bounds it',
    ...bounds(input),
    ...(input.notes.length === 0
      ? []
      : ['## Left out', input.notes.map((n) => `- ${n}`).join('\n')]),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function heading(input: ReportInput): string[] {
  const { machine, hardware, commit, date, versions, rounds, scale } = input;
  return [
    `Written by \`${input.command}\`; ${date}, commit ${commit}.`,
    table(
      ['what', 'which'],
      [
        ['processor', `${machine.cpu}, ${hardware.cores} cores`],
        ['memory', gigabytes(machine.memoryBytes)],
        ['system', machine.system],
        ...versions,
      ],
    ),
    `${rounds} rounds, interleaved, in an order that turns; medians, with the fastest and the slowest round. ` +
      "Data sets are in the file system's cache (warm) and dirty pages are written out between jobs; " +
      'as much memory as the data needs is touched before each first backup and each restore. ' +
      "Time is by the clock; user and system time and the peak of resident memory are the kernel's " +
      `account of the whole process.${scale === 1 ? '' : ` **Data sets at ${scale} of their size: no statement about the goals.**`}`,
    ...verified(input.samples),
  ];
}

function verified(samples: readonly Sample[]): string[] {
  const words: string[] = [];
  if (samples.some(({ job }) => job === 'restore')) {
    words.push(
      'Every restored tree was compared with its original (content and names; for Sealift and restic ' +
        'also modes, owners and times).',
    );
  }
  if (samples.some(({ program }) => program.startsWith('restic'))) {
    words.push(
      "restic's `check --read-data` passed on every repository that Sealift made, in each round; a " +
        'failure would have ended the run.',
    );
  }
  return words.length === 0 ? [] : [words.join(' ')];
}

function goals(verdicts: readonly Verdict[]): string[] {
  const met = verdicts.filter(({ isMet }) => isMet).length;
  return [
    `${met} of ${verdicts.length} reached. Figures are against the best peer of each job in this run.`,
    table(
      ['goal', 'data', 'against', 'reached', 'wanted', ''],
      verdicts.map(({ goal, set, against, reached, wanted, sense, unit, isMet }) => [
        goal,
        set,
        against,
        unit === 'MiB' ? `${reached.toFixed(0)} MiB` : reached.toFixed(2),
        `${sense} ${wanted}${unit === 'MiB' ? ' MiB' : ''}`,
        isMet ? 'reached' : '**missed**',
      ]),
    ),
  ];
}

/** Time by the clock against Sealift's: 2 is twice as long. */
export function jobTable(samples: readonly Sample[], set: SetName | 'start', place: Place): string {
  const ofSet = samples.filter((sample) => sample.set === set && sample.place === place);
  const names = ['sealift', ...peersOf(ofSet, set)];
  const hasServer = ofSet.some(({ server }) => server !== undefined);
  const rows = [...jobNames, ...startJobs].flatMap((job) => {
    const ours = median(secondsOf(ofSet, job, 'sealift'));
    return names.flatMap((program) => {
      const found = ofSet.filter((sample) => sample.job === job && sample.program === program);
      if (found.length === 0) return [];
      const costs = found.map(({ cost }) => cost);
      const { median: middle, min, max } = spreadOf(costs.map(({ seconds }) => seconds));
      return [
        [
          jobTitles[job],
          program,
          `${middle.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`,
          Number.isNaN(ours) ? '' : (middle / ours).toFixed(2),
          median(costs.map((cost) => cost.userSeconds)).toFixed(2),
          median(costs.map((cost) => cost.systemSeconds)).toFixed(2),
          (Math.max(...costs.map((cost) => cost.peakBytes)) / mib).toFixed(0),
          String(found.length),
          ...(hasServer ? [serverSeconds(found, 'user'), serverSeconds(found, 'system')] : []),
        ],
      ];
    });
  });
  if (rows.length === 0) return '';
  const columns = ['job', 'program', 's', '× Sealift', 'user s', 'system s', 'peak MiB', 'rounds'];
  return table([...columns, ...(hasServer ? ['vault user s', 'vault system s'] : [])], rows);
}

function serverSeconds(samples: readonly Sample[], kind: 'user' | 'system'): string {
  return median(samples.map(({ server }) => server?.[`${kind}Seconds`] ?? Number.NaN)).toFixed(2);
}

function secondsOf(samples: readonly Sample[], job: Sample['job'], program: string): number[] {
  return samples
    .filter((sample) => sample.job === job && sample.program === program)
    .map(({ cost }) => cost.seconds);
}

function sizeTable(sizes: readonly RepositorySize[], set: SetName): string {
  const ofSet = sizes.filter((size) => size.set === set);
  if (ofSet.length === 0) return '';
  const ratio = sizeRatio(sizes, set);
  const rows = ofSet.map(({ program, bytes }) => [program, (bytes / 1e6).toFixed(1)]);
  const words =
    ratio === undefined
      ? ''
      : `\n\nSealift's repository is ${ratio.toFixed(3)} of the smallest restic's.`;
  return table(['repository after the first backup', 'MB'], rows) + words;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
