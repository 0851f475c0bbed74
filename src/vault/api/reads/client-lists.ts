/** Lists about one client: backups that arrived, handshakes by day, what another policy would do. */

import { findBaseline } from '../../../tls/baselines.ts';
import { parsePlan, planOfPolicy } from '../../../tls/retirement/parse-plan.ts';
import { parsePlanTime } from '../../../tls/retirement/plan-times.ts';
import type { BackupsTable } from '../../database/console-tables.ts';
import { ownerText, readDays } from '../../ledger/entities.ts';
import { rowFromTable } from '../../ledger/ledger-store.ts';
import { type LedgerRow, parseAgreement } from '../../ledger/row.ts';
import type { CheckedRequestOf, ResponseOf } from '../contract.ts';
import type { BackupRow, HandshakeRow } from '../schemas/client.ts';
import { findClient, judged } from './client-detail.ts';
import {
  groupOrNull,
  idOf,
  momentOf,
  momentOrNull,
  type ReadContext,
  suiteOrNull,
  versionOrNull,
  versionText,
} from './read-context.ts';

export async function listBackups(
  context: ReadContext,
  { params, query }: CheckedRequestOf<'listBackups'>,
): Promise<ResponseOf<'listBackups'>> {
  const [, kind = '', name = ''] = /^(certificate|login):(.*)$/s.exec(params.id) ?? [];
  if (kind === '') {
    await findClient(context, params.id, undefined);
    return { rows: [], total: 0, next: null };
  }
  const own = context.database
    .selectFrom('backups')
    .where('client_kind', '=', kind === 'login' ? 'login' : 'certificate')
    .where('client', '=', name);
  const { total } = await own
    .select((select) => select.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  if (Number(total) === 0) await findClient(context, params.id, undefined);
  const page = query.before === undefined ? own : own.where('id', '<', Number(query.before));
  const found = await page
    .selectAll()
    .orderBy('id', 'desc')
    .limit(query.limit + 1)
    .execute();
  const rows = found.slice(0, query.limit);
  return {
    rows: rows.map(backupDocument),
    total: Number(total),
    next: found.length > query.limit ? String(rows.at(-1)?.id) : null,
  };
}

type StoredBackup = { [K in keyof BackupsTable]: K extends 'id' ? number : BackupsTable[K] };

function backupDocument(row: StoredBackup): BackupRow {
  return {
    id: String(row.id),
    ...{ snapshot: row.snapshot, repository: row.repository, address: row.address },
    startedAt: momentOrNull(row.started_ms),
    arrivedAt: momentOf(row.arrived_ms),
    durationMs: row.started_ms === null ? null : Math.max(0, row.arrived_ms - row.started_ms),
    addedBytes: row.added_bytes,
    addedFiles: row.added_files,
    version: versionOrNull(row.version),
    cipherSuite: suiteOrNull(row.cipher_suite),
    group: groupOrNull(row.key_group),
  };
}

export async function listHandshakes(
  context: ReadContext,
  { params, query }: CheckedRequestOf<'listHandshakes'>,
): Promise<ResponseOf<'listHandshakes'>> {
  await findClient(context, params.id, query.days);
  const { view, sinceMs, days } = await context.fleet(query.days);
  const rows: HandshakeRow[] = [];
  for await (const tables of readDays(context.database, { sinceMs })) {
    for (const table of tables) {
      const owner = view.findOwner(table);
      if (idOf({ ...owner, fingerprint: owner.fingerprint }) !== params.id) continue;
      if (view.entities.has(ownerText(owner))) rows.push(handshakeDocument(rowFromTable(table)));
    }
  }
  return { at: momentOf(context.nowMs), days, rows: rows.reverse() };
}

function handshakeDocument(row: LedgerRow): HandshakeRow {
  const { accepted, warned, brownout, refused, failed, empty } = row;
  return {
    ...{ day: row.day, fingerprint: row.fingerprint, address: row.address },
    serverName: row.server_name,
    firstSeenAt: momentOf(row.first_seen_ms),
    lastSeenAt: momentOf(row.last_seen_ms),
    outcomes: { accepted, warned, brownout, refused, failed, empty, notTls: row.not_tls },
    bestOffered: versionOrNull(row.best_offered),
    bestNegotiated: versionOrNull(row.best_negotiated),
    agreements: [...row.agreements].flatMap(([text, connections]) => {
      const agreement = parseAgreement(text);
      if (agreement === undefined) return [];
      return {
        version: versionText(agreement.version),
        cipherSuite: suiteOrNull(agreement.suite),
        group: groupOrNull(agreement.group),
        connections,
      };
    }),
    bytesIn: row.bytes_in,
    bytesOut: row.bytes_out,
    backups: row.backups,
  };
}

export async function negotiateClient(
  context: ReadContext,
  { params, query, body }: CheckedRequestOf<'negotiateClient'>,
): Promise<ResponseOf<'negotiateClient'>> {
  const client = await findClient(context, params.id, undefined);
  const baseline = findBaseline(body.policy.trim());
  const plan =
    baseline === undefined
      ? parsePlan(body.policy, { file: 'policy', findBaseline })
      : planOfPolicy(baseline);
  const atMs = body.at === undefined ? context.nowMs : (parsePlanTime(body.at) ?? context.nowMs);
  return {
    policy: plan.name,
    results: client.entries.map((entry) => ({
      fingerprint: entry.fingerprint,
      lastSeenAt: momentOf(entry.lastSeenMs),
      result: judged(context, entry, { plan, atMs, language: query.lang }),
    })),
  };
}
