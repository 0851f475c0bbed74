/** The overview: counts, ages, the timeline, who fails next, what needs a decision. */

import { findGroup, groupName } from '../../../tls/groups.ts';
import { checkPlan } from '../../../tls/retirement/check-plan.ts';
import { phases } from '../../../tls/retirement/phase.ts';
import { longestUsualPause, readArrivals } from '../../backups/rhythm.ts';
import type { ReportedClient } from '../../ledger/fleet-report.ts';
import type { CheckedRequestOf, ResponseOf } from '../contract.ts';
import type { AgeBucket, Decision, Overview } from '../schemas/overview.ts';
import { type RowSources, readRowSources } from './client-rows.ts';
import { simulatePlan } from './policy-reads.ts';
import {
  idOfClient,
  momentOf,
  momentOrNull,
  type ReadContext,
  versionOrNull,
} from './read-context.ts';
import { isQuotaFull, storageFull } from './storage-full.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const maxShownFailures = 100;
const maxShownClients = 20;
/** What comes within so many days needs a decision now. */
const soonMs = 30 * dayMs;
/** A restore is to be tried each quarter. */
const drillPauseMs = 92 * dayMs;
/** Of a client whose rhythm is not known yet. */
const overdueMs = 2 * dayMs;

export async function getOverview(
  context: ReadContext,
  { query }: CheckedRequestOf<'getOverview'>,
): Promise<ResponseOf<'getOverview'>> {
  const { nowMs } = context;
  const fleet = await context.fleet(query.days);
  const sources = await readRowSources(context);
  const usage = await fleet.usage();
  const clients = fleet.clients.filter(({ summary }) => summary.class === 'client');
  const classCount = (name: string): number =>
    fleet.clients.filter(({ summary }) => summary.class === name).length;
  const inState = (state: string): number =>
    clients.filter(({ readiness }) => (readiness?.state ?? 'unknown') === state).length;
  const next = await nextPhase(context, query);
  return {
    at: momentOf(nowMs),
    days: fleet.days,
    isEmpty: clients.every(({ summary }) => summary.backups === 0),
    counts: {
      clients: clients.length,
      ready: inState('ready'),
      notReady: inState('not-ready'),
      unknown: inState('unknown'),
      visitors: classCount('visitor'),
      scanners: classCount('scanner'),
      enrolled: clients.filter(({ summary }) => summary.enrolled).length,
      neverSeen: clients.filter(({ summary }) => summary.lastSeenMs === undefined).length,
    },
    backups: await backupAges(context, clients),
    drills: await drillAges(context, clients, sources),
    versions: tally(clients, ({ summary }) => versionOrNull(summary.lastVersion)).map(
      ([version, count]) => ({ version, clients: count }),
    ),
    groups: tally(clients, ({ summary }) =>
      summary.group === undefined ? null : String(summary.group),
    ).map(([code, count]) => ({
      group: code === null ? null : groupName(Number(code)),
      postQuantum: code === null ? null : (findGroup(Number(code))?.postQuantum ?? false),
      clients: count,
    })),
    weeks: usage.weeks.map(({ monday, versions }) => ({
      monday,
      versions: versions.map(({ version, connections, clients: own }) => ({
        version: versionOrNull(version),
        connections: connections.client,
        clients: own.client,
      })),
    })),
    markers: context.plan.retirements.flatMap(({ capability, phases: dates }) =>
      phases.flatMap((phase) => {
        const ms = dates[phase];
        return ms === undefined ? [] : { capability, phase, at: momentOf(ms) };
      }),
    ),
    next,
    decisions: await decisions(context, clients, sources),
  };
}

