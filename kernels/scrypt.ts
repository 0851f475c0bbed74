/**
 * scrypt's ROMix (RFC 7914 §5) of two lanes at once. A lane alone leaves the processor waiting, since each
 * step of Salsa20/8 needs the one before; a second lane between its steps costs little more.
 *
 * A block of 64 bytes, x0 to x15, is held as four vectors of its diagonals, so that the quarter rounds of all
 * columns or rows are one: (x0 x5 x10 x15) (x4 x9 x14 x3) (x8 x13 x2 x7) (x12 x1 x6 x11). Blocks come and go
 * in the bytes' own order.
 *
 * The host grows the memory, puts two lanes of 128·r bytes at `lanesOffset()`, mixes, and finds them there.
 * As RFC 7914 has it, the addresses that are read depend on the password. Twin: Node's own scrypt.
 */

/**
 * Where the host puts two lanes, one behind the other, and finds them mixed. From here on are used, for each
 * lane, itself, one more and a table of N, each of 128·r bytes.
 */
export function lanesOffset(): usize {
  return (__heap_base + 63) & ~63;
}

/**
 * Mixes both lanes in place.
 * @param cost N, a power of two from 2 on
 * @param blockSize r
 */
export function romix(cost: u32, blockSize: u32): void {
  const size: usize = 128 * <usize>blockSize;
  const a = lanesOffset();
  const b = a + size;
  const mixedA = b + size;
  const mixedB = mixedA + size;
  const tableA = mixedB + size;
  const tableB = tableA + <usize>cost * size;

  for (let at: usize = 0; at < size; at += 64) {
    toDiagonals(a + at, tableA + at);
    toDiagonals(b + at, tableB + at);
  }
  const end = <usize>(cost - 1) * size;
  for (let at: usize = 0; at < end; at += size) {
    blockMix(tableA + at, tableA + at + size, tableB + at, tableB + at + size, size);
  }
  blockMix(tableA + end, a, tableB + end, b, size);

  const mask = cost - 1;
  for (let i: u32 = 0; i < cost; i += 2) {
    let fromA = tableA + <usize>(load<u32>(a + size - 64) & mask) * size;
    let fromB = tableB + <usize>(load<u32>(b + size - 64) & mask) * size;
    blockMixXor(a, fromA, mixedA, b, fromB, mixedB, size);
    fromA = tableA + <usize>(load<u32>(mixedA + size - 64) & mask) * size;
    fromB = tableB + <usize>(load<u32>(mixedB + size - 64) & mask) * size;
    blockMixXor(mixedA, fromA, a, mixedB, fromB, b, size);
  }
  for (let at: usize = 0; at < size; at += 64) {
    fromDiagonals(a + at, mixedA);
    fromDiagonals(b + at, mixedA);
  }
}

function toDiagonals(from: usize, to: usize): void {
  for (let i: usize = 0; i < 16; i += 1) store<u32>(to + 4 * i, load<u32>(from + 4 * ((i * 5) & 15)));
}

/** In place, by way of 64 spare bytes. */
function fromDiagonals(block: usize, spare: usize): void {
  memory.copy(spare, block, 64);
  for (let i: usize = 0; i < 16; i += 1) store<u32>(block + 4 * ((i * 5) & 15), load<u32>(spare + 4 * i));
}

/**
 * BlockMix (RFC 7914 §4) of a block of each lane: even outputs to the front half, odd ones behind. A function
 * of its own, so that the runtime replaces its first, slow code after some calls.
 */
function blockMix(inA: usize, outA: usize, inB: usize, outB: usize, size: usize): void {
  mix(inA, 0, outA, inB, 0, outB, size, false);
}

/** BlockMix of the exclusive or of two blocks of each lane. */
function blockMixXor(
  inA: usize,
  xorA: usize,
  outA: usize,
  inB: usize,
  xorB: usize,
  outB: usize,
  size: usize,
): void {
  mix(inA, xorA, outA, inB, xorB, outB, size, true);
}

@inline
function word(from: usize, other: usize, part: usize, both: bool): v128 {
  return both
    ? v128.xor(v128.load(from + part), v128.load(other + part))
    : v128.load(from + part);
}

@inline
function turn(x: v128, sum: v128, by: i32): v128 {
  return v128.xor(v128.xor(x, i32x4.shl(sum, by)), i32x4.shr_u(sum, 32 - by));
}

@inline
function left1(x: v128): v128 {
  return i32x4.shuffle(x, x, 3, 0, 1, 2);
}

@inline
function left2(x: v128): v128 {
  return i32x4.shuffle(x, x, 2, 3, 0, 1);
}

