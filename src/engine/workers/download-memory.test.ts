import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DownloadMemory } from './download-memory.ts';

const mib = 2 ** 20;

test('what was given back is taken again, the smallest that fits', () => {
  const memory = new DownloadMemory();
  const small = memory.take(mib);
  const large = memory.take(5 * mib - 3);
  assert.equal(large.length, 5 * mib - 3);
  memory.giveBack(large.buffer);
  memory.giveBack(small.buffer);
  const again = memory.take(mib - 1);
  assert.equal(again.length, mib - 1);
  assert.equal(again.buffer, small.buffer);
  assert.equal(memory.take(2 * mib).buffer, large.buffer);
});

test('memory that is in use is nobody else’s', () => {
  const memory = new DownloadMemory();
  const buffers = new Set([memory.take(10).buffer, memory.take(10).buffer, memory.take(0).buffer]);
  assert.equal(buffers.size, 3);
});

test('no more is kept than was in use at once, though sizes grow', () => {
  const memory = new DownloadMemory();
  const seen: ArrayBuffer[] = [];
  for (let size = mib; size <= 4 * mib; size += mib) {
    const taken = memory.take(size);
    seen.push(taken.buffer);
    memory.giveBack(taken.buffer);
  }
  assert.equal(new Set(seen).size, 4);
  // Only the last one is left: a second one is new, and the others have given their memory to the system.
  for (const buffer of seen.slice(0, -1)) assert.equal(buffer.detached, true);
  const last = memory.take(1);
  assert.equal(last.buffer, seen.at(-1));
  assert.ok(!seen.includes(memory.take(1).buffer));
});
