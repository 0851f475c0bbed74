/** Lists snapshots and finds the one that a user means. */

import path from 'node:path';
import { isSealiftError, SealiftError } from '../base/errors.ts';
import { parseSnapshotId, type SnapshotId } from '../repository/ids.ts';
import { parseSnapshot, type Snapshot } from '../repository/snapshot.ts';
import { isDamage } from './load-blob.ts';
import type { OpenRepository } from './open.ts';
import { forEachParallel } from './parallel.ts';
import { loadUnpacked, namesWithPrefix, readDamage } from './unpacked.ts';

/** An empty list, or one left out, fits every snapshot. */
export interface SnapshotFilter {
  /** Any of these. */
  readonly hosts?: readonly string[];
  /** Any of these lists, with all of its tags; the empty tag stands for a snapshot without tags. */
  readonly tags?: readonly (readonly string[])[];
  /** All of these, absolute. */
  readonly paths?: readonly string[];
}

export interface FoundSnapshot {
  readonly id: SnapshotId;
  readonly snapshot: Snapshot;
}

export interface NamedSnapshot extends FoundSnapshot {
  /** What stood after the colon in `ID:folder`; undefined without one. */
  readonly subfolder: string | undefined;
}

export interface ListSnapshotsOptions {
  /** Called for a snapshot file that is damaged; without it the first such file ends the list. */
  readonly onError?: (error: SealiftError) => void;
  readonly signal?: AbortSignal;
}

/**
 * The snapshots that fit, oldest first.
 * @throws SealiftError 'format/snapshot' that names the damaged file, unless `onError` takes it
 */
export async function listSnapshots(
  repo: OpenRepository,
  filter: SnapshotFilter = {},
  { onError, signal }: ListSnapshotsOptions = {},
): Promise<FoundSnapshot[]> {
  const found: FoundSnapshot[] = [];
  await forEachParallel(
    repo.backend.list('snapshots', signal),
    repo.backend.connections,
    async ({ name }) => {
      try {
        const id = parseSnapshotId(name);
        const snapshot = await loadSnapshot(repo, id, signal);
        if (matchesFilter(snapshot, filter)) found.push({ id, snapshot });
      } catch (error) {
        // A snapshot forgotten since the listing is no damage.
        if (isSealiftError(error, 'backend/not-found')) return;
        if (!onError || !isDamage(error)) throw error;
        onError(error);
      }
    },
    signal,
  );
  return found.sort(compareSnapshots);
}

/** @throws SealiftError 'backend/not-found', 'format/snapshot' that names the file */
export async function loadSnapshot(
  repo: OpenRepository,
  id: SnapshotId,
  signal?: AbortSignal,
): Promise<Snapshot> {
  const json = await loadUnpacked(repo, 'snapshots', id, signal);
  return readDamage('snapshots', id, () => parseSnapshot(json));
}

