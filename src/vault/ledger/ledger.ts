/**
 * The ledger: what each client offered and got, one row for each client, fingerprint and day. It
 * observes connections, adds them up in memory and hands batches to a thread that writes them, so that
 * a connection never waits for the database. What was seen is on disk within a second; what a busy or
 * full database refuses is kept and tried again. queries.ts reads it, prune.ts ends it.
 */

import type { Logger } from 'pino';
import type {
  ClientIdentity,
  ConnectionObserver,
  ConnectionRecord,
} from '../../door/connection.ts';
import type { Offer } from '../../tls/offer.ts';
import type { LedgerState, LedgerStore } from './ledger-store.ts';
import { allOf } from './network-of.ts';
import { PendingBatch } from './pending-batch.ts';
import type { PruneOptions } from './prune.ts';
import {
  addBytes,
  backupRow,
  connectionRow,
  dayOf,
  emptyRow,
  type GrowingRow,
  keyOf,
  manyFingerprints,
  noFingerprint,
  presenceRow,
  type RowKey,
  rankOffer,
  storeOffer,
} from './row.ts';
import { defaultLedgerLimits, type LedgerLimits, RowLimits } from './row-limits.ts';
import { Sightings } from './sightings.ts';
import { workerStore } from './worker-store.ts';

export type LedgerLog = Pick<Logger, 'info' | 'warn' | 'error'>;

export interface LedgerOptions {
  readonly log: LedgerLog;
  /** Another store than the thread with the vault's database, for tests. */
  readonly store?: LedgerStore;
  readonly limits?: Partial<LedgerLimits>;
  /** From the first thing that is not on disk until it is written. */
  readonly flushMs?: number;
  /** Older rows go, now and once a day; they stay when left out. */
  readonly keepDays?: number;
  /** Today, which decides which rows count for the limits; `Date.now()` when left out. */
  readonly nowMs?: number;
}

/** A snapshot that a client stored. */
export interface BackupSeen {
  readonly client: ClientIdentity;
  readonly listener: ConnectionRecord['listener'];
  readonly address: string;
  /** JA4 of its connection. */
  readonly fingerprint: string | undefined;
  readonly atMs: number;
}

/** For the metrics; all but `pendingRows` only grow. */
export interface LedgerCounters {
  readonly pendingRows: number;
  readonly writtenRows: number;
  readonly batches: number;
  readonly failedBatches: number;
  /** Connections that were counted with others, because the day had too many rows. */
  readonly collapsed: number;
}

const defaultFlushMs = 250;
const maxRetryMs = 5000;
/** A database that is away for long makes the ledger coarser, not larger. */
const maxPendingRows = 50_000;
/** Until a stop gives up on a database that takes nothing. */
const closeMs = 3000;
const closeRetryMs = 100;
const dayMs = 86_400_000;

export class Ledger implements ConnectionObserver {
  readonly #store: LedgerStore;
  readonly #log: LedgerLog;
  readonly #flushMs: number;
  readonly #limits: RowLimits;
  readonly #sightings = new Sightings();
  #pending = new PendingBatch();
  #inFlight: PendingBatch | undefined;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pruning: NodeJS.Timeout | undefined;
  #closed = false;
  #failuresInARow = 0;
  #writtenRows = 0;
  #batches = 0;
  #failedBatches = 0;

  private constructor(store: LedgerStore, state: LedgerState, options: LedgerOptions) {
    this.#store = store;
    this.#log = options.log;
    this.#flushMs = options.flushMs ?? defaultFlushMs;
    this.#limits = new RowLimits({ ...defaultLedgerLimits, ...options.limits });
    for (const key of state.keys) this.#limits.know(key);
    for (const sighting of state.sightings) this.#sightings.add(sighting);
  }

