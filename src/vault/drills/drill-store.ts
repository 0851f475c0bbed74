/** Restore drills that enrolled machines report: what was tried, and whether all of it came back. */

import { z } from 'zod';
import type { VaultDatabase } from '../database/database.ts';

/** What a machine sends. Names of files are not among it: the vault has no key, and learns nothing here. */
export const drillReport = z.object({
  /** `check`: all data of the repository was read and verified. */
  kind: z.enum(['restore', 'check']),
  ok: z.boolean(),
  /** The snapshot that was restored; null for the whole repository. */
  snapshot: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** Entries that were restored; 0 for a check. */
  files: z.int().nonnegative(),
  /** Content that was restored, or read. */
  bytes: z.int().nonnegative(),
  errors: z.int().nonnegative(),
  /** Of docs/errors.md; null when all is well. */
  code: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
    .max(60)
    .nullable(),
});
export type DrillReport = z.infer<typeof drillReport>;

/** The latest of each client that stay. */
const keptDrills = 200;

export async function recordDrill(
  database: VaultDatabase,
  { client, report, nowMs }: { client: string; report: DrillReport; nowMs: number },
): Promise<void> {
  const { ok, ...rest } = report;
  await database
    .insertInto('drills')
    .values({ client, at_ms: nowMs, ok: ok ? 1 : 0, ...rest })
    .execute();
  const kept = database
    .selectFrom('drills')
    .select('id')
    .where('client', '=', client)
    .orderBy('id', 'desc')
    .limit(keptDrills);
  await database
    .deleteFrom('drills')
    .where('client', '=', client)
    .where('id', 'not in', kept)
    .execute();
}
