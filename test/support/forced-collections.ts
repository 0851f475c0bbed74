/** Collections of garbage that the program has asked for. */

import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import type { TestContext } from 'node:test';

/** As Node documents entries of collections. */
type GcEntry = PerformanceEntry & {
  readonly detail: { readonly kind: number; readonly flags: number };
};

/** The kinds of those that come from now on, as `NODE_PERFORMANCE_GC_*` has them; told a moment later. */
export function watchForcedCollections(t: TestContext): readonly number[] {
  const kinds: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as GcEntry[]) {
      if (detail.flags === constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) kinds.push(detail.kind);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  t.after(() => observer.disconnect());
  return kinds;
}
