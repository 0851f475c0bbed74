/** Where a retirement stands for one client at one moment. */

import { brownoutAnswer } from './brownout.ts';
import { capabilityVersion } from './capabilities.ts';
import type {
  BrownoutAnswer,
  Capability,
  Exemption,
  Phase,
  Plan,
  Retirement,
  Who,
} from './plan.ts';
import { findWave, isNamed } from './waves.ts';

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
    const exemptUntilMs = exemptionOf(plan.exemptions, { who, nowMs, of: retirement.capability });
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

/**
 * The latest end among the exemptions that hold for the client. An exemption from a version carries
 * the newer ones with it: whoever may speak TLS 1.0 is not kept out by the end of TLS 1.1.
 */
function exemptionOf(
  exemptions: readonly Exemption[],
  { who, nowMs, of }: { readonly who: Who; readonly nowMs: number; readonly of: Capability },
): number | undefined {
  const ends = exemptions
    .filter(
      ({ capability, untilMs, client }) =>
        nowMs < untilMs && covers(capability, of) && isNamed(client, who),
    )
    .map(({ untilMs }) => untilMs);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** True if an exemption from `exempt` is one from `retired` too. */
export function covers(exempt: Capability, retired: Capability): boolean {
  const [older, newer] = [capabilityVersion(exempt), capabilityVersion(retired)];
  return exempt === retired || (older !== undefined && newer !== undefined && older <= newer);
}

function shift(ms: number | undefined, offsetMs: number): number | undefined {
  return ms === undefined ? undefined : ms + offsetMs;
}

function latest(ms: number | undefined, other: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.max(ms, other ?? ms);
}
