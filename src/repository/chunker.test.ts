import assert from 'node:assert/strict';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { chunkSlowly } from '../../test/support/slow-chunker.ts';
import { isSealiftError } from '../base/errors.ts';
import { Chunker, maxChunkBytes, minChunkBytes } from './chunker.ts';
import {
  formatPolynomial,
  generatePolynomial,
  isIrreducible,
  multiplyModulo,
  parsePolynomial,
} from './polynomial.ts';

const polynomial = parsePolynomial('284b0b9502ee9b');
const mib = 1024 * 1024;

/** Bytes that any language can make again: the AES-256-CTR key stream of a zero key and a zero IV. */
function keyStream(size: number): Buffer {
  return createCipheriv('aes-256-ctr', Buffer.alloc(32), Buffer.alloc(16)).update(
    Buffer.alloc(size),
  );
}

/** Sizes of the chunks, the input fed in pieces of the sizes given in turn. */
function chunkSizes(data: Uint8Array, pieceSizes: readonly number[] = [data.length]): number[] {
  const chunker = new Chunker(polynomial);
  const sizes: number[] = [];
  let open = 0;
  let offset = 0;
  for (let piece = 0; offset < data.length; piece += 1) {
    const size = pieceSizes[piece % pieceSizes.length] ?? 1;
    let rest = data.subarray(offset, offset + size);
    offset += size;
    for (let cut = chunker.next(rest); cut >= 0; cut = chunker.next(rest)) {
      sizes.push(open + cut);
      open = 0;
      rest = rest.subarray(cut);
      if (rest.length === 0) break;
    }
    open += rest.length;
  }
  return open > 0 ? [...sizes, open] : sizes;
}

describe('the chunker', () => {
  const published = [
    999374, 1135048, 545558, 2250432, 1130829, 1501507, 575414, 905478, 756055, 696193, 547152,
    1768195, 2484747, 2783692, 4661126, 1830011, 922159, 1108056, 818035, 1126956, 644350, 3066595,
    657620, 637117, 2733,
  ];

  test('cuts 32 MiB where restic cut them', () => {
    const data = keyStream(32 * mib);
    assert.deepEqual(chunkSizes(data), published);
    const first = createHash('sha256').update(data.subarray(0, published[0])).digest('hex');
    assert.equal(first, '070a1a961110823c083245aefc7a4ee04bfedca37d1251a650758bb672637d86');
  });

  test('cuts the same whatever pieces the input comes in', () => {
    const data = keyStream(6 * mib);
    const whole = chunkSizes(data);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 700_000 }), { minLength: 1, maxLength: 5 }),
        (sizes) => {
          fc.pre(sizes.reduce((sum, size) => sum + size, 0) > 2000);
          assert.deepEqual(chunkSizes(data, sizes), whole);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('cuts where a slow and obvious twin does, for any polynomial', () => {
    for (let i = 0; i < 3; i += 1) {
      const other = generatePolynomial(randomBytes);
      const data = randomBytes(3 * mib);
      const chunker = new Chunker(other);
      const sizes: number[] = [];
      let offset = 0;
      while (offset < data.length) {
        const cut = chunker.next(data.subarray(offset));
        sizes.push(cut < 0 ? data.length - offset : cut);
        offset += sizes.at(-1) ?? 0;
      }
      assert.deepEqual(sizes, chunkSlowly(data, other));
    }
  });

  test('keeps to the smallest and largest size', () => {
    assert.deepEqual(chunkSizes(keyStream(minChunkBytes)), [minChunkBytes]);
    assert.deepEqual(chunkSizes(keyStream(minChunkBytes + 1)), [minChunkBytes + 1]);
    assert.deepEqual(chunkSizes(Buffer.alloc(20 * mib, 0x5a)), [
      maxChunkBytes,
      maxChunkBytes,
      4194304,
    ]);
    assert.deepEqual(chunkSizes(Buffer.alloc(3 * mib)), Array(6).fill(minChunkBytes));
  });

  test('starts each file anew', () => {
    const chunker = new Chunker(polynomial);
    chunker.next(randomBytes(700_000));
    chunker.reset();
    assert.equal(chunker.next(keyStream(2 * mib)), published[0]);
  });
});

describe('polynomials', () => {
  test('one that is made is irreducible, of degree 53, and survives its text', () => {
    const made = generatePolynomial(randomBytes);
    assert.equal(made.toString(2).length, 54);
    assert.ok(isIrreducible(made));
    assert.equal(parsePolynomial(formatPolynomial(made)), made);
  });

  test('a product is never irreducible', () => {
    const huge = 1n << 200n;
    fc.assert(
      fc.property(
        fc.bigInt({ min: 2n, max: 1n << 27n }),
        fc.bigInt({ min: 2n, max: 1n << 27n }),
        (a, b) => {
          assert.equal(isIrreducible(multiplyModulo(a, b, huge)), false);
        },
      ),
    );
  });

  test('what a config must not hold is refused', () => {
    for (const text of ['', '0x3DA3358B4DC173', '3da3358b4dc172', '25', 'xyz', '7da3358b4dc173']) {
      assert.throws(
        () => parsePolynomial(text),
        (error) => isSealiftError(error, 'format/config'),
      );
    }
    assert.doesNotThrow(() => parsePolynomial('3da3358b4dc173'));
  });
});
