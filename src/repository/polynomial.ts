/** Polynomials over GF(2) as the bits of a bigint: the chunker's modulus, of degree 53, irreducible. */

import { SealiftError } from '../base/errors.ts';

/** Bit i is the coefficient of x^i. */
export type Polynomial = bigint;

export const polynomialDegree = 53;
/** One candidate in 26 passes, so that only a broken source of randomness gets here. */
const maxTries = 10_000;

export function degreeOf(polynomial: Polynomial): number {
  return polynomial === 0n ? -1 : polynomial.toString(2).length - 1;
}

/** Remainder of a division; @throws RangeError when the modulus is zero */
export function modulo(value: Polynomial, modulus: Polynomial): Polynomial {
  if (modulus === 0n) throw new RangeError('division by the zero polynomial');
  const degree = degreeOf(modulus);
  let rest = value;
  for (let shift = degreeOf(rest) - degree; shift >= 0; shift = degreeOf(rest) - degree) {
    rest ^= modulus << BigInt(shift);
  }
  return rest;
}

/** Product modulo a polynomial. */
export function multiplyModulo(a: Polynomial, b: Polynomial, modulus: Polynomial): Polynomial {
  let product = 0n;
  let factor = modulo(a, modulus);
  for (let rest = b; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) product ^= factor;
    factor = modulo(factor << 1n, modulus);
  }
  return modulo(product, modulus);
}

export function greatestCommonDivisor(a: Polynomial, b: Polynomial): Polynomial {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, modulo(x, y)];
  return x;
}

/** Ben-Or's test: no factor of degree up to half of the polynomial's. */
export function isIrreducible(polynomial: Polynomial): boolean {
  const degree = degreeOf(polynomial);
  if (degree < 1) return false;
  let power = 2n; // x^(2^i) mod the polynomial
  for (let i = 1; i <= degree / 2; i += 1) {
    power = multiplyModulo(power, power, polynomial);
    if (greatestCommonDivisor(polynomial, power ^ 2n) !== 1n) return false;
  }
  return true;
}

/**
 * A random irreducible polynomial of degree 53.
 * @throws SealiftError `format/config` when the source seems to repeat itself
 */
export function generatePolynomial(random: (size: number) => Uint8Array): Polynomial {
  for (let i = 0; i < maxTries; i += 1) {
    const bytes = random(8);
    const bits = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(
      0,
      true,
    );
    const candidate = (bits & ((1n << 54n) - 1n)) | (1n << 53n) | 1n;
    if (isIrreducible(candidate)) return candidate;
  }
  throw new SealiftError('format/config', 'the random source gives no irreducible polynomial');
}

/**
 * @param hex lower-case hexadecimal without prefix, as the repository's config holds it
 * @throws SealiftError `format/config` unless it is irreducible and of degree 53
 */
export function parsePolynomial(hex: string): Polynomial {
  const polynomial = /^[0-9a-f]{1,16}$/.test(hex) ? BigInt(`0x${hex}`) : 0n;
  if (degreeOf(polynomial) !== polynomialDegree || !isIrreducible(polynomial)) {
    throw new SealiftError(
      'format/config',
      `the chunker polynomial "${hex.slice(0, 32)}" is not an irreducible polynomial of degree 53`,
      { fields: { polynomial: hex.slice(0, 32) } },
    );
  }
  return polynomial;
}

export function formatPolynomial(polynomial: Polynomial): string {
  return polynomial.toString(16);
}
