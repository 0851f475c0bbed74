/** Rows of clients, filtered and sorted; as JSON and as CSV. */

import { findGroup } from '../../../tls/groups.ts';
import { exemptUntil } from '../../../tls/retirement/exemptions.ts';
import type { Who } from '../../../tls/retirement/plan.ts';
import { findWave } from '../../../tls/retirement/waves.ts';
import type { ReportedClient } from '../../ledger/fleet-report.ts';
import type { CheckedRequestOf, ResponseOf } from '../contract.ts';
import type { ClientRow } from '../schemas/clients.ts';
import { defaultDays } from '../schemas/common.ts';
import {
  groupOrNull,
  idOfClient,
  momentOf,
  momentOrNull,
  type ReadContext,
  suiteOrNull,
  versionOrNull,
} from './read-context.ts';

const dayMs = 86_400_000;

/** What a row needs besides the ledger, read once for all rows. */
export interface RowSources {
  readonly usedBytes: ReadonlyMap<string, number>;
  readonly drills: ReadonlyMap<string, number>;
}

export async function readRowSources({ database }: ReadContext): Promise<RowSources> {
  const used = new Map<string, number>();
  const latest = await database
    .selectFrom('storage_days')
    .select((select) => ['repository', select.fn.max('day').as('day')])
    .groupBy('repository')
    .execute();
  const sizes = await database.selectFrom('storage_days').selectAll().execute();
  const current = new Set(latest.map(({ day, repository }) => `${day} ${repository}`));
  for (const { day, repository, bytes } of sizes) {
    if (!current.has(`${day} ${repository}`)) continue;
    const owner = repository.split('/')[0] ?? '';
    used.set(owner, (used.get(owner) ?? 0) + bytes);
  }
  const drills = await database
    .selectFrom('drills')
    .select((select) => ['client', select.fn.max('at_ms').as('at')])
    .where('ok', '=', 1)
    .groupBy('client')
    .execute();
  return {
    usedBytes: used,
    drills: new Map(drills.map(({ client, at }) => [client, Number(at)])),
  };
}

export function clientRow(
  context: ReadContext,
  client: ReportedClient,
  sources: RowSources,
): ClientRow {
  const { summary, readiness } = client;
  const { kind, name, group } = summary;
  const isNamed = kind === 'certificate' || kind === 'login';
  const tags = isNamed ? context.tagsOf(name) : [];
  const [fingerprint = ''] = summary.fingerprints;
  const [address = ''] = summary.addresses;
  const who: Who = { address, fingerprint, clients: isNamed ? [name] : [], tags };
  const { plan, nowMs } = context;
  const exemptions = plan.retirements.flatMap(
    ({ capability }) => exemptUntil(plan.exemptions, { who, nowMs, of: capability }) ?? [],
  );
  const lacking = new Set(readiness?.obstacles.flatMap(({ capabilities }) => capabilities));
  return {
    id: idOfClient(client),
    ...{ kind, name, class: summary.class, enrolled: summary.enrolled, tags },
    readiness: readiness?.state ?? 'unknown',
    lacking: [...lacking],
    enforceAt: momentOrNull(readiness?.enforceMs),
    wave: findWave(plan.waves, who)?.name ?? null,
    exemptUntil: exemptions.length === 0 ? null : momentOf(Math.max(...exemptions)),
    bestOffered: versionOrNull(summary.bestOffered),
    bestNegotiated: versionOrNull(summary.bestNegotiated),
    lastVersion: versionOrNull(summary.lastVersion),
    cipherSuite: suiteOrNull(summary.cipherSuite),
    group: groupOrNull(group),
    postQuantum: group === undefined ? null : (findGroup(group)?.postQuantum ?? false),
    fingerprint: fingerprint === '' ? null : fingerprint,
    address: address === '' ? null : address,
    firstSeenAt: momentOrNull(summary.firstSeenMs),
    lastSeenAt: momentOrNull(summary.lastSeenMs),
    connections: summary.connections,
    refused: summary.outcomes.refused + summary.outcomes.brownout,
    backups: summary.backups,
    lastBackupAt: momentOrNull(summary.lastBackupMs),
    lastDrillAt: kind === 'certificate' ? momentOrNull(sources.drills.get(name)) : null,
    usedBytes: isNamed ? (sources.usedBytes.get(name) ?? null) : null,
  };
}

type Filter = CheckedRequestOf<'exportClients'>['query'];

