import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { generateRepositoryKey, open, seal } from './crypto.ts';
import { storageId } from './ids.ts';
import { openUnpacked, sealUnpacked } from './unpacked.ts';

const key = generateRepositoryKey(randomBytes);
const json = new Uint8Array(Buffer.from(`{"packs":[${'1,'.repeat(1000)}1]}`));

test('a document reads back, and its name is the hash of the stored bytes', () => {
  for (const version of [1, 2] as const) {
    const { id, bytes } = sealUnpacked(key, version, json);
    assert.equal(id, storageId(bytes));
    assert.deepEqual(new Uint8Array(openUnpacked(key, bytes)), json);
  }
});

test('version 1 stores plain JSON, version 2 a marked frame', () => {
  assert.deepEqual(new Uint8Array(open(key, sealUnpacked(key, 1, json).bytes)), json);
  const plaintext = open(key, sealUnpacked(key, 2, json).bytes);
  assert.deepEqual(Array.from(plaintext.subarray(0, 5)), [2, 0x28, 0xb5, 0x2f, 0xfd]);
  assert.ok(plaintext.byteLength < json.byteLength);
});

test('an empty plaintext is given back as it is', () => {
  assert.equal(openUnpacked(key, seal(key, new Uint8Array())).byteLength, 0);
});

test('an unknown encoding, a broken frame and a changed byte are told apart', () => {
  const sealed = (...bytes: number[]): Uint8Array => seal(key, Uint8Array.from(bytes));
  assert.throws(() => openUnpacked(key, sealed(3, 1, 2)), { code: 'format/json' });
  assert.throws(() => openUnpacked(key, sealed(2, 1, 2)), { code: 'format/compression' });
  const { bytes } = sealUnpacked(key, 2, json);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  assert.throws(() => openUnpacked(key, bytes), { code: 'format/mac' });
});
