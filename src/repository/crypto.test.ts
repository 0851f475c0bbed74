import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isSealiftError } from '../base/errors.ts';
import { compress, decompress } from './compression.ts';
import { generateRepositoryKey, open, overheadBytes, seal, sealInto } from './crypto.ts';
import { poly1305, poly1305Portable } from './poly1305.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** D. J. Bernstein, "The Poly1305-AES message-authentication code", appendix B. */
const vectors = [
  {
    message: 'f3f6',
    r: '851fc40c3467ac0be05cc20404f3f700',
    k: 'ec074c835580741701425b623235add6',
    nonce: 'fb447350c4e868c52ac3275cf9d4327e',
    tag: 'f4c633c3044fc145f84f335cb81953de',
  },
  {
    message: '',
    r: 'a0f3080000f46400d0c7e9076c834403',
    k: '75deaa25c09f208e1dc4ce6b5cad3fbf',
    nonce: '61ee09218d29b0aaed7e154a2c5509cc',
    tag: 'dd3fab2251f11ac759f0887129cc2ee7',
  },
  {
    message: '663cea190ffb83d89593f3f476b6bc24d7e679107ea26adb8caf6652d0656136',
    r: '48443d0bb0d21109c89a100b5ce2c208',
    k: '6acb5f61a7176dd320c5c1eb2edcdc74',
    nonce: 'ae212a55399729595dea458bc621ff0e',
    tag: '0ee1c16bb73f0f4fd19881753c01cdbe',
  },
  {
    message:
      'ab0812724a7f1e342742cbed374d94d136c6b8795d45b3819830f2c04491faf0990c62e48b8018b2c3e4a0fa3134cb67fa83e158c994d961c4cb21095c1bf9',
    r: '12976a08c4426d0ce8a82407c4f48207',
    k: 'e1a5668a4d5b66a5f68cc5424ed5982d',
    nonce: '9ae831e743978d3a23527c7128149e3a',
    tag: '5154ad0d2cb26e01274fc51148491f1b',
  },
] as const;

describe('Poly1305', () => {
  for (const [i, vector] of vectors.entries()) {
    test(`gives the tag of the paper's message ${i + 1}, with and without Node's own`, () => {
      const aes = createCipheriv('aes-128-ecb', hex(vector.k), null).setAutoPadding(false);
      const key = Buffer.concat([hex(vector.r), aes.update(hex(vector.nonce))]);
      for (const mac of [poly1305, poly1305Portable]) {
        assert.equal(Buffer.from(mac(key, hex(vector.message))).toString('hex'), vector.tag);
      }
    });
  }

  test('agrees with RFC 8439 where the sum wraps around the prime', () => {
    // RFC 8439 appendix A.3, vectors 7 to 11: carries at the edges of 2^130 - 5.
    const cases = [
      ['02', '', 'ffffffffffffffffffffffffffffffff', '03'],
      ['02', 'ffffffffffffffffffffffffffffffff', '02', '03'],
      [
        '01',
        '',
        'fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000',
        '05',
      ],
      [
        '01',
        '',
        'fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101',
        '00',
      ],
      ['02', '', 'fdffffffffffffffffffffffffffffff', 'faffffffffffffffffffffffffffffff'],
    ] as const;
    for (const [r, s, message, tag] of cases) {
      const key = hex(r.padEnd(32, '0') + s.padEnd(32, '0'));
      const bytes = hex(message.length < 32 ? message.padEnd(32, '0') : message);
      for (const mac of [poly1305, poly1305Portable]) {
        assert.equal(Buffer.from(mac(key, bytes)).toString('hex'), tag.padEnd(32, '0'));
      }
    }
  });

  test('is the same in both forms for any message', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 300 }),
        (key, message) => {
          assert.deepEqual(
            Buffer.from(poly1305(key, message)),
            Buffer.from(poly1305Portable(key, message)),
          );
        },
      ),
    );
  });
});

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

describe('compression', () => {
  test('any input comes back in every mode', () => {
    const text = Buffer.from('to be or not to be, '.repeat(500));
    for (const mode of ['auto', 'off', 'fastest', 'better', 'max'] as const) {
      const frame = compress(text, mode);
      assert.ok(frame.byteLength < text.byteLength / 10);
      assert.deepEqual(Buffer.from(decompress(frame, text.byteLength)), text);
    }
  });

  test('a frame that unfolds to more than allowed is refused', () => {
    const frame = compress(new Uint8Array(1_000_000), 'auto');
    assert.throws(
      () => decompress(frame, 999_999),
      (error) => isSealiftError(error, 'format/compression'),
    );
  });

  test('bytes that are no frame are refused, and so is half a frame', () => {
    const frame = compress(randomBytes(10_000), 'auto');
    for (const bytes of [Buffer.from('no frame'), frame.subarray(0, 5000)]) {
      assert.throws(
        () => decompress(bytes, 20_000),
        (error) => isSealiftError(error, 'format/compression'),
      );
    }
  });
});
