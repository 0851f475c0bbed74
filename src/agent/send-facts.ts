/** Sends a machine's facts after a backup, so that nothing about it can slow or fail the backup. */

import { Worker } from 'node:worker_threads';
import { factsChoice } from './machine-facts.ts';

/** A vault or a disk that hangs costs no more than this, once the snapshot is saved. */
const limitMs = 10_000;
const maxHeapMib = 512;

export type Sending = 'sent' | 'off' | 'failed';

export interface SendOptions {
  /** The name under which this machine knows the vault. */
  readonly vault: string;
  readonly configDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Never throws: facts are a courtesy, the next backup sends them again. */
export async function sendFactsAfterBackup({
  vault,
  configDir,
  env,
}: SendOptions): Promise<Sending> {
  const choice = await factsChoice(configDir, env).catch(() => ({ isSent: false }));
  if (!choice.isSent) return 'off';
  return new Promise((done) => {
    const worker = new Worker(new URL('./facts-worker.ts', import.meta.url), {
      workerData: { name: vault, configDir, env: { ...env } },
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMib },
      // What it may say is no part of the backup's output.
      stdout: true,
      stderr: true,
    });
    const end = (result: Sending): void => {
      clearTimeout(timer);
      void worker.terminate();
      done(result);
    };
    const timer = setTimeout(() => end('failed'), limitMs);
    worker.once('message', (isSent) => end(isSent === true ? 'sent' : 'failed'));
    worker.once('error', () => end('failed'));
    worker.once('exit', () => end('failed'));
  });
}
