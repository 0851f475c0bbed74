/** Where a retirement stands for one client at one moment. */

import { brownoutAnswer } from './brownout.ts';
import { exemptUntil } from './exemptions.ts';
import type { BrownoutAnswer, Phase, Plan, Retirement, Who } from './plan.ts';
import { findWave } from './waves.ts';

/** In the order in which they follow each other. */
export const phases = [
  'observe',
  'warn',
  'brownout',
  'enforce',
] as const satisfies readonly Phase[];

/** One retirement as it applies to one client now. */
export interface Standing {
  readonly retirement: Retirement;
  readonly phase: Phase;
  /** A brownout that is on right now; never for an exempt client. */
  readonly brownout: BrownoutAnswer | undefined;
  readonly exemptUntilMs: number | undefined;
  /** When the client hears of it first: the earliest phase after observing. */
  readonly warnMs: number | undefined;
  /** When it is refused for good: the later of the phase and the end of the exemption. */
  readonly enforceMs: number | undefined;
}

/** Every retirement of the plan as it stands for the client at `nowMs`. */
export function standingsOf(plan: Plan, client: Who, nowMs: number): Standing[] {
  // Whoever asks may work the fields out when they are read: here each is read once, or never.
  const who = asksWho(plan) ? readOnce(client) : client;
  const offsetMs = findWave(plan.waves, who)?.offsetMs ?? 0;
  return plan.retirements.map((retirement) => {
    const phase = phaseAt(retirement, nowMs - offsetMs);
    const exemptUntilMs = exemptUntil(plan.exemptions, { who, nowMs, of: retirement.capability });
    const enforceMs = retirement.phases.enforce;
    return {
      ...{ retirement, phase, exemptUntilMs },
      brownout:
        phase === 'brownout' && exemptUntilMs === undefined
          ? brownoutAnswer(retirement, who, nowMs - offsetMs)
          : undefined,
      warnMs: shift(firstNoticeMs(retirement), offsetMs),
      enforceMs: latest(shift(enforceMs, offsetMs), exemptUntilMs),
    };
  });
}

function readOnce({ address, fingerprint, clients, tags }: Who): Who {
  return { address, fingerprint, clients, tags };
}

function asksWho({ waves, exemptions, retirements }: Plan): boolean {
  return (
    waves.length + exemptions.length > 0 || retirements.some(({ shares }) => shares.length > 0)
  );
}

/**
 * The phase at a moment of the plan's own calendar (a wave's offset already taken off): the last one
 * whose date has come, `observe` before the first.
 */
export function phaseAt({ phases: dates }: Retirement, planMs: number): Phase {
  return phases.findLast((phase) => (dates[phase] ?? Infinity) <= planMs) ?? 'observe';
}

/** The date of the first phase that a client notices. */
export function firstNoticeMs({ phases: dates }: Retirement): number | undefined {
  return dates.warn ?? dates.brownout ?? dates.enforce;
}

function shift(ms: number | undefined, offsetMs: number): number | undefined {
  return ms === undefined ? undefined : ms + offsetMs;
}

function latest(ms: number | undefined, other: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.max(ms, other ?? ms);
}
