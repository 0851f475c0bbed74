/**
 * One row of the ledger while it is in memory: how a connection becomes one, and how two rows of the
 * same key become one. Merging adds and compares only, so that it does not matter how the stream of
 * connections was cut into batches.
 */

import { createHash } from 'node:crypto';
import type { ConnectionRecord, Outcome } from '../../door/connection.ts';
import { findGroup } from '../../tls/groups.ts';
import { bestVersion, type Offer } from '../../tls/offer.ts';
import { offerToJson } from '../../tls/offer-json.ts';
import type { LedgerTable } from '../database/ledger-tables.ts';

export type RowKey = Pick<
  LedgerTable,
  'day' | 'listener' | 'client_kind' | 'client' | 'fingerprint'
>;

/** A row with its two counters as maps instead of JSON. */
export type LedgerRow = Omit<LedgerTable, 'reasons' | 'agreements'> & {
  readonly reasons: ReadonlyMap<string, number>;
  readonly agreements: ReadonlyMap<string, number>;
};

/** An offer as the database keeps it. */
export interface StoredOffer {
  readonly sha256: string;
  readonly json: string;
  /** Lower is weaker: of a row's offers the weakest stays, so that a simulation errs on the safe side. */
  readonly rank: number;
}

/** Stands for all fingerprints that one client had beyond the limit. */
export const manyFingerprints = '*';
/** Stands for a fingerprint where no hello was read. */
export const noFingerprint = '';

export const countNames = [
  'accepted',
  'warned',
  'brownout',
  'refused',
  'failed',
  'empty',
  'not_tls',
  'transfers',
  'bytes_in',
  'bytes_out',
  'backups',
] as const satisfies readonly (keyof LedgerTable)[];

const maxReasons = 16;
const maxAgreements = 16;
const maxReasonLength = 64;
const overflow = 'other';
/** A full handshake with a chain of certificates stays below; a request with content is above. */
const transferBytes = 16 * 1024;
const maxOfferBytes = 8 * 1024;

const outcomeColumns: Readonly<Record<Outcome, (typeof countNames)[number]>> = {
  accepted: 'accepted',
  warned: 'warned',
  brownout: 'brownout',
  refused: 'refused',
  failed: 'failed',
  empty: 'empty',
  'not-tls': 'not_tls',
};

/** `2026-11-24`, UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The key of a connection, before limits: who it was (as far as proved), with what, when. */
export function keyOf(record: ConnectionRecord, ms: number): RowKey {
  return {
    day: dayOf(ms),
    listener: record.listener,
    client_kind: record.client?.kind ?? 'address',
    client: record.client?.name ?? record.address,
    fingerprint: record.fingerprint ?? noFingerprint,
  };
}

export function keyText(key: RowKey): string {
  // No part but the last can hold a blank that would make two keys one: names are checked, JA4 has none.
  return `${key.day} ${key.listener} ${key.client_kind} ${key.fingerprint} ${key.client}`;
}

/** A row without any count: the client was there. */
export function presenceRow(key: RowKey, record: ConnectionRecord, ms: number): LedgerRow {
  const { offer, negotiated } = record;
  return {
    ...emptyRow(key, record.address, ms),
    best_offered: offer === undefined ? null : (bestVersion(offer) ?? null),
    best_negotiated: negotiated?.version ?? null,
    last_version: negotiated?.version ?? null,
    cipher_suite: negotiated?.cipherSuite ?? null,
    key_group: negotiated?.group ?? null,
    signature_scheme: negotiated?.signatureScheme ?? null,
    server_name: offer?.serverName ?? null,
    alpn: negotiated?.alpn ?? null,
  };
}

/** The row of one connection, counted once, without its bytes. */
export function connectionRow(key: RowKey, record: ConnectionRecord, ms: number): LedgerRow {
  const { negotiated, outcome, reason } = record;
  return {
    ...presenceRow(key, record, ms),
    [outcomeColumns[outcome]]: 1,
    reasons: reason === undefined ? new Map() : new Map([[reason.slice(0, maxReasonLength), 1]]),
    agreements:
      negotiated === undefined
        ? new Map()
        : new Map([
            [agreementText(negotiated.version, negotiated.cipherSuite, negotiated.group), 1],
          ]),
  };
}

/** What the end of a connection adds to its row. */
export function bytesRow(key: RowKey, record: ConnectionRecord, ms: number): LedgerRow {
  const { bytesRead, bytesWritten, negotiated } = record;
  const transferred = negotiated !== undefined && bytesRead + bytesWritten >= transferBytes;
  return {
    ...emptyRow(key, record.address, ms),
    bytes_in: bytesRead,
    bytes_out: bytesWritten,
    transfers: transferred ? 1 : 0,
  };
}

export function backupRow(key: RowKey, address: string, ms: number): LedgerRow {
  return { ...emptyRow(key, address, ms), backups: 1, last_backup_ms: ms };
}

