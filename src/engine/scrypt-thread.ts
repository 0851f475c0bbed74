/**
 * The threads that mix the lanes of a scrypt. They can be started before it is known whether there will
 * be one: to start them and to get their memory takes as long as to load what a command needs.
 */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ScryptParams } from '../repository/key.ts';
import { pairBytes } from '../repository/lane-mixer.ts';
import { type StartSetup, startSetup } from './workers/start-setup.ts';

export interface MixTask {
  /** Mixed in place. */
  readonly lanes: Uint8Array<SharedArrayBuffer>;
  readonly params: ScryptParams;
}

interface Thread {
  readonly worker: Worker;
  /** Rejects when the thread ends, for whatever reason. */
  readonly ended: Promise<never>;
}

/** Two have all lanes of restic's keys in work at once; each takes 64 MiB for its table. */
const maxThreads = Math.min(2, availableParallelism());

let prepared: Thread[] = [];

/** Has threads ready for the next {@link mixInThreads}. They keep nobody waiting if none comes. */
export function prepareScrypt(): void {
  while (prepared.length < maxThreads) prepared.push(start());
}

/** Mixes all lanes, two at a time in each thread. @throws whatever keeps a thread from its work */
export async function mixInThreads({ lanes, params }: MixTask): Promise<void> {
  const ready = prepared;
  prepared = [];
  const bytes = pairBytes(params);
  const pairs = Math.ceil(lanes.byteLength / bytes);
  const share = Math.ceil(pairs / Math.min(maxThreads, pairs)) * bytes;
  const work: Promise<void>[] = [];
  for (let at = 0; at < lanes.byteLength; at += share) {
    work.push(mix(ready.pop() ?? start(), { lanes: lanes.subarray(at, at + share), params }));
  }
  for (const { worker } of ready) void worker.terminate();
  await Promise.all(work);
}

async function mix({ worker, ended }: Thread, task: MixTask): Promise<void> {
  const mixed = new Promise((resolve) => worker.once('message', resolve));
  worker.ref();
  worker.postMessage(task);
  await Promise.race([mixed, ended]);
  // What is left to it, wiping its memory, keeps nobody waiting.
  worker.unref();
}

function start(): Thread {
  const workerData: StartSetup = startSetup('./scrypt-worker.ts');
  const worker = new Worker(new URL('./workers/start.mjs', import.meta.url), { workerData });
  worker.unref();
  const ended = new Promise<never>((_, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended before its work')));
  });
  // Of no interest unless somebody waits for it.
  ended.catch(() => {});
  return { worker, ended };
}
