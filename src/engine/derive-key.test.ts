import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { deriveByNode } from '../repository/key.ts';
import { deriveKey } from './derive-key.ts';

for (const [why, params, threads] of [
  ["restic's parameters", { cost: 32768, blockSize: 8, parallelization: 4 }, 1],
  ['an odd number of lanes', { cost: 16384, blockSize: 8, parallelization: 5 }, 1],
  ['one lane', { cost: 1024, blockSize: 8, parallelization: 1 }, 0],
  ['a table beyond the bound', { cost: 65536, blockSize: 8, parallelization: 2 }, 0],
] as const) {
  test(`a key of ${why} is what Node derives, in ${threads} threads that end well`, async (t) => {
    const salt = randomBytes(64);
    const ends: Promise<unknown[]>[] = [];
    const note = (worker: Worker): void => void ends.push(once(worker, 'exit'));
    // The thread keeps nobody waiting.
    const timer = setInterval(() => {}, 1000);
    process.on('worker', note);
    t.after(() => {
      process.off('worker', note);
      clearInterval(timer);
    });
    assert.deepEqual(
      Buffer.from(await deriveKey('geheim – 密碼', salt, 64, params)),
      await deriveByNode('geheim – 密碼', salt, 64, params),
    );
    assert.deepEqual(
      await Promise.all(ends),
      Array.from({ length: threads }, () => [0]),
    );
  });
}
