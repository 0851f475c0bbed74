/** Jobs that the vault repeats while it runs. */

/**
 * Runs a job again and again, never twice at once. A stop aborts the signal of a run in progress.
 * @returns a function that stops it and settles when a run in progress has ended
 */
export function startTicking(
  everyMs: number,
  {
    job,
    onError,
    atOnce = false,
  }: {
    job: (signal: AbortSignal) => Promise<void>;
    onError: (error: unknown) => void;
    atOnce?: boolean;
  },
): () => Promise<void> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const run = (): void => {
    running = job(stop.signal)
      .catch((error: unknown) => {
        if (!stop.signal.aborted) onError(error);
      })
      .then(() => schedule(everyMs));
  };
  const schedule = (ms: number): void => {
    if (!stop.signal.aborted) timer = setTimeout(run, ms).unref();
  };
  if (atOnce) run();
  else schedule(everyMs);
  return async () => {
    stop.abort();
    clearTimeout(timer);
    await running;
  };
}
