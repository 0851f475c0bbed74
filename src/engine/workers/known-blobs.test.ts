import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { KnownBlobs } from './known-blobs.ts';

const idOf = (number: number): Uint8Array => createHash('sha256').update(String(number)).digest();

test('an id is claimed once', () => {
  const known = KnownBlobs.create(0);
  assert.equal(known.claim(idOf(1)), true);
  assert.equal(known.claim(idOf(1)), false);
  assert.equal(new KnownBlobs(known.shared).claim(idOf(1)), false);
});

test('every id is still known after the table has grown', () => {
  const known = KnownBlobs.create(0);
  const count = 100_000;
  for (let number = 0; number < count; number += 1) assert.equal(known.claim(idOf(number)), true);
  const other = new KnownBlobs(known.shared);
  for (let number = 0; number < count; number += 1) assert.equal(other.claim(idOf(number)), false);
});

test('ids that begin alike are told apart', () => {
  const known = KnownBlobs.create(0);
  const first = new Uint8Array(32);
  const second = new Uint8Array(32);
  second[31] = 1;
  assert.deepEqual(
    [known.claim(first), known.claim(second), known.claim(first)],
    [true, true, false],
  );
});

test('threads that claim the same ids at once share them out', async () => {
  const known = KnownBlobs.create(0);
  const count = 20_000;
  const source = `
    import { parentPort, workerData } from 'node:worker_threads';
    import { createHash } from 'node:crypto';
    const { KnownBlobs } = await import(workerData.module);
    const known = new KnownBlobs(workerData.shared);
    let claimed = 0;
    for (let n = 0; n < workerData.count; n++) {
      if (known.claim(createHash('sha256').update(String(n)).digest())) claimed += 1;
    }
    parentPort.postMessage(claimed);`;
  const module = new URL('./known-blobs.ts', import.meta.url).href;
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const claims = await Promise.all(
    [1, 2].map(
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(url, { workerData: { shared: known.shared, count, module } });
          worker.on('message', resolve);
          worker.on('error', reject);
        }),
    ),
  );
  assert.equal(
    claims.reduce((sum, claimed) => sum + claimed, 0),
    count,
  );
});
