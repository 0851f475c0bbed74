/**
 * The chunker's scan in two vectors of sixteen lanes.
 *
 * A block is cut into as many segments as there are lanes. Byte k of sixteen digests lies in vector k, so a
 * shift by a byte is a renaming; all maps here are linear, so a table of 256 digests becomes two tables of
 * 16 bytes for each vector, one for each half of the index, looked up in all lanes by one instruction.
 * Each table is loaded once for both vectors: loads are what bounds this loop.
 *
 * A digest here has 56 bits and is reduced above that only, so that bytes enter and leave at the edges of
 * vectors. Where it is compared, the three bits above its degree are reduced, too.
 *
 * Twins as those of chunker.ts. Why so: docs/decisions/009-kernels-in-vectors.md.
 */

import {
  afterWindow,
  chunkerScan as scanNarrow,
  chunkerTables as narrowTables,
  DEGREE,
  remainder,
  scan,
} from './chunker';
import { blockOffset, WINDOW_BYTES } from './memory';

const LANES: usize = 32;
const PLANES: usize = 7;
/** Steps between two comparisons; also the side of the square that is transposed. */
const STEPS: usize = 16;
/** Below this a block is scanned by the other kernel: warming up so many lanes would cost more. */
const WIDE_FROM: usize = 8192;

/**
 * For each of seven planes: what the lower and the upper half of the byte above the digest add to it,
 * and those of the byte that leaves the window.
 */
const TABLES = memory.data(448, 16);
/** For the upper half of the digest's top byte: what reduces the three lowest bytes. */
const REDUCE = memory.data(48, 16);
/** The last 128 bytes of each lane, a vector for each position; one ring for each vector of lanes. */
const RING = memory.data(4096, 16);
const RING_BYTES: usize = 2048;

/** Fills the tables for a polynomial of degree 53. */
export function chunkerTables(polynomial: u64): void {
  narrowTables(polynomial);
  for (let half: u64 = 0; half < 16; half += 1) {
    const at = TABLES + <usize>half;
    storePlanes(at, remainder(half << 56, polynomial));
    storePlanes(at + 16, remainder(half << 60, polynomial));
    storePlanes(at + 32, afterWindow(half));
    storePlanes(at + 48, afterWindow(half << 4));
    const rest = remainder((half >> 1) << DEGREE, polynomial);
    store<u8>(REDUCE + <usize>half, <u8>rest);
    store<u8>(REDUCE + <usize>half, <u8>(rest >> 8), 16);
    store<u8>(REDUCE + <usize>half, <u8>(rest >> 16), 32);
  }
}

function storePlanes(at: usize, digest: u64): void {
  for (let plane: usize = 0; plane < PLANES; plane += 1) {
    store<u8>(at + 64 * plane, <u8>(digest >> (8 * <u64>plane)));
  }
}

/** As the function of the same name in chunker.ts. */
export function chunkerScan(size: usize): usize {
  if (size < WIDE_FROM) return scanNarrow(size);
  const block = blockOffset();
  const segment = (size / (LANES * STEPS)) * STEPS;
  const hit = scanWide(block, segment);
  if (hit != 0) return hit;
  const scanned = LANES * segment;
  if (scanned == size) return 0;
  const rest = scan(block + scanned, size - scanned);
  return rest == 0 ? 0 : scanned + rest;
}

