import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { backendConformance, collect, makeFile } from '../../test/support/backend-conformance.ts';
import { startRestServer } from '../../test/support/rest-server.ts';
import { limitBackend, type Timing, TokenBucket } from './limit.ts';
import { memoryBackend } from './memory.ts';
import { restBackend } from './rest.ts';
import { retryBackend } from './retry.ts';
import { sleep } from './sleep.ts';

/** Time that only sleeping moves. */
function virtualTime(): Timing & { readonly sleeps: number[] } {
  let nowMs = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => nowMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      sleeps.push(ms);
      nowMs += ms;
    },
  };
}

backendConformance('a limited memory', async () =>
  limitBackend(memoryBackend(), {
    uploadBytesPerSecond: 1000,
    downloadBytesPerSecond: 1000,
    timing: virtualTime(),
  }),
);

test('a backend without limits is itself', () => {
  const memory = memoryBackend();
  assert.equal(limitBackend(memory, {}), memory);
});

test('over time no more bytes pass than the rate allows', async () => {
  const timing = virtualTime();
  const bucket = new TokenBucket(1000, timing);
  for (let count = 0; count < 100; count += 1) await bucket.take(500);
  // 50,000 bytes, of which a tenth of a second's worth was free.
  assert.equal(Math.round(timing.now()), 49_900);
});

test('a pause does not save up more than the bucket holds', async () => {
  const timing = virtualTime();
  const bucket = new TokenBucket(1000, timing);
  await timing.sleep(60_000);
  const before = timing.now();
  await bucket.take(1100);
  assert.equal(timing.now() - before, 1000);
});

test('a rate of zero is no rate', () => {
  assert.throws(() => new TokenBucket(0), RangeError);
  assert.throws(() => new TokenBucket(Number.NaN), RangeError);
});

test('uploads and downloads are limited apart', async () => {
  const timing = virtualTime();
  const backend = limitBackend(memoryBackend(), { downloadBytesPerSecond: 1000, timing });
  const { file, bytes } = makeFile('data', 2100);
  await backend.save(file, [bytes]);
  assert.deepEqual(timing.sleeps, []);
  await backend.load(file);
  assert.equal(timing.now(), 2000);
});

for (const wrapped of [false, true]) {
  test(`REST transfers are slowed piece by piece${wrapped ? ', through retries too' : ''}`, async (t) => {
    const server = await startRestServer(t);
    const rest = restBackend(server.url);
    t.after(() => rest.close());
    const timing = virtualTime();
    const backend = limitBackend(wrapped ? retryBackend(rest) : rest, {
      uploadBytesPerSecond: 100_000,
      downloadBytesPerSecond: 100_000,
      timing,
    });
    const { file, bytes } = makeFile('data', 1_000_000);
    await backend.save(file, [bytes]);
    assert.ok(timing.sleeps.length > 5);
    const uploadMs = timing.now();
    assert.ok(uploadMs >= 9000 && uploadMs <= 10_000, `${uploadMs}`);
    assert.ok(Buffer.from(await backend.load(file)).equals(bytes));
    assert.ok(timing.now() - uploadMs >= 9000);
    assert.equal((await collect(backend.list('data'))).length, 1);
  });
}

test('an abort ends the wait of a limited upload', async (t) => {
  const server = await startRestServer(t);
  const rest = restBackend(server.url);
  t.after(() => rest.close());
  const abort = new AbortController();
  const reason = new Error('Ctrl-C');
  const backend = limitBackend(rest, { uploadBytesPerSecond: 1 });
  const { file } = makeFile('data');
  setImmediate(() => abort.abort(reason));
  await assert.rejects(() => backend.save(file, [randomBytes(1000)], abort.signal), reason);
  assert.equal(server.files.size, 0);
});

test('a wait for the limit does not count as a stuck request', async (t) => {
  const server = await startRestServer(t);
  const rest = restBackend(server.url, { stuckTimeoutMs: 30 });
  t.after(() => rest.close());
  const timing = { now: () => 0, sleep: () => sleep(90) };
  const backend = limitBackend(rest, {
    uploadBytesPerSecond: 1,
    downloadBytesPerSecond: 1,
    timing,
  });
  const { file, bytes } = makeFile('data');
  await backend.save(file, [bytes]);
  assert.ok(Buffer.from(await backend.load(file)).equals(bytes));
});
