import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { BlobIndex } from '../../repository/blob-index.ts';
import { generateRepositoryKey } from '../../repository/crypto.ts';
import { chunkRingBytes, createChunkRing } from './chunk-ring.ts';
import { KnownBlobs } from './known-blobs.ts';
import { createControl, type FromWorker, type WorkerSetup } from './protocol.ts';
import { SharedPacks } from './shared-packs.ts';

/** Starts a file worker and gives its answer to a flush. */
async function startAndFlush(t: TestContext, codeCache: string | undefined): Promise<FromWorker> {
  const setup: WorkerSetup = {
    entry: './file-worker.ts',
    worker: 0,
    key: generateRepositoryKey(),
    version: 2,
    polynomial: '3da3358b4dc173',
    compression: 'auto',
    packSizeBytes: 2 ** 20,
    codeCache,
    known: KnownBlobs.create(new BlobIndex().share()).shared,
    packs: SharedPacks.create(1, 2 ** 20).shared,
    ring: createChunkRing(chunkRingBytes(1)),
    control: createControl(1),
  };
  const worker = new Worker(new URL('./start.mjs', import.meta.url), { workerData: setup });
  t.after(() => worker.terminate());
  const answer = new Promise<FromWorker>((resolve, reject) => {
    worker.on('message', resolve);
    worker.on('error', reject);
  });
  worker.postMessage({ kind: 'flush' });
  return answer;
}

const nothing: FromWorker = { kind: 'flushed' };

test('a file worker keeps its compiled code in the folder it is given', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-start-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.deepEqual(await startAndFlush(t, folder), nothing);
  const kept = readdirSync(folder, { recursive: true, withFileTypes: true });
  assert.ok(kept.some((entry) => entry.isFile()));
});

test('a file worker starts without a folder for compiled code', async (t) => {
  assert.deepEqual(await startAndFlush(t, undefined), nothing);
});
