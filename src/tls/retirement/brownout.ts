/**
 * Brownouts: windows (cron and duration in a time zone) and growing shares of the clients. All times
 * here are of the plan's own calendar: the caller takes a wave's offset off first.
 */

import { Cron } from 'croner';
import type { BrownoutAnswer, BrownoutWindow, Retirement, Who } from './plan.ts';
import { isInShare, subjectsOf } from './waves.ts';

/**
 * How a brownout answers the client now; undefined when none is on. Where a window and a share meet,
 * the alert wins, since it is closer to the final state. Of several names behind one address, one outside
 * the share keeps all of them out of it.
 */
export function brownoutAnswer(
  retirement: Retirement,
  who: Who,
  planMs: number,
): BrownoutAnswer | undefined {
  const share = shareAt(retirement, planMs);
  const answers = retirement.windows
    .filter((window) => isOpen(retirement, window, planMs))
    .map(({ answer }) => answer);
  const inShare =
    share !== undefined &&
    subjectsOf(who).every((subject) => isInShare(subject, retirement.capability, share.percent));
  if (inShare) answers.push(share.answer);
  return answers.includes('alert') ? 'alert' : answers[0];
}

/** The share whose time came last; undefined before the first. */
function shareAt({ shares }: Retirement, planMs: number): Retirement['shares'][number] | undefined {
  return shares
    .filter(({ fromMs }) => fromMs <= planMs)
    .reduce<Retirement['shares'][number] | undefined>(
      (last, share) => (last === undefined || share.fromMs >= last.fromMs ? share : last),
      undefined,
    );
}

export interface Opening {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly answer: BrownoutAnswer;
}

/** The next openings of one line that end after `sinceMs`, earliest first, at most `limit`. */
export function openingsOf(
  retirement: Retirement,
  window: BrownoutWindow,
  { sinceMs, limit }: { readonly sinceMs: number; readonly limit: number },
): Opening[] {
  const { from, until } = limitsOf(retirement, window);
  if (from >= until) return [];
  const openings: Opening[] = [];
  const schedule = scheduleOf(window);
  // One opening before may still be on.
  let at = lastRun(schedule, sinceMs) ?? nextRun(schedule, sinceMs);
  if (at !== undefined && at < from) at = nextRun(schedule, from - 1);
  while (at !== undefined && at < until && openings.length < limit) {
    const untilMs = Math.min(at + window.durationMs, retirement.phases.enforce ?? Infinity);
    if (untilMs > sinceMs) openings.push({ fromMs: at, untilMs, answer: window.answer });
    at = nextRun(schedule, at);
  }
  return openings;
}

function isOpen(retirement: Retirement, window: BrownoutWindow, planMs: number): boolean {
  const schedule = scheduleOf(window);
  if (planMs < schedule.fromMs || planMs >= schedule.nextMs) {
    schedule.fromMs = lastRun(schedule, planMs) ?? -Infinity;
    schedule.nextMs = nextRun(schedule, planMs) ?? Infinity;
  }
  const { from, until } = limitsOf(retirement, window);
  const openedMs = schedule.fromMs;
  return openedMs >= from && openedMs < until && planMs < openedMs + window.durationMs;
}

/** A window opens in the brownout phase only, and inside its own limits if it has any. */
function limitsOf(
  { phases }: Retirement,
  { fromMs, untilMs }: BrownoutWindow,
): { readonly from: number; readonly until: number } {
  return {
    from: Math.max(phases.brownout ?? Infinity, fromMs ?? -Infinity),
    until: Math.min(phases.enforce ?? Infinity, untilMs ?? Infinity),
  };
}

/** A window's cron line, and the two runs around the moment asked for last: a hello asks each time. */
interface Schedule {
  readonly cron: Cron;
  fromMs: number;
  nextMs: number;
}

const schedules = new WeakMap<BrownoutWindow, Schedule>();

function scheduleOf(window: BrownoutWindow): Schedule {
  let schedule = schedules.get(window);
  if (schedule === undefined) {
    const cron = new Cron(window.cron, { timezone: window.timeZone, mode: '5-part' });
    schedule = { cron, fromMs: Infinity, nextMs: -Infinity };
    schedules.set(window, schedule);
  }
  return schedule;
}

/** The last run at or before a moment. */
function lastRun({ cron }: Schedule, ms: number): number | undefined {
  return cron.previousRuns(1, new Date(ms + 1))[0]?.getTime();
}

/** The first run after a moment. */
function nextRun({ cron }: Schedule, ms: number): number | undefined {
  return cron.nextRun(new Date(ms))?.getTime();
}
