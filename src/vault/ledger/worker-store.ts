/** The main thread's side of the thread that writes the ledger. */

import { Worker } from 'node:worker_threads';
import { type ErrorData, errorFromData } from '../../base/errors.ts';
import type { LedgerBatch, LedgerState, LedgerStore } from './ledger-store.ts';
import type { PruneOptions } from './prune.ts';

export type ToLedgerWorker =
  | { readonly id: number; readonly kind: 'load'; readonly sinceDay: string }
  | { readonly id: number; readonly kind: 'write'; readonly batch: LedgerBatch }
  | { readonly id: number; readonly kind: 'prune'; readonly options: PruneOptions }
  | { readonly id: number; readonly kind: 'close' };

export type FromLedgerWorker =
  | { readonly id: number; readonly kind: 'done' }
  | { readonly id: number; readonly kind: 'loaded'; readonly state: LedgerState }
  | { readonly id: number; readonly kind: 'failed'; readonly error: ErrorData };

interface Waiting {
  done(message: FromLedgerWorker): void;
  fail(error: Error): void;
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const workerHeapMiB = 128;
const emptyState: LedgerState = { keys: [], sightings: [] };

/** @param file the vault's database; made, or brought up to this version, when it is opened */
export function workerStore(file: string): LedgerStore {
  const port = new WorkerPort(file);
  return {
    async load(sinceDay) {
      const answer = await port.ask({ kind: 'load', sinceDay });
      return answer.kind === 'loaded' ? answer.state : emptyState;
    },
    async write(batch) {
      await port.ask({ kind: 'write', batch });
    },
    async prune(options) {
      await port.ask({ kind: 'prune', options });
    },
    close: () => port.close(),
  };
}

class WorkerPort {
  readonly #file: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(file: string) {
    this.#file = file;
  }

  ask(message: Without<ToLedgerWorker, 'id'>): Promise<FromLedgerWorker> {
    const worker = this.#start();
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((done, fail) => {
      this.#waiting.set(id, { done, fail });
      worker.postMessage({ ...message, id });
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise((done) => worker.once('exit', done));
    await this.ask({ kind: 'close' });
    await ended;
  }

  /** A thread that broke down is replaced by the next question. */
  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('./ledger-worker.ts', import.meta.url), {
      workerData: this.#file,
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMiB },
    });
    this.#worker = worker;
    let cause = new Error('the thread that writes the ledger has ended');
    worker.on('message', (message: FromLedgerWorker) => this.#settle(message));
    worker.on('error', (error: Error) => {
      cause = error;
    });
    worker.on('exit', () => {
      this.#worker = undefined;
      const left = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const { fail } of left) fail(cause);
    });
    return worker;
  }

  #settle(message: FromLedgerWorker): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'failed') waiting?.fail(errorFromData(message.error));
    else waiting?.done(message);
  }
}
