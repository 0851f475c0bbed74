/** What a command judges clients by: the vault's retirement plan or another file, and the clients' tags. */

import { readFile } from 'node:fs/promises';
import { messageOf, SealiftError } from '../../base/errors.ts';
import { findBaseline } from '../../tls/baselines.ts';
import { parsePlan } from '../../tls/retirement/parse-plan.ts';
import type { Plan } from '../../tls/retirement/plan.ts';
import { readVaultConfig } from '../../vault/config.ts';
import { withVaultDatabase } from '../../vault/database/database.ts';
import { readPlan } from '../../vault/plan-store.ts';
import { readTagsOf } from '../../vault/tags/client-tags.ts';

export interface Yardstick {
  readonly plan: Plan;
  /** The tags of a client's name, from vault.yaml and the console. */
  readonly tagsOf: (client: string) => string[];
}

/**
 * @param file a plan or a policy; the vault's own plan when left out
 * @throws SealiftError `tls/policy`, `vault/config`
 */
export async function readYardstick(dataDir: string, file: string | undefined): Promise<Yardstick> {
  const plan = file === undefined ? await readPlan(dataDir) : await readPlanFile(file);
  const config = await readVaultConfig(dataDir);
  const tagsOf = await withVaultDatabase(dataDir, (database) => readTagsOf(database, config));
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
