import assert from 'node:assert/strict';
import { randomBytes, scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { renderScrypt } from '../../scripts/kernels-source.ts';
import type { ScryptParams } from './key.ts';
import { LaneMixer } from './lane-mixer.ts';
import { finishScrypt, startScrypt } from './scrypt.ts';

function scrypt(password: string, salt: Uint8Array, length: number, params: ScryptParams): Buffer {
  const lanes = startScrypt(password, salt, params);
  const mixer = new LaneMixer();
  mixer.mix(lanes, params);
  mixer.wipe();
  return finishScrypt(password, lanes, length);
}

function scryptOfNode(
  password: string,
  salt: Uint8Array,
  length: number,
  { cost, blockSize, parallelization }: ScryptParams,
): Buffer {
  const options = { N: cost, r: blockSize, p: parallelization, maxmem: 2 ** 28 };
  return scryptSync(password, salt, length, options);
}

test('the committed scrypt kernel is what its source compiles to', async () => {
  const committed = readFileSync(new URL('scrypt-wasm.ts', import.meta.url), 'utf8');
  assert.ok(committed === (await renderScrypt()), 'run `npm run kernels` and commit the result');
});

describe('scrypt by the kernel', () => {
  /** RFC 7914 §12; the fourth there needs a gibibyte and is left out. */
  const vectors: readonly [string, string, ScryptParams, string][] = [
    [
      '',
      '',
      { cost: 16, blockSize: 1, parallelization: 1 },
      '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442' +
        'fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906',
    ],
    [
      'password',
      'NaCl',
      { cost: 1024, blockSize: 8, parallelization: 16 },
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162' +
        '2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    ],
    [
      'pleaseletmein',
      'SodiumChloride',
      { cost: 16384, blockSize: 8, parallelization: 1 },
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
        'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    ],
  ];
  for (const [password, salt, params, expected] of vectors) {
    test(`gives RFC 7914's result for '${password}'`, () => {
      assert.equal(scrypt(password, Buffer.from(salt), 64, params).toString('hex'), expected);
    });
  }

  test('is what Node computes, for any password, salt and cost', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array({ maxLength: 80 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 100 }),
        (password, salt, exponent, blockSize, parallelization, length) => {
          // RFC 7914 §2: N is less than 2^(128·r/8).
          const params = { cost: 2 ** exponent, blockSize, parallelization };
          assert.deepEqual(
            scrypt(password, salt, length, params),
            scryptOfNode(password, salt, length, params),
          );
        },
      ),
    );
  });

  test("is what Node computes with the cost of restic's keys", () => {
    const params = { cost: 32768, blockSize: 8, parallelization: 4 };
    const salt = randomBytes(64);
    assert.deepEqual(scrypt('x', salt, 64, params), scryptOfNode('x', salt, 64, params));
  });
});
