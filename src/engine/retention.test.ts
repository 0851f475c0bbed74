import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseTime } from '../base/time.ts';
import { parseBlobId, parseSnapshotId } from '../repository/ids.ts';
import { zeroTime } from '../repository/json-fields.ts';
import {
  applyRetention,
  countedRules,
  formatCalendarSpan,
  isEmptyPolicy,
  parseCalendarSpan,
  type RetentionPolicy,
  unlimited,
} from './retention.ts';
import type { FoundSnapshot } from './snapshots.ts';

const nothing: RetentionPolicy = { counts: {}, withinEach: {}, tags: [] };
const nowNs = parseTime('2030-01-01T00:00:00Z')?.ns ?? 0n;

let lastId = 0;
function snapshotAt(time: string, tags: readonly string[] = []): FoundSnapshot {
  lastId += 1;
  return {
    id: parseSnapshotId(lastId.toString(16).padStart(64, '0')),
    snapshot: {
      time: parseTime(time) ?? zeroTime,
      tree: parseBlobId('0'.repeat(64)),
      paths: ['/data'],
      hostname: 'host',
      username: '',
      uid: 0,
      gid: 0,
      excludes: [],
      tags,
      programVersion: '',
    },
  };
}

/** The times that stay, newest first, as written. */
function kept(times: readonly string[], policy: Partial<RetentionPolicy>): string[] {
  const byId = new Map(times.map((time) => [snapshotAt(time), time] as const));
  const { keep } = applyRetention([...byId.keys()], { ...nothing, ...policy }, nowNs);
  return keep.map((found) => byId.get(found) ?? '');
}

describe('counted rules', () => {
  const hours = ['2024-03-01T10:10:00Z', '2024-03-01T10:50:00Z', '2024-03-01T11:00:00Z'];

  test('the newest of each hour stays, and the oldest of all while there is room', () => {
    assert.deepEqual(kept(hours, { counts: { hourly: 2 } }), [hours[2], hours[1]]);
    assert.deepEqual(kept(hours, { counts: { hourly: 3 } }), [hours[2], hours[1], hours[0]]);
  });

  test('a day is that of the zone in which the snapshot was made', () => {
    const times = ['2024-03-01T23:30:00-05:00', '2024-03-02T05:00:00Z', '2024-03-02T06:00:00Z'];
    const [newYork] = times;
    assert.deepEqual(kept(times, { counts: { daily: 2 } }), [times[2], newYork]);
  });

  test('weeks are those of ISO 8601, also around New Year', () => {
    // 2020-12-31 and 2021-01-03 are in week 53 of 2020, 2021-01-04 begins week 1 of 2021.
    const times = ['2020-12-30T12:00:00Z', '2020-12-31T12:00:00Z', '2021-01-03T12:00:00Z'];
    const next = '2021-01-04T12:00:00Z';
    assert.deepEqual(kept([...times, next], { counts: { weekly: 2 } }), [next, times[2]]);
  });

  test('unlimited keeps one of each day for ever', () => {
    const times = ['2024-03-01T10:00:00Z', '2024-03-02T10:00:00Z', '2024-03-02T11:00:00Z'];
    assert.deepEqual(kept(times, { counts: { daily: unlimited } }), [times[2], times[0]]);
  });
});

describe('windows', () => {
  test('a window ends exactly its span before the newest snapshot', () => {
    const times = [
      '2024-03-01T10:00:00Z',
      '2024-03-01T10:00:00.000000001Z',
      '2024-03-08T10:00:00Z',
    ];
    const within = parseCalendarSpan('7d');
    assert.deepEqual(kept(times, { within }), [times[2], times[1]]);
  });

  test('one month before 31 March is 2 March in a leap year', () => {
    const times = ['2024-03-02T00:00:00Z', '2024-03-02T00:00:01Z', '2024-03-31T00:00:00Z'];
    assert.deepEqual(kept(times, { within: parseCalendarSpan('1m') }), [times[2], times[1]]);
  });

  test('a snapshot from the future does not move the window', () => {
    const times = ['2024-03-01T00:00:00Z', '2024-03-02T00:00:00Z', '2035-01-01T00:00:00Z'];
    assert.deepEqual(kept(times, { within: parseCalendarSpan('12h') }), [times[2], times[1]]);
  });
});

test('a tag list keeps only snapshots that have all of its tags', () => {
  const both = snapshotAt('2024-01-01T00:00:00Z', ['a', 'b']);
  const one = snapshotAt('2024-01-02T00:00:00Z', ['a']);
  const { keep, reasons } = applyRetention([both, one], { ...nothing, tags: [['a', 'b']] }, nowNs);
  assert.deepEqual(keep, [both]);
  assert.deepEqual(reasons[0]?.matches, ['has tags [a, b]']);
});

test('a policy of zeros is empty', () => {
  assert.ok(isEmptyPolicy({ ...nothing, counts: { last: 0 }, within: parseCalendarSpan('0h') }));
  assert.ok(!isEmptyPolicy({ ...nothing, counts: { last: unlimited } }));
});

test('a span survives a round trip, and other texts are refused', () => {
  for (const text of ['1y5m7d2h', '3d', '400h']) {
    assert.equal(formatCalendarSpan(parseCalendarSpan(text)), text);
  }
  for (const text of ['', '5', '1w', '-1d', '1d ', '1.5d']) {
    assert.throws(() => parseCalendarSpan(text), { code: 'usage/invalid' }, text);
  }
});

test('what stays and what goes are together what was there, and more rules keep no less', () => {
  const times = fc.array(fc.integer({ min: 0, max: 3 * 365 * 24 }), {
    minLength: 1,
    maxLength: 40,
  });
  const counts = fc.record(
    Object.fromEntries(countedRules.map((rule) => [rule, fc.integer({ min: -1, max: 5 })])),
  );
  fc.assert(
    fc.property(times, counts, counts, (offsets, first, second) => {
      const found = offsets.map((hours) =>
        snapshotAt(new Date(Date.UTC(2024, 0, 1, hours)).toISOString()),
      );
      const result = applyRetention(found, { ...nothing, counts: first }, nowNs);
      assert.equal(result.keep.length + result.remove.length, found.length);
      assert.deepEqual(new Set([...result.keep, ...result.remove]), new Set(found));
      assert.deepEqual(
        result.reasons.map((reason) => reason.snapshot),
        result.keep,
      );
      const wider = Object.fromEntries(
        countedRules.map((rule) => {
          const [a = 0, b = 0] = [first[rule], second[rule]];
          return [rule, a === unlimited || b === unlimited ? unlimited : Math.max(a, b)];
        }),
      );
      const more = applyRetention(found, { ...nothing, counts: wider }, nowNs);
      for (const one of result.keep) assert.ok(more.keep.includes(one));
    }),
  );
});
