/** What was seen and is not on disk yet, added up. */

import type { SightingsTable } from '../database/ledger-tables.ts';
import type { LedgerBatch } from './ledger-store.ts';
import { type GrowingRow, keyText, mergeInto, type RowKey, type StoredOffer } from './row.ts';

export class PendingBatch {
  readonly #rows = new Map<string, GrowingRow>();
  readonly #offers = new Map<string, StoredOffer>();
  readonly #sightings = new Map<string, SightingsTable>();
  #sinceMs: number | undefined;

  get size(): number {
    return this.#rows.size;
  }

  get isEmpty(): boolean {
    return this.#sinceMs === undefined;
  }

  /** When the first thing came in, as `performance.now()`. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  has(key: RowKey): boolean {
    return this.#rows.has(keyText(key));
  }

  /** @param row becomes this batch's own */
  add(row: GrowingRow): GrowingRow {
    this.#sinceMs ??= performance.now();
    const text = keyText(row);
    const before = this.#rows.get(text);
    if (before === undefined) {
      this.#rows.set(text, row);
      return row;
    }
    mergeInto(before, row);
    return before;
  }

  /** @param row as `add` gave it back */
  setOffer(row: GrowingRow, offer: StoredOffer): void {
    row.offer = offer.sha256;
    row.offer_rank = offer.rank;
    this.#offers.set(offer.sha256, offer);
  }

  addSighting(sighting: SightingsTable): void {
    this.#sinceMs ??= performance.now();
    const { address, fingerprint, client_kind, client } = sighting;
    const text = `${client_kind} ${fingerprint} ${address} ${client}`;
    const before = this.#sightings.get(text);
    if (before === undefined || before.last_seen_ms <= sighting.last_seen_ms) {
      this.#sightings.set(text, sighting);
    }
  }

  /** Takes over what came in while this one could not be written. */
  absorb(later: PendingBatch): void {
    for (const row of later.#rows.values()) this.add(row);
    for (const [sha256, offer] of later.#offers) this.#offers.set(sha256, offer);
    for (const sighting of later.#sightings.values()) this.addSighting(sighting);
  }

  /** Plain data, for the thread that writes. */
  toBatch(): LedgerBatch {
    return {
      rows: [...this.#rows.values()],
      offers: [...this.#offers.values()],
      sightings: [...this.#sightings.values()],
    };
  }
}
