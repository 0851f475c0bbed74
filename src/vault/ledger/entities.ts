/**
 * The ledger's rows put together by whom they are about. A client that certificate or login proved is
 * one; without that, an address with a fingerprint is. A hello that was refused can prove nothing: its
 * row belongs to the client that was known at this address with this fingerprint, if there was one only.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { VaultDatabase } from '../database/database.ts';
import type { LedgerTable } from '../database/ledger-tables.ts';
import { type ClientClass, classify } from './classes.ts';
import { rowFromTable } from './ledger-store.ts';
import {
  dayOf,
  type GrowingRow,
  growing,
  type LedgerRow,
  mergeInto,
  noFingerprint,
} from './row.ts';
import { Sightings } from './sightings.ts';

export interface Period {
  /** From the day (UTC) of this moment on; everything when left out. */
  readonly sinceMs?: number | undefined;
  /** Until the day of this moment, included. */
  readonly untilMs?: number | undefined;
  /** The trials of the preview listener instead of what really happened. */
  readonly listener?: LedgerTable['listener'] | undefined;
}

export type ClientKind = LedgerTable['client_kind'];

/** Whom a row is about. */
export interface Owner {
  readonly kind: ClientKind;
  readonly name: string;
  /** Only where the owner is an address or a network. */
  readonly fingerprint: string | undefined;
  /** The row itself proves nothing; the place was known. */
  readonly bySighting: boolean;
}

export interface Entity {
  readonly kind: ClientKind;
  readonly name: string;
  readonly class: ClientClass;
  /** All of its rows added up; the key's parts are those of the first. */
  readonly total: LedgerRow;
  /** By fingerprint, added up over the days. */
  readonly byFingerprint: ReadonlyMap<string, LedgerRow>;
  readonly addresses: readonly string[];
  /** Days on which it was seen at all. */
  readonly days: number;
  /** Connections that are its own by sighting only. */
  readonly connectionsBySighting: number;
}

/** Finds the owner of each row; made once for a query. */
export type OwnerOf = (row: RowPlace) => Owner;

type RowPlace = Pick<LedgerTable, 'client_kind' | 'client' | 'fingerprint'>;

interface Growing {
  readonly owner: Owner;
  readonly total: GrowingRow;
  readonly byFingerprint: Map<string, GrowingRow>;
  readonly addresses: Set<string>;
  readonly days: Set<string>;
  readonly helloDays: Set<string>;
  connectionsBySighting: number;
}

/** Addresses that one entity shows; a laptop has many over the months. */
const maxAddresses = 16;

/** Hellos, whatever became of them: health checks and strangers that speak no TLS are no connections. */
export function connectionsOf(row: LedgerRow | LedgerTable): number {
  return row.accepted + row.warned + row.brownout + row.refused + row.failed;
}

async function ownerOf(database: VaultDatabase): Promise<OwnerOf> {
  const sightings = new Sightings();
  const known = await database.selectFrom('sightings').selectAll().execute();
  for (const sighting of known) sightings.add(sighting);
  return ({ client_kind, client, fingerprint }) => {
    const plain = { kind: client_kind, name: client, bySighting: false };
    if (client_kind === 'certificate' || client_kind === 'login') {
      return { ...plain, fingerprint: undefined };
    }
    const [only, ...others] = client_kind === 'address' ? sightings.find(client, fingerprint) : [];
    if (only === undefined || others.some((other) => other.client !== only.client)) {
      return { ...plain, fingerprint };
    }
    return { kind: only.client_kind, name: only.client, fingerprint: undefined, bySighting: true };
  };
}

export function ownerText(owner: Owner): string {
  return `${owner.kind} ${owner.fingerprint ?? ''} ${owner.name}`;
}

