import assert from 'node:assert/strict';
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { noteYoungGarbage } from './young-garbage.ts';

/** As Node documents entries of collections. */
type GcEntry = PerformanceEntry & {
  readonly detail: { readonly kind: number; readonly flags: number };
};

test('16 MiB of garbage are collected once, by the young generation alone', async (t) => {
  const forced: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as GcEntry[]) {
      const { kind, flags } = entry.detail;
      if (flags === constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) forced.push(kind);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  t.after(() => observer.disconnect());
  for (let piece = 0; piece < 1023; piece += 1) noteYoungGarbage(16 * 1024);
  await setTimeout(10);
  assert.deepEqual(forced, []);
  noteYoungGarbage(16 * 1024);
  while (forced.length === 0) await setTimeout(10);
  noteYoungGarbage(16 * 1024);
  await setTimeout(10);
  assert.deepEqual(forced, [constants.NODE_PERFORMANCE_GC_MINOR]);
});
