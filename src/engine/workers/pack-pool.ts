/** The main thread's side of the pack workers: starts them when there is work, deals out jobs. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { errorFromData, isSealiftError, SealiftError } from '../../base/errors.ts';
import type { RepositoryKey } from '../../repository/crypto.ts';
import type { PackId } from '../../repository/ids.ts';
import type { Backend, ByteRange } from '../../storage/backend.ts';
import { DownloadMemory } from './download-memory.ts';
import { endThreads } from './end-threads.ts';
import {
  type FromPackWorker,
  type PackAnswers,
  type PackJob,
  type PackJobOf,
  type PackRange,
  type PackWorkerSetup,
  type ToPackWorker,
  transferOf,
} from './pack-protocol.ts';
import { startSetup } from './start-setup.ts';

/** Jobs queued at one worker, so that it never waits for the main thread. */
const jobsPerWorker = 2;
/** Heap of a worker; blobs are outside of it. */
const workerHeapMiB = 128;

interface Member {
  readonly worker: Worker;
  /** Callbacks of the jobs given to it, the running one first. */
  readonly jobs: Map<number, Waiting>;
}

interface Waiting {
  readonly resolve: (answer: PackAnswers[PackJob['kind']]) => void;
  readonly reject: (error: Error) => void;
}

/** The worker could not read the file, or the system refused something else. */
class SystemFailure extends Error {}

export interface PackPoolOptions {
  readonly key: RepositoryKey;
  readonly backend: Backend;
  /** One for each core when left out. */
  readonly workers?: number;
}

export class PackPool {
  readonly #key: RepositoryKey;
  readonly #backend: Backend;
  readonly #workers: number;
  readonly #members: Member[] = [];
  readonly #memory = new DownloadMemory();
  /** One word, which the threads see. */
  readonly #closed = new Int32Array(new SharedArrayBuffer(4));
  #lastNumber = 0;
  #failure: Error | undefined;

  constructor({ key, backend, workers = availableParallelism() }: PackPoolOptions) {
    this.#key = key;
    this.#backend = backend;
    this.#workers = Math.max(1, workers);
  }

  /**
   * How many {@link run} calls at once keep workers and storage busy. What is fetched for a worker is
   * held in memory, so callers with large ranges go lower.
   */
  get concurrency(): number {
    const queued = this.#workers * jobsPerWorker;
    return this.#backend.pathOf ? queued : this.#backend.connections + this.#workers;
  }

  /**
   * Runs one job: the worker reads the range itself where it can, else it is fetched for it.
   * @throws SealiftError what the backend throws; what the job throws; 'worker/failed'
   */
  async run<Kind extends PackJob['kind']>(
    job: Omit<PackJobOf<Kind>, 'range'> & { readonly kind: Kind },
    packId: PackId,
    place: ByteRange,
    signal?: AbortSignal,
  ): Promise<PackAnswers[Kind]> {
    signal?.throwIfAborted();
    const path = this.#backend.pathOf?.({ type: 'data', name: packId });
    const withRange = (range: PackRange): PackJob =>
      // The compiler does not see that a job without its range and the range make the job.
      ({ ...job, range }) as unknown as PackJob;
    if (path !== undefined) {
      try {
        return await this.#give(withRange({ source: { kind: 'file', path }, ...place }));
      } catch (error) {
        if (!(error instanceof SystemFailure)) throw error;
        // The backend knows what the system's error means, and whether another try helps.
      }
    }
    const memory = this.#memory.take(place.length);
    const name = { type: 'data', name: packId } as const;
    const bytes = await this.#backend.load(name, place, signal, memory);
    // Other memory that a backend gives comes back from the worker in the place of ours.
    const isOurs = bytes.buffer === memory.buffer;
    const source = { kind: 'bytes', bytes: isOurs ? memory : owned(bytes) } as const;
    return await this.#give(withRange({ source, ...place }));
  }

  /** Ends the threads soon; their unfinished work is lost. Safe to call twice. */
  async close(): Promise<void> {
    Atomics.store(this.#closed, 0, 1);
    this.#memory.clear();
    this.#rejectAll(new SealiftError('interrupted', 'the work on packs was stopped'));
    await endThreads(this.#members.map(({ worker }) => worker));
  }

  get #isClosed(): boolean {
    return this.#closed[0] !== 0;
  }

  #give<Kind extends PackJob['kind']>(job: PackJob): Promise<PackAnswers[Kind]> {
    return new Promise((resolve, reject) => {
      if (this.#failure || this.#isClosed) {
        reject(this.#failure ?? new SealiftError('interrupted', 'the work on packs was stopped'));
        return;
      }
      const member = this.#pick();
      this.#lastNumber += 1;
      const number = this.#lastNumber;
      // A worker answers with what belongs to the job's kind.
      member.jobs.set(number, { resolve: resolve as Waiting['resolve'], reject });
      const message: ToPackWorker = { number, job };
      member.worker.postMessage(message, transferOf(job));
    });
  }

  /** The worker with the fewest jobs; a new one as long as all are busy and cores are left. */
  #pick(): Member {
    const [first, ...others] = this.#members;
    const least = first && others.reduce((a, b) => (b.jobs.size < a.jobs.size ? b : a), first);
    if (least && (least.jobs.size === 0 || this.#members.length >= this.#workers)) return least;
    return this.#start();
  }

  #start(): Member {
    const setup: PackWorkerSetup = {
      ...startSetup('./pack-worker.ts'),
      key: this.#key,
      closed: this.#closed,
    };
    const worker = new Worker(new URL('./start.mjs', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMiB, maxYoungGenerationSizeMb: 6 },
    });
    const member: Member = { worker, jobs: new Map() };
    this.#members.push(member);
    worker.on('message', (message: FromPackWorker) => {
      if (message.memory !== undefined && !this.#isClosed) this.#memory.giveBack(message.memory);
      receive(member, message);
    });
    worker.on('error', (cause) =>
      this.#fail(cause instanceof Error ? cause : new Error(String(cause))),
    );
    worker.on('exit', (code) => this.#fail(new Error(`it ended with code ${code}`)));
    return member;
  }

  #fail(cause: Error): void {
    if (this.#isClosed || this.#failure) return;
    const message = `a worker thread failed: ${cause.message}`;
    this.#failure = new SealiftError('worker/failed', message, { cause });
    this.#rejectAll(this.#failure);
  }

  #rejectAll(error: Error): void {
    for (const { jobs } of this.#members) {
      for (const { reject } of jobs.values()) reject(error);
      jobs.clear();
    }
  }
}

function receive({ jobs }: Member, message: FromPackWorker): void {
  const waiting = jobs.get(message.number);
  jobs.delete(message.number);
  switch (message.kind) {
    case 'done':
      waiting?.resolve(message.answer);
      return;
    case 'failed': {
      const error = errorFromData(message.error);
      const isSystem = message.systemCode !== undefined && !isSealiftError(error);
      waiting?.reject(isSystem ? new SystemFailure(message.error.message) : error);
      return;
    }
    default:
      message satisfies never;
  }
}

/** Bytes whose buffer may be transferred: they fill it, and it is no pool of Node's. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return isWhole ? new Uint8Array(buffer) : bytes.slice();
}
