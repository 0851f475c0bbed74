/**
 * One row of the ledger while it is in memory: how a connection becomes one, and how rows of the same
 * key become one. Merging adds and compares only, so that it does not matter how the stream of
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

/** A row that its owner adds others to: a new one for each connection would be much garbage. */
export type GrowingRow = {
  -readonly [Name in Exclude<keyof LedgerRow, keyof RowKey>]: LedgerRow[Name];
} & RowKey & {
    readonly reasons: Map<string, number>;
    readonly agreements: Map<string, number>;
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
export function presenceRow(key: RowKey, record: ConnectionRecord, ms: number): GrowingRow {
  const row = emptyRow(key, record.address, ms);
  const { offer, negotiated } = record;
  if (offer !== undefined) {
    row.best_offered = bestVersion(offer) ?? null;
    row.server_name = offer.serverName ?? null;
  }
  if (negotiated !== undefined) {
    row.best_negotiated = negotiated.version;
    row.last_version = negotiated.version;
    row.cipher_suite = negotiated.cipherSuite ?? null;
    row.key_group = negotiated.group ?? null;
    row.signature_scheme = negotiated.signatureScheme ?? null;
    row.alpn = negotiated.alpn ?? null;
  }
  return row;
}

/** The row of one connection, counted once, without its bytes. */
export function connectionRow(key: RowKey, record: ConnectionRecord, ms: number): GrowingRow {
  const row = presenceRow(key, record, ms);
  const { negotiated, outcome, reason } = record;
  row[outcomeColumns[outcome]] = 1;
  if (reason !== undefined) row.reasons.set(reason.slice(0, maxReasonLength), 1);
  if (negotiated !== undefined) {
    const { version, cipherSuite, group } = negotiated;
    row.agreements.set(agreementText(version, cipherSuite, group), 1);
  }
  return row;
}

/** What the end of a connection adds to its row. */
export function addBytes(row: GrowingRow, record: ConnectionRecord): GrowingRow {
  const { bytesRead, bytesWritten, negotiated } = record;
  row.bytes_in += bytesRead;
  row.bytes_out += bytesWritten;
  if (negotiated !== undefined && bytesRead + bytesWritten >= transferBytes) row.transfers += 1;
  return row;
}

export function backupRow(key: RowKey, address: string, ms: number): GrowingRow {
  const row = emptyRow(key, address, ms);
  row.backups = 1;
  row.last_backup_ms = ms;
  return row;
}

export function emptyRow(key: RowKey, address: string, ms: number): GrowingRow {
  return {
    day: key.day,
    listener: key.listener,
    client_kind: key.client_kind,
    client: key.client,
    fingerprint: key.fingerprint,
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

/** A copy that can grow; the original stays as it is. */
export function growing(row: LedgerRow): GrowingRow {
  return { ...row, reasons: new Map(row.reasons), agreements: new Map(row.agreements) };
}

/** Adds a row to another. What is known of the later one counts, and what only one of them knows. */
export function mergeInto(sum: GrowingRow, row: LedgerRow): void {
  for (const name of countNames) sum[name] += row[name];
  mergeCounts(sum.reasons, row.reasons, maxReasons);
  mergeCounts(sum.agreements, row.agreements, maxAgreements);
  sum.best_offered = higher(sum.best_offered, row.best_offered);
  sum.best_negotiated = higher(sum.best_negotiated, row.best_negotiated);
  sum.last_backup_ms = higher(sum.last_backup_ms, row.last_backup_ms);
  const isLater = row.last_seen_ms >= sum.last_seen_ms;
  if (isLater) sum.address = row.address;
  if (isLater || sum.server_name === null) sum.server_name = row.server_name ?? sum.server_name;
  if (row.last_version !== null && (isLater || sum.last_version === null)) takeHandshake(sum, row);
  if (row.offer !== null && (row.offer_rank ?? 0) < (sum.offer_rank ?? Number.POSITIVE_INFINITY)) {
    sum.offer = row.offer;
    sum.offer_rank = row.offer_rank;
  }
  sum.first_seen_ms = Math.min(sum.first_seen_ms, row.first_seen_ms);
  sum.last_seen_ms = Math.max(sum.last_seen_ms, row.last_seen_ms);
}

/** Version, suite, group and so on belong together: they are those of one handshake. */
function takeHandshake(sum: GrowingRow, row: LedgerRow): void {
  sum.last_version = row.last_version;
  sum.cipher_suite = row.cipher_suite;
  sum.key_group = row.key_group;
  sum.signature_scheme = row.signature_scheme;
  sum.alpn = row.alpn;
}

function higher(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

/** Keys beyond the limit are counted together, so that a client cannot make a row grow. */
function mergeCounts(
  sum: Map<string, number>,
  counts: ReadonlyMap<string, number>,
  limit: number,
): void {
  for (const [name, count] of counts) {
    const key = sum.has(name) || sum.size < limit ? name : overflow;
    sum.set(key, (sum.get(key) ?? 0) + count);
  }
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
