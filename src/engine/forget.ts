/**
 * Forgetting snapshots: first a plan (which stay, which go, and why), then its removal. What the
 * snapshots referred to stays in the packs until `prune.ts` takes it away.
 */

import { isSealiftError, SealiftError } from '../base/errors.ts';
import type { OpenRepository } from './open.ts';
import { forEachParallel } from './parallel.ts';
import {
  applyRetention,
  isEmptyPolicy,
  type RetentionPolicy,
  type RetentionResult,
} from './retention.ts';
import {
  type FoundSnapshot,
  type GroupCriterion,
  groupSnapshots,
  type SnapshotGroup,
} from './snapshots.ts';
import { removeUnpacked } from './unpacked.ts';

export interface ForgetGroup extends RetentionResult {
  readonly key: Pick<SnapshotGroup, 'host' | 'paths' | 'tags'>;
}

export interface ForgetOptions {
  readonly policy: RetentionPolicy;
  readonly groupBy: readonly GroupCriterion[];
  /** True when no filter narrows the snapshots down, so that an empty policy would mean all. */
  readonly isUnfiltered: boolean;
  /** Allows an empty policy, and a group of which nothing stays. */
  readonly allowRemoveAll: boolean;
  readonly nowNs: bigint;
}

/**
 * Applies the policy to each group on its own.
 * @throws SealiftError 'usage/invalid' for an empty policy, 'forget/refused' when nothing of a group
 *   would stay; both unless `allowRemoveAll`
 */
export function planForget(
  snapshots: readonly FoundSnapshot[],
  options: ForgetOptions,
): ForgetGroup[] {
  const { policy, allowRemoveAll } = options;
  const isEmpty = isEmptyPolicy(policy);
  if (isEmpty) refuseEmptyPolicy(options);
  return groupSnapshots(snapshots, options.groupBy).map((group) => {
    const result = applyRetention(group.snapshots, policy, options.nowNs);
    const { host, paths, tags } = group;
    const key = { host, paths, tags };
    if (result.keep.length === 0 && !allowRemoveAll) throw nothingStays(key, result.remove.length);
    return { key, ...result };
  });
}

function refuseEmptyPolicy({ allowRemoveAll, isUnfiltered }: ForgetOptions): void {
  if (!allowRemoveAll) {
    throw new SealiftError('usage/invalid', 'no policy was given, so no snapshot is removed', {
      hint: 'say what to keep, as in --keep-daily 7 --keep-weekly 4, or name snapshots',
    });
  }
  if (isUnfiltered) {
    throw new SealiftError(
      'usage/invalid',
      '--unsafe-allow-remove-all needs a filter such as --host, --tag or --path',
      { hint: 'name what to remove, so that nothing else goes with it' },
    );
  }
}

function nothingStays(key: ForgetGroup['key'], count: number): SealiftError {
  const name = [key.host, ...(key.paths ?? []), ...(key.tags ?? [])]
    .filter((part) => part !== undefined)
    .join(', ');
  return new SealiftError(
    'forget/refused',
    `the policy would leave nothing of the ${count} snapshots of the group [${name}]; nothing was removed`,
    {
      hint: 'keep at least one, as with --keep-last 1, or give --unsafe-allow-remove-all',
      fields: { group: name, count },
    },
  );
}

export interface ForgetOutcome {
  readonly removed: readonly FoundSnapshot[];
  readonly failed: readonly { readonly snapshot: FoundSnapshot; readonly error: SealiftError }[];
}

/**
 * Removes snapshots. One that cannot be removed does not keep the others from going; a storage that
 * forbids removing at all ends the job at its first answer.
 * @throws SealiftError 'repository/append-only'; of the backend when it is away
 */
export async function removeSnapshots(
  repo: OpenRepository,
  snapshots: readonly FoundSnapshot[],
  signal?: AbortSignal,
): Promise<ForgetOutcome> {
  const removed: FoundSnapshot[] = [];
  const failed: { snapshot: FoundSnapshot; error: SealiftError }[] = [];
  const remove = async (snapshot: FoundSnapshot): Promise<void> => {
    try {
      await removeUnpacked(repo, 'snapshots', snapshot.id, signal);
      removed.push(snapshot);
    } catch (error) {
      if (!isSealiftError(error)) throw error;
      if (removed.length === 0) throw asAppendOnly(error, repo.backend.location);
      failed.push({ snapshot, error });
    }
  };
  const [first, ...others] = snapshots;
  if (first !== undefined) await remove(first);
  await forEachParallel(others, repo.backend.connections, remove, signal);
  return { removed, failed };
}

/** A refusal to remove, said so that the user knows what it means; other errors pass as they are. */
export function asAppendOnly(error: unknown, location: string): unknown {
  if (!isSealiftError(error, 'backend/forbidden')) return error;
  return new SealiftError(
    'repository/append-only',
    `${location} refuses to remove anything (${error.message}); every snapshot and all data are still there`,
    {
      cause: error,
      hint:
        'in append-only mode only the vault itself removes: ask its owner, or run the command on the ' +
        'machine of the vault, on the folder of the repository',
      fields: { location },
    },
  );
}
