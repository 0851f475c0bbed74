/** The report of a remote vault, as the commands make that of a local one. */

import { findBaseline } from '../../tls/baselines.ts';
import { parsePlan } from '../../tls/retirement/parse-plan.ts';
import type { FleetReport } from '../../vault/ledger/fleet-report.ts';
import type { Context } from '../context.ts';
import { readPlanFile } from '../policy/plan-source.ts';
import { askRemote, remoteVault } from '../vault-api-client.ts';
import { type LedgerFlags, ledgerPeriod } from './ledger-options.ts';
import { reportedClient } from './remote-clients.ts';

/** @param url of the vault */
export async function readRemoteReport(
  { env, flags: { cacert } }: Context,
  flags: LedgerFlags,
  url: string,
): Promise<FleetReport> {
  const vault = await remoteVault(url, { env, cacert });
  const { days } = ledgerPeriod(flags);
  const report =
    flags.policy === undefined
      ? await askRemote(vault, 'getReport', { query: { days: String(days) } })
      : await askRemote(vault, 'makeReport', {
          body: { days, policy: (await readPlanFile('--policy', flags.policy)).text },
        });
  const { madeMs, sinceMs, yaml, clients, weeks, inventory } = report;
  return {
    ...{ madeMs, sinceMs, plan: parsePlan(yaml, { file: url, findBaseline }) },
    clients: clients.map(reportedClient),
    weeks: weeks.map(({ monday, versions }) => ({
      monday,
      versions: versions.map((one) => ({ ...one, version: one.version ?? undefined })),
    })),
    inventory: inventory.map((line) => ({
      ...line,
      ...{ cipherSuite: line.cipherSuite ?? undefined, group: line.group ?? undefined },
    })),
  };
}
