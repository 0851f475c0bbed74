/** All that a report on the fleet says, as data; the command line makes text, CSV or a page of it. */

import type { Plan } from '../../tls/retirement/plan.ts';
import type { VaultDatabase } from '../database/database.ts';
import { type LedgerView, viewLedger } from './entities.ts';
import { type ClientDetail, describeClients } from './queries.ts';
import { type Readiness, readinessOf } from './readiness.ts';
import { type InventoryLine, readUsage, type Week } from './usage.ts';

export interface FleetReport {
  readonly madeMs: number;
  readonly sinceMs: number;
  /** Undefined where nothing is planned. */
  readonly plan: Plan | undefined;
  /** Clients, visitors and scanners. */
  readonly clients: readonly ReportedClient[];
  readonly weeks: readonly Week[];
  readonly inventory: readonly InventoryLine[];
}

export interface ReportedClient extends ClientDetail {
  /** Undefined without a plan. */
  readonly readiness: Readiness | undefined;
}

export interface ReportOptions {
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly plan: Plan | undefined;
  /** A client's tags, which decide its wave. */
  readonly tagsOf?: (client: string) => readonly string[];
}

export async function reportClients(
  database: VaultDatabase,
  { sinceMs, nowMs, plan, tagsOf }: ReportOptions,
  view?: LedgerView,
): Promise<ReportedClient[]> {
  const details = await describeClients(database, { sinceMs }, view);
  return details.map((detail) => ({
    ...detail,
    readiness:
      plan === undefined
        ? undefined
        : readinessOf(detail.entries, plan, { nowMs, tags: tagsOf?.(detail.summary.name) }),
  }));
}

export async function makeFleetReport(
  database: VaultDatabase,
  options: ReportOptions,
): Promise<FleetReport> {
  const { sinceMs, nowMs, plan } = options;
  const view = await viewLedger(database, { sinceMs });
  return {
    madeMs: nowMs,
    sinceMs,
    plan,
    clients: await reportClients(database, options, view),
    ...(await readUsage(database, view)),
  };
}