/** Lanes of `p` scan the first sixteen segments from `start` on, lanes of `q` the others. */
function scanWide(start: usize, segment: usize): usize {
  const middle = start + 16 * segment;
  const low = i8x16.splat(0x0f);
  const zero = i8x16.splat(0);
  let p0 = zero;
  let p1 = zero;
  let p2 = zero;
  let p3 = zero;
  let p4 = zero;
  let p5 = zero;
  let p6 = zero;
  let q0 = zero;
  let q1 = zero;
  let q2 = zero;
  let q3 = zero;
  let q4 = zero;
  let q5 = zero;
  let q6 = zero;
  let pb = zero;
  let qb = zero;
  let first: usize = 0;
  let wanted: u32 = -1;
  // The 64 bytes before each segment warm up its lane, with zeros before them.
  memory.fill(RING, 0, 2 * RING_BYTES);
  for (let at: usize = 0; at < segment + WINDOW_BYTES; at += STEPS) {
    const ringAt = (at << 4) & (RING_BYTES - 1);
    let entering = RING + ringAt;
    let leaving = RING + (ringAt ^ (WINDOW_BYTES << 4));
    transpose(start + at - WINDOW_BYTES, segment, entering);
    transpose(middle + at - WINDOW_BYTES, segment, entering + RING_BYTES);
    let pLeast = i8x16.splat(-1);
    let qLeast = pLeast;
    for (const end = entering + 16 * STEPS; entering < end; entering += 16, leaving += 16) {
      const pOut = v128.load(leaving);
      const pa = v128.and(p6, low);
      const pc = v128.and(pOut, low);
      const pd = v128.and(i16x8.shr_u(pOut, 4), low);
      const qOut = v128.load(leaving, 2048);
      const qa = v128.and(q6, low);
      const qc = v128.and(qOut, low);
      const qd = v128.and(i16x8.shr_u(qOut, 4), low);

      const a6 = v128.load(TABLES, 384);
      const b6 = v128.load(TABLES, 400);
      const c6 = v128.load(TABLES, 416);
      const d6 = v128.load(TABLES, 432);
      p6 = v128.xor(p5, look(a6, b6, c6, d6, pa, pb, pc, pd));
      q6 = v128.xor(q5, look(a6, b6, c6, d6, qa, qb, qc, qd));

      const a5 = v128.load(TABLES, 320);
      const b5 = v128.load(TABLES, 336);
      const c5 = v128.load(TABLES, 352);
      const d5 = v128.load(TABLES, 368);
      p5 = v128.xor(p4, look(a5, b5, c5, d5, pa, pb, pc, pd));
      q5 = v128.xor(q4, look(a5, b5, c5, d5, qa, qb, qc, qd));

      const a4 = v128.load(TABLES, 256);
      const b4 = v128.load(TABLES, 272);
      const c4 = v128.load(TABLES, 288);
      const d4 = v128.load(TABLES, 304);
      p4 = v128.xor(p3, look(a4, b4, c4, d4, pa, pb, pc, pd));
      q4 = v128.xor(q3, look(a4, b4, c4, d4, qa, qb, qc, qd));

      const a3 = v128.load(TABLES, 192);
      const b3 = v128.load(TABLES, 208);
      const c3 = v128.load(TABLES, 224);
      const d3 = v128.load(TABLES, 240);
      p3 = v128.xor(p2, look(a3, b3, c3, d3, pa, pb, pc, pd));
      q3 = v128.xor(q2, look(a3, b3, c3, d3, qa, qb, qc, qd));

      const a2 = v128.load(TABLES, 128);
      const b2 = v128.load(TABLES, 144);
      const c2 = v128.load(TABLES, 160);
      const d2 = v128.load(TABLES, 176);
      p2 = v128.xor(p1, look(a2, b2, c2, d2, pa, pb, pc, pd));
      q2 = v128.xor(q1, look(a2, b2, c2, d2, qa, qb, qc, qd));

      const a1 = v128.load(TABLES, 64);
      const b1 = v128.load(TABLES, 80);
      const c1 = v128.load(TABLES, 96);
      const d1 = v128.load(TABLES, 112);
      p1 = v128.xor(p0, look(a1, b1, c1, d1, pa, pb, pc, pd));
      q1 = v128.xor(q0, look(a1, b1, c1, d1, qa, qb, qc, qd));

      const a0 = v128.load(TABLES);
      const b0 = v128.load(TABLES, 16);
      const c0 = v128.load(TABLES, 32);
      const d0 = v128.load(TABLES, 48);
      p0 = v128.xor(v128.load(entering), look(a0, b0, c0, d0, pa, pb, pc, pd));
      q0 = v128.xor(v128.load(entering, 2048), look(a0, b0, c0, d0, qa, qb, qc, qd));

      const r0 = v128.load(REDUCE);
      const r1 = v128.load(REDUCE, 16);
      const r2 = v128.load(REDUCE, 32);
      pb = v128.and(i16x8.shr_u(p6, 4), low);
      pLeast = i8x16.min_u(pLeast, decisive(p0, p1, p2, r0, r1, r2, pb, low));
      qb = v128.and(i16x8.shr_u(q6, 4), low);
      qLeast = i8x16.min_u(qLeast, decisive(q0, q1, q2, r0, r1, r2, qb, low));
    }
    if (i8x16.all_true(i8x16.min_u(pLeast, qLeast)) || at < WINDOW_BYTES) continue;
    const upper = i8x16.bitmask(i8x16.eq(qLeast, zero)) << 16;
    const lanes = (i8x16.bitmask(i8x16.eq(pLeast, zero)) | upper) & wanted;
    if (lanes == 0) continue;
    // The lowest of these lanes has the first cut; lower ones may still find an earlier one.
    const lane = ctz(lanes);
    const before = <usize>lane * segment + at - WINDOW_BYTES;
    first = before + scan(start + before, STEPS);
    wanted = (1 << lane) - 1;
    if (wanted == 0) return first;
  }
  return first;
}

