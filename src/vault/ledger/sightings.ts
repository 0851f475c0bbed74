/** Which names were proved at which address with which fingerprint: what the judge asks before a login. */

import type { SightingsTable } from '../database/ledger-tables.ts';

/** The oldest is forgotten beyond this, in memory only. */
const maxSightings = 50_000;

export class Sightings {
  /** By address and fingerprint, the latest last; within, by name. */
  readonly #places = new Map<string, Map<string, SightingsTable>>();
  #size = 0;

  add(sighting: SightingsTable): void {
    const place = placeText(sighting.address, sighting.fingerprint);
    const names = this.#places.get(place) ?? new Map<string, SightingsTable>();
    const who = `${sighting.client_kind} ${sighting.client}`;
    const before = names.get(who);
    if (before === undefined) this.#size += 1;
    const latest =
      before === undefined || before.last_seen_ms < sighting.last_seen_ms ? sighting : before;
    names.set(who, latest);
    this.#places.delete(place);
    this.#places.set(place, names);
    if (this.#size > maxSightings) this.#forgetOldest();
  }

  /** The latest first. */
  find(address: string, fingerprint: string): SightingsTable[] {
    const names = this.#places.get(placeText(address, fingerprint));
    if (names === undefined) return [];
    return [...names.values()].sort((a, b) => b.last_seen_ms - a.last_seen_ms);
  }

  /** The latest first, each once. */
  names(address: string, fingerprint: string): string[] {
    return [...new Set(this.find(address, fingerprint).map(({ client }) => client))];
  }

  #forgetOldest(): void {
    const [oldest] = this.#places;
    if (oldest === undefined) return;
    this.#places.delete(oldest[0]);
    this.#size -= oldest[1].size;
  }
}

function placeText(address: string, fingerprint: string): string {
  return `${fingerprint} ${address}`;
}
