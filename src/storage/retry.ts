/** Repeats calls that failed for a passing reason (restic-format.md, section 23). */
import { isSealiftError } from '../base/errors.ts';
import { type Backend, forwardTo, type Pace } from './backend.ts';
import { sleep as realSleep, type Sleep } from './sleep.ts';

export interface RetryOptions {
  /** How long one call may go on failing; it is repeated once even if the first try took longer. */
  readonly maxElapsedMs?: number;
  readonly onRetry?: (retry: Retry) => void;
  /** For tests: time in milliseconds that only goes forward, waiting, and numbers from 0 to 1. */
  readonly now?: () => number;
  readonly sleep?: Sleep;
  readonly random?: () => number;
}

export interface Retry {
  readonly error: unknown;
  readonly delayMs: number;
  /** 1 for the first repetition. */
  readonly attempt: number;
}

const defaultMaxElapsedMs = 15 * 60_000;
const firstDelayMs = 1000;
const delayFactor = 2;
const maxDelayMs = 60_000;
/** A delay is off by up to half, so that many clients do not come back in step. */
const jitter = 0.5;

/** Only errors that say `retryable` are retried; nothing is once the signal has fired. */
export function retryBackend(backend: Backend, options: RetryOptions = {}): Backend {
  const retry = <T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const backoff = new Backoff(options);
    return repeat(attempt, backoff, signal);
  };
  return {
    ...forwardTo(backend),
    ...(backend.pathOf && { pathOf: (file) => backend.pathOf?.(file) ?? '' }),
    create: (signal) => retry(() => backend.create(signal), signal),
    stat: (file, signal) => retry(() => backend.stat(file, signal), signal),
    load: (file, range, signal, memory) =>
      retry(() => backend.load(file, range, signal, memory), signal),
    remove: (file, signal) => retry(() => backend.remove(file, signal), signal),

    async save(file, parts, signal) {
      let failed = false;
      await retry(async () => {
        if (failed && backend.replacesAtomically === false) {
          // Whether it worked shows in the save that follows.
          await backend.remove(file, signal).catch(() => {});
          signal?.throwIfAborted();
        }
        failed = true;
        await backend.save(file, parts, signal);
      }, signal);
    },

    async *list(type, signal) {
      const delivered = new Set<string>();
      let backoff = new Backoff(options);
      for (;;) {
        try {
          for await (const entry of backend.list(type, signal)) {
            if (delivered.has(entry.name)) continue;
            delivered.add(entry.name);
            yield entry;
            // The clock runs while nothing comes, not while the caller works on an entry.
            backoff = new Backoff(options);
          }
          return;
        } catch (error) {
          await backoff.wait(error, signal);
        }
      }
    },

    ...(backend.withPace && {
      withPace: (pace: Pace) => retryBackend(backend.withPace?.(pace) ?? backend, options),
    }),
  };
}

async function repeat<T>(
  attempt: () => Promise<T>,
  backoff: Backoff,
  signal?: AbortSignal,
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      await backoff.wait(error, signal);
    }
  }
}

/** The delays of one call. */
class Backoff {
  readonly #options: RetryOptions;
  readonly #now: () => number;
  readonly #start: number;
  #attempt = 0;

  constructor(options: RetryOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#start = this.#now();
  }

  /** Waits until the next try is due, or throws the error if there is none. */
  async wait(error: unknown, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!isSealiftError(error) || !error.retryable) throw error;
    const { maxElapsedMs = defaultMaxElapsedMs, onRetry, random = Math.random } = this.#options;
    const base = Math.min(maxDelayMs, firstDelayMs * delayFactor ** this.#attempt);
    const delayMs = base * (1 + jitter * (2 * random() - 1));
    const elapsedMs = this.#now() - this.#start;
    if (this.#attempt > 0 && elapsedMs + delayMs > maxElapsedMs) throw error;
    this.#attempt += 1;
    onRetry?.({ error, delayMs, attempt: this.#attempt });
    await (this.#options.sleep ?? realSleep)(delayMs, signal);
  }
}
