/**
 * The chunker step by step as restic's code goes (github.com/restic/chunker, chunker.go): window ring,
 * skipped start and initial 1 included. The oracle for what the kernel and slow-chunker.ts take for
 * granted, namely that at each place that counts the digest depends on the last 64 bytes alone.
 */

import { modulo, type Polynomial } from '../../src/repository/polynomial.ts';

const windowBytes = 64;
const minBytes = 512 * 1024;
const maxBytes = 8 * 1024 * 1024;
const splitMask = (1n << 20n) - 1n;

/** Sizes of the chunks of one file. */
export function chunkAsWritten(data: Uint8Array, polynomial: Polynomial): number[] {
  const { out, mod } = tables(polynomial);
  const sizes: number[] = [];
  let window = new Uint8Array(windowBytes);
  let windowAt = 0;
  let digest = 0n;
  let count = 0;
  const slide = (byte: number): void => {
    digest ^= out[window[windowAt] ?? 0] ?? 0n;
    window[windowAt] = byte;
    windowAt = (windowAt + 1) % windowBytes;
    digest = ((digest << 8n) | BigInt(byte)) ^ (mod[Number(digest >> 45n)] ?? 0n);
  };
  const reset = (): void => {
    window = new Uint8Array(windowBytes);
    windowAt = 0;
    digest = 0n;
    count = 0;
    slide(1);
  };
  reset();
  for (const byte of data) {
    count += 1;
    if (count <= minBytes - windowBytes) continue;
    slide(byte);
    if (((digest & splitMask) === 0n || count >= maxBytes) && count >= minBytes) {
      sizes.push(count);
      reset();
    }
  }
  return count > 0 ? [...sizes, count] : sizes;
}

function tables(polynomial: Polynomial): { out: bigint[]; mod: bigint[] } {
  const out: bigint[] = [];
  const mod: bigint[] = [];
  for (let byte = 0n; byte < 256n; byte += 1n) {
    out.push(modulo(byte << BigInt(8 * (windowBytes - 1)), polynomial));
    mod.push(modulo(byte << 53n, polynomial) | (byte << 53n));
  }
  return { out, mod };
}
