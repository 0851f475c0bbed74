import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { generateRepositoryKey } from '../repository/crypto.ts';
import { blobIdOf } from '../repository/ids.ts';
import { openBlob, packSize, readPackHeader } from '../repository/pack.ts';
import { PackBuilder } from './pack-builder.ts';

const settings = {
  key: generateRepositoryKey(),
  version: 2,
  compression: 'auto',
  packSizeBytes: 100_000,
} as const;

test('a finished pack is named by its SHA-256 and gives every blob back', async () => {
  const builder = new PackBuilder(settings);
  const blobs = [randomBytes(40_000), new Uint8Array(50_000), randomBytes(70_000)];
  for (const blob of blobs) builder.add('data', blobIdOf(blob), blob);
  assert.ok(builder.isFull);
  const { id, content, header, entries } = builder.finish();
  assert.ok(builder.isEmpty);
  const file = Buffer.concat([content, header]);
  assert.equal(createHash('sha256').update(file).digest('hex'), id);
  assert.equal(packSize(entries), file.length);
  const read = await readPackHeader(settings.key, file.length, (offset, length) =>
    Promise.resolve(file.subarray(offset, offset + length)),
  );
  assert.deepEqual(read, entries);
  for (const [index, entry] of entries.entries()) {
    const sealed = file.subarray(entry.offset, entry.offset + entry.length);
    assert.deepEqual(
      Buffer.from(openBlob(settings.key, sealed, entry)),
      Buffer.from(blobs[index] ?? []),
    );
  }
});

test('blobs sealed elsewhere move into a pack with their offsets set anew', () => {
  const first = new PackBuilder(settings);
  const blob = randomBytes(1000);
  first.add('data', blobIdOf(blob), blob);
  const { content, entries } = first.takeUnfinished();
  const second = new PackBuilder(settings);
  second.add('data', blobIdOf(Buffer.from('x')), Buffer.from('x'));
  for (const entry of entries) second.addSealed(entry, content.subarray(0, entry.length));
  const pack = second.finish();
  const moved = pack.entries[1];
  assert.ok(moved);
  assert.equal(moved.offset, pack.entries[0]?.length);
  const sealed = pack.content.subarray(moved.offset, moved.offset + moved.length);
  assert.deepEqual(Buffer.from(openBlob(settings.key, sealed, moved)), blob);
});
