import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isSealiftError } from '../base/errors.ts';
import {
  degreeOf,
  generatePolynomial,
  greatestCommonDivisor,
  isIrreducible,
  modulo,
  multiplyModulo,
} from './polynomial.ts';

/** Products by the definition, without a modulus. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let i = 0n; b >> i > 0n; i += 1n) if (((b >> i) & 1n) === 1n) product ^= a << i;
  return product;
}

describe('polynomials over GF(2)', () => {
  const any = fc.bigInt({ min: 0n, max: 1n << 54n });
  const some = fc.bigInt({ min: 1n, max: 1n << 54n });

  test('a remainder is below the modulus, and a multiple of the modulus changes nothing', () => {
    fc.assert(
      fc.property(any, any, some, (a, b, modulus) => {
        const rest = modulo(a, modulus);
        assert.ok(degreeOf(rest) < degreeOf(modulus));
        assert.equal(modulo(a ^ multiply(b, modulus), modulus), rest);
      }),
    );
  });

  test('a product modulo is the remainder of the product', () => {
    fc.assert(
      fc.property(any, any, some, (a, b, modulus) => {
        assert.equal(multiplyModulo(a, b, modulus), modulo(multiply(a, b), modulus));
      }),
    );
  });

  test('the greatest common divisor divides both, and a common factor is in it', () => {
    fc.assert(
      fc.property(some, some, some, (a, b, factor) => {
        const [x, y] = [multiply(a, factor), multiply(b, factor)];
        const divisor = greatestCommonDivisor(x, y);
        assert.deepEqual([modulo(x, divisor), modulo(y, divisor)], [0n, 0n]);
        assert.equal(modulo(divisor, factor), 0n);
      }),
    );
  });

  test('a division by zero is a bug, and said so', () => {
    assert.throws(() => modulo(1n, 0n), RangeError);
  });

  test('those of degree 1 to 10 are irreducible exactly when nothing smaller divides them', () => {
    for (let candidate = 2n; candidate < 1n << 11n; candidate += 1n) {
      let divisor = 2n;
      const half = 1n << BigInt(Math.floor(degreeOf(candidate) / 2) + 1);
      while (divisor < half && modulo(candidate, divisor) !== 0n) divisor += 1n;
      assert.equal(isIrreducible(candidate), divisor >= half, candidate.toString(16));
    }
    assert.deepEqual([0n, 1n].map(isIrreducible), [false, false]);
  });

  test('one that is made takes its bits from the source, little-endian', () => {
    // Odd and of degree 53 already, so that it is taken as it comes.
    const wanted = 0x3da3358b4dc173n;
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, wanted | (0x3ffn << 54n), true);
    assert.equal(
      generatePolynomial(() => bytes),
      wanted,
    );
  });

  test('two that are made differ', () => {
    assert.notEqual(generatePolynomial(randomBytes), generatePolynomial(randomBytes));
  });

  test('a source stuck at zero ends in an error, not in an endless search', () => {
    assert.throws(
      () => generatePolynomial((size) => new Uint8Array(size)),
      (error) => isSealiftError(error, 'format/config'),
    );
  });
});
