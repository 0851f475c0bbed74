/** The whole fleet without loss, and storage by day. */

import { findBaseline } from '../../../tls/baselines.ts';
import { type Language, reasonText } from '../../../tls/reasons.ts';
import { parsePlan } from '../../../tls/retirement/parse-plan.ts';
import type { Plan } from '../../../tls/retirement/plan.ts';
import { type ReportedClient, reportClients } from '../../ledger/fleet-report.ts';
import type { Readiness } from '../../ledger/readiness.ts';
import type { CheckedRequestOf, ResponseOf } from '../contract.ts';
import type { FleetReportDocument } from '../schemas/report.ts';
import { planText } from './policy-reads.ts';
import type { ReadContext } from './read-context.ts';

const dayMs = 86_400_000;

export async function getReport(
  context: ReadContext,
  { query }: CheckedRequestOf<'getReport'>,
): Promise<ResponseOf<'getReport'>> {
  return report(context, { plan: context.plan, days: query.days, language: query.lang });
}

export async function makeReport(
  context: ReadContext,
  { body }: CheckedRequestOf<'makeReport'>,
): Promise<ResponseOf<'makeReport'>> {
  const plan =
    body.policy === undefined
      ? context.plan
      : parsePlan(body.policy, { file: 'policy', findBaseline });
  return report(context, { plan, days: body.days, language: body.lang });
}

async function report(
  context: ReadContext,
  { plan, days, language }: { plan: Plan; days: number | undefined; language: Language },
): Promise<FleetReportDocument> {
  const { nowMs, database, tagsOf } = context;
  const fleet = await context.fleet(days);
  const { sinceMs, view } = fleet;
  const clients =
    plan === context.plan
      ? fleet.clients
      : await reportClients(database, { sinceMs, nowMs, plan, tagsOf }, view);
  const usage = await fleet.usage();
  return {
    ...{ madeMs: nowMs, sinceMs, days: fleet.days, yaml: planText(plan) },
    clients: clients.map((client) => clientDocument(client, language)),
    weeks: usage.weeks.map(({ monday, versions }) => ({
      monday,
      versions: versions.map(({ version = null, connections, clients: own }) => ({
        ...{ version, connections: { ...connections }, clients: { ...own } },
      })),
    })),
    inventory: usage.inventory.map((line) => ({
      ...line,
      ...{ cipherSuite: line.cipherSuite ?? null, group: line.group ?? null },
    })),
  };
}

function clientDocument(
  { summary, entries, readiness }: ReportedClient,
  language: Language,
): FleetReportDocument['clients'][number] {
  return {
    summary: {
      ...summary,
      fingerprints: [...summary.fingerprints],
      addresses: [...summary.addresses],
      outcomes: { ...summary.outcomes },
      reasons: [...summary.reasons],
      firstSeenMs: summary.firstSeenMs ?? null,
      lastSeenMs: summary.lastSeenMs ?? null,
      bestOffered: summary.bestOffered ?? null,
      bestNegotiated: summary.bestNegotiated ?? null,
      lastVersion: summary.lastVersion ?? null,
      cipherSuite: summary.cipherSuite ?? null,
      group: summary.group ?? null,
      signatureScheme: summary.signatureScheme ?? null,
      serverName: summary.serverName ?? null,
      alpn: summary.alpn ?? null,
      lastBackupMs: summary.lastBackupMs ?? null,
    },
    entries: entries.map((entry) => ({
      ...entry,
      lastBackupMs: entry.lastBackupMs ?? null,
      bestNegotiated: entry.bestNegotiated ?? null,
    })),
    readiness: readinessDocument(readiness, language),
  };
}

function readinessDocument(
  readiness: Readiness | undefined,
  language: Language,
): FleetReportDocument['clients'][number]['readiness'] {
  if (readiness === undefined) return { state: 'unknown', enforceMs: null, obstacles: [] };
  return {
    state: readiness.state,
    enforceMs: readiness.enforceMs ?? null,
    obstacles: readiness.obstacles.map((obstacle) => ({
      ...obstacle,
      capabilities: [...obstacle.capabilities],
      why: obstacle.why === undefined ? null : reasonText(obstacle.why, language),
    })),
  };
}

export async function getGrowth(
  { database, nowMs }: ReadContext,
  { query }: CheckedRequestOf<'getGrowth'>,
): Promise<ResponseOf<'getGrowth'>> {
  const { owner } = query;
  const sinceMs = nowMs - (query.days - 1) * dayMs;
  const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const isOwn = (repository: string): boolean =>
    owner === undefined || repository === owner || repository.startsWith(`${owner}/`);
  const sizes = await database
    .selectFrom('storage_days')
    .select(['day', 'repository', 'bytes'])
    .where('day', '>=', dayOf(sinceMs))
    .execute();
  const used = new Map<string, number>();
  for (const { day, repository, bytes } of sizes)
    if (isOwn(repository)) used.set(day, (used.get(day) ?? 0) + bytes);
  const backups = await database
    .selectFrom('backups')
    .select(['arrived_ms', 'repository', 'added_bytes'])
    .where('arrived_ms', '>=', Date.parse(`${dayOf(sinceMs)}T00:00:00Z`))
    .execute();
  const added = new Map<string, { bytes: number; count: number }>();
  for (const { arrived_ms, repository, added_bytes } of backups) {
    if (!isOwn(repository)) continue;
    const day = dayOf(arrived_ms);
    const sum = added.get(day) ?? { bytes: 0, count: 0 };
    added.set(day, { bytes: sum.bytes + (added_bytes ?? 0), count: sum.count + 1 });
  }
  const days = Array.from({ length: query.days }, (_, index) => dayOf(sinceMs + index * dayMs));
  return {
    days: days.map((day) => ({
      day,
      usedBytes: used.get(day) ?? null,
      addedBytes: added.get(day)?.bytes ?? 0,
      backups: added.get(day)?.count ?? 0,
    })),
  };
}
