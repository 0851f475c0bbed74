/**
 * Which snapshots a retention policy keeps, and why: restic's rules (restic-format.md, section 18) as
 * a pure function. Whoever removes the others is `forget.ts`.
 */

import { SealiftError } from '../base/errors.ts';
import { type ZonedTime, zeroTime } from '../repository/json-fields.ts';
import type { FoundSnapshot } from './snapshots.ts';

/** A span on the calendar: `1y5m7d2h`. */
export interface CalendarSpan {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
}

/** Every snapshot of a kind is kept. */
export const unlimited = -1;

export const countedRules = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type CountedRule = (typeof countedRules)[number];
export const spanRules = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type SpanRule = (typeof spanRules)[number];

/** Rules left out keep nothing; a snapshot stays when at least one rule keeps it. */
export interface RetentionPolicy {
  /** How many of each kind, or {@link unlimited}. */
  readonly counts: Readonly<Partial<Record<CountedRule, number>>>;
  /** Everything newer than this, counted back from the newest snapshot. */
  readonly within?: CalendarSpan;
  /** One of each hour, day, … that is newer than this. */
  readonly withinEach: Readonly<Partial<Record<SpanRule, CalendarSpan>>>;
  /** Snapshots with all tags of one of these lists. */
  readonly tags: readonly (readonly string[])[];
}

export type RetentionCounters = Readonly<Record<CountedRule, number>>;

export interface KeepReason {
  readonly snapshot: FoundSnapshot;
  /** In restic's words: `daily snapshot`, `within 7d`. */
  readonly matches: readonly string[];
  /** What is left of each count after this snapshot. */
  readonly counters: RetentionCounters;
}

export interface RetentionResult {
  /** Newest first, as the other lists. */
  readonly keep: readonly FoundSnapshot[];
  readonly remove: readonly FoundSnapshot[];
  /** One for each snapshot kept, in the same order. */
  readonly reasons: readonly KeepReason[];
}

/** True when no rule is given; such a policy would remove everything, so callers ask before. */
export function isEmptyPolicy({ counts, within, withinEach, tags }: RetentionPolicy): boolean {
  return (
    tags.length === 0 &&
    isZeroSpan(within) &&
    countedRules.every((rule) => (counts[rule] ?? 0) === 0) &&
    spanRules.every((rule) => isZeroSpan(withinEach[rule]))
  );
}

/**
 * Sorts the snapshots of one group into those that stay and those that go.
 * @param nowNs snapshots that lie in the future do not move the windows of `within`
 */
export function applyRetention(
  snapshots: readonly FoundSnapshot[],
  policy: RetentionPolicy,
  nowNs: bigint,
): RetentionResult {
  // A stable sort, so that snapshots of one moment stay in the order given.
  const sorted = snapshots.toSorted((a, b) => compareNs(b.snapshot.time.ns, a.snapshot.time.ns));
  const latest = latestTime(sorted, nowNs);
  const tagged = policy.tags.map((tags) => ({ tags, reason: `has tags [${tags.join(', ')}]` }));
  const within = windowOf(policy.within, latest);
  const counters = countedRules.map((rule) => new CountedBucket(rule, policy.counts[rule] ?? 0));
  const windows = spanRules.flatMap((rule) => {
    const window = windowOf(policy.withinEach[rule], latest);
    return window === undefined ? [] : [new WindowBucket(rule, window)];
  });
  const keep: FoundSnapshot[] = [];
  const remove: FoundSnapshot[] = [];
  const reasons: KeepReason[] = [];
  for (const [position, found] of sorted.entries()) {
    const { time, tags } = found.snapshot;
    const isOldest = position === sorted.length - 1;
    const matches = [
      ...tagged.filter((rule) => hasAllTags(tags, rule.tags)).map((rule) => rule.reason),
      ...(within !== undefined && time.ns > within.afterNs ? [`within ${within.text}`] : []),
      ...counters.flatMap((counter) => counter.take(time, position, isOldest)),
      ...windows.flatMap((window) => window.take(time)),
    ];
    if (matches.length === 0) {
      remove.push(found);
      continue;
    }
    keep.push(found);
    reasons.push({ snapshot: found, matches, counters: countersOf(counters) });
  }
  return { keep, remove, reasons };
}

/**
 * Reads `1y5m7d2h`; parts may be left out.
 * @throws SealiftError 'usage/invalid'
 */
export function parseCalendarSpan(text: string): CalendarSpan {
  const span = { years: 0, months: 0, days: 0, hours: 0 };
  const units = { y: 'years', m: 'months', d: 'days', h: 'hours' } as const;
  if (!/^(?:\d{1,9}[ymdh])+$/.test(text)) {
    throw new SealiftError('usage/invalid', `'${text}' is no span of time`, {
      hint: 'write years, months, days and hours as in 1y5m7d2h',
      fields: { value: text },
    });
  }
  for (const [, amount, unit] of text.matchAll(/(\d+)([ymdh])/g)) {
    // The pattern above allows these four letters only.
    span[units[unit as keyof typeof units]] = Number(amount);
  }
  return span;
}