function emptyRow(key: RowKey, address: string, ms: number): LedgerRow {
  return {
    ...key,
    address,
    first_seen_ms: ms,
    last_seen_ms: ms,
    accepted: 0,
    warned: 0,
    brownout: 0,
    refused: 0,
    failed: 0,
    empty: 0,
    not_tls: 0,
    transfers: 0,
    bytes_in: 0,
    bytes_out: 0,
    backups: 0,
    reasons: new Map(),
    agreements: new Map(),
    best_offered: null,
    best_negotiated: null,
    last_version: null,
    cipher_suite: null,
    key_group: null,
    signature_scheme: null,
    server_name: null,
    alpn: null,
    offer: null,
    offer_rank: null,
    last_backup_ms: null,
  };
}

/** `0304/1301/11ec`; a part that the handshake does not have is `-`. */
export function agreementText(
  version: number,
  suite: number | undefined,
  group: number | undefined,
): string {
  const hex = (code: number | undefined): string => code?.toString(16).padStart(4, '0') ?? '-';
  return `${hex(version)}/${hex(suite)}/${hex(group)}`;
}

/** What agreementText made, back again; undefined for what did not fit into the row. */
export function parseAgreement(
  text: string,
): { version: number; suite: number | undefined; group: number | undefined } | undefined {
  const [version = '', suite = '-', group = '-'] = text.split('/');
  if (!/^[0-9a-f]{4}$/.test(version)) return undefined;
  const code = (part: string): number | undefined =>
    part === '-' ? undefined : Number.parseInt(part, 16);
  return { version: Number.parseInt(version, 16), suite: code(suite), group: code(group) };
}

/** Two rows of one key. What is known of the later one counts, and what only one of them knows. */
export function mergeRows(a: LedgerRow, b: LedgerRow): LedgerRow {
  const [early, late] = a.last_seen_ms <= b.last_seen_ms ? [a, b] : [b, a];
  const [weak, strong] = offerRank(a) <= offerRank(b) ? [a, b] : [b, a];
  // Version, suite, group and so on belong together: they are those of one handshake.
  const handshake = late.last_version === null ? early : late;
  return {
    ...late,
    first_seen_ms: Math.min(a.first_seen_ms, b.first_seen_ms),
    accepted: a.accepted + b.accepted,
    warned: a.warned + b.warned,
    brownout: a.brownout + b.brownout,
    refused: a.refused + b.refused,
    failed: a.failed + b.failed,
    empty: a.empty + b.empty,
    not_tls: a.not_tls + b.not_tls,
    transfers: a.transfers + b.transfers,
    bytes_in: a.bytes_in + b.bytes_in,
    bytes_out: a.bytes_out + b.bytes_out,
    backups: a.backups + b.backups,
    reasons: mergeCounts(a.reasons, b.reasons, maxReasons),
    agreements: mergeCounts(a.agreements, b.agreements, maxAgreements),
    best_offered: higher(a.best_offered, b.best_offered),
    best_negotiated: higher(a.best_negotiated, b.best_negotiated),
    last_version: handshake.last_version,
    cipher_suite: handshake.cipher_suite,
    key_group: handshake.key_group,
    signature_scheme: handshake.signature_scheme,
    alpn: handshake.alpn,
    server_name: late.server_name ?? early.server_name,
    offer: weak.offer ?? strong.offer,
    offer_rank: weak.offer_rank ?? strong.offer_rank,
    last_backup_ms: higher(a.last_backup_ms, b.last_backup_ms),
  };
}

function offerRank(row: LedgerRow): number {
  return row.offer_rank ?? Number.POSITIVE_INFINITY;
}

function higher(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

/** Keys beyond the limit are counted together, so that a client cannot make a row grow. */
function mergeCounts(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
  limit: number,
): Map<string, number> {
  const merged = new Map(a);
  for (const [name, count] of b) {
    const key = merged.has(name) || merged.size < limit ? name : overflow;
    merged.set(key, (merged.get(key) ?? 0) + count);
  }
  return merged;
}

/**
 * How weak an offer is among those of one fingerprint, which differ in groups at most (JA4 covers
 * versions, suites, extensions and signature schemes, but not the groups).
 */
export function rankOffer(offer: Offer): number {
  const groups = offer.groups ?? [];
  const hybrid = groups.some((code) => findGroup(code)?.kind === 'hybrid');
  return (
    (hybrid ? 1_000_000 : 0) + Math.min(groups.length, 999) * 1000 + (offer.versions?.length ?? 0)
  );
}

/** @returns undefined for an offer so large that no real client sends it */
export function storeOffer(offer: Offer): StoredOffer | undefined {
  // The name asked for stands in the row, or every host name would make an offer of its own.
  const json = offerToJson({ ...offer, serverName: undefined });
  if (json.length > maxOfferBytes) return undefined;
  const sha256 = createHash('sha256').update(json).digest('hex');
  return { sha256, json, rank: rankOffer(offer) };
}
