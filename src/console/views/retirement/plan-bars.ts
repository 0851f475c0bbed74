/** A plan as bars on a time axis: for each retirement and wave, when each phase begins and ends. */

import { parseDuration } from '../../../base/units.ts';
import { type ApiCapability, type ApiPhase, phase } from '../../../vault/api/schemas/common.ts';
import type { PlanDocument } from '../../../vault/api/schemas/policy.ts';

export interface PhaseBar {
  readonly phase: ApiPhase;
  readonly fromMs: number;
  /** The axis ends there for the last phase. */
  readonly untilMs: number;
}

export interface PlanRow {
  readonly key: string;
  readonly capability: ApiCapability;
  /** Undefined for everybody who is in no wave. */
  readonly wave: string | undefined;
  readonly bars: readonly PhaseBar[];
}

export interface PlanBars {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly rows: readonly PlanRow[];
}

const dayMs = 86_400_000;
const marginDays = 45;

export function barsOf({ retirements = [], waves = [] }: PlanDocument, nowMs: number): PlanBars {
  const starts = retirements.flatMap((retirement) => {
    const dates = phase.options.flatMap((name) => {
      const ms = momentOf(retirement[name]);
      return ms === undefined ? [] : [{ phase: name, ms }];
    });
    const bands = [
      { wave: undefined, offsetMs: 0 },
      ...waves.map(({ name, offset }) => ({ wave: name, offsetMs: offsetOf(offset) })),
    ];
    return bands.map(({ wave, offsetMs }) => ({
      key: `${retirement.capability} ${wave ?? ''}`,
      capability: retirement.capability,
      wave,
      dates: dates.map((date) => ({ ...date, ms: date.ms + offsetMs })),
    }));
  });
  const all = [nowMs, ...starts.flatMap(({ dates }) => dates.map(({ ms }) => ms))];
  const fromMs = Math.min(...all) - marginDays * dayMs;
  const untilMs = Math.max(...all) + 2 * marginDays * dayMs;
  return {
    fromMs,
    untilMs,
    rows: starts.map(({ dates, ...row }) => ({
      ...row,
      bars: dates
        .toSorted((a, b) => a.ms - b.ms)
        .map(({ phase: name, ms }, index, sorted) => ({
          phase: name,
          fromMs: ms,
          untilMs: sorted[index + 1]?.ms ?? untilMs,
        })),
    })),
  };
}

/** Firsts of months (UTC) between two moments, thinned so that their labels fit. */
export function monthTicks(fromMs: number, untilMs: number, most: number): number[] {
  const start = new Date(fromMs);
  const ticks: number[] = [];
  for (let month = 1; ; month++) {
    const ms = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month);
    if (ms > untilMs) break;
    ticks.push(ms);
  }
  const step = Math.max(1, Math.ceil(ticks.length / most));
  return ticks.filter((_, index) => index % step === 0);
}

/** Undefined for a date that is not whole yet, as while it is typed. */
export function momentOf(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** `-14d` is two weeks ahead of the others. */
function offsetOf(text: string | undefined): number {
  const trimmed = (text ?? '').trim();
  const span = parseDuration(trimmed.replace(/^[+-]/, '')) ?? 0;
  return trimmed.startsWith('-') ? -span : span;
}
