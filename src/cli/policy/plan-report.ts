/** A plan as `sealift policy` shows it: findings, where each retirement stands, moved dates. */

import { openingsOf } from '../../tls/retirement/brownout.ts';
import type { PlanFinding } from '../../tls/retirement/check-plan.ts';
import { phaseAt, phases } from '../../tls/retirement/phase.ts';
import type { Capability, DateChange, Phase, Plan, Retirement } from '../../tls/retirement/plan.ts';
import { formatPlanTime } from '../../tls/retirement/plan-times.ts';
import { printable } from '../output.ts';
import type { Say } from '../texts/texts.ts';

/** `warning: exemptions[1].until: the exemption … ended …`. */
export function findingLine(say: Say, { code, severity, where, fields }: PlanFinding): string {
  const level = severity === 'error' ? say('error.error') : say('warning.prefix');
  return printable(`${level}: ${where}: ${say(`policy.${code}`, fields)}`);
}

export function findingDocument(say: Say, finding: PlanFinding): Record<string, unknown> {
  const { code, fields } = finding;
  return { ...finding, message: say(`policy.${code}`, fields) };
}

export function changeLine(say: Say, { capability, phase, fromMs, toMs }: DateChange): string {
  const from = fromMs === undefined ? undefined : formatPlanTime(fromMs);
  return toMs === undefined
    ? say('policy.dropped', { capability, phase, from })
    : say('policy.moved', { capability, phase, from, to: formatPlanTime(toMs) });
}

/** Where a retirement stands for those who are in no wave. Times as plans write them. */
export interface StandingDocument {
  readonly capability: Capability;
  readonly phase: Phase;
  readonly since: string | null;
  readonly next: { readonly phase: Phase; readonly date: string } | null;
  /** The window that is open or opens next. */
  readonly window: {
    readonly from: string;
    readonly until: string;
    readonly answer: string;
  } | null;
}

export function standingDocuments({ retirements }: Plan, nowMs: number): StandingDocument[] {
  return retirements.map((retirement) => {
    const phase = phaseAt(retirement, nowMs);
    const since = retirement.phases[phase];
    return {
      ...{ capability: retirement.capability, phase },
      since: since === undefined || since > nowMs ? null : formatPlanTime(since),
      ...{ next: nextPhase(retirement, nowMs), window: nextWindow(retirement, nowMs) },
    };
  });
}

export function standingLines(say: Say, plan: Plan, nowMs: number): string[] {
  if (plan.retirements.length === 0) return [say('policy.noRetirements')];
  return standingDocuments(plan, nowMs).flatMap(({ capability, phase, since, next, window }) => [
    say('policy.standing', {
      ...{ capability, phase, since: since ?? undefined },
      ...{ next: next?.phase, nextDate: next?.date },
    }),
    ...(window === null ? [] : [`  ${say('policy.window', window)}`]),
  ]);
}

function nextPhase(retirement: Retirement, nowMs: number): StandingDocument['next'] {
  const coming = phases.flatMap((phase) => {
    const ms = retirement.phases[phase];
    // Before its first date a retirement is as good as observed.
    return ms === undefined || ms <= nowMs || phase === 'observe' ? [] : [{ phase, ms }];
  });
  const [first] = coming.sort((a, b) => a.ms - b.ms);
  return first === undefined ? null : { phase: first.phase, date: formatPlanTime(first.ms) };
}

function nextWindow(retirement: Retirement, nowMs: number): StandingDocument['window'] {
  const [first] = retirement.windows
    .flatMap((window) => openingsOf(retirement, window, { sinceMs: nowMs, limit: 1 }))
    .sort((a, b) => a.fromMs - b.fromMs);
  if (first === undefined) return null;
  const { fromMs, untilMs, answer } = first;
  return { from: formatPlanTime(fromMs), until: formatPlanTime(untilMs), answer };
}
