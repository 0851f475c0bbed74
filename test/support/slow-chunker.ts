/** The chunker as its definition reads: one polynomial remainder a byte. The oracle for the fast one. */

import { modulo, type Polynomial } from '../../src/repository/polynomial.ts';

const windowBytes = 64;
const minBytes = 512 * 1024;
const maxBytes = 8 * 1024 * 1024;
const splitMask = (1n << 20n) - 1n;

/** Sizes of the chunks of one file. */
export function chunkSlowly(data: Uint8Array, polynomial: Polynomial): number[] {
  const sizes: number[] = [];
  let start = 0;
  while (start < data.length) {
    const size = nextChunk(data.subarray(start), polynomial);
    sizes.push(size);
    start += size;
  }
  return sizes;
}

/** Before the minimum no cut counts, and after 64 bytes the digest depends on the last 64 alone. */
function nextChunk(data: Uint8Array, polynomial: Polynomial): number {
  if (data.length <= minBytes) return data.length;
  let window = Array.from(data.subarray(minBytes - windowBytes, minBytes));
  let digest = fingerprint(window, polynomial);
  const leaving = powerOfByte(windowBytes, polynomial);
  for (let size = minBytes; size < data.length; size += 1) {
    if ((digest & splitMask) === 0n || size >= maxBytes) return size;
    const out = BigInt(window[0] ?? 0);
    const next = data[size] ?? 0;
    window = [...window.slice(1), next];
    digest = modulo((digest << 8n) ^ BigInt(next) ^ multiply(out, leaving), polynomial);
  }
  return data.length;
}

function fingerprint(bytes: readonly number[], polynomial: Polynomial): Polynomial {
  return bytes.reduce((digest, byte) => modulo((digest << 8n) ^ BigInt(byte), polynomial), 0n);
}

function powerOfByte(count: number, polynomial: Polynomial): Polynomial {
  let power = 1n;
  for (let i = 0; i < count; i += 1) power = modulo(power << 8n, polynomial);
  return power;
}

function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let i = 0n; a >> i > 0n; i += 1n) if (((a >> i) & 1n) === 1n) product ^= b << i;
  return product;
}
