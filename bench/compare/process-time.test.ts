/** What the kernel says of a process. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStat, processorTimeOf, timeBetween } from './process-time.ts';

test('times are found behind any name', () => {
  const text = '42 (a ) b) S 1 2 3 4 5 6 7 8 9 10 1234 56 0 0 20 0 11 0 100 200';
  assert.deepEqual(parseStat(text), { userSeconds: 12.34, systemSeconds: 0.56 });
});

test('a process that is not there has no times', () => {
  assert.equal(processorTimeOf(2 ** 30), undefined);
});

test('what passed is the difference, and unknown without both', () => {
  const before = { userSeconds: 1, systemSeconds: 2 };
  const after = { userSeconds: 3, systemSeconds: 2.5 };
  assert.deepEqual(timeBetween(before, after), { userSeconds: 2, systemSeconds: 0.5 });
  assert.equal(timeBetween(before, undefined), undefined);
  assert.equal(timeBetween(undefined, after), undefined);
});