export function formatCalendarSpan({ years, months, days, hours }: CalendarSpan): string {
  const parts: readonly (readonly [number, string])[] = [
    [years, 'y'],
    [months, 'm'],
    [days, 'd'],
    [hours, 'h'],
  ];
  return parts
    .filter(([amount]) => amount !== 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join('');
}

/** Keeps the newest of each hour, day, … until its count is used up. */
class CountedBucket {
  readonly rule: CountedRule;
  left: number;
  #last = -1;

  constructor(rule: CountedRule, count: number) {
    this.rule = rule;
    this.left = count;
  }

  /** The oldest of all stays while there is room, so that the history reaches as far as it can. */
  take(time: ZonedTime, position: number, isOldest: boolean): string[] {
    if (this.left === 0) return [];
    const value = this.rule === 'last' ? position : bucketOf(this.rule, time);
    if (value === this.#last && !isOldest) return [];
    this.#last = value;
    if (this.left > 0) this.left -= 1;
    return [`${this.rule} snapshot`];
  }
}

interface Window {
  /** Snapshots after this moment are inside. */
  readonly afterNs: bigint;
  readonly text: string;
}

class WindowBucket {
  readonly #rule: SpanRule;
  readonly #window: Window;
  #last = -1;

  constructor(rule: SpanRule, window: Window) {
    this.#rule = rule;
    this.#window = window;
  }

  take(time: ZonedTime): string[] {
    if (time.ns <= this.#window.afterNs) return [];
    const value = bucketOf(this.#rule, time);
    if (value === this.#last) return [];
    this.#last = value;
    return [`${this.#rule} within ${this.#window.text}`];
  }
}

function countersOf(buckets: readonly CountedBucket[]): RetentionCounters {
  const counters = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  for (const { rule, left } of buckets) counters[rule] = left;
  return counters;
}

/** A number that is the same for all moments of one hour, day, … in the snapshot's own zone. */
function bucketOf(rule: SpanRule, time: ZonedTime): number {
  const date = localDate(time);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth() + 1;
  switch (rule) {
    case 'hourly':
      return ((year * 100 + month) * 100 + date.getUTCDate()) * 100 + date.getUTCHours();
    case 'daily':
      return (year * 100 + month) * 100 + date.getUTCDate();
    case 'weekly':
      return isoWeek(date);
    case 'monthly':
      return year * 100 + month;
    case 'yearly':
      return year;
  }
}

const dayMs = 86_400_000;

/** Year and week of ISO 8601: the week belongs to the year of its Thursday. */
function isoWeek(date: Date): number {
  const midnight = new Date(date);
  midnight.setUTCHours(0, 0, 0, 0);
  const weekday = (midnight.getUTCDay() + 6) % 7;
  const thursday = new Date(midnight.getTime() + (3 - weekday) * dayMs);
  const firstOfYear = new Date(thursday);
  firstOfYear.setUTCMonth(0, 1);
  const week = Math.floor((thursday.getTime() - firstOfYear.getTime()) / dayMs / 7) + 1;
  return thursday.getUTCFullYear() * 100 + week;
}

/** The wall clock of the zone that the time was written in, in the UTC fields of a Date. */
function localDate({ ns, offsetMinutes }: ZonedTime): Date {
  return new Date(Number(floorToMs(ns)) + offsetMinutes * 60_000);
}

/** The newest time that is not in the future; year 1, as in restic, when all are. */
function latestTime(sorted: readonly FoundSnapshot[], nowNs: bigint): ZonedTime {
  return sorted.find(({ snapshot }) => snapshot.time.ns < nowNs)?.snapshot.time ?? zeroTime;
}

/**
 * Counts a span back on the calendar of the newest snapshot's zone: one month before 31 March is
 * 31 February, which is 2 or 3 March, as in Go.
 */
function windowOf(span: CalendarSpan | undefined, latest: ZonedTime): Window | undefined {
  if (span === undefined || isZeroSpan(span)) return undefined;
  const date = localDate(latest);
  const before = new Date(date);
  before.setUTCFullYear(
    date.getUTCFullYear() - span.years,
    date.getUTCMonth() - span.months,
    date.getUTCDate() - span.days,
  );
  const movedMs = BigInt(before.getTime() - date.getTime() - span.hours * 3_600_000);
  return { afterNs: latest.ns + movedMs * 1_000_000n, text: formatCalendarSpan(span) };
}

function isZeroSpan(span: CalendarSpan | undefined): boolean {
  return span === undefined || formatCalendarSpan(span) === '';
}

function hasAllTags(tags: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((tag) => (tag === '' ? tags.length === 0 : tags.includes(tag)));
}

function compareNs(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function floorToMs(ns: bigint): bigint {
  const ms = ns / 1_000_000n;
  return ns % 1_000_000n < 0n ? ms - 1n : ms;
}
