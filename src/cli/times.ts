/** Moments as restic's options take them: `2026-11-24 06:00:00` in the local zone, or `now`. */

import { nsPerMs, parseTime } from '../base/time.ts';
import { usageError } from './global-options.ts';

/** @returns nanoseconds since 1970 */
export function parseBackupTime(text: string): bigint {
  if (text === 'now') return BigInt(Date.now()) * nsPerMs;
  const full = parseTime(text);
  if (full !== undefined) return full.ns;
  const match = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?$/.exec(text);
  // Without a zone, Date.parse takes a date with a time as local time.
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2] ?? '00:00:00'}`);
  if (Number.isNaN(ms)) {
    throw usageError(`--time takes a time such as '2026-11-24 06:00:00', not '${text}'`);
  }
  return BigInt(ms) * nsPerMs;
}
