/** Reads this machine and sends its facts, in a thread of its own: reading blocks. */

import { parentPort, workerData } from 'node:worker_threads';
import { loadEnrolment } from './identity-store.ts';
import { machineFactsJson, sendFacts } from './machine-facts.ts';

const { name, configDir, env } = workerData as {
  readonly name: string;
  readonly configDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

const json = await machineFactsJson(env);
const isSent = json !== undefined && (await sendFacts(await loadEnrolment(name, configDir), json));
parentPort?.postMessage(isSent);
