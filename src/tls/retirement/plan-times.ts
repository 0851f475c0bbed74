/** Dates and durations as plans write them. */

import { parseDuration } from '../../base/units.ts';

const isoTime =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * Milliseconds since 1970 of `2026-09-01` (0:00 UTC of that day) or `2026-09-01T09:00+02:00`;
 * undefined for anything else, also for days that no month has.
 */
export function parsePlanTime(text: string): number | undefined {
  const match = isoTime.exec(text.trim());
  if (!match) return undefined;
  const [, day = '', time = '00:00', seconds = '00', fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${day}T${time}:${seconds}.${fraction.padEnd(3, '0')}${zone}`);
  // A date that does not exist rolls over into the next month.
  const isReal = new Date(`${day}T00:00:00Z`).getUTCDate() === Number(day.slice(8));
  return Number.isNaN(ms) || !isReal ? undefined : ms;
}

/** `2026-09-01`, or `2026-09-01T07:00:00Z` when it is not the start of a day in UTC. */
export function formatPlanTime(ms: number): string {
  const text = new Date(ms).toISOString().replace('.000Z', 'Z');
  return text.endsWith('T00:00:00Z') ? text.slice(0, 10) : text;
}

/** Milliseconds of `28d`, `-28d`, `+1h30m`; undefined if it is none. */
export function parseOffset(text: string): number | undefined {
  const [, sign = '', size = ''] = /^([+-]?)(.*)$/.exec(text.trim()) ?? [];
  const ms = parseDuration(size);
  if (ms === undefined) return undefined;
  const whole = Math.round(ms);
  return sign === '-' && whole !== 0 ? -whole : whole;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** `28d`, `-1h30m`, `0`: what {@link parseOffset} reads back. */
export function formatOffset(ms: number): string {
  let rest = Math.abs(ms);
  const parts = units.map(([name, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count}${name}`;
  });
  const text = parts.join('');
  return text === '' ? '0' : `${ms < 0 ? '-' : ''}${text}`;
}
