/** Joins clients with the facts that they sent: the doctor's view of a machine of the fleet. */

import { diagnose } from '../../doctor/doctor.ts';
import type { Diagnosis } from '../../doctor/verdicts/verdict.ts';
import type { Policy } from '../../tls/policy.ts';
import { withoutCapability } from '../../tls/retirement/capabilities.ts';
import type { Plan } from '../../tls/retirement/plan.ts';
import type { VaultDatabase } from '../database/database.ts';
import { readStoredFacts } from './facts-store.ts';

export interface ClientDoctor {
  /** Of the facts, `2026-11-24`. */
  readonly day: string;
  readonly diagnosis: Diagnosis;
}

export type Doctors = ReadonlyMap<string, ClientDoctor>;

/** What the server speaks once all that the plan enforces by then is gone. */
export function policyOf(plan: Plan, atMs: number): Policy {
  let { policy } = plan;
  for (const { capability, phases } of plan.retirements) {
    if ((phases.enforce ?? Number.POSITIVE_INFINITY) > atMs) continue;
    policy = withoutCapability(policy, capability) ?? policy;
  }
  return policy;
}

/**
 * The diagnosis of each client that sent facts, one machine at a time.
 * @param policy the server's; each program's usual server when left out
 */
export async function readDoctors(
  database: VaultDatabase,
  clients: Iterable<string>,
  policy: Policy | undefined,
): Promise<Doctors> {
  const doctors = new Map<string, ClientDoctor>();
  for (const client of new Set(clients)) {
    const stored = await readStoredFacts(database, client);
    if (stored === undefined) continue;
    doctors.set(client, { day: stored.day, diagnosis: diagnose(stored.facts, { policy }) });
  }
  return doctors;
}
