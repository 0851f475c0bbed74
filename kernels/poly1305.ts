/**
 * Poly1305 (RFC 8439 §2.5) in five limbs of 26 bits, whose products and sums stay below 64 bits.
 *
 * The host copies the key, starts, hands the message over in blocks, finishes, and takes the tag from
 * where the key lay. No branch and no address depends on the key or the message. Twin:
 * test/support/poly1305.ts.
 */

import { blockOffset } from './memory';

const LIMB: u64 = 0x3ffffff;
const KEY = memory.data(32, 16);

export let r0: u64 = 0;
export let r1: u64 = 0;
export let r2: u64 = 0;
export let r3: u64 = 0;
export let r4: u64 = 0;
export let h0: u64 = 0;
export let h1: u64 = 0;
export let h2: u64 = 0;
export let h3: u64 = 0;
export let h4: u64 = 0;

/** Where the host puts `r` and `s`, and finds the tag. */
export function poly1305KeyOffset(): usize {
  return KEY;
}

/** Takes the clamped `r` from the key. */
export function poly1305Start(): void {
  const low = load<u64>(KEY) & 0x0ffffffc0fffffff;
  const high = load<u64>(KEY + 8) & 0x0ffffffc0ffffffc;
  r0 = low & LIMB;
  r1 = (low >> 26) & LIMB;
  r2 = ((low >> 52) | (high << 12)) & LIMB;
  r3 = (high >> 14) & LIMB;
  r4 = high >> 40;
  h0 = 0;
  h1 = 0;
  h2 = 0;
  h3 = 0;
  h4 = 0;
}

/** Takes in the block's first bytes: a multiple of 16, or what is left of the message. */
export function poly1305Update(size: usize): void {
  const block = blockOffset();
  const whole = size & ~15;
  absorb(block, whole, 1 << 24);
  const left = size - whole;
  if (left == 0) return;
  memory.fill(block + size, 0, 16 - left);
  store<u8>(block + size, 1);
  absorb(block + whole, 16, 0);
}

/** Writes the tag over the key's first half, and forgets the rest. */
export function poly1305Finish(): void {
  let carry = h1 >> 26;
  h1 &= LIMB;
  h2 += carry;
  carry = h2 >> 26;
  h2 &= LIMB;
  h3 += carry;
  carry = h3 >> 26;
  h3 &= LIMB;
  h4 += carry;
  carry = h4 >> 26;
  h4 &= LIMB;
  h0 += carry * 5;
  carry = h0 >> 26;
  h0 &= LIMB;
  h1 += carry;

  // g = h - (2^130 - 5); its top bit tells whether h was smaller.
  let g0 = h0 + 5;
  carry = g0 >> 26;
  g0 &= LIMB;
  let g1 = h1 + carry;
  carry = g1 >> 26;
  g1 &= LIMB;
  let g2 = h2 + carry;
  carry = g2 >> 26;
  g2 &= LIMB;
  let g3 = h3 + carry;
  carry = g3 >> 26;
  g3 &= LIMB;
  const g4 = h4 + carry - (1 << 26);
  const keepH = <u64>(<i64>g4 >> 63);
  const f0 = (h0 & keepH) | (g0 & ~keepH);
  const f1 = (h1 & keepH) | (g1 & ~keepH);
  const f2 = (h2 & keepH) | (g2 & ~keepH);
  const f3 = (h3 & keepH) | (g3 & ~keepH);
  const f4 = (h4 & keepH) | (g4 & ~keepH);

  const low = f0 | (f1 << 26) | (f2 << 52);
  const high = (f2 >> 12) | (f3 << 14) | (f4 << 40);
  const tagLow = low + load<u64>(KEY + 16);
  const over = <u64>(tagLow < low);
  store<u64>(KEY, tagLow);
  store<u64>(KEY + 8, high + load<u64>(KEY + 24) + over);

  memory.fill(KEY + 16, 0, 16);
  r0 = 0;
  r1 = 0;
  r2 = 0;
  r3 = 0;
  r4 = 0;
  h0 = 0;
  h1 = 0;
  h2 = 0;
  h3 = 0;
  h4 = 0;
}

/** Puts the five limbs of r² at `target`, 40 bytes. */
export function squareOfR(target: usize): void {
  const k0 = h0;
  const k1 = h1;
  const k2 = h2;
  const k3 = h3;
  const k4 = h4;
  setSum(r0, r1, r2, r3, r4);
  memory.fill(target, 0, 16);
  absorb(target, 16, 0);
  store<u64>(target, h0);
  store<u64>(target, h1, 8);
  store<u64>(target, h2, 16);
  store<u64>(target, h3, 24);
  store<u64>(target, h4, 32);
  setSum(k0, k1, k2, k3, k4);
}

/** What was taken in so far: limbs of 26 bits, the second perhaps a little larger. */
export function setSum(a0: u64, a1: u64, a2: u64, a3: u64, a4: u64): void {
  h0 = a0;
  h1 = a1;
  h2 = a2;
  h3 = a3;
  h4 = a4;
}

/** Takes in blocks of 16 bytes, each with this bit above it in the last limb. */
export function absorb(start: usize, size: usize, top: u64): void {
  const s1 = r1 * 5;
  const s2 = r2 * 5;
  const s3 = r3 * 5;
  const s4 = r4 * 5;
  let a0 = h0;
  let a1 = h1;
  let a2 = h2;
  let a3 = h3;
  let a4 = h4;
  const end = start + size;
  for (let at = start; at < end; at += 16) {
    const low = load<u64>(at);
    const high = load<u64>(at, 8);
    a0 += low & LIMB;
    a1 += (low >> 26) & LIMB;
    a2 += ((low >> 52) | (high << 12)) & LIMB;
    a3 += (high >> 14) & LIMB;
    a4 += (high >> 40) | top;

    const d0 = a0 * r0 + a1 * s4 + a2 * s3 + a3 * s2 + a4 * s1;
    let d1 = a0 * r1 + a1 * r0 + a2 * s4 + a3 * s3 + a4 * s2;
    let d2 = a0 * r2 + a1 * r1 + a2 * r0 + a3 * s4 + a4 * s3;
    let d3 = a0 * r3 + a1 * r2 + a2 * r1 + a3 * r0 + a4 * s4;
    let d4 = a0 * r4 + a1 * r3 + a2 * r2 + a3 * r1 + a4 * r0;

    d1 += d0 >> 26;
    d2 += d1 >> 26;
    d3 += d2 >> 26;
    d4 += d3 >> 26;
    a0 = (d0 & LIMB) + (d4 >> 26) * 5;
    a1 = (d1 & LIMB) + (a0 >> 26);
    a0 &= LIMB;
    a2 = d2 & LIMB;
    a3 = d3 & LIMB;
    a4 = d4 & LIMB;
  }
  h0 = a0;
  h1 = a1;
  h2 = a2;
  h3 = a3;
  h4 = a4;
}
