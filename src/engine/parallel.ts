/** A bounded number of jobs at once over a list of any length. */

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
