/** What a command judges clients by: the vault's retirement plan or another file, and the clients' tags. */

import { readFile } from 'node:fs/promises';
import { messageOf, SealiftError } from '../../base/errors.ts';
import { findBaseline } from '../../tls/baselines.ts';
import { parsePlan } from '../../tls/retirement/parse-plan.ts';
import type { Plan } from '../../tls/retirement/plan.ts';
import { fitsAny } from '../../vault/accounts/name-patterns.ts';
import { readVaultConfig } from '../../vault/config.ts';
import { readPlan } from '../../vault/plan-store.ts';

export interface Yardstick {
  readonly plan: Plan;
  /** The tags that vault.yaml gives to a client's name. */
  readonly tagsOf: (client: string) => string[];
}

/**
 * @param file a plan or a policy; the vault's own plan when left out
 * @throws SealiftError `tls/policy`, `vault/config`
 */
export async function readYardstick(dataDir: string, file: string | undefined): Promise<Yardstick> {
  const plan = file === undefined ? await readPlan(dataDir) : await readPlanFile(file);
  const { tags } = await readVaultConfig(dataDir);
  const tagsOf = (client: string): string[] =>
    Object.entries(tags).flatMap(([tag, patterns]) => (fitsAny(patterns, client) ? [tag] : []));
  return { plan, tagsOf };
}

async function readPlanFile(file: string): Promise<Plan> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new SealiftError('tls/policy', `cannot read ${file}: ${messageOf(cause)}`, {
      cause,
      fields: { file },
    });
  }
  return parsePlan(text, { file, findBaseline });
}
