/** Where each retirement of a plan stands for those who are in no wave. */

import { type Opening, openingsOf } from './brownout.ts';
import { phaseAt, phases } from './phase.ts';
import type { Capability, Phase, Plan, Retirement } from './plan.ts';

export interface PlanStanding {
  readonly capability: Capability;
  readonly phase: Phase;
  /** When it came into this phase; undefined before the first date. */
  readonly sinceMs: number | undefined;
  readonly next: { readonly phase: Phase; readonly atMs: number } | undefined;
  /** The window that is open or opens next. */
  readonly window: Opening | undefined;
}

export function planStandings({ retirements }: Plan, nowMs: number): PlanStanding[] {
  return retirements.map((retirement) => {
    const phase = phaseAt(retirement, nowMs);
    const since = retirement.phases[phase];
    return {
      ...{ capability: retirement.capability, phase },
      sinceMs: since === undefined || since > nowMs ? undefined : since,
      ...{ next: nextPhase(retirement, nowMs), window: nextWindow(retirement, nowMs) },
    };
  });
}

function nextPhase(retirement: Retirement, nowMs: number): PlanStanding['next'] {
  const coming = phases.flatMap((phase) => {
    const atMs = retirement.phases[phase];
    // Before its first date a retirement is as good as observed.
    return atMs === undefined || atMs <= nowMs || phase === 'observe' ? [] : [{ phase, atMs }];
  });
  return coming.sort((a, b) => a.atMs - b.atMs)[0];
}

function nextWindow(retirement: Retirement, nowMs: number): Opening | undefined {
  return retirement.windows
    .flatMap((window) => openingsOf(retirement, window, { sinceMs: nowMs, limit: 1 }))
    .sort((a, b) => a.fromMs - b.fromMs)[0];
}
