/** How often a client usually backs up, and from when on its silence is one. */

import type { VaultDatabase } from '../database/database.ts';

/** So many arrivals make a rhythm, and no more than so many are looked at. */
const minArrivals = 4;
const maxArrivals = 21;
const dayMs = 86_400_000;
/** A longer pause that was there before (a weekend) is usual too, up to so many times the usual one. */
const maxPauses = 4;

/**
 * The longest pause that needs no look: twice the usual one (the median), or one as long as there was
 * before; at least a day. Undefined for too few arrivals to know.
 * @param arrivalsMs the latest first
 */
export function longestUsualPause(arrivalsMs: readonly number[]): number | undefined {
  if (arrivalsMs.length < minArrivals) return undefined;
  const pauses = arrivalsMs.slice(1).map((ms, at) => (arrivalsMs[at] ?? ms) - ms);
  pauses.sort((a, b) => a - b);
  const median = pauses[pauses.length >> 1] ?? 0;
  return Math.max(dayMs, 2 * median, Math.min(pauses.at(-1) ?? 0, maxPauses * median));
}

/** When snapshots of a client arrived, the latest first; only as many as its rhythm needs. */
export async function readArrivals(
  database: VaultDatabase,
  { kind, name }: { readonly kind: 'certificate' | 'login'; readonly name: string },
): Promise<number[]> {
  const rows = await database
    .selectFrom('backups')
    .select('arrived_ms')
    .where('client_kind', '=', kind)
    .where('client', '=', name)
    .orderBy('id', 'desc')
    .limit(maxArrivals)
    .execute();
  return rows.map(({ arrived_ms }) => arrived_ms);
}
