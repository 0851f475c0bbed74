/** Goals and report from samples that were made up. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bestPeer, judge, sizeRatio, type Verdict } from './goals.ts';
import { content, hardware } from './made-up.ts';
import { jobTable, type ReportInput, renderReport } from './report.ts';
import type { JobName, Place, Sample } from './samples.ts';

const mib = 1024 ** 2;

function sample(
  program: string,
  job: JobName,
  seconds: number,
  more: { place?: Place; round?: number; peakMib?: number } = {},
): Sample {
  const { place = 'local', round = 1, peakMib = 200 } = more;
  const cost = { seconds, userSeconds: seconds, systemSeconds: 0.5, peakBytes: peakMib * mib };
  return { set: 'random', place, job, program, round, cost };
}

function verdictOn(samples: readonly Sample[], goal: string, against?: string): Verdict {
  const found = judge(samples).find(
    (verdict) => verdict.goal === goal && (against ?? verdict.against) === verdict.against,
  );
  assert.ok(found, `a verdict on ${goal}`);
  return found;
}

test('the best peer is the fastest by its median, and never Sealift', () => {
  const samples = [
    sample('sealift', 'first', 1),
    sample('restic', 'first', 3),
    sample('restic', 'first', 100, { round: 2 }),
    sample('restic', 'first', 4, { round: 3 }),
    sample('kopia', 'first', 5),
  ];
  assert.deepEqual(bestPeer(samples, 'random', 'first'), { program: 'restic', seconds: 4 });
});

test('a goal is reached at exactly its factor and missed just below', () => {
  const peer = sample('restic', 'first', 10);
  assert.equal(verdictOn([sample('sealift', 'first', 5), peer], 'first backup').isMet, true);
  assert.equal(verdictOn([sample('sealift', 'first', 5.01), peer], 'first backup').isMet, false);
});

test('a job that one side did not do has no verdict', () => {
  const samples = [sample('sealift', 'first', 5), sample('restic', 'restore', 5)];
  const goals = judge(samples).map(({ goal }) => goal);
  assert.ok(!goals.includes('first backup') && !goals.includes('restore'));
});

test("memory is the highest peak of any round, against the promise and the thriftiest restic's", () => {
  const samples = [
    sample('sealift', 'first', 1, { peakMib: 300 }),
    sample('sealift', 'restore', 1, { peakMib: 501 }),
    sample('restic', 'first', 2, { peakMib: 250 }),
    sample('restic-0.19', 'first', 2, { peakMib: 400 }),
    sample('kopia', 'first', 2, { peakMib: 10 }),
  ];
  const goal = 'peak memory of any job';
  assert.equal(verdictOn(samples, goal, 'the promise').isMet, false);
  const ratio = verdictOn(samples, goal, 'restic');
  assert.equal(ratio.reached, 501 / 250);
  assert.equal(ratio.isMet, false);
});

test('HTTPS is judged against the local rate of the same job', () => {
  const samples = [
    sample('sealift', 'first', 8),
    sample('sealift', 'first', 10, { place: 'https' }),
    sample('sealift', 'restore', 7.9),
    sample('sealift', 'restore', 10, { place: 'https' }),
  ];
  assert.equal(verdictOn(samples, 'through HTTPS: first backup').isMet, true);
  assert.equal(verdictOn(samples, 'through HTTPS: restore').isMet, false);
});

test('sizes are compared with the smallest repository of any restic', () => {
  const sizes = [
    { set: 'random', program: 'sealift', bytes: 90 },
    { set: 'random', program: 'restic', bytes: 120 },
    { set: 'random', program: 'restic-0.19', bytes: 100 },
    { set: 'random', program: 'kopia', bytes: 1 },
  ] as const;
  assert.equal(sizeRatio(sizes, 'random'), 0.9);
  assert.equal(sizeRatio(sizes, 'tree'), undefined);
});

test('a row has median, spread, ratio to Sealift, processor time, peak and rounds', () => {
  const table = jobTable(
    [
      sample('sealift', 'first', 2),
      sample('restic', 'first', 3, { peakMib: 100 }),
      sample('restic', 'first', 5, { round: 2, peakMib: 150 }),
      sample('restic', 'first', 4, { round: 3 }),
      sample('restic', 'first', 99, { place: 'https' }),
    ],
    'random',
    'local',
  );
  assert.deepEqual(table.split('\n').slice(2), [
    '| first backup | sealift | 2.00 (2.00–2.00) | 1.00 | 2.00 | 0.50 | 200 | 1 |',
    '| first backup | restic | 4.00 (3.00–5.00) | 2.00 | 4.00 | 0.50 | 200 | 3 |',
  ]);
});

const input: ReportInput = {
  machine: { cpu: 'A processor', memoryBytes: 8e9, system: 'Linux 6' },
  commit: 'abc1234',
  date: '2026-11-28',
  versions: [['sealift', 'sealift 1']],
  command: 'npm run bench',
  rounds: 3,
  scale: 1,
  sources: [{ set: 'random', bytes: 1e9, files: 16 }],
  samples: [sample('sealift', 'first', 2), sample('restic', 'first', 3)],
  sizes: [{ set: 'random', program: 'sealift', bytes: 1e9 }],
  hardware,
  contents: [{ set: 'random', costs: content }],
  profiles: [],
  notes: ['borg is not installed: skipped.'],
};

test('the report says which goals are missed, what bounds them and what was left out', () => {
  const report = renderReport(input);
  assert.match(report, /first backup \| random \| restic \| 1\.50 \| at least 2 \| \*\*missed\*\*/);
  assert.match(
    report,
    /- first backup, random: 1\.50 \(against restic\), wanted at least 2; at most 1\.87 on this machine \(AES 32 %, SHA-256 of blobs 16 %, SHA-256 of packs 16 %\), so \*\*out of reach\*\*; 80 % of that reached\./,
  );
  assert.match(report, /- borg is not installed: skipped\./);
  assert.doesNotMatch(report, /NaN|undefined|no statement/);
});