/** Oldest first; snapshots of the same moment by id, so that the order is always the same. */
export function compareSnapshots(a: FoundSnapshot, b: FoundSnapshot): number {
  const [x, y] = [a.snapshot.time.ns, b.snapshot.time.ns];
  if (x !== y) return x < y ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

export function matchesFilter(
  snapshot: Snapshot,
  { hosts = [], tags = [], paths = [] }: SnapshotFilter,
): boolean {
  return (
    (hosts.length === 0 || hosts.includes(snapshot.hostname)) &&
    (tags.length === 0 || tags.some((list) => hasTags(snapshot, list))) &&
    paths.every((path) => snapshot.paths.includes(path))
  );
}

function hasTags(snapshot: Snapshot, list: readonly string[]): boolean {
  return list.every((tag) =>
    tag === '' ? snapshot.tags.length === 0 : snapshot.tags.includes(tag),
  );
}

/**
 * The snapshot named by its id, the beginning of its id, or `latest` (of those that fit the filter),
 * each optionally with `:folder`.
 * @throws SealiftError 'snapshot/not-found', 'snapshot/ambiguous', 'format/snapshot'
 */
export async function findSnapshot(
  repo: OpenRepository,
  name: string,
  filter: SnapshotFilter = {},
  { signal, onError }: ListSnapshotsOptions = {},
): Promise<NamedSnapshot> {
  const { id: wanted, subfolder } = splitSnapshotName(name);
  if (wanted === 'latest') {
    const found = await findLatest(repo, filter, {
      ...(signal === undefined ? {} : { signal }),
      ...(onError === undefined ? {} : { onError }),
    });
    return { ...found, subfolder };
  }
  const id = await findSnapshotId(repo, wanted, signal);
  try {
    return { id, snapshot: await loadSnapshot(repo, id, signal), subfolder };
  } catch (error) {
    if (isSealiftError(error, 'backend/not-found')) throw notFound(wanted);
    throw error;
  }
}

/** `ID:folder/inner` is the folder of a snapshot. */
export function splitSnapshotName(name: string): { id: string; subfolder: string | undefined } {
  const colon = name.indexOf(':');
  if (colon < 0) return { id: name, subfolder: undefined };
  return { id: name.slice(0, colon), subfolder: path.posix.normalize(name.slice(colon + 1)) };
}

async function findLatest(
  repo: OpenRepository,
  filter: SnapshotFilter,
  options: ListSnapshotsOptions,
): Promise<FoundSnapshot> {
  // A damaged snapshot cannot be the one meant, but hides which one is: it is told, not fatal.
  const found = await listSnapshots(repo, filter, { onError: () => {}, ...options });
  const latest = found.at(-1);
  if (latest === undefined) throw notFound('latest');
  return latest;
}

/** @throws SealiftError 'snapshot/not-found', 'snapshot/ambiguous' */
export async function findSnapshotId(
  repo: OpenRepository,
  prefix: string,
  signal?: AbortSignal,
): Promise<SnapshotId> {
  if (!/^[0-9a-f]{1,64}$/.test(prefix)) throw notFound(prefix);
  const names = await namesWithPrefix(repo, 'snapshots', prefix, signal);
  const [first] = names;
  if (first === undefined) throw notFound(prefix);
  if (names.length > 1) {
    throw new SealiftError(
      'snapshot/ambiguous',
      `${names.length} snapshots begin with ${prefix}: ${names.map((id) => id.slice(0, 12)).join(', ')}`,
      { hint: 'give more digits of the id', fields: { id: prefix, found: names } },
    );
  }
  return parseSnapshotId(first);
}

function notFound(name: string): SealiftError {
  const what = name === 'latest' ? 'no snapshot fits' : `no snapshot ${name}`;
  return new SealiftError('snapshot/not-found', `${what} in the repository`, {
    hint: '`sealift snapshots` lists those that are there',
    fields: { id: name },
  });
}

export type GroupCriterion = 'host' | 'paths' | 'tags';

export interface SnapshotGroup {
  /** Undefined where the criterion is not asked for; lists are sorted. */
  readonly host: string | undefined;
  readonly paths: readonly string[] | undefined;
  readonly tags: readonly string[] | undefined;
  readonly snapshots: readonly FoundSnapshot[];
}

/** Groups by equal hosts, sets of paths and sets of tags, in the order in which groups appear. */
export function groupSnapshots(
  found: readonly FoundSnapshot[],
  criteria: readonly GroupCriterion[],
): SnapshotGroup[] {
  const groups = new Map<string, SnapshotGroup & { readonly snapshots: FoundSnapshot[] }>();
  for (const item of found) {
    const { hostname, paths, tags } = item.snapshot;
    const host = criteria.includes('host') ? hostname : undefined;
    const sortedPaths = criteria.includes('paths') ? paths.toSorted() : undefined;
    const sortedTags = criteria.includes('tags') ? tags.toSorted() : undefined;
    const key = JSON.stringify([host, sortedPaths, sortedTags]);
    const group = groups.get(key) ?? { host, paths: sortedPaths, tags: sortedTags, snapshots: [] };
    group.snapshots.push(item);
    groups.set(key, group);
  }
  return [...groups.values()];
}
