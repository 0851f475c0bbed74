/** A bounded number of jobs at once over a list of any length. */

/**
 * Each worker takes up to 41 MiB, and everything else up to 200 (measured in docs/decisions/003): so many
 * stay below 500 MiB in all, with room for what uploads hold.
 */
const maxDefaultWorkers = 6;

/** How many workers read files: what the user asked for, else one a core up to what memory allows. */
export function workersFor(wish: number | undefined, cores: number): number {
  return Math.max(1, wish ?? Math.min(cores, maxDefaultWorkers));
}

type Items<T> = Iterable<T> | AsyncIterable<T>;

/**
 * Runs the job for each item, at most `limit` at once; items are pulled only when a job may start.
 * After the first failure no further job starts; it rejects with that failure once the running jobs
 * have ended.
 */
export async function forEachParallel<T>(
  items: Items<T>,
  limit: number,
  job: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const start = (item: T): void => {
    const run: Promise<void> = job(item)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => running.delete(run));
    running.add(run);
  };
  try {
    for await (const item of items) {
      signal?.throwIfAborted();
      if (failure) break;
      start(item);
      if (running.size >= limit) await Promise.race(running);
    }
  } finally {
    await Promise.all(running);
  }
  if (failure) throw failure.error;
  signal?.throwIfAborted();
}

/** A bounded number of jobs at once, whoever brings them; the others wait in the order they came. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      // The slot is handed on; it never becomes free in between.
      if (next) next();
      else this.#free += 1;
    }
  }
}

/**
 * Two jobs at once. When one fails, the signal that both got is aborted, and the other's end is waited
 * for before the error is thrown.
 */
export async function sideBySide<A, B>(
  first: (signal: AbortSignal) => Promise<A>,
  second: (signal: AbortSignal) => Promise<B>,
  signal?: AbortSignal,
): Promise<[A, B]> {
  const stop = new AbortController();
  const both = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
  const jobs = [first(both), second(both)] as const;
  for (const job of jobs) job.catch((error: unknown) => stop.abort(error));
  await Promise.allSettled(jobs);
  return Promise.all(jobs);
}
