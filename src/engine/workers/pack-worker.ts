/** Entry of a pack worker: decodes a message, calls the job's function, answers. */

import { parentPort, workerData } from 'node:worker_threads';
import { errorToData, systemCodeOf } from '../../base/errors.ts';
import { loadNative } from '../native.ts';
import { BlobOpener } from './blob-opener.ts';
import { checkPack } from './check-pack.ts';
import type {
  FromPackWorker,
  PackAnswers,
  PackJob,
  PackWorkerSetup,
  ToPackWorker,
} from './pack-protocol.ts';
import { restoreRange } from './restore-range.ts';
import { ReadBuffer, SealedRange } from './sealed-range.ts';

// Whoever starts this file hands it a PackWorkerSetup.
const { key }: PackWorkerSetup = workerData;
const buffer = new ReadBuffer();
const opener = new BlobOpener(key);

async function run(job: PackJob): Promise<PackAnswers[PackJob['kind']]> {
  switch (job.kind) {
    case 'check': {
      const range = new SealedRange(job.range, { buffer, hashed: true });
      try {
        return await checkPack(job, range, opener, key);
      } finally {
        range.close();
      }
    }
    case 'restore': {
      const range = new SealedRange(job.range, { buffer });
      try {
        return restoreRange(job, range, opener, job.native ? loadNative() : undefined);
      } finally {
        range.close();
      }
    }
  }
}

async function answer({ number, job }: ToPackWorker): Promise<FromPackWorker> {
  try {
    return { kind: 'done', number, answer: await run(job) };
  } catch (error) {
    return { kind: 'failed', number, error: errorToData(error), systemCode: systemCodeOf(error) };
  }
}

/** Jobs run one after the other, since they share the worker's memory. */
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (message: ToPackWorker) => {
  last = last.then(async () => parentPort?.postMessage(await answer(message)));
});
