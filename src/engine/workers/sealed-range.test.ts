import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { copyBytes } from '../../base/bytes.ts';
import { DownloadMemory } from './download-memory.ts';
import { ReadBuffer, SealedRange } from './sealed-range.ts';

test('a range that was fetched is read where it stands, and not beyond its end', () => {
  const content = randomBytes(200_000);
  const bytes = new DownloadMemory().take(content.length);
  copyBytes(content, bytes);
  const range = new SealedRange(
    { source: { kind: 'bytes', bytes }, offset: 1000, length: bytes.length },
    { buffer: new ReadBuffer() },
  );
  assert.equal(range.size, content.length);
  const blob = range.blob(51_000, 10_000);
  assert.equal(blob.buffer, bytes.buffer);
  assert.deepEqual(Buffer.from(blob), content.subarray(50_000, 60_000));
  assert.deepEqual(Buffer.from(range.peek(1000, 10)), content.subarray(0, 10));
  assert.throws(() => range.blob(200_000, 2000), { code: 'backend/range' });
  range.close();
});
