import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { poly1305Slowly } from '../../test/support/poly1305.ts';
import vectors from '../../test/vectors/poly1305.json' with { type: 'json' };
import { decodeHex, encodeHex } from '../base/bytes.ts';
import { kernels, loadScalarKernels } from './kernels.ts';
import { poly1305, poly1305Native, poly1305Portable } from './poly1305.ts';

type Mac = (key: Uint8Array, message: Uint8Array) => Uint8Array;

const hasNative = poly1305Native(new Uint8Array(32), new Uint8Array(0)) !== undefined;
const scalarKernels = loadScalarKernels();
const scalar: Mac = (key, message) => poly1305Portable(key, message, scalarKernels);
const native: Mac = (key, message) => poly1305Native(key, message) ?? new Uint8Array(0);
const ways: readonly { name: string; mac: Mac; skip: string | false }[] = [
  { name: 'the kernel', mac: poly1305Portable, skip: false },
  { name: 'the scalar kernel', mac: scalar, skip: false },
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

  for (const { name, mac } of ways.slice(0, 2)) {
    test(`${name} agrees with the slow twin on any key and message, also on bytes of ones`, () => {
      const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 0xff, 0xfb, 0xfc));
      const key = fc.array(byte, { minLength: 32, maxLength: 32 });
      const message = fc.array(byte, { maxLength: 700, size: 'max' });
      fc.assert(
        fc.property(key, message, (keyBytes, messageBytes) => {
          const [k, m] = [Uint8Array.from(keyBytes), Uint8Array.from(messageBytes)];
          assert.equal(encodeHex(mac(k, m)), encodeHex(poly1305Slowly(k, m)));
        }),
        { numRuns: 500 },
      );
    });

    test(`${name} loses no carry between limbs that are full, in one lane or in the sum of two`, () => {
      // Under r = 1 the blocks are summed, so that limbs of 26 bits can be filled one by one.
      const limb = fc.constantFrom(0n, 0n, 1n, 2n ** 25n + 3n, 2n ** 26n - 1n, 2n ** 26n - 50n);
      const limbs = fc.tuple(limb, limb, limb, limb, fc.constantFrom(0n, 2n ** 24n - 1n));
      const blocks = fc.array(limbs, { minLength: 1, maxLength: 4 });
      const r = fc.constantFrom(0, 1, 1, 1, 2, 3);
      fc.assert(
        fc.property(blocks, r, fc.nat(20), (drawn, factor, zeros) => {
          const key = new Uint8Array(32);
          key[0] = factor;
          const message = Buffer.alloc(16 * (16 + zeros + drawn.length));
          for (const [at, each] of drawn.entries()) {
            const value = each.reduce((sum, part, i) => sum | (part << BigInt(26 * i)), 0n);
            message.writeBigUInt64LE(value & (2n ** 64n - 1n), 16 * (at + zeros));
            message.writeBigUInt64LE((value >> 64n) & (2n ** 64n - 1n), 16 * (at + zeros) + 8);
          }
          assert.equal(encodeHex(mac(key, message)), encodeHex(poly1305Slowly(key, message)));
        }),
        { numRuns: 2000 },
      );
    });
  }

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
        const expected = encodeHex(poly1305Slowly(key, message));
        assert.equal(encodeHex(poly1305Portable(key, message)), expected);
        assert.equal(encodeHex(scalar(key, message)), expected);
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

  test('nothing in the memory of a kernel tells which key a message had', () => {
    const message = randomBytes(1000);
    for (const code of [scalarKernels, kernels()]) {
      const memory = new Uint8Array(code.memory.buffer);
      const left = [1, 2].map((key) => {
        poly1305Portable(new Uint8Array(32).fill(key), message, code);
        code.poly1305Key.fill(0, 0, 16); // the tag
        return memory.slice();
      });
      assert.ok(Buffer.compare(left[0] ?? memory, left[1] ?? memory) === 0);
    }
  });

  test('a tag stays as it was when the next one is made', () => {
    const tag = poly1305Portable(new Uint8Array(32).fill(1), new Uint8Array(40));
    const before = encodeHex(tag);
    poly1305Portable(new Uint8Array(32).fill(2), new Uint8Array(40));
    assert.equal(encodeHex(tag), before);
  });
});
