/**
 * Ends threads by asking them. `Worker.terminate` may meet a thread between the making of a zlib or zstd
 * stream and its set-up, and Node then ends the process: 'Assertion failed: init_done_ && "close before
 * init"' (src/node_zlib.cc, seen in 22.18 and 26.10).
 */

import type { Worker } from 'node:worker_threads';

/** What a thread is told, and ends itself when it hears it; what is before it in the queue is for it to skip. */
export const endMessage = 'end';

/** Resolves when all have ended. Whoever calls sees to it that they are not at work for long. */
export async function endThreads(threads: readonly Worker[]): Promise<void> {
  await Promise.all(threads.map(endThread));
}

function endThread(thread: Worker): Promise<void> {
  // A thread that has ended has this number.
  if (thread.threadId === -1) return Promise.resolve();
  return new Promise((resolve) => {
    thread.once('exit', () => resolve());
    thread.postMessage(endMessage);
  });
}
