/** Whom the ledger knows: who connects, with what, since when. How that changes is in usage.ts. */

import type { Offer } from '../../tls/offer.ts';
import { offerFromJson } from '../../tls/offer-json.ts';
import type { VaultDatabase } from '../database/database.ts';
import type { ClientClass } from './classes.ts';
import {
  type ClientKind,
  connectionsOf,
  type Entity,
  type LedgerView,
  type Period,
  viewLedger,
} from './entities.ts';
import { type LedgerRow, manyFingerprints, noFingerprint } from './row.ts';

/** Codes are those of src/tls; versions such as 0x0304. */
export interface ClientSummary {
  readonly kind: ClientKind;
  /** A client's name, or an address or network. */
  readonly name: string;
  readonly class: ClientClass;
  /** Whether the vault has a certificate or login of this name that is still good. */
  readonly enrolled: boolean;
  /** JA4, the latest first. */
  readonly fingerprints: readonly string[];
  readonly addresses: readonly string[];
  /** Undefined for who is enrolled and was never seen. */
  readonly firstSeenMs: number | undefined;
  readonly lastSeenMs: number | undefined;
  readonly days: number;
  /** Hellos, whatever became of them. */
  readonly connections: number;
  /** Of these, refused before they could prove a name: theirs by address and fingerprint. */
  readonly connectionsBySighting: number;
  readonly outcomes: Outcomes;
  readonly reasons: ReadonlyMap<string, number>;
  readonly bestOffered: number | undefined;
  readonly bestNegotiated: number | undefined;
  /** What the latest handshake agreed on. */
  readonly lastVersion: number | undefined;
  readonly cipherSuite: number | undefined;
  readonly group: number | undefined;
  readonly signatureScheme: number | undefined;
  readonly serverName: string | undefined;
  readonly alpn: string | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly backups: number;
  readonly lastBackupMs: number | undefined;
}

export interface Outcomes {
  readonly accepted: number;
  readonly warned: number;
  readonly brownout: number;
  readonly refused: number;
  readonly failed: number;
  readonly empty: number;
  readonly notTls: number;
}

/** One client with one fingerprint, for a simulation. */
export interface ReplayEntry {
  /** Undefined for an address that never proved a name. */
  readonly client: string | undefined;
  readonly kind: ClientKind;
  readonly class: ClientClass;
  /** The latest. */
  readonly address: string;
  readonly fingerprint: string;
  /** Of several with this fingerprint the weakest; undefined where it was not kept. */
  readonly offer: Offer | undefined;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly connections: number;
  readonly backups: number;
  readonly lastBackupMs: number | undefined;
  readonly bestNegotiated: number | undefined;
}

export interface ClientDetail {
  readonly summary: ClientSummary;
  readonly entries: readonly ReplayEntry[];
}

/** Clients by name, then visitors, then scanners; with those who are enrolled and were never seen. */
export async function listClients(
  database: VaultDatabase,
  period: Period = {},
): Promise<ClientSummary[]> {
  return (await describeClients(database, period)).map(({ summary }) => summary);
}

/** Everything of a client's name, or of an address; empty when the ledger has nothing of it. */
export async function showClient(
  database: VaultDatabase,
  name: string,
  period: Period = {},
): Promise<ClientDetail[]> {
  return (await describeClients(database, period)).filter(({ summary }) => summary.name === name);
}

/**
 * As listClients, each with what a simulation would replay of it.
 * @param view the period, where it has been put together already
 */
export async function describeClients(
  database: VaultDatabase,
  period: Period = {},
  view?: LedgerView,
): Promise<ClientDetail[]> {
  const { entities } = view ?? (await viewLedger(database, period));
  const enrolled = await enrolledNames(database);
  const findOffer = await offerFinder(database);
  const seen = [...entities.values()].map((entity) => ({
    summary: summaryOf(entity, enrolled),
    entries: entriesOf(entity, findOffer),
  }));
  const names = new Set(seen.map(({ summary }) => `${summary.kind} ${summary.name}`));
  const unseen = [...enrolled]
    .filter((text) => !names.has(text))
    .map((text) => ({ summary: unseenSummary(text), entries: [] }));
  return [...seen, ...unseen].sort((a, b) => byClassAndName(a.summary, b.summary));
}

/** What a simulation replays: each client with each of its fingerprints. */
export async function replayEntries(
  database: VaultDatabase,
  period: Period = {},
): Promise<ReplayEntry[]> {
  const { entities } = await viewLedger(database, period);
  const findOffer = await offerFinder(database);
  return [...entities.values()].flatMap((entity) => entriesOf(entity, findOffer));
}

