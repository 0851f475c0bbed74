import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workersFor } from './parallel.ts';

test('one core gets one worker, many cores no more than memory allows', () => {
  assert.equal(workersFor(undefined, 1), 1);
  assert.equal(workersFor(undefined, 2), 2);
  assert.equal(workersFor(undefined, 64), 2);
});

test('a wish counts whatever the cores, but there is always a worker', () => {
  assert.equal(workersFor(7, 1), 7);
  assert.equal(workersFor(0, 4), 1);
});
