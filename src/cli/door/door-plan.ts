/** The plan of a door: a baseline's name, a policy file or a plan file, read again when asked. */

import { findBaseline } from '../../tls/baselines.ts';
import { parsePlan, planOfPolicy } from '../../tls/retirement/parse-plan.ts';
import type { Plan } from '../../tls/retirement/plan.ts';
import { readInputFile } from '../read-input-file.ts';

/** @throws SealiftError `usage/invalid` for a file that cannot be read, `tls/policy` for a wrong one */
export async function readDoorPlan(given: string): Promise<Plan> {
  const baseline = findBaseline(given);
  if (baseline !== undefined) return planOfPolicy(baseline);
  const text = Buffer.from(await readInputFile('--policy', given)).toString('utf8');
  return parsePlan(text, { file: given, findBaseline });
}
