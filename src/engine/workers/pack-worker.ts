/** Entry of a pack worker: decodes a message, calls the job's function, answers. */

import { parentPort, workerData } from 'node:worker_threads';
import { errorToData, SealiftError, systemCodeOf } from '../../base/errors.ts';
import { BlobOpener } from './blob-opener.ts';
import { endMessage } from './end-threads.ts';
import {
  type FromPackWorker,
  type PackAnswers,
  type PackJob,
  type PackTask,
  type PackWorkerSetup,
  type ToPackWorker,
  transferOfAnswer,
} from './pack-protocol.ts';
import { ReadBuffer, SealedRange } from './sealed-range.ts';

// Whoever starts this file hands it a PackWorkerSetup.
const { key, closed }: PackWorkerSetup = workerData;
const buffer = new ReadBuffer();
const opener = new BlobOpener(key);

/** Loads what the kind of job needs, and nothing of the others. */
async function run(job: PackJob): Promise<PackAnswers[PackJob['kind']]> {
  const hashed = job.kind === 'check';
  const range = new SealedRange(job.range, { buffer, hashed, check: stopIfClosed });
  try {
    switch (job.kind) {
      case 'check': {
        const { checkPack } = await import('./check-pack.ts');
        return await checkPack(job, range, opener, key);
      }
      case 'restore': {
        const { restoreRange } = await import('./restore-range.ts');
        const { loadNative } = await import('../native.ts');
        return restoreRange(job, range, opener, job.native ? loadNative() : undefined);
      }
      case 'references': {
        const { findReferences } = await import('./find-references.ts');
        return findReferences(job, range, opener);
      }
      case 'transfer': {
        const { transferRange } = await import('./transfer-range.ts');
        return transferRange(job, range, opener, key);
      }
    }
  } finally {
    range.close();
  }
}

function stopIfClosed(): void {
  if (Atomics.load(closed, 0) !== 0) {
    throw new SealiftError('interrupted', 'the work on packs was stopped');
  }
}

async function answer({ number, job }: PackTask): Promise<FromPackWorker> {
  const { source } = job.range;
  const memory = source.kind === 'bytes' ? source.bytes.buffer : undefined;
  try {
    return { kind: 'done', number, answer: await run(job), memory };
  } catch (error) {
    const systemCode = systemCodeOf(error);
    return { kind: 'failed', number, error: errorToData(error), systemCode, memory };
  }
}

/** Jobs run one after the other, since they share the worker's memory. */
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (message: ToPackWorker) => {
  if (message === endMessage) process.exit();
  last = last.then(async () => {
    const reply = await answer(message);
    const buffers = reply.kind === 'done' ? transferOfAnswer(reply.answer) : [];
    if (reply.memory !== undefined) buffers.push(reply.memory);
    parentPort?.postMessage(reply, buffers);
  });
});
