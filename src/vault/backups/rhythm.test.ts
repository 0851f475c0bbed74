import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longestUsualPause } from './rhythm.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** Arrivals with these pauses between them, the latest first. */
function arrivals(pauses: readonly number[]): number[] {
  const moments = [0];
  for (const pause of pauses) moments.push((moments.at(-1) ?? 0) - pause);
  return moments;
}

test('three backups are no rhythm', () => {
  assert.equal(longestUsualPause(arrivals([day, day])), undefined);
});

test('twice the usual pause, and never less than a day', () => {
  assert.equal(longestUsualPause(arrivals([day, day, day])), 2 * day);
  assert.equal(longestUsualPause(arrivals([7 * day, 7 * day, 7 * day])), 14 * day);
  assert.equal(longestUsualPause(arrivals([hour, hour, hour])), day);
});

test('a weekend is usual, an outage of a month is not', () => {
  assert.equal(longestUsualPause(arrivals([day, day, day, 3 * day, day])), 3 * day);
  assert.equal(longestUsualPause(arrivals([day, day, 30 * day, day, day])), 4 * day);
});
