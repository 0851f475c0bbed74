/**
 * What is to be told to owners: one entry for each client and topic, gathered in memory and written
 * to the database every few seconds. It grows with clients and topics, never with connections.
 */

import type { Clock } from '../../base/time.ts';
import type { ConnectionObserver, ConnectionRecord } from '../../door/connection.ts';
import { versionName } from '../../tls/versions.ts';
import type { VaultDatabase } from '../database/database.ts';
import type { NoticesTable } from '../database/notice-tables.ts';

export const ratchetTopic = 'ratchet';
/** Entries in memory between two writes; what is beyond counts with the next. */
const maxPending = 5000;

export class NoticeBook {
  readonly #database: VaultDatabase;
  readonly #clock: Clock;
  readonly #findNames: (address: string, fingerprint: string) => readonly string[];
  #pending = new Map<string, NoticesTable>();

  /** @param parts.findNames of clients that proved who they are at that address before */
  constructor(parts: {
    database: VaultDatabase;
    clock: Clock;
    findNames: (address: string, fingerprint: string) => readonly string[];
  }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#findNames = parts.findNames;
  }

  /** Trials against the future tell nobody anything. */
  readonly observer: ConnectionObserver = {
    onEnd: (record) => {
      const { verdict, listener, address } = record;
      if (listener !== 'main' || verdict === undefined || verdict.notices.length === 0) return;
      const client = this.#nameOf(record);
      for (const { capability, phase, enforceMs, link } of verdict.notices) {
        this.#add({
          client,
          topic: capability,
          phase,
          address,
          enforce_ms: enforceMs ?? null,
          link: link ?? null,
        });
      }
    },
  };

  /** A client that came back with less than it had proved. */
  addDowngrade({
    client,
    version,
    address,
  }: {
    client: string;
    version: number;
    address: string;
  }): void {
    const phase = versionName(version);
    this.#add({ client, topic: ratchetTopic, phase, address, enforce_ms: null, link: null });
  }

  /** Writes what has been gathered. */
  async flush(): Promise<void> {
    const rows = [...this.#pending.values()];
    this.#pending = new Map();
    if (rows.length === 0) return;
    await this.#database.transaction().execute(async (transaction) => {
      for (const row of rows) {
        const { phase, last_ms, address, enforce_ms, link } = row;
        await transaction
          .insertInto('notices')
          .values(row)
          .onConflict((conflict) =>
            conflict.columns(['client', 'topic']).doUpdateSet((set) => ({
              phase,
              last_ms,
              address,
              enforce_ms,
              link,
              count: set('notices.count', '+', row.count),
            })),
          )
          .execute();
      }
    });
  }

  /** A refusal knows no name of its own; the address with the fingerprint may have one, and only one. */
  #nameOf({ client, address, fingerprint }: ConnectionRecord): string {
    if (client !== undefined) return client.name;
    const names = fingerprint === undefined ? [] : this.#findNames(address, fingerprint);
    return names.length === 1 ? (names[0] ?? '') : '';
  }

  #add(entry: Omit<NoticesTable, 'first_ms' | 'last_ms' | 'count'>): void {
    const key = `${entry.topic} ${entry.client}`;
    const known = this.#pending.get(key);
    if (known === undefined && this.#pending.size >= maxPending) return;
    const nowMs = this.#clock.now();
    this.#pending.set(key, {
      ...entry,
      first_ms: known?.first_ms ?? nowMs,
      last_ms: nowMs,
      count: (known?.count ?? 0) + 1,
    });
  }
}
