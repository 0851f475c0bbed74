/** How long a comparison will take and how much room it needs, roughly; pure. */

import { expectedSize } from './data-sets.ts';
import type { Options } from './options.ts';

/** Seconds of two cores that one program takes for all jobs of a round, for each 10^9 bytes. */
const secondsPerGigabyte = 13;
/** And for each 1000 files, read, compared, restored, verified and removed. */
const secondsPerThousandFiles = 0.35;
/** Deriving the key from the password at the start of each of some ten commands. */
const secondsPerProgram = 6;
/** Programs that stay after the first round: Sealift, a restic and perhaps one more. */
const contenders = 3;
const coresMeasured = 2;

/** Content by which a repository grows when 1 % changes, since a chunk is stored anew for a byte of it. */
const growth = 0.1;
/** Folders, caches and compiled code. */
const overhead = 1.02;

/**
 * What exists at one time, in copies of the data: the data, a restored copy and a repository for each
 * program. The local ones are gone before two of the programs get theirs in the vault, a profile is of
 * one program, and what a prune packs anew takes less than the restored copy that is gone by then.
 */
function copiesAtOnce(programs: number): number {
  return 2 + programs * (1 + growth);
}

export interface Estimate {
  readonly minutes: number;
  readonly bytes: number;
}

export function estimate(
  { sets, rounds, scale, https }: Pick<Options, 'sets' | 'rounds' | 'scale' | 'https'>,
  { programs, cores }: { readonly programs: number; readonly cores: number },
): Estimate {
  let seconds = 60;
  let bytes = 0;
  for (const set of sets) {
    const size = expectedSize(set, scale);
    const once =
      (size.bytes / 1e9) * secondsPerGigabyte +
      (size.files / 1000) * secondsPerThousandFiles +
      secondsPerProgram;
    const runs = programs + (rounds - 1) * Math.min(programs, contenders) + (https ? rounds : 0);
    seconds += once * runs * Math.min(1, coresMeasured / cores);
    const copies = copiesAtOnce(programs);
    // A small file takes a block of its own.
    bytes = Math.max(bytes, copies * (size.bytes + size.files * 4096) * overhead);
  }
  return { minutes: seconds / 60, bytes };
}
