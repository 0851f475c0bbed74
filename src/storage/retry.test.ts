import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backendConformance, collect, makeFile } from '../../test/support/backend-conformance.ts';
import { isSealiftError, SealiftError } from '../base/errors.ts';
import { type FaultRule, faultBackend } from './fault.ts';
import { memoryBackend } from './memory.ts';
import { type Retry, type RetryOptions, retryBackend } from './retry.ts';

backendConformance('retry', async () => retryBackend(memoryBackend()));

/** A backend that fails by the rules, with retries on a clock that sleeping moves. */
function setUp(rules: readonly FaultRule[], options: RetryOptions = {}) {
  const memory = memoryBackend();
  const faulty = faultBackend(memory, rules);
  const retries: Retry[] = [];
  let nowMs = 0;
  const backend = retryBackend(faulty, {
    now: () => nowMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      nowMs += ms;
    },
    random: () => 0.5,
    onRetry: (retry) => retries.push(retry),
    ...options,
  });
  return { memory, faulty, backend, retries };
}

test('delays double from a second up to a minute', async () => {
  const { backend, retries } = setUp([{ operation: 'create', times: 9, fault: { kind: 'fail' } }]);
  await backend.create();
  assert.deepEqual(
    retries.map((retry) => retry.delayMs / 1000),
    [1, 2, 4, 8, 16, 32, 60, 60, 60],
  );
  assert.deepEqual(
    retries.map((retry) => retry.attempt),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test('delays are spread by half to both sides', async () => {
  for (const [random, delayMs] of [
    [0, 500],
    [1, 1500],
  ] as const) {
    const { backend, retries } = setUp([{ operation: 'create', fault: { kind: 'fail' } }], {
      random: () => random,
    });
    await backend.create();
    assert.equal(retries[0]?.delayMs, delayMs);
  }
});

test('a call that goes on failing ends with its last error after 15 minutes', async () => {
  const { backend, retries } = setUp([{ operation: 'stat', times: 1000, fault: { kind: 'fail' } }]);
  await assert.rejects(
    () => backend.stat({ type: 'config', name: '' }),
    (error) => isSealiftError(error, 'backend/unreachable'),
  );
  const waitedMs = retries.reduce((sum, retry) => sum + retry.delayMs, 0);
  assert.ok(waitedMs > 14 * 60_000 && waitedMs <= 15 * 60_000, `${waitedMs}`);
});

test('a call is repeated once, and only once, when its first try took longer than all the time', async () => {
  const { backend, faulty } = setUp([{ operation: 'create', times: 5, fault: { kind: 'fail' } }], {
    maxElapsedMs: 0,
  });
  await assert.rejects(() => backend.create());
  assert.equal(faulty.calls.length, 2);
});

test('errors that are not passing are thrown at once', async () => {
  for (const error of [
    new SealiftError('backend/forbidden', 'no'),
    new SealiftError('tls/untrusted', 'no'),
    new TypeError('a bug'),
  ]) {
    const { backend, faulty } = setUp([{ operation: 'load', fault: { kind: 'fail', error } }]);
    await assert.rejects(() => backend.load(makeFile('data').file), error);
    assert.equal(faulty.calls.length, 1);
  }
});

test('a save whose reply was lost is sent again and succeeds', async () => {
  const { backend, faulty } = setUp([{ operation: 'save', fault: { kind: 'lose-reply' } }]);
  const { file, bytes } = makeFile('data');
  await backend.save(file, [bytes]);
  assert.deepEqual(
    faulty.calls.map((call) => call.operation),
    ['save', 'save'],
  );
});

test('where saving is not atomic, the remains of a save are removed before the next', async () => {
  const memory = memoryBackend();
  const faulty = faultBackend({ ...memory, replacesAtomically: false }, [
    { operation: 'save', fault: { kind: 'cut', after: 3 } },
    { operation: 'remove', fault: { kind: 'fail', error: new Error('append-only') } },
  ]);
  const backend = retryBackend(faulty, { sleep: async () => {} });
  const { file, bytes } = makeFile('data');
  await backend.save(file, [bytes]);
  assert.deepEqual(
    faulty.calls.map((call) => call.operation),
    ['save', 'remove', 'save'],
  );
  assert.ok(Buffer.from(await backend.load(file)).equals(bytes));
});

test('a list that breaks off delivers every entry once', async () => {
  const { backend, memory } = setUp([
    { operation: 'list', times: 1, fault: { kind: 'cut', after: 3 } },
    { operation: 'list', nth: 2, fault: { kind: 'fail' } },
    { operation: 'list', nth: 3, fault: { kind: 'cut', after: 7 } },
  ]);
  for (let size = 1; size <= 10; size += 1) {
    const { file, bytes } = makeFile('index', size);
    await memory.save(file, [bytes]);
  }
  const names: string[] = [];
  for await (const entry of backend.list('index')) names.push(entry.name);
  assert.equal(names.length, 10);
  assert.equal(new Set(names).size, 10);
});

test('a list that makes progress now and then is not given up', async () => {
  const { backend, memory } = setUp(
    Array.from({ length: 9 }, (_, index) => ({
      operation: 'list' as const,
      nth: index + 1,
      fault: { kind: 'cut' as const, after: index + 1 },
    })),
    { maxElapsedMs: 0 },
  );
  for (let size = 1; size <= 10; size += 1) {
    const { file, bytes } = makeFile('index', size);
    await memory.save(file, [bytes]);
  }
  assert.equal((await collect(backend.list('index'))).length, 10);
});

test('an abort while waiting ends the wait with its reason and no further call', async () => {
  const abort = new AbortController();
  const reason = new Error('Ctrl-C');
  const faulty = faultBackend(memoryBackend(), [
    { operation: 'create', times: 5, fault: { kind: 'fail' } },
  ]);
  // The real sleep: the wait of a second must not be sat out.
  const backend = retryBackend(faulty, { onRetry: () => abort.abort(reason) });
  await assert.rejects(() => backend.create(abort.signal), reason);
  assert.equal(faulty.calls.length, 1);

  const later = new AbortController();
  const waiting = retryBackend(
    faultBackend(memoryBackend(), [{ operation: 'create', fault: { kind: 'fail' } }]),
    { onRetry: () => setImmediate(() => later.abort(reason)) },
  );
  await assert.rejects(() => waiting.create(later.signal), reason);
});
