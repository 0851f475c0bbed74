/** Entry of a worker thread: decodes a message, calls the sealer, answers. */

import { parentPort, workerData } from 'node:worker_threads';
import { errorToData, SealiftError } from '../../base/errors.ts';
import { parsePolynomial } from '../../repository/polynomial.ts';
import { ChunkRing } from './chunk-ring.ts';
import { endMessage } from './end-threads.ts';
import { FileSealer } from './file-sealer.ts';
import { KnownBlobs } from './known-blobs.ts';
import { PackFiller } from './pack-filler.ts';
import { type FromWorker, type ToWorker, viewControl, type WorkerSetup } from './protocol.ts';
import { SharedFile } from './shared-file.ts';
import { SharedPacks } from './shared-packs.ts';

// Whoever starts this file hands it a WorkerSetup.
const setup: WorkerSetup = workerData;
const control = viewControl(setup.control);

const filler = new PackFiller({
  ...setup,
  packs: new SharedPacks(setup.packs),
  onPack: (pack) => post({ kind: 'pack', pack }),
  check: stopIfCancelled,
});
const sealer = new FileSealer({
  polynomial: parsePolynomial(setup.polynomial),
  known: new KnownBlobs(setup.known),
  filler,
  ring: new ChunkRing(setup.ring),
  onRead: (size) => {
    Atomics.add(control.bytesRead, setup.worker, BigInt(size));
  },
  check: stopIfCancelled,
});

function answer(message: Exclude<ToWorker, typeof endMessage>): void {
  switch (message.kind) {
    case 'batch': {
      const { paths, shared } = message;
      const file = shared === undefined ? undefined : new SharedFile(shared);
      const result = sealer.sealBatch(paths, file, (index) => {
        Atomics.store(control.position, setup.worker, index);
        stopIfCancelled();
      });
      const { stats, counts, content, costs } = result;
      post({ kind: 'batch-done', batch: message.batch, result }, [
        stats.buffer as ArrayBuffer,
        counts.buffer as ArrayBuffer,
        content.buffer as ArrayBuffer,
        costs.buffer as ArrayBuffer,
      ]);
      return;
    }
    case 'help':
      sealer.help(new SharedFile(message.shared));
      post({ kind: 'helped', batch: message.batch });
      return;
    case 'flush':
      filler.flush();
      post({ kind: 'flushed' });
      return;
    default:
      message satisfies never;
  }
}

function stopIfCancelled(): void {
  if (Atomics.load(control.cancelled, 0) !== 0) {
    throw new SealiftError('interrupted', 'the backup was stopped');
  }
}

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

parentPort?.on('message', (message: ToWorker) => {
  if (message === endMessage) process.exit();
  try {
    answer(message);
  } catch (error) {
    post({ kind: 'failed', error: errorToData(error) });
  }
});