/** The rows of a period, one list for each day, the oldest first: a day's rows are limited in number. */
export async function* readDays(
  database: VaultDatabase,
  { sinceMs, untilMs, listener = 'main' }: Period,
): AsyncGenerator<readonly LedgerTable[]> {
  let query = database.selectFrom('ledger').select('day').distinct();
  if (sinceMs !== undefined) query = query.where('day', '>=', dayOf(sinceMs));
  if (untilMs !== undefined) query = query.where('day', '<=', dayOf(untilMs));
  for (const { day } of await query.orderBy('day').execute()) {
    yield await database
      .selectFrom('ledger')
      .selectAll()
      .where('day', '=', day)
      .where('listener', '=', listener)
      .execute();
  }
}

/** A period of the ledger, put together once for several questions. */
export interface LedgerView {
  readonly period: Period;
  readonly findOwner: OwnerOf;
  /** By owner's text, in the order of their first day. */
  readonly entities: ReadonlyMap<string, Entity>;
}

export async function viewLedger(database: VaultDatabase, period: Period): Promise<LedgerView> {
  const findOwner = await ownerOf(database);
  const begun = new Map<string, Growing>();
  for await (const tables of readDays(database, period)) {
    // SQLite answers at once: without a turn between the days nobody else would get an answer.
    await nextTurn();
    for (const table of tables) {
      const row = rowFromTable(table);
      const owner = findOwner(row);
      const text = ownerText(owner);
      const before = begun.get(text);
      begun.set(text, before === undefined ? begin(owner, row) : grow(before, owner, row));
    }
  }
  const places = placesOf(begun.values());
  const entities = new Map([...begun].map(([text, entity]) => [text, finish(entity, places)]));
  return { period, findOwner, entities };
}

function begin(owner: Owner, row: GrowingRow): Growing {
  const entity: Growing = {
    owner,
    total: growing(row),
    byFingerprint: new Map(),
    addresses: new Set(),
    days: new Set(),
    helloDays: new Set(),
    connectionsBySighting: 0,
  };
  note(entity, owner, row);
  return entity;
}

function grow(entity: Growing, owner: Owner, row: GrowingRow): Growing {
  mergeInto(entity.total, row);
  note(entity, owner, row);
  return entity;
}

function note(entity: Growing, owner: Owner, row: GrowingRow): void {
  const before = entity.byFingerprint.get(row.fingerprint);
  if (before === undefined) entity.byFingerprint.set(row.fingerprint, row);
  else mergeInto(before, row);
  // The latest stay.
  entity.addresses.delete(row.address);
  entity.addresses.add(row.address);
  const [oldest] = entity.addresses;
  if (entity.addresses.size > maxAddresses && oldest !== undefined) entity.addresses.delete(oldest);
  entity.days.add(row.day);
  if (row.fingerprint !== noFingerprint) entity.helloDays.add(row.day);
  if (owner.bySighting) entity.connectionsBySighting += connectionsOf(row);
}

interface Place {
  idleFingerprints: number;
  notTls: number;
}

/** What an address did as a whole, which tells a scanner. */
function placesOf(entities: Iterable<Growing>): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const { owner, total } of entities) {
    if (owner.kind !== 'address' && owner.kind !== 'network') continue;
    const place = places.get(owner.name) ?? { idleFingerprints: 0, notTls: 0 };
    if (total.transfers === 0 && owner.fingerprint !== noFingerprint) place.idleFingerprints += 1;
    place.notTls += total.not_tls;
    places.set(owner.name, place);
  }
  return places;
}

function finish(entity: Growing, places: ReadonlyMap<string, Place>): Entity {
  const { owner, total, byFingerprint, addresses, days, helloDays, connectionsBySighting } = entity;
  const place = places.get(owner.name) ?? { idleFingerprints: 0, notTls: 0 };
  return {
    kind: owner.kind,
    name: owner.name,
    class: classify({
      identified: owner.kind === 'certificate' || owner.kind === 'login',
      days: helloDays.size,
      transfers: total.transfers,
      ...place,
    }),
    total,
    byFingerprint,
    addresses: [...addresses].reverse(),
    days: days.size,
    connectionsBySighting,
  };
}