  /**
   * @param file the vault's database (vaultPaths(dataDir).database)
   * @throws SealiftError `vault/data-folder`
   */
  static async open(file: string, options: LedgerOptions): Promise<Ledger> {
    const store = options.store ?? workerStore(file);
    try {
      const state = await store.load(dayOf((options.nowMs ?? Date.now()) - dayMs));
      const ledger = new Ledger(store, state, options);
      if (options.keepDays !== undefined) ledger.#pruneDaily(options.keepDays);
      return ledger;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** Names that certificate or login proved for this address and fingerprint, the latest first. */
  whoIs(address: string, fingerprint: string): string[] {
    return this.#sightings.names(address, fingerprint);
  }

  /** How long the oldest thing that is not on disk has waited; 0 when everything is. */
  get lagMs(): number {
    const since = this.#inFlight?.sinceMs ?? this.#pending.sinceMs;
    return since === undefined ? 0 : performance.now() - since;
  }

  get counters(): LedgerCounters {
    return {
      pendingRows: this.#pending.size + (this.#inFlight?.size ?? 0),
      writtenRows: this.#writtenRows,
      batches: this.#batches,
      failedBatches: this.#failedBatches,
      collapsed: this.#limits.collapsed,
    };
  }

  /** A refusal counts here, since it must not wait until the client has gone. */
  onVerdict(record: ConnectionRecord): void {
    if (record.verdict?.kind !== 'refuse') return;
    const ms = record.startedMs;
    this.#add(connectionRow(this.#keyOf(record, ms), record, ms), record.offer);
  }

  /** From now on the address and fingerprint are known; the connection counts at its end. */
  onIdentity(record: ConnectionRecord): void {
    const ms = endOf(record);
    this.#add(presenceRow(this.#keyOf(record, ms), record, ms), record.offer);
    this.#sight(record.client, record, ms);
  }

  onEnd(record: ConnectionRecord): void {
    if (record.ofConsole === true && record.client === undefined) return;
    // The door calls onVerdict for every verdict, so that a refusal has been counted.
    const isCounted = record.verdict?.kind === 'refuse';
    const ms = isCounted ? record.startedMs : endOf(record);
    const key = this.#keyOf(record, ms);
    const row = isCounted ? emptyRow(key, record.address, ms) : connectionRow(key, record, ms);
    this.#add(addBytes(row, record), isCounted ? undefined : record.offer);
    this.#sight(record.client, record, ms);
  }

  recordBackup(backup: BackupSeen): void {
    const { client, listener, address, atMs } = backup;
    const wanted: RowKey = {
      day: dayOf(atMs),
      listener,
      client_kind: client.kind,
      client: client.name,
      fingerprint: backup.fingerprint ?? noFingerprint,
    };
    this.#add(backupRow(this.#place(wanted, address), address, atMs), undefined);
  }

  /**
   * Puts on disk what was seen until now.
   * @throws the database's error; what could not be written is kept
   */
  async flush(): Promise<void> {
    // A batch under way may have been taken before the caller's last connection; one that another
    // caller began while we waited was not.
    if (this.#writing !== undefined) await this.#writing.catch(() => undefined);
    if (this.#writing !== undefined || !this.#pending.isEmpty) await this.#write();
  }

  /** Writes what is left, with a few tries, and ends the thread. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#pruning);
    const giveUpMs = performance.now() + closeMs;
    for (;;) {
      try {
        await this.flush();
        break;
      } catch (error) {
        if (performance.now() > giveUpMs) {
          const rows = this.#pending.size;
          this.#log.error({ err: error, rows }, 'the ledger lost its last rows');
          break;
        }
        await new Promise((done) => setTimeout(done, closeRetryMs));
      }
    }
    await this.#store.close();
  }

  /** Ends what is older than it is kept for, without keeping a connection waiting. */
  prune(options: PruneOptions): Promise<void> {
    return this.#store.prune(options);
  }

  #pruneDaily(keepDays: number): void {
    const prune = (): void => {
      this.prune({ keepDays, nowMs: Date.now() }).catch((error: unknown) => {
        this.#log.warn({ err: error }, 'the ledger could not be pruned; tomorrow again');
      });
    };
    prune();
    this.#pruning = setInterval(prune, dayMs).unref();
  }

  #keyOf(record: ConnectionRecord, ms: number): RowKey {
    return this.#place(keyOf(record, ms), record.address);
  }

  #place(wanted: RowKey, address: string): RowKey {
    const key = this.#limits.place(wanted, address);
    const isKept = this.#pending.size < maxPendingRows || this.#pending.has(key);
    if (isKept || key.client_kind === 'certificate' || key.client_kind === 'login') return key;
    return {
      ...key,
      client_kind: 'network',
      client: allOf(address),
      fingerprint: manyFingerprints,
    };
  }

  #add(row: GrowingRow, offer: Offer | undefined): void {
    const sum = this.#pending.add(row);
    if (offer !== undefined) this.#keepOffer(sum, offer);
    this.#schedule(this.#flushMs);
  }

  #keepOffer(sum: GrowingRow, offer: Offer): void {
    if (sum.fingerprint === manyFingerprints) return;
    // Most of a client's hellos are alike, and only the first of a batch is looked at in full.
    if (sum.offer_rank !== null && sum.offer_rank <= rankOffer(offer)) return;
    const stored = storeOffer(offer);
    if (stored === undefined || !this.#limits.admitOffer(sum, stored.sha256)) return;
    this.#pending.setOffer(sum, stored);
  }

  #sight(
    client: ClientIdentity | undefined,
    { address, fingerprint }: ConnectionRecord,
    ms: number,
  ): void {
    if (client === undefined || fingerprint === undefined) return;
    const sighting = {
      address,
      fingerprint,
      client_kind: client.kind,
      client: client.name,
      last_seen_ms: ms,
    };
    this.#sightings.add(sighting);
    this.#pending.addSighting(sighting);
    this.#schedule(this.#flushMs);
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== undefined || this.#writing !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // The failure is logged where it happens, and the batch is tried again.
      this.#write().catch(() => undefined);
    }, delayMs);
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writePending().finally(() => {
      this.#writing = undefined;
      if (!this.#pending.isEmpty) this.#schedule(this.#retryMs());
    });
    return this.#writing;
  }

  async #writePending(): Promise<void> {
    const batch = this.#pending;
    this.#pending = new PendingBatch();
    this.#inFlight = batch;
    try {
      await this.#store.write(batch.toBatch());
      this.#batches += 1;
      this.#writtenRows += batch.size;
      if (this.#failuresInARow > 0) this.#log.info('the ledger is written again');
      this.#failuresInARow = 0;
    } catch (error) {
      batch.absorb(this.#pending);
      this.#pending = batch;
      this.#failedBatches += 1;
      this.#failuresInARow += 1;
      // Once for each outage; the metrics tell how it goes on.
      if (this.#failuresInARow === 1) {
        this.#log.warn({ err: error, rows: batch.size }, 'the ledger waits for its database');
      }
      throw error;
    } finally {
      this.#inFlight = undefined;
    }
  }

  #retryMs(): number {
    return Math.min(maxRetryMs, this.#flushMs * 2 ** Math.min(this.#failuresInARow, 10));
  }
}

function endOf(record: ConnectionRecord): number {
  return Math.max(record.startedMs, record.endedMs);
}
