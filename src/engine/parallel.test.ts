import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sideBySide, workersFor } from './parallel.ts';

test('each core gets a worker, up to what memory allows', () => {
  assert.equal(workersFor(undefined, 1), 1);
  assert.equal(workersFor(undefined, 2), 2);
  assert.equal(workersFor(undefined, 6), 6);
  assert.equal(workersFor(undefined, 64), 6);
});

test('a wish counts whatever the cores, but there is always a worker', () => {
  assert.equal(workersFor(7, 1), 7);
  assert.equal(workersFor(0, 4), 1);
});

/** Ends when it is told to, and says so. */
function untilStopped(signal: AbortSignal, onEnd: () => void): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      setImmediate(() => {
        onEnd();
        reject(signal.reason);
      });
    });
  });
}

test('of two jobs side by side, the failure of one ends the other before it is told', async () => {
  const failure = new Error('broken');
  for (const fail of [async () => Promise.reject(failure), () => rejectSoon(failure)]) {
    let ended = 0;
    const wait = (signal: AbortSignal) => untilStopped(signal, () => (ended += 1));
    await assert.rejects(sideBySide(fail, wait), failure);
    await assert.rejects(sideBySide(wait, fail), failure);
    assert.equal(ended, 2);
  }
  assert.deepEqual(
    await sideBySide(
      async () => 1,
      async () => 'two',
    ),
    [1, 'two'],
  );
});

test("two jobs side by side end with the caller's signal", async () => {
  const controller = new AbortController();
  let ended = 0;
  const wait = (signal: AbortSignal) => untilStopped(signal, () => (ended += 1));
  const both = sideBySide(wait, wait, controller.signal);
  controller.abort(new Error('enough'));
  await assert.rejects(both, /enough/);
  assert.equal(ended, 2);
});

function rejectSoon(error: Error): Promise<never> {
  return new Promise((_, reject) => setImmediate(() => reject(error)));
}