async function filteredRows(
  context: ReadContext,
  filter: Filter,
): Promise<{
  readonly all: readonly ClientRow[];
  readonly rows: readonly ClientRow[];
}> {
  const fleet = await context.fleet(filter.days);
  const sources = await readRowSources(context);
  const all = fleet.clients.map((client) => clientRow(context, client, sources));
  const rows = all.filter((row) => fits(row, filter, context.nowMs));
  return { all, rows: rows.sort(comparer(filter)) };
}

function fits(row: ClientRow, filter: Filter, nowMs: number): boolean {
  const { search, readiness, version, group, lacking, tag, silentDays, backupDays } = filter;
  const isOlder = (moment: string | null, days: number): boolean =>
    moment === null || Date.parse(moment) < nowMs - days * dayMs;
  return (
    (filter.class === 'all' || row.class === filter.class) &&
    (readiness === undefined || row.readiness === readiness) &&
    (version === undefined || row.lastVersion === version) &&
    (group === undefined || row.group === group) &&
    (lacking === undefined || row.lacking.includes(lacking)) &&
    (tag === undefined || row.tags.includes(tag)) &&
    (silentDays === undefined || isOlder(row.lastSeenAt, silentDays)) &&
    (backupDays === undefined || isOlder(row.lastBackupAt, backupDays)) &&
    (search === undefined || isFound(row, search.toLowerCase()))
  );
}

function isFound(row: ClientRow, text: string): boolean {
  return [row.name, row.address ?? '', row.fingerprint ?? '', ...row.tags].some((part) =>
    part.toLowerCase().includes(text),
  );
}

/** What is not there comes last in either order; equals go by their id, so that pages are stable. */
function comparer({ sort, order }: Filter): (a: ClientRow, b: ClientRow) => number {
  const sign = order === 'asc' ? 1 : -1;
  return (a, b) => {
    const [x, y] = [a[sort], b[sort]];
    if (x === y || (x === null && y === null)) return a.id < b.id ? -1 : 1;
    if (x === null) return 1;
    if (y === null) return -1;
    return (x < y ? -1 : 1) * sign;
  };
}

export async function listClients(
  context: ReadContext,
  { query }: CheckedRequestOf<'listClients'>,
): Promise<ResponseOf<'listClients'>> {
  const { all, rows } = await filteredRows(context, query);
  const classCount = (name: ClientRow['class']): number =>
    all.filter((row) => row.class === name).length;
  const tags = new Map<string, number>();
  for (const tag of all.flatMap((row) => row.tags)) tags.set(tag, (tags.get(tag) ?? 0) + 1);
  return {
    at: momentOf(context.nowMs),
    days: query.days ?? defaultDays,
    rows: rows.slice(query.offset, query.offset + query.limit),
    total: rows.length,
    classes: {
      client: classCount('client'),
      visitor: classCount('visitor'),
      scanner: classCount('scanner'),
    },
    tags: [...tags].sort().map(([tag, clients]) => ({ tag, clients })),
  };
}

/** Headings are the fields of the API; lists are separated by blanks. */
export async function exportClients(
  context: ReadContext,
  { query }: CheckedRequestOf<'exportClients'>,
): Promise<string> {
  const { rows } = await filteredRows(context, query);
  const headings = Object.keys(emptyRow) as (keyof ClientRow)[];
  const cells = rows.map((row) =>
    headings.map((heading) => {
      const value = row[heading];
      return csvCell(Array.isArray(value) ? value.join(' ') : String(value ?? ''));
    }),
  );
  // A spreadsheet takes UTF-8 for what it is only with the mark.
  return `\ufeff${[headings.map(String), ...cells].map((row) => `${row.join(',')}\r\n`).join('')}`;
}

/**
 * RFC 4180; a cell that a spreadsheet would take for a formula begins with an apostrophe, since names
 * come from whoever connects.
 */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const emptyRow: ClientRow = {
  id: '',
  kind: 'address',
  name: '',
  class: 'client',
  enrolled: false,
  tags: [],
  readiness: 'unknown',
  lacking: [],
  enforceAt: null,
  wave: null,
  exemptUntil: null,
  bestOffered: null,
  bestNegotiated: null,
  lastVersion: null,
  cipherSuite: null,
  group: null,
  postQuantum: null,
  fingerprint: null,
  address: null,
  firstSeenAt: null,
  lastSeenAt: null,
  connections: 0,
  refused: 0,
  backups: 0,
  lastBackupAt: null,
  lastDrillAt: null,
  usedBytes: null,
};
