/** Measuring with every core busy: the same work in as many threads as there are cores, at the same time. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** What each thread finds in its `workerData`, beside what it was given. */
export interface Share {
  /** From 0; the thread's number among `threads`. */
  readonly thread: number;
  readonly threads: number;
}

/** How often, and how long each time, a kernel is repeated in each thread. */
const spells = 5;
const spellMs = 100;

/** Starts the module once for each core and returns the one message that each sends. */
export function onAllCores<T>(module: string, data: object): Promise<T[]> {
  const threads = availableParallelism();
  return Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const share: Share = { thread, threads };
      const worker = new Worker(new URL(module), { workerData: { ...data, ...share } });
      return new Promise<T>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    }),
  );
}

/**
 * Seconds of processor time that a pass takes in this thread: of the fastest of some spells, each the mean
 * of as many passes as fit, so that what else the machine does counts as little as possible. A single pass
 * may be too short to tell: Linux adds up a thread's time only once in some milliseconds.
 * @param after puts things back, untimed
 */
export function passSeconds(pass: () => void, after: () => void = () => {}): number {
  pass();
  after();
  return Math.min(...Array.from({ length: spells }, () => spellSeconds(pass, after)));
}

function spellSeconds(pass: () => void, after: () => void): number {
  const end = performance.now() + spellMs;
  let passes = 0;
  let busy = 0;
  while (passes === 0 || performance.now() < end) {
    const before = busySeconds();
    pass();
    busy += busySeconds() - before;
    passes += 1;
    after();
  }
  return busy / passes;
}

/** Processor time of this thread; the clock's where Node is too old to say. */
function busySeconds(): number {
  if (typeof process.threadCpuUsage !== 'function') return performance.now() / 1000;
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}