@inline
function left3(x: v128): v128 {
  return i32x4.shuffle(x, x, 1, 2, 3, 0);
}

@inline
function mix(
  inA: usize, xorA: usize, outA: usize,
  inB: usize, xorB: usize, outB: usize,
  size: usize, both: bool,
): void {
  const last = size - 64;
  const half = size >> 1;
  let a0 = word(inA + last, xorA + last, 0, both);
  let a1 = word(inA + last, xorA + last, 16, both);
  let a2 = word(inA + last, xorA + last, 32, both);
  let a3 = word(inA + last, xorA + last, 48, both);
  let b0 = word(inB + last, xorB + last, 0, both);
  let b1 = word(inB + last, xorB + last, 16, both);
  let b2 = word(inB + last, xorB + last, 32, both);
  let b3 = word(inB + last, xorB + last, 48, both);
  let to: usize = 0;
  for (let at: usize = 0; at < size; at += 64) {
    a0 = v128.xor(a0, word(inA + at, xorA + at, 0, both));
    b0 = v128.xor(b0, word(inB + at, xorB + at, 0, both));
    a1 = v128.xor(a1, word(inA + at, xorA + at, 16, both));
    b1 = v128.xor(b1, word(inB + at, xorB + at, 16, both));
    a2 = v128.xor(a2, word(inA + at, xorA + at, 32, both));
    b2 = v128.xor(b2, word(inB + at, xorB + at, 32, both));
    a3 = v128.xor(a3, word(inA + at, xorA + at, 48, both));
    b3 = v128.xor(b3, word(inB + at, xorB + at, 48, both));
    // Salsa20/8 adds its input at the end; the input waits where the output goes.
    const pA = outA + to;
    const pB = outB + to;
    v128.store(pA, a0, 0); v128.store(pA, a1, 16); v128.store(pA, a2, 32); v128.store(pA, a3, 48);
    v128.store(pB, b0, 0); v128.store(pB, b1, 16); v128.store(pB, b2, 32); v128.store(pB, b3, 48);
    for (let round = 0; round < 4; round += 1) {
      let s: v128, t: v128;
      s = i32x4.add(a0, a3); t = i32x4.add(b0, b3);
      a1 = turn(a1, s, 7); b1 = turn(b1, t, 7);
      s = i32x4.add(a1, a0); t = i32x4.add(b1, b0);
      a2 = turn(a2, s, 9); b2 = turn(b2, t, 9);
      s = i32x4.add(a2, a1); t = i32x4.add(b2, b1);
      a3 = turn(a3, s, 13); b3 = turn(b3, t, 13);
      s = i32x4.add(a3, a2); t = i32x4.add(b3, b2);
      a0 = turn(a0, s, 18); b0 = turn(b0, t, 18);
      a1 = left1(a1); b1 = left1(b1);
      a2 = left2(a2); b2 = left2(b2);
      a3 = left3(a3); b3 = left3(b3);
      s = i32x4.add(a0, a1); t = i32x4.add(b0, b1);
      a3 = turn(a3, s, 7); b3 = turn(b3, t, 7);
      s = i32x4.add(a3, a0); t = i32x4.add(b3, b0);
      a2 = turn(a2, s, 9); b2 = turn(b2, t, 9);
      s = i32x4.add(a2, a3); t = i32x4.add(b2, b3);
      a1 = turn(a1, s, 13); b1 = turn(b1, t, 13);
      s = i32x4.add(a1, a2); t = i32x4.add(b1, b2);
      a0 = turn(a0, s, 18); b0 = turn(b0, t, 18);
      a1 = left3(a1); b1 = left3(b1);
      a2 = left2(a2); b2 = left2(b2);
      a3 = left1(a3); b3 = left1(b3);
    }
    a0 = i32x4.add(a0, v128.load(pA, 0)); b0 = i32x4.add(b0, v128.load(pB, 0));
    a1 = i32x4.add(a1, v128.load(pA, 16)); b1 = i32x4.add(b1, v128.load(pB, 16));
    a2 = i32x4.add(a2, v128.load(pA, 32)); b2 = i32x4.add(b2, v128.load(pB, 32));
    a3 = i32x4.add(a3, v128.load(pA, 48)); b3 = i32x4.add(b3, v128.load(pB, 48));
    v128.store(pA, a0, 0); v128.store(pA, a1, 16); v128.store(pA, a2, 32); v128.store(pA, a3, 48);
    v128.store(pB, b0, 0); v128.store(pB, b1, 16); v128.store(pB, b2, 32); v128.store(pB, b3, 48);
    // 0, half, 64, half + 64, …
    to = to < half ? to + half : to - half + 64;
  }
}
