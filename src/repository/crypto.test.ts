import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isSealiftError } from '../base/errors.ts';
import {
  generateRepositoryKey,
  open,
  openInPlace,
  overheadBytes,
  seal,
  sealInto,
} from './crypto.ts';
import { poly1305 } from './poly1305.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

describe('sealing', () => {
  const key = generateRepositoryKey(randomBytes);

  test("opens an item that restic's own tests carry", () => {
    const published = {
      encrypt: hex('303e8687b1d7db18421bdc6bb8588ccadac4d59ee87b8ff70c44e635790cafef'),
      macK: hex('ef4d8824cb80b2bcc5fbff8a9b12a42c'),
      macR: hex('cc8d4b948ee0ebfe1d415de921d10353'),
    };
    const item = hex(
      '69fb41c62d12def4593bd71757138606338f621aeaeb39da0fe4f99233f8037a54ea63338a813bcf3f75d8c3cc75dddf8750',
    );
    assert.equal(Buffer.from(open(published, item)).toString(), 'Dies ist ein Test!');
  });

  test('any plaintext comes back, 32 bytes larger in between', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (plaintext) => {
        const sealed = seal(key, plaintext);
        assert.equal(sealed.byteLength, plaintext.byteLength + overheadBytes);
        assert.deepEqual(Buffer.from(open(key, sealed)), Buffer.from(plaintext));
      }),
    );
  });

  test('a plaintext comes back in the place of its ciphertext, whatever stands around it', () => {
    for (const size of [0, 1, 64 * 1024, 200_001]) {
      const plaintext = randomBytes(size);
      const pack = randomBytes(size + overheadBytes + 20);
      const before = Buffer.from(pack);
      sealInto(key, plaintext, pack, 10);
      const opened = openInPlace(key, pack.subarray(10, 10 + size + overheadBytes));
      assert.ok(plaintext.equals(opened));
      assert.equal(opened.buffer, pack.buffer);
      assert.ok(pack.subarray(0, 10).equals(before.subarray(0, 10)));
      assert.ok(pack.subarray(-10).equals(before.subarray(-10)));
    }
  });

  test('what was changed stays as it is', () => {
    const sealed = seal(key, randomBytes(1000));
    sealed[500] = (sealed[500] ?? 0) ^ 1;
    const before = sealed.slice();
    assert.throws(() => openInPlace(key, sealed), { code: 'format/mac' });
    assert.deepEqual(sealed, before);
  });

  test('a change of any byte is noticed', () => {
    const sealed = seal(key, Buffer.from('every byte counts'));
    for (let i = 0; i < sealed.length; i += 1) {
      const changed = sealed.slice();
      changed[i] = (changed[i] ?? 0) ^ 0x10;
      assert.throws(
        () => open(key, changed),
        (error) => isSealiftError(error, 'format/mac'),
      );
    }
  });

  test('an item cut to any length is noticed', () => {
    const sealed = seal(key, Buffer.from('every byte counts'));
    for (let size = 0; size < sealed.length; size += 1) {
      assert.throws(
        () => open(key, sealed.subarray(0, size)),
        (error) => isSealiftError(error, 'format/mac'),
      );
    }
  });

  test('the same plaintext is never sealed twice to the same bytes', () => {
    const plaintext = new Uint8Array(100);
    assert.notDeepEqual(seal(key, plaintext), seal(key, plaintext));
  });

  test('a pack is filled in place, and nothing beside the item changes', () => {
    const target = new Uint8Array(200).fill(0xee);
    const size = sealInto(key, new Uint8Array(50), target, 10);
    assert.equal(size, 82);
    assert.ok(target.subarray(0, 10).every((byte) => byte === 0xee));
    assert.ok(target.subarray(92).every((byte) => byte === 0xee));
    assert.deepEqual(Buffer.from(open(key, target.subarray(10, 92))), Buffer.alloc(50));
  });

  test('a MAC key that is stored clamped opens what the raw one sealed', () => {
    const clamped = Buffer.from(key.macR);
    for (const i of [3, 7, 11, 15]) clamped[i] = (clamped[i] ?? 0) & 15;
    for (const i of [4, 8, 12]) clamped[i] = (clamped[i] ?? 0) & 252;
    const sealed = seal(key, Buffer.from('x'));
    assert.equal(Buffer.from(open({ ...key, macR: clamped }, sealed)).toString(), 'x');
  });

  for (const part of ['encrypt', 'macK', 'macR'] as const) {
    test(`a key whose ${part} is all zero is refused`, () => {
      const zero = { ...key, [part]: new Uint8Array(key[part].length) };
      assert.throws(
        () => seal(zero, new Uint8Array(1)),
        (error) => isSealiftError(error, 'format/key'),
      );
    });
  }

  test('an all-zero IV is refused, even under a MAC that fits', () => {
    const aes = createCipheriv('aes-128-ecb', key.macK, null).setAutoPadding(false);
    const ciphertext = Buffer.from('any');
    const tag = poly1305(Buffer.concat([key.macR, aes.update(Buffer.alloc(16))]), ciphertext);
    assert.throws(
      () => open(key, Buffer.concat([Buffer.alloc(16), ciphertext, tag])),
      (error) => isSealiftError(error, 'format/mac'),
    );
  });

  test('a random source stuck at zero is refused', () => {
    assert.throws(
      () => seal(key, new Uint8Array(1), (size) => new Uint8Array(size)),
      (error) => isSealiftError(error, 'format/key'),
    );
  });
});
