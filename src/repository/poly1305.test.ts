import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { poly1305Slowly } from '../../test/support/poly1305.ts';
import vectors from '../../test/vectors/poly1305.json' with { type: 'json' };
import { decodeHex, encodeHex } from '../base/bytes.ts';
import { kernels } from './kernels.ts';
import { poly1305, poly1305Native, poly1305Portable } from './poly1305.ts';

type Mac = (key: Uint8Array, message: Uint8Array) => Uint8Array;

const hasNative = poly1305Native(new Uint8Array(32), new Uint8Array(0)) !== undefined;
const native: Mac = (key, message) => poly1305Native(key, message) ?? new Uint8Array(0);
const ways: readonly { name: string; mac: Mac; skip: string | false }[] = [
  { name: 'the kernel', mac: poly1305Portable, skip: false },
  { name: "Node's own", mac: native, skip: hasNative ? false : 'this Node has no Poly1305' },
  { name: 'the one in use', mac: poly1305, skip: false },
  { name: 'the slow twin', mac: poly1305Slowly, skip: false },
];

describe('Poly1305', () => {
  for (const { name, mac, skip } of ways) {
    test(`by ${name}, gives the four tags of the paper`, { skip }, () => {
      for (const { message, r, k, nonce, tag } of vectors.paper) {
        const aes = createCipheriv('aes-128-ecb', decodeHex(k), null).setAutoPadding(false);
        const key = Buffer.concat([decodeHex(r), aes.update(decodeHex(nonce))]);
        assert.equal(encodeHex(mac(key, decodeHex(message))), tag);
      }
    });

    test(`by ${name}, carries rightly at the edges of 2^130 - 5`, { skip }, () => {
      for (const { key, message, tag } of vectors.edges) {
        assert.equal(encodeHex(mac(decodeHex(key), decodeHex(message))), tag);
      }
    });
  }

  test('the kernel agrees with the slow twin on any key and message, also on bytes of ones', () => {
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 0xff, 0xfb, 0xfc));
    const key = fc.array(byte, { minLength: 32, maxLength: 32 });
    const message = fc.array(byte, { maxLength: 200 });
    fc.assert(
      fc.property(key, message, (keyBytes, messageBytes) => {
        const [k, m] = [Uint8Array.from(keyBytes), Uint8Array.from(messageBytes)];
        assert.equal(encodeHex(poly1305Portable(k, m)), encodeHex(poly1305Slowly(k, m)));
      }),
      { numRuns: 500 },
    );
  });

  test('a last carry that runs through all limbs is not lost', () => {
    // With r = 2 these two pieces sum to 2^131 - 2, which is 8 modulo 2^130 - 5.
    const key = new Uint8Array(32);
    key[0] = 2;
    const message = Buffer.concat([Buffer.alloc(16), Buffer.alloc(16, 0xff)]);
    for (const { mac, skip } of ways) {
      if (skip === false) assert.equal(encodeHex(mac(key, message)), '08'.padEnd(32, '0'));
    }
  });

  test('a message longer than the kernel block gives one tag, at each length around the edges', () => {
    const key = randomBytes(32);
    const data = randomBytes(3 * kernels().block.length);
    for (const blocks of [1, 2]) {
      for (const extra of [-17, -16, -15, -1, 0, 1, 15, 16, 17]) {
        const message = data.subarray(0, blocks * kernels().block.length + extra);
        assert.equal(
          encodeHex(poly1305Portable(key, message)),
          encodeHex(poly1305Slowly(key, message)),
        );
      }
    }
  });

  test('r counts the same clamped and unclamped', () => {
    const key = new Uint8Array(32).fill(0xff);
    const clamped = key.slice();
    clamped.set(decodeHex('ffffff0ffcffff0ffcffff0ffcffff0f'));
    const message = randomBytes(100);
    for (const { mac, skip } of ways) {
      if (skip === false) assert.deepEqual([...mac(clamped, message)], [...mac(key, message)]);
    }
  });

  test('the kernel forgets the key', () => {
    poly1305Portable(new Uint8Array(32).fill(0x5a), new Uint8Array(40));
    assert.deepEqual([...kernels().poly1305Key.subarray(16)], Array(16).fill(0));
  });

  test('a tag stays as it was when the next one is made', () => {
    const tag = poly1305Portable(new Uint8Array(32).fill(1), new Uint8Array(40));
    const before = encodeHex(tag);
    poly1305Portable(new Uint8Array(32).fill(2), new Uint8Array(40));
    assert.equal(encodeHex(tag), before);
  });
});
