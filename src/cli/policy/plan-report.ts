/** A plan as `sealift policy` shows it: findings, where each retirement stands, moved dates. */

import { printable } from '../../base/printable.ts';
import type { PlanFinding } from '../../tls/retirement/check-plan.ts';
import { planFindingText } from '../../tls/retirement/finding-text.ts';
import type { Capability, DateChange, Phase, Plan } from '../../tls/retirement/plan.ts';
import { planStandings } from '../../tls/retirement/plan-standings.ts';
import { formatPlanTime } from '../../tls/retirement/plan-times.ts';
import type { Language } from '../language.ts';
import type { Say } from '../texts/texts.ts';

/** A finding with its sentence, in the language asked for. */
export interface FindingDocument {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly where: string;
  readonly fields: Readonly<Record<string, string | number>>;
  readonly message: string;
}

/** `warning: exemptions[1].until: the exemption … ended …`. */
export function findingLine(
  { say }: { readonly say: Say },
  { severity, where, message }: FindingDocument,
): string {
  const level = severity === 'error' ? say('error.error') : say('warning.prefix');
  return printable(`${level}: ${where}: ${message}`);
}

export function findingDocument(language: Language, finding: PlanFinding): FindingDocument {
  return { ...finding, message: planFindingText(finding, language) };
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

export function standingDocuments(plan: Plan, nowMs: number): StandingDocument[] {
  return planStandings(plan, nowMs).map(({ capability, phase, sinceMs, next, window }) => ({
    ...{ capability, phase },
    since: sinceMs === undefined ? null : formatPlanTime(sinceMs),
    next: next === undefined ? null : { phase: next.phase, date: formatPlanTime(next.atMs) },
    window:
      window === undefined
        ? null
        : {
            from: formatPlanTime(window.fromMs),
            until: formatPlanTime(window.untilMs),
            answer: window.answer,
          },
  }));
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
