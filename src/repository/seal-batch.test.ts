import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isSealiftError } from '../base/errors.ts';
import { generateRepositoryKey, ivBytes, open, sealedSize } from './crypto.ts';
import { maxBatchedBytes } from './key-streams.ts';
import { SealBatch } from './seal-batch.ts';

const key = generateRepositoryKey();

/** Seals one after the other into a new array; what does not fit a batch begins the next. */
function sealAll(batch: SealBatch, contents: readonly Uint8Array[]): Uint8Array[] {
  const size = contents.reduce((sum, content) => sum + sealedSize(content.length), 0);
  const target = new Uint8Array(size);
  const sealed: Uint8Array[] = [];
  let offset = 0;
  for (const content of contents) {
    if (!batch.add(content, offset)) {
      batch.flush(target);
      assert.ok(batch.add(content, offset));
    }
    sealed.push(target.subarray(offset, offset + sealedSize(content.length)));
    offset += sealedSize(content.length);
  }
  batch.flush(target);
  return sealed;
}

describe('a batch of small blobs', () => {
  test('opens as if each had been sealed alone, at any size around the blocks', () => {
    const batch = new SealBatch(key);
    const size = fc.oneof(
      fc.integer({ min: 0, max: 70 }),
      fc.integer({ min: 4000, max: 4200 }),
      fc.integer({ min: maxBatchedBytes - 40, max: maxBatchedBytes }),
    );
    fc.assert(
      fc.property(fc.array(size, { maxLength: 40 }), (sizes) => {
        const contents = sizes.map((length) => randomBytes(length));
        for (const [index, sealed] of sealAll(batch, contents).entries()) {
          assert.deepEqual(Buffer.from(open(key, sealed)), contents[index]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('begins each batch at random bytes of its own, also where many were asked for at once', () => {
    const given: Buffer[] = [];
    const batch = new SealBatch(key, (size) => {
      const bytes = randomBytes(size);
      given.push(bytes);
      return bytes;
    });
    const ivs = Array.from({ length: 200 }, () => {
      const [sealed = new Uint8Array()] = sealAll(batch, [randomBytes(50)]);
      return Buffer.from(sealed.subarray(0, ivBytes)).toString('hex');
    });
    assert.equal(new Set(ivs).size, ivs.length, 'a key stream served twice');
    const random = Buffer.concat(given).toString('hex');
    for (const iv of ivs) assert.ok(random.includes(iv));
    assert.ok(given.length < ivs.length / 10);
  });

  test('counts on from the IV as CTR mode does, through every carry', () => {
    const content = new Uint8Array(100);
    for (const zeros of [0, 4, 8, 12]) {
      const iv = Buffer.alloc(ivBytes, 0xff);
      iv.fill(zeros === 0 ? 0xff : 0x01, 0, zeros);
      iv[ivBytes - 1] = 0xfd;
      const batch = new SealBatch(key, () => iv);
      const [sealed = new Uint8Array()] = sealAll(batch, [content]);
      const expected = createCipheriv('aes-256-ctr', key.encrypt, iv).update(content);
      assert.deepEqual(Buffer.from(sealed.subarray(ivBytes, ivBytes + 100)), expected);
      assert.deepEqual(Buffer.from(open(key, sealed)), Buffer.from(content));
    }
  });

  test('no two blobs share a block of the key stream or an IV, not even empty ones', () => {
    const sizes = [0, 0, 1, 15, 16, 17, 0, 4096, 4097, 0];
    const start = Buffer.from('00000000000000ffffffffffffffffff', 'hex');
    const batch = new SealBatch(key, () => start);
    const sealed = sealAll(
      batch,
      sizes.map((size) => new Uint8Array(size)),
    );
    const firstBlocks = sealed.map((it) =>
      BigInt(`0x${Buffer.from(it.subarray(0, ivBytes)).toString('hex')}`),
    );
    for (const [index, block] of firstBlocks.entries()) {
      const next = firstBlocks[index + 1] ?? block + 2n ** 64n;
      assert.ok(next - block >= BigInt(Math.max(1, Math.ceil((sizes[index] ?? 0) / 16))));
    }
  });

  test('gives equal blobs different bytes', () => {
    const content = randomBytes(100);
    const [first, second] = sealAll(new SealBatch(key), [content, content]);
    assert.notDeepEqual(first, second);
  });

  test('a random source stuck at zero is refused', () => {
    const batch = new SealBatch(key, (size) => new Uint8Array(size));
    assert.throws(
      () => sealAll(batch, [randomBytes(5)]),
      (error) => isSealiftError(error, 'format/key'),
    );
  });

  test('memory that does not keep what is written is noticed', () => {
    const batch = new SealBatch(key);
    batch.add(randomBytes(100), 0);
    const target = new Uint8Array(sealedSize(100));
    // Writing the tag disturbs a bit of the ciphertext before it.
    target.set = function set(source: ArrayLike<number>, offset = 0): void {
      Uint8Array.prototype.set.call(this, source, offset);
      if (offset > 100) this[40] = (this[40] ?? 0) ^ 1;
    };
    assert.throws(
      () => batch.flush(target),
      (error) => isSealiftError(error, 'format/unexpected-hash'),
    );
  });
});
