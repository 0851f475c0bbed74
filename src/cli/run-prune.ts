/** Runs a prune and tells what it does: the plan first, then how far it is, then what came of it. */

import { SealiftError } from '../base/errors.ts';
import { formatSize } from '../base/units.ts';
import type { OpenRepository } from '../engine/open.ts';
import { type PruneOutcome, type PruneProgress, prune } from '../engine/prune.ts';
import type { PruneAmount, PruneCounts, PruneLimits } from '../engine/prune-plan.ts';
import type { Context } from './context.ts';
import { Throttle } from './progress.ts';
import { compressionOf, packSizeOf } from './seal-options.ts';
import type { TextKey } from './texts/en.ts';

export interface PruneRun {
  readonly limits: PruneLimits;
  readonly dryRun: boolean;
  /** Ids that count as forgotten already. */
  readonly withoutSnapshots?: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** @throws SealiftError 'prune/incomplete' when packs stayed that could go; what `prune` throws */
export async function runPrune(
  context: Context,
  repository: OpenRepository,
  { limits, dryRun, withoutSnapshots, signal }: PruneRun,
): Promise<PruneCounts> {
  const { out, say } = context;
  const outcome = await prune(
    repository,
    {
      limits,
      compression: compressionOf(context),
      packSizeBytes: packSizeOf(context),
      dryRun,
      ...(withoutSnapshots === undefined ? {} : { withoutSnapshots }),
      onPlan: (counts) => printPlan(context, counts, dryRun),
      onProgress: progressPrinter(context),
    },
    signal,
  );
  out.status([]);
  const { counts } = outcome;
  if (dryRun) out.info(say('prune.dryRun'));
  else if (packsToGo(counts) === 0) out.info(say('prune.nothing'));
  else printDone(context, outcome);
  return counts;
}

function progressPrinter({ out, say }: Context): (progress: PruneProgress) => void {
  const throttle = new Throttle(100);
  const texts = {
    index: 'progress.loadIndex',
    references: 'prune.readingTrees',
    repack: 'prune.repacking',
    rewriteIndex: 'prune.rewritingIndex',
    remove: 'prune.removing',
  } as const satisfies Record<PruneProgress['step'], TextKey>;
  return ({ step, done, total }) => {
    if (throttle.due()) out.status([say(texts[step], { done, total: total ?? '' })]);
  };
}

function packsToGo({ packs }: PruneCounts): number {
  return packs.removed + packs.repacked + packs.unindexed + packs.missing;
}

function printPlan({ out, say }: Context, counts: PruneCounts, dryRun: boolean): void {
  out.status([]);
  const { used, duplicate, unused, repacked, repackRemoved, removed, packs } = counts;
  const line = (key: TextKey, { blobs, bytes }: PruneAmount): string =>
    say(key, { blobs, size: formatSize(bytes) });
  for (const text of [
    line('prune.used', used),
    line('prune.duplicate', duplicate),
    line('prune.unused', unused),
    say('prune.packs', { ...packs }),
  ]) {
    out.detail(text);
  }
  if (packsToGo(counts) === 0 && !dryRun) return;
  const totals = totalsOf(counts);
  out.info(line('prune.toRepack', repacked));
  out.info(line('prune.repackRemoves', repackRemoved));
  out.info(line('prune.toRemove', { ...removed, bytes: removed.bytes + counts.unindexedBytes }));
  out.info(line('prune.total', totals.removed));
  // Sealift leaves what does not compress as it is, so this is no fault.
  if (counts.uncompressedBytes > 0) {
    out.detail(say('prune.uncompressed', { size: formatSize(counts.uncompressedBytes) }));
  }
  out.info(line('prune.remaining', totals.remaining));
  const { unusedBytes } = totals;
  const share = (100 * unusedBytes) / Math.max(1, totals.remaining.bytes);
  const values = { size: formatSize(unusedBytes), percent: share.toFixed(2) };
  out.info(say('prune.unusedAfter', values));
}

interface PruneTotals {
  readonly removed: PruneAmount;
  readonly remaining: PruneAmount;
  /** Of the remaining ones, what is not in use. */
  readonly unusedBytes: number;
}

function totalsOf(counts: PruneCounts): PruneTotals {
  const { used, duplicate, unused, repackRemoved, removed, unindexedBytes } = counts;
  const gone = {
    blobs: removed.blobs + repackRemoved.blobs,
    bytes: removed.bytes + repackRemoved.bytes + unindexedBytes,
  };
  const bytes = used.bytes + duplicate.bytes + unused.bytes + unindexedBytes;
  return {
    removed: gone,
    remaining: {
      blobs: used.blobs + duplicate.blobs + unused.blobs - gone.blobs,
      bytes: bytes - gone.bytes,
    },
    unusedBytes: duplicate.bytes + unused.bytes - removed.bytes - repackRemoved.bytes,
  };
}

function printDone(context: Context, { counts, failed }: PruneOutcome): void {
  const { out, say } = context;
  const { removed, repacked, unindexed } = counts.packs;
  const count = removed + repacked + unindexed - failed.length;
  const { bytes } = totalsOf(counts).removed;
  if (failed.length === 0) {
    out.info(say('prune.done', { count, size: formatSize(bytes) }));
    return;
  }
  for (const { pack, error } of failed) {
    const id = pack.slice(0, 8);
    out.warn(say('prune.failed', { id, message: context.explain(error) }));
  }
  throw new SealiftError(
    'prune/incomplete',
    `${failed.length} packs that nothing refers to could not be removed; ${count} were`,
    { fields: { count: failed.length, removed: count } },
  );
}

/** The one JSON document of `prune`; sizes in bytes. */
export function pruneSummary(counts: PruneCounts, dryRun: boolean): Record<string, unknown> {
  const { removed, remaining, unusedBytes } = totalsOf(counts);
  return {
    message_type: 'summary',
    dry_run: dryRun,
    used: counts.used,
    duplicate: counts.duplicate,
    unused: counts.unused,
    repacked: counts.repacked,
    repack_removed: counts.repackRemoved,
    removed: counts.removed,
    unindexed_bytes: counts.unindexedBytes,
    uncompressed_bytes: counts.uncompressedBytes,
    total_removed: removed,
    remaining,
    unused_bytes_after: unusedBytes,
    packs: counts.packs,
  };
}
