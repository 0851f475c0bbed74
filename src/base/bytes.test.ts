import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyBytes, releaseBytes } from './bytes.ts';

const large = 64 * 1024;

test('a released array gives its memory back', () => {
  const bytes = new Uint8Array(large);
  releaseBytes(bytes);
  assert.equal(bytes.byteLength, 0);
  assert.equal(bytes.buffer.detached, true);
});

test('memory that others may share is not released', () => {
  const part = new Uint8Array(large).subarray(1);
  releaseBytes(part);
  releaseBytes(part, { isPart: true });
  assert.equal(part.byteLength, large - 1);
  const pooled = Buffer.from('cut from what Node shares');
  releaseBytes(pooled, { isPart: true });
  assert.equal(pooled.toString(), 'cut from what Node shares');
  const shared = new Uint8Array(new SharedArrayBuffer(large));
  releaseBytes(shared);
  assert.equal(shared.byteLength, large);
});

test('small memory is left to the collector', () => {
  const small = new Uint8Array(1000);
  releaseBytes(small);
  assert.equal(small.byteLength, 1000);
});

test('a part takes the rest with it only when told so', () => {
  const whole = new Uint8Array(2 * large);
  const part = whole.subarray(0, large);
  releaseBytes(part);
  assert.equal(whole.byteLength, 2 * large);
  releaseBytes(part, { isPart: true });
  assert.equal(whole.byteLength, 0);
});

test('bytes are copied between private and shared memory, and never in part', () => {
  const source = Uint8Array.of(1, 2, 3);
  for (const buffer of [new ArrayBuffer(6), new SharedArrayBuffer(6)]) {
    const target = new Uint8Array(buffer, 1);
    copyBytes(source, target, 2);
    assert.deepEqual([...target], [0, 0, 1, 2, 3]);
    copyBytes(target.subarray(2, 4), target);
    assert.deepEqual([...target], [1, 2, 1, 2, 3]);
    copyBytes(new Uint8Array(), target, 5);
    assert.throws(() => copyBytes(source, target, 3), RangeError);
    assert.throws(() => copyBytes(source, target, 6), RangeError);
  }
});