function tally<T>(
  items: readonly T[],
  keyOf: (item: T) => string | null,
): [string | null, number][] {
  const counts = new Map<string | null, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

const buckets: readonly (readonly [AgeBucket, number])[] = [
  ['24h', dayMs],
  ['48h', 2 * dayMs],
  ['7d', 7 * dayMs],
  ['30d', 30 * dayMs],
  ['older', Number.POSITIVE_INFINITY],
];

function agesOf(
  moments: readonly (number | undefined)[],
  nowMs: number,
): Overview['backups']['ages'] {
  const bucketOf = (ms: number | undefined): AgeBucket =>
    ms === undefined ? 'never' : (buckets.find(([, limit]) => nowMs - ms <= limit)?.[0] ?? 'older');
  const names: AgeBucket[] = [...buckets.map(([name]) => name), 'never'];
  const found = moments.map(bucketOf);
  return names.map((age) => ({ age, clients: found.filter((one) => one === age).length }));
}

function latestOf(moments: readonly (number | undefined)[]): number | undefined {
  const known = moments.filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

async function backupAges(
  { database, nowMs }: ReadContext,
  clients: readonly ReportedClient[],
): Promise<Overview['backups']> {
  const moments = clients.map(({ summary }) => summary.lastBackupMs);
  const recent = await database
    .selectFrom('backups')
    .select((select) => [
      select.fn.countAll<number>().as('count'),
      select.fn.sum<number>('added_bytes').as('bytes'),
    ])
    .where('arrived_ms', '>', nowMs - dayMs)
    .executeTakeFirstOrThrow();
  return {
    ages: agesOf(moments, nowMs),
    lastAt: momentOrNull(latestOf(moments)),
    lastDay: Number(recent.count),
    addedBytesLastDay: Number(recent.bytes ?? 0),
  };
}

/** Drills are reported by enrolled machines; a login has nobody who could. */
async function drillAges(
  { database, nowMs }: ReadContext,
  clients: readonly ReportedClient[],
  { drills }: RowSources,
): Promise<Overview['drills']> {
  const machines = clients.filter(({ summary }) => summary.kind === 'certificate');
  const moments = machines.map(({ summary }) => drills.get(summary.name));
  const failed = await database
    .selectFrom('drills')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('ok', '=', 0)
    .where('at_ms', '>', nowMs - 30 * dayMs)
    .executeTakeFirstOrThrow();
  return {
    ages: agesOf(moments, nowMs),
    lastAt: momentOrNull(latestOf(moments)),
    failedLastMonth: Number(failed.count),
  };
}

/** The next date on which somebody begins to be refused: a brownout or an enforcement. */
async function nextPhase(
  context: ReadContext,
  query: CheckedRequestOf<'getOverview'>['query'],
): Promise<Overview['next']> {
  const { plan, nowMs } = context;
  const coming = plan.retirements.flatMap(({ capability, phases: dates }) =>
    (['brownout', 'enforce'] as const).flatMap((phase) => {
      const ms = dates[phase];
      return ms === undefined || ms <= nowMs ? [] : { capability, phase, ms };
    }),
  );
  const [first] = coming.sort((a, b) => a.ms - b.ms);
  if (first === undefined) return null;
  // A brownout refuses now and then: who fails in it is who would fail were it enforced that day.
  const { capability, phase, ms } = first;
  const asEnforced = {
    ...plan,
    retirements: plan.retirements.map((retirement) =>
      retirement.capability === capability && phase === 'brownout'
        ? { ...retirement, phases: { ...retirement.phases, enforce: ms } }
        : retirement,
    ),
  };
  const { failures } = await simulatePlan(context, asEnforced, {
    ...{ atMs: ms, days: query.days, language: query.lang },
  });
  const failing = failures.filter((failure) => failure.capabilities.includes(capability));
  return {
    ...{ capability, phase, at: momentOf(ms), failing: failing.length },
    failures: failing.slice(0, maxShownFailures),
  };
}

async function decisions(
  context: ReadContext,
  clients: readonly ReportedClient[],
  sources: RowSources,
): Promise<Decision[]> {
  const { nowMs, plan, database } = context;
  const about = (
    kind: Decision['kind'],
    severity: Decision['severity'],
    own: readonly ReportedClient[],
    more: { readonly atMs?: number | undefined; readonly fields?: Decision['fields'] } = {},
  ): Decision[] =>
    own.length === 0
      ? []
      : [
          {
            ...{ kind, severity, at: momentOrNull(more.atMs), count: own.length },
            clients: own
              .slice(0, maxShownClients)
              .map((client) => ({ id: idOfClient(client), name: client.summary.name })),
            fields: more.fields ?? {},
          },
        ];
  const plain = (
    kind: Decision['kind'],
    severity: Decision['severity'],
    { atMs, count, fields }: { atMs?: number; count: number; fields: Decision['fields'] },
  ): Decision => ({ kind, severity, at: momentOrNull(atMs), count, clients: [], fields });

  const refusedSoon = clients.filter(
    ({ readiness }) =>
      readiness?.state === 'not-ready' &&
      readiness.enforceMs !== undefined &&
      readiness.enforceMs < nowMs + soonMs,
  );
  const refusals = refusedSoon.flatMap(({ readiness }) => readiness?.enforceMs ?? []);
  const coming = refusals.filter((ms) => ms > nowMs);
  const { silent, overdue } = await lateClients(context, clients);
  const full = await fullQuotas(context, sources);
  const noRoom = storageFull(context.facts.storage);
  const never = clients.filter(
    ({ summary }) => summary.enrolled && summary.lastBackupMs === undefined,
  );
  const ending = plan.exemptions.filter(
    ({ untilMs }) => untilMs > nowMs && untilMs < nowMs + soonMs,
  );
  const findings = checkPlan(plan, { nowMs });
  const downgrades = await database
    .selectFrom('notices')
    .selectAll()
    .where('topic', '=', 'ratchet')
    .where('last_ms', '>', nowMs - 7 * dayMs)
    .execute();
  const lowered = new Set(downgrades.map(({ client }) => client));
  const [scrub] = await database
    .selectFrom('scrubs')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(1)
    .execute();
  const expiring = await database
    .selectFrom('clients')
    .select(['name', 'not_after_ms'])
    .where('state', '=', 'active')
    .where('not_after_ms', '<', nowMs + 7 * dayMs)
    .execute();
  const unused = await database
    .selectFrom('invites')
    .select(['name', 'expires_ms'])
    .where('used_ms', 'is', null)
    .where('expires_ms', '<', nowMs + 6 * hourMs)
    .execute();
  const expiringNames = new Set(expiring.map(({ name }) => name));
  const drills = await lateDrills(context, clients, sources);
  return [
    ...about('will-be-refused', 'alarm', refusedSoon, {
      // Without one to come, all of them are refused already.
      atMs: coming.length === 0 ? undefined : Math.min(...coming),
    }),
    ...about(
      'downgrade',
      'alarm',
      clients.filter(({ summary }) => lowered.has(summary.name)),
    ),
    ...(scrub !== undefined && scrub.damaged_count > 0
      ? [
          plain('scrub-damage', 'alarm', {
            ...{ count: scrub.damaged_count, fields: { scrub: String(scrub.id) } },
          }),
        ]
      : []),
    ...about('drill-failed', 'alarm', drills.failed),
    ...(noRoom === undefined ? [] : [plain('storage-full', 'alarm', { count: 1, fields: noRoom })]),
    ...about(
      'quota-full',
      'warning',
      clients.filter(({ summary }) => isOwnerKind(summary.kind) && full.includes(summary.name)),
    ),
    ...about('silent', 'warning', silent),
    ...about('backup-overdue', 'warning', overdue, { fields: { hours: overdueMs / hourMs } }),
    ...about('never-backed-up', 'warning', never),
    ...about('drill-overdue', 'warning', drills.overdue),
    ...ending.map((exemption) =>
      plain('exemption-ends', 'warning', {
        ...{ atMs: exemption.untilMs, count: 1 },
        fields: { client: exemption.client, capability: exemption.capability },
      }),
    ),
    ...about(
      'certificate-expires',
      'warning',
      clients.filter(
        ({ summary }) => summary.kind === 'certificate' && expiringNames.has(summary.name),
      ),
    ),
    ...(findings.length > 0
      ? [plain('plan-finding', 'warning', { count: findings.length, fields: {} })]
      : []),
    ...unused.map(({ name, expires_ms }) =>
      plain('invite-unused', 'note', { atMs: expires_ms, count: 1, fields: { name } }),
    ),
  ];
}

/** Whose latest drill failed, and who has tried none for a quarter; machines tell of theirs, logins do not. */
async function lateDrills(
  { database, nowMs }: ReadContext,
  clients: readonly ReportedClient[],
  sources: RowSources,
): Promise<{ readonly failed: ReportedClient[]; readonly overdue: ReportedClient[] }> {
  const failures = await database
    .selectFrom('drills')
    .select((select) => ['client', select.fn.max('at_ms').as('at')])
    .where('ok', '=', 0)
    .groupBy('client')
    .execute();
  const failedAt = new Map(failures.map(({ client, at }) => [client, Number(at)]));
  const machines = clients.filter(
    ({ summary }) => summary.kind === 'certificate' && summary.enrolled && summary.backups > 0,
  );
  const isFailed = ({ summary: { name } }: ReportedClient): boolean =>
    (failedAt.get(name) ?? 0) > (sources.drills.get(name) ?? 0);
  const isOverdue = ({ summary: { name, firstSeenMs = nowMs } }: ReportedClient): boolean =>
    (sources.drills.get(name) ?? firstSeenMs) < nowMs - drillPauseMs;
  return {
    failed: machines.filter(isFailed),
    overdue: machines.filter((client) => isOverdue(client) && !isFailed(client)),
  };
}

/** Late against their own rhythm, or against a fixed limit while no rhythm is known. */
async function lateClients(
  { database, nowMs }: ReadContext,
  clients: readonly ReportedClient[],
): Promise<{ readonly silent: ReportedClient[]; readonly overdue: ReportedClient[] }> {
  const silent: ReportedClient[] = [];
  const overdue: ReportedClient[] = [];
  for (const client of clients) {
    const { kind, name, lastBackupMs } = client.summary;
    // No rhythm is shorter than a day, so that few have to be looked up.
    if (lastBackupMs === undefined || nowMs - lastBackupMs < dayMs) continue;
    const pause = isOwnerKind(kind)
      ? longestUsualPause(await readArrivals(database, { kind, name }))
      : undefined;
    if (pause !== undefined && nowMs - lastBackupMs > pause) silent.push(client);
    if (pause === undefined && nowMs - lastBackupMs > overdueMs) overdue.push(client);
  }
  return { silent, overdue };
}

/** Who has repositories of their own. */
function isOwnerKind(kind: string): kind is 'certificate' | 'login' {
  return kind === 'certificate' || kind === 'login';
}

/** What the meter has counted in this process is newer than the days in the database. */
async function fullQuotas(
  { database, facts }: ReadContext,
  { usedBytes }: RowSources,
): Promise<string[]> {
  const usedOf = (owner: string): number =>
    facts.usedByOwner.get(owner) ?? usedBytes.get(owner) ?? 0;
  const quotas = await database.selectFrom('quotas').selectAll().execute();
  return quotas
    .filter(({ owner, bytes }) => isQuotaFull(usedOf(owner), bytes))
    .map(({ owner }) => owner);
}
