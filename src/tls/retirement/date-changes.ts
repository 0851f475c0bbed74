/** Dates that were announced and then moved. */

import { phases } from './phase.ts';
import type { DateChange, Plan } from './plan.ts';

/**
 * Every date of the plan before that is another one now, or gone. A date that is set for the first time
 * breaks no promise: it is its beginning.
 */
export function dateChanges(
  before: Plan,
  after: Plan,
  { atMs, reason }: { readonly atMs: number; readonly reason: string },
): DateChange[] {
  return before.retirements.flatMap(({ capability, phases: dates }) => {
    const now = after.retirements.find((retirement) => retirement.capability === capability);
    return phases.flatMap((phase) => {
      const [fromMs, toMs] = [dates[phase], now?.phases[phase]];
      if (fromMs === undefined || fromMs === toMs) return [];
      return [{ atMs, capability, phase, fromMs, toMs, reason }];
    });
  });
}