test('limit, goal and what was reached stand beside each other', () => {
  const report = renderReport(input);
  assert.match(report, /\| 1\.60 \| 2\.00 \| 80 % \| 3\.00 \| 1\.87 \/ 2 \/ 1\.50 \|/);
});

test('the line of a missed goal names the largest entries of its profile', () => {
  const times = [
    { where: 'sha', ms: 600 },
    { where: 'copy', ms: 400 },
  ];
  const report = renderReport({ ...input, profiles: [{ set: 'random', job: 'first', times }] });
  assert.match(report, /- first backup, random: .*; its profile: `sha` 60 %, `copy` 40 %\.\n/);
  assert.match(report, /<details>[\s\S]*\| `sha` \| 600 \| 60 % \|[\s\S]*<\/details>/);
});

test('HTTPS is held against the processor time of client and vault on all cores', () => {
  const cost = { seconds: 4, userSeconds: 2.5, systemSeconds: 0.5, peakBytes: mib };
  const server = { userSeconds: 1.5, systemSeconds: 0.5 };
  const remote = { ...sample('sealift', 'first', 4, { place: 'https' }), cost, server };
  const report = renderReport({ ...input, samples: [...input.samples, remote] });
  assert.match(report, /\| peak MiB \| rounds \| vault user s \| vault system s \|/);
  assert.match(report, /\| 2\.50 \| 0\.50 \| 1 \| 1 \| 1\.50 \| 0\.50 \|/);
  // (3 + 2) s on two cores, and 2 s local.
  assert.match(report, /\| 3\.00 \| 2\.00 \| 2\.50 \| 4\.00 \| 2\.00 \| 0\.80 \/ 0\.8 \/ 0\.50 \|/);
  assert.match(report, /through HTTPS: first backup, random: 0\.50 .*at most 0\.80 with this/);
  assert.doesNotMatch(report, /0\.80 with this [^;]*out of reach/);
});

test('memory has no bound, but a job where it is highest', () => {
  const samples = [...input.samples, sample('sealift', 'check', 1, { peakMib: 501 })];
  assert.match(
    renderReport({ ...input, samples }),
    /- peak memory of any job, random: 501 MiB \(against the promise\), .*most at 'check --read-data'/,
  );
});

test('the report claims no comparison of restored trees that was not made', () => {
  assert.doesNotMatch(renderReport(input), /restored tree/);
  const samples = [...input.samples, sample('sealift', 'restore', 1)];
  assert.match(renderReport({ ...input, samples }), /Every restored tree was compared/);
});

test('a report of smaller data says that it decides nothing', () => {
  assert.match(renderReport({ ...input, scale: 0.1 }), /no statement about the goals/);
});