/** What both halves of the byte above the digest and of the byte that leaves add to a plane. */
@inline
function look(ta: v128, tb: v128, tc: v128, td: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  return v128.xor(
    v128.xor(i8x16.relaxed_swizzle(ta, a), i8x16.relaxed_swizzle(tb, b)),
    v128.xor(i8x16.relaxed_swizzle(tc, c), i8x16.relaxed_swizzle(td, d)),
  );
}

/** Zero where the lowest 20 bits of the reduced digest are. */
@inline
function decisive(
  p0: v128,
  p1: v128,
  p2: v128,
  r0: v128,
  r1: v128,
  r2: v128,
  above: v128,
  low: v128,
): v128 {
  const b0 = v128.xor(p0, i8x16.relaxed_swizzle(r0, above));
  const b1 = v128.xor(p1, i8x16.relaxed_swizzle(r1, above));
  const b2 = v128.xor(p2, i8x16.relaxed_swizzle(r2, above));
  return v128.or(v128.or(b0, b1), v128.and(b2, low));
}

/** Sixteen bytes of each lane become sixteen vectors, one for each position. */
function transpose(start: usize, segment: usize, target: usize): void {
  // Each of four rounds interleaves vector k with vector k + 8.
  let from = start;
  const s = segment;
  let a0 = v128.load(from);
  let a1 = v128.load((from += s));
  let a2 = v128.load((from += s));
  let a3 = v128.load((from += s));
  let a4 = v128.load((from += s));
  let a5 = v128.load((from += s));
  let a6 = v128.load((from += s));
  let a7 = v128.load((from += s));
  let a8 = v128.load((from += s));
  let a9 = v128.load((from += s));
  let aa = v128.load((from += s));
  let ab = v128.load((from += s));
  let ac = v128.load((from += s));
  let ad = v128.load((from += s));
  let ae = v128.load((from += s));
  let af = v128.load((from += s));
  for (let round = 0; round < 4; round += 1) {
    const b0 = zipLow(a0, a8);
    const b1 = zipHigh(a0, a8);
    const b2 = zipLow(a1, a9);
    const b3 = zipHigh(a1, a9);
    const b4 = zipLow(a2, aa);
    const b5 = zipHigh(a2, aa);
    const b6 = zipLow(a3, ab);
    const b7 = zipHigh(a3, ab);
    const b8 = zipLow(a4, ac);
    const b9 = zipHigh(a4, ac);
    const ba = zipLow(a5, ad);
    const bb = zipHigh(a5, ad);
    const bc = zipLow(a6, ae);
    const bd = zipHigh(a6, ae);
    const be = zipLow(a7, af);
    const bf = zipHigh(a7, af);
    a0 = b0;
    a1 = b1;
    a2 = b2;
    a3 = b3;
    a4 = b4;
    a5 = b5;
    a6 = b6;
    a7 = b7;
    a8 = b8;
    a9 = b9;
    aa = ba;
    ab = bb;
    ac = bc;
    ad = bd;
    ae = be;
    af = bf;
  }
  v128.store(target, a0);
  v128.store(target, a1, 16);
  v128.store(target, a2, 32);
  v128.store(target, a3, 48);
  v128.store(target, a4, 64);
  v128.store(target, a5, 80);
  v128.store(target, a6, 96);
  v128.store(target, a7, 112);
  v128.store(target, a8, 128);
  v128.store(target, a9, 144);
  v128.store(target, aa, 160);
  v128.store(target, ab, 176);
  v128.store(target, ac, 192);
  v128.store(target, ad, 208);
  v128.store(target, ae, 224);
  v128.store(target, af, 240);
}

@inline
function zipLow(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

@inline
function zipHigh(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