function summaryOf(entity: Entity, enrolled: ReadonlySet<string>): ClientSummary {
  const { kind, name, total } = entity;
  const fingerprints = [...entity.byFingerprint]
    .filter(([fingerprint]) => fingerprint !== noFingerprint)
    .sort(([, a], [, b]) => b.last_seen_ms - a.last_seen_ms)
    .map(([fingerprint]) => fingerprint);
  return {
    kind,
    name,
    class: entity.class,
    enrolled: enrolled.has(`${kind} ${name}`),
    fingerprints,
    addresses: entity.addresses,
    firstSeenMs: total.first_seen_ms,
    lastSeenMs: total.last_seen_ms,
    days: entity.days,
    connections: connectionsOf(total),
    connectionsBySighting: entity.connectionsBySighting,
    outcomes: {
      accepted: total.accepted,
      warned: total.warned,
      brownout: total.brownout,
      refused: total.refused,
      failed: total.failed,
      empty: total.empty,
      notTls: total.not_tls,
    },
    reasons: total.reasons,
    bestOffered: total.best_offered ?? undefined,
    bestNegotiated: total.best_negotiated ?? undefined,
    lastVersion: total.last_version ?? undefined,
    cipherSuite: total.cipher_suite ?? undefined,
    group: total.key_group ?? undefined,
    signatureScheme: total.signature_scheme ?? undefined,
    serverName: total.server_name ?? undefined,
    alpn: total.alpn ?? undefined,
    bytesIn: total.bytes_in,
    bytesOut: total.bytes_out,
    backups: total.backups,
    lastBackupMs: total.last_backup_ms ?? undefined,
  };
}

/** Rows without a hello have nothing to replay. */
function entriesOf(entity: Entity, findOffer: FindOffer): ReplayEntry[] {
  const { kind, name } = entity;
  const isNamed = kind === 'certificate' || kind === 'login';
  return [...entity.byFingerprint]
    .filter(([fingerprint, row]) => fingerprint !== noFingerprint && connectionsOf(row) > 0)
    .map(([fingerprint, row]) => ({
      client: isNamed ? name : undefined,
      kind,
      class: entity.class,
      address: kind === 'network' && fingerprint === manyFingerprints ? name : row.address,
      fingerprint,
      offer: offerOf(row, findOffer),
      firstSeenMs: row.first_seen_ms,
      lastSeenMs: row.last_seen_ms,
      connections: connectionsOf(row),
      backups: row.backups,
      lastBackupMs: row.last_backup_ms ?? undefined,
      bestNegotiated: row.best_negotiated ?? undefined,
    }));
}

function offerOf(row: LedgerRow, findOffer: FindOffer): Offer | undefined {
  const offer = row.offer === null ? undefined : findOffer(row.offer);
  return offer && { ...offer, serverName: row.server_name ?? undefined };
}

/** By the SHA-256 of its JSON. */
type FindOffer = (sha256: string) => Offer | undefined;

/** Many clients send the same offer, so each is parsed once, and only when it is asked for. */
async function offerFinder(database: VaultDatabase): Promise<FindOffer> {
  const stored = await database.selectFrom('offers').selectAll().execute();
  const texts = new Map(stored.map(({ sha256, json }) => [sha256, json]));
  const parsed = new Map<string, Offer>();
  return (sha256) => {
    const known = parsed.get(sha256);
    const json = texts.get(sha256);
    if (known !== undefined || json === undefined) return known;
    const offer = offerFromJson(json);
    parsed.set(sha256, offer);
    return offer;
  };
}

/** `certificate NAME` and `login NAME` of all that may use the vault now. */
async function enrolledNames(database: VaultDatabase): Promise<Set<string>> {
  const clients = await database
    .selectFrom('clients')
    .select('name')
    .where('state', '=', 'active')
    .execute();
  const users = await database.selectFrom('users').select('name').execute();
  return new Set([
    ...clients.map(({ name }) => `certificate ${name}`),
    ...users.map(({ name }) => `login ${name}`),
  ]);
}

function unseenSummary(text: string): ClientSummary {
  const [kind, name = ''] = text.split(' ');
  return {
    kind: kind === 'login' ? 'login' : 'certificate',
    name,
    class: 'client',
    enrolled: true,
    fingerprints: [],
    addresses: [],
    firstSeenMs: undefined,
    lastSeenMs: undefined,
    days: 0,
    connections: 0,
    connectionsBySighting: 0,
    outcomes: {
      accepted: 0,
      warned: 0,
      brownout: 0,
      refused: 0,
      failed: 0,
      empty: 0,
      notTls: 0,
    },
    reasons: new Map(),
    bestOffered: undefined,
    bestNegotiated: undefined,
    lastVersion: undefined,
    cipherSuite: undefined,
    group: undefined,
    signatureScheme: undefined,
    serverName: undefined,
    alpn: undefined,
    bytesIn: 0,
    bytesOut: 0,
    backups: 0,
    lastBackupMs: undefined,
  };
}

const classOrder: readonly ClientClass[] = ['client', 'visitor', 'scanner'];

function byClassAndName(a: ClientSummary, b: ClientSummary): number {
  const order = classOrder.indexOf(a.class) - classOrder.indexOf(b.class);
  if (order !== 0) return order;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.kind < b.kind ? -1 : 1;
}
