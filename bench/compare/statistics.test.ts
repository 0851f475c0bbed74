import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selfTimes } from './profile.ts';
import { turn } from './rounds.ts';
import { addCosts, median, spreadOf } from './statistics.ts';

test('the median is the middle value, or the mean of two, whatever the order', () => {
  assert.equal(median([10, 9, 100]), 10);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test('the spread names the fastest and the slowest', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
});

test('times of several commands add up; memory is that of the largest', () => {
  const cost = { seconds: 1, userSeconds: 2, systemSeconds: 3, peakBytes: 40 };
  assert.deepEqual(addCosts([cost, { ...cost, peakBytes: 50 }]), {
    seconds: 2,
    userSeconds: 4,
    systemSeconds: 6,
    peakBytes: 50,
  });
});

test('each program begins a round in turn', () => {
  assert.deepEqual(turn(['a', 'b', 'c'], 1), ['a', 'b', 'c']);
  assert.deepEqual(turn(['a', 'b', 'c'], 3), ['c', 'a', 'b']);
  assert.deepEqual(turn([], 2), []);
});

test('self times are summed over threads by function, waiting left out', () => {
  const frame = (functionName: string, url: string, lineNumber: number) => ({
    functionName,
    url,
    lineNumber,
  });
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(idle)', '', -1) },
      { id: 2, callFrame: frame('seal', 'file:///somewhere/src/engine/seal.ts', 9) },
      { id: 3, callFrame: frame('(garbage collector)', '', -1) },
    ],
    samples: [1, 2, 3, 2],
    timeDeltas: [5000, 1000, 500, 2000],
  };
  assert.deepEqual(selfTimes([profile, profile]), [
    { where: 'seal src/engine/seal.ts:10', ms: 6 },
    { where: '(garbage collector)', ms: 1 },
  ]);
});
