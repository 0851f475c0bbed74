import assert from 'node:assert/strict';
import { constants } from 'node:perf_hooks';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { watchForcedCollections } from '../../test/support/forced-collections.ts';
import { noteYoungGarbage } from './young-garbage.ts';

test('16 MiB of garbage are collected once, by the young generation alone', async (t) => {
  const forced = watchForcedCollections(t);
  for (let piece = 0; piece < 1023; piece += 1) noteYoungGarbage(16 * 1024);
  await setTimeout(10);
  assert.deepEqual(forced, []);
  noteYoungGarbage(16 * 1024);
  while (forced.length === 0) await setTimeout(10);
  noteYoungGarbage(16 * 1024);
  await setTimeout(10);
  assert.deepEqual(forced, [constants.NODE_PERFORMANCE_GC_MINOR]);
});
