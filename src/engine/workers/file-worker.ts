/** Entry of a worker thread: decodes a message, calls the sealer, answers. */

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { errorToData, SealiftError } from '../../base/errors.ts';
import { maxChunkBytes } from '../../repository/chunker.ts';
import { encodePackHeader } from '../../repository/pack.ts';
import { parsePolynomial } from '../../repository/polynomial.ts';
import { PackBuilder } from '../pack-builder.ts';
import { FileSealer } from './file-sealer.ts';
import { KnownBlobs } from './known-blobs.ts';
import {
  cancelWord,
  controlWorkers,
  extraWord,
  type FromWorker,
  firstCredit,
  type PackMessage,
  type ToWorker,
  viewControl,
  type WorkerSetup,
} from './protocol.ts';
import { SharedFile } from './shared-file.ts';

// Whoever starts this file hands it a WorkerSetup.
const setup: WorkerSetup = workerData;
const control = viewControl(setup.control, controlWorkers(setup.control));
const credit = firstCredit + setup.worker;
/** Room for the pack's target size and the blob that passes it. */
const bufferSize = setup.packSizeBytes + maxChunkBytes + (1 << 16);
let buffersMade = 0;

const builder = new PackBuilder(setup, takeBuffer);
const sealer = new FileSealer({
  polynomial: parsePolynomial(setup.polynomial),
  known: new KnownBlobs(setup.known),
  builder,
  onFull: () => sendPack(finishedPack()),
  onRead: (size) => {
    Atomics.add(control.bytesRead, setup.worker, BigInt(size));
  },
  check: stopIfCancelled,
});

function answer(message: ToWorker): void {
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
    case 'flush': {
      const pack = builder.isEmpty ? undefined : unfinishedPack();
      post({ kind: 'leftover', pack }, pack === undefined ? [] : [pack.buffer]);
      return;
    }
    default:
      message satisfies never;
  }
}

/** A pack buffer: a new one as long as there may be more, else one that came back. */
function takeBuffer(size: number): ArrayBuffer {
  if (size > bufferSize) return new ArrayBuffer(size);
  if (buffersMade < setup.packBuffers) {
    buffersMade += 1;
    return new ArrayBuffer(bufferSize);
  }
  for (;;) {
    stopIfCancelled();
    if (Atomics.load(control.words, credit) > 0) {
      Atomics.sub(control.words, credit, 1);
      const returned = receiveMessageOnPort(setup.returns);
      if (returned !== undefined) return returned.message;
    }
    if (takeExtra()) return new ArrayBuffer(bufferSize);
    Atomics.wait(control.words, credit, 0, 1000);
  }
}

/** A worker that is held up by the storage alone gets what the others do not need. */
function takeExtra(): boolean {
  const left = Atomics.load(control.words, extraWord);
  return left > 0 && Atomics.compareExchange(control.words, extraWord, left, left - 1) === left;
}

function finishedPack(): PackMessage {
  const { id, content, header, entries } = builder.finish();
  return {
    kind: 'pack',
    worker: setup.worker,
    buffer: content.buffer as ArrayBuffer,
    size: content.length,
    header: encodePackHeader(entries),
    sealed: { id, header },
  };
}

function unfinishedPack(): PackMessage {
  const { content, entries } = builder.takeUnfinished();
  return {
    kind: 'pack',
    worker: setup.worker,
    buffer: content.buffer,
    size: content.length,
    header: encodePackHeader(entries),
    sealed: undefined,
  };
}

function sendPack(pack: PackMessage): void {
  post(pack, [pack.buffer]);
}

function stopIfCancelled(): void {
  if (Atomics.load(control.words, cancelWord) !== 0) {
    throw new SealiftError('interrupted', 'the backup was stopped');
  }
}

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

parentPort?.on('message', (message: ToWorker) => {
  try {
    answer(message);
  } catch (error) {
    post({ kind: 'failed', error: errorToData(error) });
  }
});
