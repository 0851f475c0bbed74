/** The main thread's side of the thread that reads for the API. */

import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { gzip } from 'node:zlib';
import { type ErrorData, errorFromData, SealiftError } from '../../../base/errors.ts';
import type { PreparedAnswer } from '../server/api-routes.ts';
import type { ReadFacts } from './read-facts.ts';
import type { JobResult, ReadingJob, ReadingRoute } from './reading-routes.ts';

interface Question {
  readonly id: number;
  readonly facts: ReadFacts;
  /** Parts that the schemas have checked. */
  readonly request: unknown;
}

export type ToReader =
  | (Question & {
      readonly kind: 'route';
      readonly name: ReadingRoute;
    })
  | (Question & { readonly kind: 'job'; readonly name: ReadingJob });

export type FromReader =
  | {
      readonly id: number;
      readonly kind: 'answer';
      readonly bytes: Uint8Array;
    }
  | { readonly id: number; readonly kind: 'done'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'failed'; readonly error: ErrorData };

interface Waiting {
  done(message: FromReader): void;
  fail(error: Error): void;
}

const compress = promisify(gzip);
/** What is shorter travels as it is. */
const compressBytes = 4096;
const workerHeapMiB = 1024;
/** One fleet after another is put together; who comes when so many wait is told to come back. */
const maxWaiting = 64;

export class Reader {
  readonly #file: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;
  #closed = false;

  /** @param file the vault's database */
  constructor(file: string) {
    this.#file = file;
  }

  /** Starts the thread, which takes a second, ahead of the first question. */
  prepare(): void {
    if (!this.#closed) this.#start();
  }

  /** @param mayCompress whether who asks takes gzip */
  async route(
    name: ReadingRoute,
    question: Omit<Question, 'id'>,
    mayCompress: boolean,
  ): Promise<PreparedAnswer> {
    const answer = await this.#ask({ kind: 'route', name, ...question });
    if (answer.kind !== 'answer') throw new Error('the reading thread gave no answer');
    const { bytes } = answer;
    if (!mayCompress || bytes.byteLength <= compressBytes) return { kind: 'prepared', bytes };
    // Not in the thread, which is terminated: engine/workers/end-threads.ts says what would come of it.
    return { kind: 'prepared', bytes: await compress(bytes, { level: 4 }), encoding: 'gzip' };
  }

  async job<J extends ReadingJob>(name: J, question: Omit<Question, 'id'>): Promise<JobResult<J>> {
    const answer = await this.#ask({ kind: 'job', name, ...question });
    // The thread looked the same name up in the same table.
    return (answer.kind === 'done' ? answer.value : undefined) as JobResult<J>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise((done) => worker.once('exit', done));
    // What is being put together for nobody need not be finished.
    await worker.terminate();
    await ended;
  }

  #ask(message: WithoutId<ToReader>): Promise<FromReader> {
    if (this.#closed || this.#waiting.size >= maxWaiting) {
      const detail = this.#closed ? 'it is stopping' : 'too many pages are asked for';
      throw new SealiftError('api/unavailable', `the vault cannot do this just now: ${detail}`, {
        fields: { detail },
      });
    }
    const worker = this.#start();
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((done, fail) => {
      this.#waiting.set(id, { done, fail });
      worker.postMessage({ ...message, id });
    });
  }

  /** A thread that broke down is replaced by the next question. */
  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('./reader-worker.ts', import.meta.url), {
      workerData: this.#file,
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMiB },
    });
    this.#worker = worker;
    let cause: Error = new SealiftError('api/unavailable', 'the reading thread has ended');
    worker.on('message', (message: FromReader) => {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.kind === 'failed') waiting?.fail(errorFromData(message.error));
      else waiting?.done(message);
    });
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
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
