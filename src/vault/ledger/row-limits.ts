/**
 * How many rows a day can have, whoever knocks. Identified clients always have their row, with at most
 * so many fingerprints; unidentified addresses have one until the day's limit, then they are counted
 * by network (/24, /64) and fingerprint, and beyond a second limit all together, by family. So a flood
 * of addresses costs a fixed number of rows, and totals stay right.
 */

import { allOf, networkOf } from './network-of.ts';
import { manyFingerprints, type RowKey } from './row.ts';

export interface LedgerLimits {
  /** Rows a day for unidentified addresses. */
  readonly addressRows: number;
  /** Rows a day for networks, once the addresses are too many. */
  readonly networkRows: number;
  /** Fingerprints a day that one client or address is kept apart by. */
  readonly fingerprints: number;
  /** Different offers a day that are kept for unidentified addresses. */
  readonly offers: number;
}

export const defaultLedgerLimits: LedgerLimits = {
  addressRows: 10_000,
  networkRows: 2000,
  fingerprints: 32,
  offers: 2000,
};

/** Days whose keys are remembered: connections end late, clocks step. */
const maxDays = 4;

interface DayKeys {
  /** Fingerprints by client, or by address, or by network. */
  readonly fingerprints: Map<string, Set<string>>;
  readonly offers: Set<string>;
  addressRows: number;
  networkRows: number;
}

export class RowLimits {
  readonly #limits: LedgerLimits;
  readonly #days = new Map<string, DayKeys>();
  #collapsed = 0;

  constructor(limits: LedgerLimits) {
    this.#limits = limits;
  }

  /** Connections that were counted in another row than their own. */
  get collapsed(): number {
    return this.#collapsed;
  }

  /** Takes note of a row that is in the database already. */
  know(key: RowKey): void {
    this.#admit(this.#keysOf(key.day), key);
  }

  /** @param address of the connection, for its network */
  place(key: RowKey, address: string): RowKey {
    const day = this.#keysOf(key.day);
    const apart = this.#withinFingerprints(day, key);
    const placed =
      apart.client_kind === 'address' && !this.#hasRoom(day, apart)
        ? this.#networkKey(day, apart, address)
        : apart;
    this.#admit(day, placed);
    if (placed !== key) this.#collapsed += 1;
    return placed;
  }

  /** Whether the offer of a row may be kept. */
  admitOffer(key: RowKey, sha256: string): boolean {
    if (key.client_kind === 'certificate' || key.client_kind === 'login') return true;
    const { offers } = this.#keysOf(key.day);
    if (!offers.has(sha256) && offers.size >= this.#limits.offers) return false;
    offers.add(sha256);
    return true;
  }

  #withinFingerprints(day: DayKeys, key: RowKey): RowKey {
    const known = day.fingerprints.get(clientText(key));
    if (known === undefined || known.has(key.fingerprint)) return key;
    return known.size < this.#limits.fingerprints ? key : { ...key, fingerprint: manyFingerprints };
  }

  #hasRoom(day: DayKeys, key: RowKey): boolean {
    if (day.fingerprints.get(clientText(key))?.has(key.fingerprint) === true) return true;
    return day.addressRows < this.#limits.addressRows;
  }

  #networkKey(day: DayKeys, key: RowKey, address: string): RowKey {
    const network = this.#withinFingerprints(day, {
      ...key,
      client_kind: 'network',
      client: networkOf(address),
    });
    const known = day.fingerprints.get(clientText(network))?.has(network.fingerprint) === true;
    if (known || day.networkRows < this.#limits.networkRows) return network;
    return { ...network, client: allOf(address), fingerprint: manyFingerprints };
  }

  #admit(day: DayKeys, key: RowKey): void {
    const client = clientText(key);
    const known = day.fingerprints.get(client);
    if (known?.has(key.fingerprint) === true) return;
    if (known === undefined) day.fingerprints.set(client, new Set([key.fingerprint]));
    else known.add(key.fingerprint);
    if (key.client_kind === 'address') day.addressRows += 1;
    if (key.client_kind === 'network') day.networkRows += 1;
  }

  #keysOf(day: string): DayKeys {
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const made: DayKeys = {
      fingerprints: new Map(),
      offers: new Set(),
      addressRows: 0,
      networkRows: 0,
    };
    this.#days.set(day, made);
    if (this.#days.size > maxDays) {
      const oldest = [...this.#days.keys()].filter((name) => name !== day).sort()[0];
      if (oldest !== undefined) this.#days.delete(oldest);
    }
    return made;
  }
}

function clientText(key: RowKey): string {
  return `${key.listener} ${key.client_kind} ${key.client}`;
}
