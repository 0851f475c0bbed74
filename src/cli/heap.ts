/** Keeps the memory of jobs and servers small. */

import { setFlagsFromString } from 'node:v8';

/**
 * The first limit that the launchers give the heap is for the main thread, through which uploads and
 * downloads go: threads that start later begin with V8's own, or each would gather as much again.
 *
 * V8 lets its young generation grow to 48 MiB and more, for each thread, although nearly all objects of
 * a walk die at once. Held at its first size, a backup of 200,000 files peaks 45 MiB lower and takes
 * no longer (bench/memory.bench.ts). TLS hands over 16 KiB at a time, each with an object in the young
 * generation that keeps it: collected late, they make V8 collect everything, for want of memory outside of
 * the heap. A vault takes 1 GiB in with half of the processor time. To be called before much is allocated.
 */
export function keepHeapsSmall(): void {
  setFlagsFromString('--initial-old-space-size=0');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--max-semi-space-size=1');
}
