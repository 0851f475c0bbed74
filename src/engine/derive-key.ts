/** scrypt in a thread, so that a command prepares its work while the password becomes a key. */

import { Worker } from 'node:worker_threads';
import { type DeriveKey, deriveByNode, type ScryptParams } from '../repository/key.ts';
import { mixerBytes } from '../repository/lane-mixer.ts';
import { finishScrypt, startScrypt } from '../repository/scrypt.ts';
import { type StartSetup, startSetup } from './workers/start-setup.ts';

export interface ScryptSetup extends StartSetup {
  /** Mixed in place. */
  readonly lanes: Uint8Array<SharedArrayBuffer>;
  readonly params: ScryptParams;
}

/** N·r·p from which on the start of a thread pays off: half of what restic's keys have. */
const minWork = 2 ** 19;
/** Two lanes with restic's N and r, and their two blocks more. */
const maxMixerBytes = 65 * 2 ** 20;

/** The kernel's scrypt where it is the faster one, else Node's. */
export const deriveKey: DeriveKey = async (password, salt, length, params) => {
  if (!isFaster(params)) return deriveByNode(password, salt, length, params);
  const lanes = startScrypt(password, salt, params);
  try {
    await mixInThread(lanes, params);
    return finishScrypt(password, lanes, length);
  } catch {
    // No memory, no thread or no SIMD on this machine: the data must be reachable all the same.
    return await deriveByNode(password, salt, length, params);
  } finally {
    lanes.fill(0);
  }
};

function isFaster(params: ScryptParams): boolean {
  const { cost, blockSize, parallelization } = params;
  return (
    parallelization > 1 &&
    cost * blockSize * parallelization >= minWork &&
    mixerBytes(params) <= maxMixerBytes
  );
}

function mixInThread(lanes: Uint8Array<SharedArrayBuffer>, params: ScryptParams): Promise<void> {
  const setup: ScryptSetup = { ...startSetup('./scrypt-worker.ts'), lanes, params };
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./workers/start.mjs', import.meta.url), {
      workerData: setup,
    });
    worker.once('message', () => {
      resolve();
      // What is left to it, wiping its memory, keeps nobody waiting.
      worker.unref();
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended before its work')));
  });
}
