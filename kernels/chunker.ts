/**
 * Where a block's Rabin fingerprint says cut.
 *
 * Past a chunk's minimum size the fingerprint depends on the last 64 bytes only, so a block is cut into
 * four segments that run side by side, each warmed up with the 64 bytes before it; the processor works
 * on four short dependency chains instead of waiting for one.
 *
 * The byte that leaves the window is taken out after the shift (`OUT` holds its share one byte on), off
 * the chain from one digest to the next: the maps are linear, so the digests are restic's.
 *
 * Twins: test/support/chunker.ts, slow-chunker.ts. Source: github.com/restic/chunker.
 */

import { blockOffset, WINDOW_BYTES } from './memory';

export const DEGREE: u64 = 53;
const SPLIT_MASK: u64 = (1 << 20) - 1;
/** Below this a block is scanned in one run: warming up four would cost more. */
const LANES_FROM: usize = 2048;

/** For each byte: its share of the digest 64 bytes later. */
const OUT = memory.data(2048, 16);
/** For each byte above the degree: what clears it and adds its remainder. */
const MOD = memory.data(2048, 16);

/** Fills the tables for a polynomial of degree 53. */
export function chunkerTables(polynomial: u64): void {
  for (let byte: u64 = 0; byte < 256; byte += 1) {
    const above = byte << DEGREE;
    store<u64>(MOD + (<usize>byte << 3), remainder(above, polynomial) | above);
  }
  for (let byte: u64 = 0; byte < 256; byte += 1) {
    store<u64>(OUT + (<usize>byte << 3), afterWindow(byte));
  }
}

/** A byte's share of the digest 64 bytes later. */
export function afterWindow(byte: u64): u64 {
  let digest = byte; // below the degree, hence its own remainder
  for (let i: usize = 0; i < WINDOW_BYTES; i += 1) digest = append(digest, 0);
  return digest;
}

/**
 * Scans the block; the 64 bytes in front of it are what came before.
 * @returns bytes up to and including the first cut, or 0
 */
export function chunkerScan(size: usize): usize {
  const block = blockOffset();
  if (size < LANES_FROM) return scan(block, size);
  const segment = size >> 2;
  const hit = scanFour(block, segment);
  if (hit != 0) return hit;
  const scanned = segment << 2;
  if (scanned == size) return 0;
  const rest = scan(block + scanned, size - scanned);
  return rest == 0 ? 0 : scanned + rest;
}

/** Scans any bytes with 64 in front of them, in one run; returns as {@link chunkerScan}. */
export function scan(start: usize, size: usize): usize {
  let digest = warmUp(start);
  for (let i: usize = 0; i < size; i += 1) {
    digest = slide(digest, start + i);
    if ((digest & SPLIT_MASK) == 0) return i + 1;
  }
  return 0;
}

function scanFour(start: usize, segment: usize): usize {
  const second = start + segment;
  const third = second + segment;
  const fourth = third + segment;
  let a = warmUp(start);
  let b = warmUp(second);
  let c = warmUp(third);
  let d = warmUp(fourth);
  let first: usize = usize.MAX_VALUE;
  for (let i: usize = 0; i < segment; i += 1) {
    a = slide(a, start + i);
    b = slide(b, second + i);
    c = slide(c, third + i);
    d = slide(d, fourth + i);
    if ((a & SPLIT_MASK) == 0) return i + 1; // nothing can come before it
    if ((b & SPLIT_MASK) == 0) first = min(first, segment + i);
    if ((c & SPLIT_MASK) == 0) first = min(first, 2 * segment + i);
    if ((d & SPLIT_MASK) == 0) first = min(first, 3 * segment + i);
  }
  return first + 1; // no hit: wraps round to 0
}

/** Digest of the 64 bytes before `start`. */
function warmUp(start: usize): u64 {
  let digest: u64 = 0;
  for (let at = start - WINDOW_BYTES; at < start; at += 1) digest = append(digest, load<u8>(at));
  return digest;
}

@inline
function append(digest: u64, byte: u64): u64 {
  return ((digest << 8) | byte) ^ load<u64>(MOD + (<usize>(digest >> (DEGREE - 8)) << 3));
}

/** Takes in the byte at `at`, and out the one 64 before it. */
@inline
function slide(digest: u64, at: usize): u64 {
  return append(digest, load<u8>(at)) ^ load<u64>(OUT + (<usize>load<u8>(at - WINDOW_BYTES) << 3));
}

/** The remainder of a polynomial of degree 63 at most. */
export function remainder(value: u64, polynomial: u64): u64 {
  let rest = value;
  for (let shift: i64 = 63 - <i64>DEGREE; shift >= 0; shift -= 1) {
    if ((rest & (1 << (<u64>shift + DEGREE))) != 0) rest ^= polynomial << <u64>shift;
  }
  return rest;
}
