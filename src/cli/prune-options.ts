/** The options of `prune`, which `forget --prune` takes too. */

import type { Command } from 'commander';
import { parseSize } from '../base/units.ts';
import { type PruneLimits, parseMaxUnused } from '../engine/prune-plan.ts';
import type { Context } from './context.ts';
import { usageError } from './global-options.ts';
import { compressionOf, packSizeOf } from './seal-options.ts';

export interface PruneFlags {
  readonly maxUnused: string;
  readonly maxRepackSize?: number;
  readonly repackCacheableOnly?: boolean;
  readonly repackSmall?: boolean;
  readonly repackSmallerThan?: number;
  readonly repackUncompressed?: boolean;
}

export function addPruneOptions(command: Command): Command {
  return command
    .option('--max-unused <limit>', "unused data that may stay: 5%, 200M or 'unlimited'", '5%')
    .option(
      '--max-repack-size <size>',
      'write anew at most so much',
      sizeParser('--max-repack-size'),
    )
    .option('--repack-cacheable-only', 'write anew only packs of trees')
    .option('--repack-small', 'write anew packs below 80 % of the target size')
    .option(
      '--repack-smaller-than <size>',
      'write anew packs below this size',
      sizeParser('--repack-smaller-than'),
    )
    .option('--repack-uncompressed', 'write anew packs with data that is not compressed');
}

/** Of the target size, below which `--repack-small` calls a pack small. */
const smallShare = 0.8;

/** @throws SealiftError `usage/invalid` */
export function pruneLimits(context: Context, flags: PruneFlags): PruneLimits {
  const { repackSmall, repackSmallerThan, repackUncompressed } = flags;
  const packSizeBytes = packSizeOf(context);
  if (repackUncompressed && compressionOf(context) === 'off') {
    throw usageError('--repack-uncompressed and --compression off exclude each other');
  }
  if (repackSmallerThan !== undefined && repackSmallerThan > packSizeBytes) {
    throw usageError('--repack-smaller-than is more than the target size of packs (--pack-size)');
  }
  return {
    maxUnusedBytes: parseMaxUnused(flags.maxUnused),
    maxRepackBytes: flags.maxRepackSize,
    cacheableOnly: flags.repackCacheableOnly,
    smallerThanBytes: repackSmallerThan ?? (repackSmall ? packSizeBytes * smallShare : undefined),
    uncompressed: repackUncompressed,
  };
}

function sizeParser(option: string): (text: string) => number {
  return (text) => {
    const bytes = parseSize(text);
    if (bytes === undefined) throw usageError(`${option} takes a size such as 200M, not '${text}'`);
    return bytes;
  };
}
