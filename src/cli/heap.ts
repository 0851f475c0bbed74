/** Keeps the memory of long jobs small. */

import { setFlagsFromString } from 'node:v8';

/**
 * V8 lets its young generation grow to 48 MiB and more, for each thread, although nearly all objects of
 * a walk die at once. Held at its first size, a backup of 200,000 files peaks 45 MiB lower and takes
 * no longer (bench/memory.bench.ts). To be called before much is allocated.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--max-semi-space-size=1');
}
