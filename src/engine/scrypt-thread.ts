/**
 * The thread that mixes the lanes of a scrypt. It can be started before it is known whether there will
 * be one: to start it and to get its memory takes as long as to load what a command needs.
 */

import { Worker } from 'node:worker_threads';
import type { ScryptParams } from '../repository/key.ts';
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

let prepared: Thread | undefined;

/** Has a thread ready for the next {@link mixInThread}. It keeps nobody waiting if none comes. */
export function prepareScrypt(): void {
  prepared ??= start();
}

/** Mixes all lanes, two at a time. @throws whatever keeps the thread from its work */
export async function mixInThread(task: MixTask): Promise<void> {
  const { worker, ended } = prepared ?? start();
  prepared = undefined;
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
