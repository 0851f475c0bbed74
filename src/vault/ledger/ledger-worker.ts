/** The thread that writes the ledger: one connection of its own, one job at a time, in order. */

import { parentPort, workerData } from 'node:worker_threads';
import { sql } from 'kysely';
import { errorToData } from '../../base/errors.ts';
import { openDatabaseFile, type VaultDatabase } from '../database/database.ts';
import { loadState, writeBatch } from './ledger-store.ts';
import { prune } from './prune.ts';
import type { FromLedgerWorker, ToLedgerWorker } from './worker-store.ts';

const file = String(workerData);
const busyTimeoutMs = 1000;
let database: VaultDatabase | undefined;
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (message: ToLedgerWorker) => {
  last = last.then(() => answer(message));
});

async function answer(message: ToLedgerWorker): Promise<void> {
  const { id } = message;
  try {
    if (message.kind === 'close') {
      await database?.destroy();
      reply({ id, kind: 'done' });
      return;
    }
    database ??= await open();
    if (message.kind === 'load') {
      reply({ id, kind: 'loaded', state: await loadState(database, message.sinceDay) });
      return;
    }
    if (message.kind === 'write') await writeBatch(database, message.batch);
    else await prune(database, message.options);
    reply({ id, kind: 'done' });
  } catch (error) {
    reply({ id, kind: 'failed', error: errorToData(error) });
  } finally {
    // After the answer: a closed port sends nothing. Without the port the thread ends.
    if (message.kind === 'close') parentPort?.close();
  }
}

async function open(): Promise<VaultDatabase> {
  const opened = await openDatabaseFile(file);
  // The ledger keeps what could not be written and tries again, so that a stop need not wait long.
  await sql.raw(`pragma busy_timeout = ${busyTimeoutMs}`).execute(opened);
  return opened;
}

function reply(message: FromLedgerWorker): void {
  parentPort?.postMessage(message);
}
