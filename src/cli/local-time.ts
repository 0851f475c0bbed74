/** Moments as tables show them. */

import { formatTime } from '../base/time.ts';

/** `2026-11-24 06:27:50` in the local zone. */
export function localTime(ns: bigint): string {
  return formatTime(ns).slice(0, 19).replace('T', ' ');
}
