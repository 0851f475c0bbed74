import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { ReadBuffer, SealedRange } from './sealed-range.ts';

test('the memory of a range that was fetched is let go of when it is closed', () => {
  const bytes = new Uint8Array(randomBytes(200_000));
  const expected = Buffer.from(bytes.subarray(50_000, 60_000));
  const range = new SealedRange(
    { source: { kind: 'bytes', bytes }, offset: 1000, length: bytes.length },
    { buffer: new ReadBuffer() },
  );
  assert.deepEqual(Buffer.from(range.blob(51_000, 10_000)), expected);
  range.close();
  assert.equal(bytes.length, 0);
});
