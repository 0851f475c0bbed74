import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSkew } from './clock.ts';

const dayMs = 86_400_000;

test('a skew is told in its two largest units', () => {
  assert.equal(formatSkew(-3 * dayMs - 4 * 3_600_000 - 59_000), '3 d 4 h');
  assert.equal(formatSkew(12 * 60_000), '12 min');
  assert.equal(formatSkew(0), '0 min');
});
