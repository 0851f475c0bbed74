import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scratch } from './scratch.ts';

const mib = 2 ** 20;

test('the same memory serves again as long as it is large enough', () => {
  const scratch = new Scratch();
  const first = scratch.take(mib / 2);
  assert.ok(first.length >= mib / 2);
  assert.equal(scratch.take(10), first);
  assert.equal(scratch.take(mib / 2), first);
  assert.ok(scratch.take(2 * mib).length >= 2 * mib);
  assert.equal(first.length, 0, 'what was outgrown is let go of');
});

test('unusually large memory is let go of with the next use', () => {
  const scratch = new Scratch();
  const large = scratch.take(7 * mib);
  assert.equal(scratch.take(5 * mib), large);
  const usual = scratch.take(100);
  assert.ok(usual.length >= 100 && usual.length < mib);
  assert.equal(large.length, 0);
});
