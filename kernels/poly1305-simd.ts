/**
 * Poly1305 of two blocks at once: one lane takes in the even blocks, the other the odd ones, and each step
 * multiplies by r². At the end the first is multiplied by r², the second by r, and they are added.
 *
 * Limbs and bounds as in poly1305.ts; no branch and no address depends on the key or the message.
 */

import { blockOffset } from './memory';
import {
  h0,
  h1,
  h2,
  h3,
  h4,
  poly1305Update as updateNarrow,
  r0,
  r1,
  r2,
  r3,
  r4,
  setSum,
  squareOfR,
} from './poly1305';

const PAIR: usize = 32;
/** Below this the square costs more than it gains. */
const WIDE_FROM: usize = 256;
const LIMB: u64 = 0x3ffffff;
const TOP: u64 = 1 << 24;

/** For both lanes, five limbs of the factor and five times the last four: r² and r², then r² and r. */
const FACTORS = memory.data(288, 16);
const LAST: usize = 144;
const SQUARE = memory.data(40, 16);

/** As the function of the same name in poly1305.ts. */
export function poly1305Update(size: usize): void {
  if (size < WIDE_FROM) return updateNarrow(size);
  const block = blockOffset();
  const wide = size & ~(PAIR - 1);
  absorbPairs(block, wide);
  if (wide == size) return;
  memory.copy(block, block + wide, size - wide);
  updateNarrow(size - wide);
}

function absorbPairs(start: usize, size: usize): void {
  squareOfR(SQUARE);
  for (let limb: usize = 0; limb < 5; limb += 1) {
    const square = load<u64>(SQUARE + 8 * limb);
    putFactor(FACTORS, limb, square, square);
  }
  putFactor(FACTORS + LAST, 0, load<u64>(SQUARE), r0);
  putFactor(FACTORS + LAST, 1, load<u64>(SQUARE, 8), r1);
  putFactor(FACTORS + LAST, 2, load<u64>(SQUARE, 16), r2);
  putFactor(FACTORS + LAST, 3, load<u64>(SQUARE, 24), r3);
  putFactor(FACTORS + LAST, 4, load<u64>(SQUARE, 32), r4);

  const mask = i64x2.splat(LIMB);
  const top = i64x2.splat(TOP);
  let a0 = i64x2(h0, 0);
  let a1 = i64x2(h1, 0);
  let a2 = i64x2(h2, 0);
  let a3 = i64x2(h3, 0);
  let a4 = i64x2(h4, 0);
  const end = start + size;
  for (let at = start; at < end; at += PAIR) {
    const even = v128.load(at);
    const odd = v128.load(at, 16);
    const low = i64x2.shuffle(even, odd, 0, 2);
    const high = i64x2.shuffle(even, odd, 1, 3);
    const m2 = v128.or(i64x2.shr_u(low, 52), i64x2.shl(high, 12));
    a0 = pack(i64x2.add(a0, v128.and(low, mask)));
    a1 = pack(i64x2.add(a1, v128.and(i64x2.shr_u(low, 26), mask)));
    a2 = pack(i64x2.add(a2, v128.and(m2, mask)));
    a3 = pack(i64x2.add(a3, v128.and(i64x2.shr_u(high, 14), mask)));
    a4 = pack(i64x2.add(a4, v128.or(i64x2.shr_u(high, 40), top)));

    const factor = at + PAIR == end ? FACTORS + LAST : FACTORS;
    const f0 = v128.load(factor);
    const f1 = v128.load(factor, 16);
    const f2 = v128.load(factor, 32);
    const f3 = v128.load(factor, 48);
    const f4 = v128.load(factor, 64);
    const s1 = v128.load(factor, 80);
    const s2 = v128.load(factor, 96);
    const s3 = v128.load(factor, 112);
    const s4 = v128.load(factor, 128);
    const d0 = sum(a0, f0, a1, s4, a2, s3, a3, s2, a4, s1);
    let d1 = sum(a0, f1, a1, f0, a2, s4, a3, s3, a4, s2);
    let d2 = sum(a0, f2, a1, f1, a2, f0, a3, s4, a4, s3);
    let d3 = sum(a0, f3, a1, f2, a2, f1, a3, f0, a4, s4);
    let d4 = sum(a0, f4, a1, f3, a2, f2, a3, f1, a4, f0);

    d1 = i64x2.add(d1, i64x2.shr_u(d0, 26));
    d2 = i64x2.add(d2, i64x2.shr_u(d1, 26));
    d3 = i64x2.add(d3, i64x2.shr_u(d2, 26));
    d4 = i64x2.add(d4, i64x2.shr_u(d3, 26));
    const over = i64x2.shr_u(d4, 26);
    a0 = i64x2.add(v128.and(d0, mask), i64x2.add(over, i64x2.shl(over, 2)));
    a1 = i64x2.add(v128.and(d1, mask), i64x2.shr_u(a0, 26));
    a0 = v128.and(a0, mask);
    a2 = v128.and(d2, mask);
    a3 = v128.and(d3, mask);
    a4 = v128.and(d4, mask);
  }
  const t0 = total(a0);
  const t1 = total(a1) + (t0 >> 26);
  const t2 = total(a2) + (t1 >> 26);
  const t3 = total(a3) + (t2 >> 26);
  const t4 = total(a4) + (t3 >> 26);
  const sum0 = (t0 & LIMB) + (t4 >> 26) * 5;
  setSum(sum0 & LIMB, (t1 & LIMB) + (sum0 >> 26), t2 & LIMB, t3 & LIMB, t4 & LIMB);
  memory.fill(FACTORS, 0, 2 * LAST);
  memory.fill(SQUARE, 0, 40);
}

/** Limbs of both lanes as the low words that products are made of. */
@inline
function pack(limbs: v128): v128 {
  return i32x4.shuffle(limbs, limbs, 0, 2, 0, 2);
}

@inline
function sum(a: v128, f: v128, b: v128, g: v128, c: v128, h: v128, d: v128, i: v128, e: v128, j: v128): v128 {
  return i64x2.add(
    i64x2.add(i64x2.extmul_low_i32x4_u(a, f), i64x2.extmul_low_i32x4_u(b, g)),
    i64x2.add(
      i64x2.extmul_low_i32x4_u(e, j),
      i64x2.add(i64x2.extmul_low_i32x4_u(c, h), i64x2.extmul_low_i32x4_u(d, i)),
    ),
  );
}

@inline
function total(limbs: v128): u64 {
  return i64x2.extract_lane(limbs, 0) + i64x2.extract_lane(limbs, 1);
}

function putFactor(at: usize, limb: usize, even: u64, odd: u64): void {
  store<u64>(at + 16 * limb, even | (odd << 32));
  if (limb > 0) store<u64>(at + 64 + 16 * limb, 5 * even | ((5 * odd) << 32));
}
