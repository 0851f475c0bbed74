/**
 * How evenly the values of bytes are spread: the sum of the squares of their counts. Four tables take
 * turns, so that equal neighbours do not wait for each other. Twin: test/support/histogram.ts.
 */

import { blockOffset } from './memory';

const COUNTS = memory.data(4096, 16); // 4 tables of 256 u32
const TABLE: usize = 1024;

export function histogramStart(): void {
  memory.fill(COUNTS, 0, 4 * TABLE);
}

/** Counts the bytes at the front of the block. */
export function histogramUpdate(size: usize): void {
  const block = blockOffset();
  let at: usize = 0;
  for (; at + 4 <= size; at += 4) {
    const four = load<u32>(block + at);
    count(0, four & 0xff);
    count(TABLE, (four >> 8) & 0xff);
    count(2 * TABLE, (four >> 16) & 0xff);
    count(3 * TABLE, four >> 24);
  }
  for (; at < size; at += 1) count(0, load<u8>(block + at));
}

/** Exact for less than 4 GiB. */
export function histogramSquares(): f64 {
  let sum: u64 = 0;
  for (let at: usize = COUNTS; at < COUNTS + TABLE; at += 4) {
    const all: u64 =
      load<u32>(at) + load<u32>(at, 1024) + load<u32>(at, 2048) + load<u32>(at, 3072);
    sum += all * all;
  }
  return <f64>sum;
}

@inline
function count(table: usize, byte: u32): void {
  const at = COUNTS + table + (<usize>byte << 2);
  store<u32>(at, load<u32>(at) + 1);
}
