import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { generateRepositoryKey, overheadBytes, seal, sealedSize } from './crypto.ts';
import { maxBatchedBytes } from './key-streams.ts';
import { OpenBatch } from './open-batch.ts';
import { SealBatch } from './seal-batch.ts';

const key = generateRepositoryKey();

test('a batch opens what was sealed one by one, at any size around the blocks', () => {
  const batch = new OpenBatch(key);
  const size = fc.oneof(
    fc.integer({ min: 0, max: 70 }),
    fc.integer({ min: 4000, max: 4200 }),
    fc.integer({ min: maxBatchedBytes - 40, max: maxBatchedBytes - overheadBytes }),
  );
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 40 }), (sizes) => {
      const contents = sizes.map((length) => randomBytes(length));
      const sealed = contents.map((content) => seal(key, content));
      for (let first = 0; first < sealed.length; ) {
        const count = OpenBatch.fitting(sealed.slice(first).map(({ length }) => length));
        assert.ok(count > 0);
        for (const [index, opened] of batch.open(sealed.slice(first, first + count)).entries()) {
          assert.deepEqual(Buffer.from(opened ?? []), contents[first + index]);
        }
        first += count;
      }
    }),
    { numRuns: 60 },
  );
});

test('the stream counts on from the IV as CTR mode does, through every carry', () => {
  const batch = new OpenBatch(key);
  const content = randomBytes(100);
  for (const zeros of [0, 4, 8, 12]) {
    const iv = new Uint8Array(16).fill(0xff, zeros);
    iv[zeros] = 0xfe;
    iv[15] = 0xfe;
    iv[0] = 7;
    const [opened] = batch.open([seal(key, content, () => iv)]);
    assert.deepEqual(Buffer.from(opened ?? []), content);
  }
  const last = new Uint8Array(16).fill(0xff);
  const [opened] = batch.open([seal(key, content, () => last)]);
  assert.deepEqual(Buffer.from(opened ?? []), content);
});

test('one that was changed is undefined, its neighbours are opened', () => {
  const batch = new OpenBatch(key);
  for (const position of [0, 15, 16, 500, -1]) {
    const sealed = ['one', 'two', 'three'].map((word) => seal(key, Buffer.from(word.repeat(200))));
    const changed = sealed[1] ?? new Uint8Array();
    const at = position < 0 ? changed.length + position : position;
    changed[at] = (changed[at] ?? 0) ^ 1;
    const opened = batch.open(sealed).map((bytes) => bytes && Buffer.from(bytes).toString());
    assert.deepEqual(opened, ['one'.repeat(200), undefined, 'three'.repeat(200)]);
  }
  assert.deepEqual(batch.open([new Uint8Array(100)]), [undefined], 'an all-zero IV');
});

test('what is too large or too short for a sealed blob is left to be opened alone', () => {
  assert.equal(OpenBatch.fitting([100, maxBatchedBytes, maxBatchedBytes + 1, 100]), 2);
  assert.equal(OpenBatch.fitting([100, overheadBytes - 1, 100]), 1);
  assert.equal(OpenBatch.fitting([overheadBytes - 1]), 0);
});

test('what was sealed in one stream is opened beside what was sealed alone, without what was changed', () => {
  const batch = new OpenBatch(key);
  const sizes = fc.array(
    fc.oneof(fc.integer({ max: 70, min: 0 }), fc.integer({ max: 5000, min: 0 })),
    {
      minLength: 1,
      maxLength: 8,
    },
  );
  const groups = fc.array(fc.record({ sizes, isStream: fc.boolean() }), { maxLength: 4 });
  fc.assert(
    fc.property(groups, fc.nat(), (drawn, damage) => {
      const contents: Uint8Array[] = [];
      const sealed = drawn.flatMap((group) => {
        const plain = group.sizes.map((size) => randomBytes(size));
        contents.push(...plain);
        return group.isStream ? sealTogether(plain) : plain.map((content) => seal(key, content));
      });
      const count = OpenBatch.fitting(sealed.map(({ length }) => length));
      const taken = sealed.slice(0, count);
      const changed = damage % (count + 1);
      const bytes = taken[changed];
      if (bytes !== undefined)
        bytes[damage % bytes.length] = (bytes[damage % bytes.length] ?? 0) ^ 4;
      const opened = batch.open(taken).map((content) => content && Buffer.from(content));
      const expected = contents
        .slice(0, count)
        .map((content, at) => (at === changed ? undefined : content));
      assert.deepEqual(opened, expected);
    }),
    { numRuns: 100 },
  );
});

function sealTogether(contents: readonly Uint8Array[]): Uint8Array[] {
  const streams = new SealBatch(key);
  const target = new Uint8Array(contents.reduce((sum, { length }) => sum + sealedSize(length), 0));
  let end = 0;
  return contents.map((content) => {
    const start = end;
    end += sealedSize(content.length);
    assert.ok(streams.add(content, start));
    if (end === target.length) streams.flush(target);
    return target.subarray(start, end);
  });
}
