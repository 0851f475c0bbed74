/** The parent snapshot of a backup: which one it is, and its trees read beside the walk. */

import { compareByteStrings } from '../base/byte-string.ts';
import { isSealiftError, messageOf, SealiftError } from '../base/errors.ts';
import { type BlobId, parseSnapshotId, type SnapshotId } from '../repository/ids.ts';
import type { NodeHeadNumbers } from '../repository/node-head.ts';
import { parseSnapshot, type Snapshot } from '../repository/snapshot.ts';
import { type EncodedNode, TreeCursor, type TreeNode } from '../repository/tree.ts';
import type { HexId } from '../repository/tree-scanner.ts';
import { loadBlob } from './load-blob.ts';
import type { IndexedRepository, OpenRepository } from './open.ts';
import { loadUnpacked, namesWithPrefix } from './unpacked.ts';

export interface ParentSnapshot {
  readonly id: SnapshotId;
  readonly snapshot: Snapshot;
}

/** What snapshots must share to be of one series; restic's default is host and paths. */
export interface GroupBy {
  readonly host: boolean;
  readonly paths: boolean;
  readonly tags: boolean;
}

export const defaultGroupBy: GroupBy = { host: true, paths: true, tags: false };

export interface ParentWish {
  readonly hostname: string;
  /** Absolute targets. */
  readonly paths: readonly string[];
  readonly tags: readonly string[];
  /** The new snapshot's time; a later snapshot is no parent. */
  readonly timeNs: bigint;
  readonly groupBy: GroupBy;
}

/**
 * The latest snapshot of the same series, not later than the new one's time. One that cannot be read
 * is passed over with a warning: the parent only saves time.
 */
export async function findParent(
  repo: OpenRepository,
  wish: ParentWish,
  onWarning: (message: string) => void,
  signal?: AbortSignal,
): Promise<ParentSnapshot | undefined> {
  let best: ParentSnapshot | undefined;
  for await (const { name } of repo.backend.list('snapshots', signal)) {
    try {
      const snapshot = parseSnapshot(await loadUnpacked(repo, 'snapshots', name, signal));
      if (!isOfSeries(snapshot, wish)) continue;
      if (best === undefined || snapshot.time.ns > best.snapshot.time.ns) {
        best = { id: parseSnapshotId(name), snapshot };
      }
    } catch (error) {
      if (!isSealiftError(error, 'format/snapshot', 'format/mac', 'backend/not-found')) throw error;
      onWarning(
        `snapshot ${name.slice(0, 8)} cannot be read and is no parent: ${messageOf(error)}`,
      );
    }
  }
  return best;
}

/** Pure; see {@link findParent}. */
export function isOfSeries(snapshot: Snapshot, wish: ParentWish): boolean {
  if (snapshot.time.ns > wish.timeNs) return false;
  if (wish.groupBy.host && snapshot.hostname !== wish.hostname) return false;
  if (wish.groupBy.paths && !wish.paths.every((path) => snapshot.paths.includes(path)))
    return false;
  return !wish.groupBy.tags || wish.tags.every((tag) => snapshot.tags.includes(tag));
}

/**
 * The snapshot that `--parent` names: an id, the beginning of one, or `latest` of the series.
 * @throws SealiftError 'snapshot/not-found', 'snapshot/ambiguous', 'format/snapshot'
 */
export async function getParent(
  repo: OpenRepository,
  text: string,
  wish: ParentWish,
  onWarning: (message: string) => void,
  signal?: AbortSignal,
): Promise<ParentSnapshot> {
  if (text === 'latest') {
    const latest = await findParent(repo, wish, onWarning, signal);
    if (latest === undefined) throw noSuchParent(text);
    return latest;
  }
  const names = /^[0-9a-f]+$/.test(text)
    ? await namesWithPrefix(repo, 'snapshots', text, signal)
    : [];
  const [name, second] = names;
  if (name === undefined) throw noSuchParent(text);
  if (second !== undefined) {
    throw new SealiftError('snapshot/ambiguous', `more than one snapshot begins with ${text}`, {
      hint: 'Give more digits of the id.',
      fields: { id: text },
    });
  }
  try {
    const snapshot = parseSnapshot(await loadUnpacked(repo, 'snapshots', name, signal));
    return { id: parseSnapshotId(name), snapshot };
  } catch (error) {
    if (isSealiftError(error, 'backend/not-found')) throw noSuchParent(text);
    throw error;
  }
}

function noSuchParent(text: string): SealiftError {
  return new SealiftError('snapshot/not-found', `no snapshot ${text} to compare with`, {
    hint: 'See `sealift snapshots` for the ids, or leave --parent out.',
    fields: { id: text },
  });
}

/** Reads one folder of the parent beside the walk; both ascend by name. */
export class ParentFolder {
  #cursor: TreeCursor | undefined;
  #current: TreeNode | undefined;

  readonly #tree: Uint8Array | undefined;
  readonly #id: BlobId | undefined;

  /** @param tree the tree blob; undefined for a folder the parent does not have */
  constructor(tree?: Uint8Array, id?: BlobId) {
    this.#tree = tree;
    this.#id = id;
    if (tree === undefined) return;
    this.#cursor = new TreeCursor(tree);
    this.#advance();
  }

  /** False at the end of the folder, and for one that the parent does not have. */
  get hasMore(): boolean {
    return this.#cursor !== undefined;
  }

  /** The parent's node of this name. Names must be asked for in ascending order. */
  find(name: string): TreeNode | undefined {
    for (;;) {
      const current = this.#decode();
      if (current === undefined) return undefined;
      const order = compareByteStrings(current.name, name);
      if (order === 0) return current;
      if (order > 0) return undefined;
      this.#advance();
    }
  }

  /**
   * The parent's node of an entry as it stands, if the entry's node would begin with the same name, type,
   * mode, times, owner, inode, device, size and links. Passes over it.
   * @param isStored of each content blob
   * @returns undefined also where the node beside is another one: {@link find} looks further
   */
  takeEqual(head: NodeHeadNumbers, isStored: (id: HexId) => boolean): EncodedNode | undefined {
    if (this.#cursor === undefined) return undefined;
    try {
      const equal = this.#cursor.encoded(head, isStored);
      if (equal !== undefined) this.#advance();
      return equal;
    } catch (error) {
      this.#dropDamaged(error);
      return undefined;
    }
  }

  /** The id of a tree that is the parent's own, byte for byte the same memory. */
  idOf(tree: Uint8Array): BlobId | undefined {
    return tree === this.#tree ? this.#id : undefined;
  }

  #decode(): TreeNode | undefined {
    try {
      this.#current ??= this.#cursor?.node();
    } catch (error) {
      this.#dropDamaged(error);
    }
    return this.#current;
  }

  #advance(): void {
    this.#current = undefined;
    try {
      if (this.#cursor?.next() === false) this.#cursor = undefined;
    } catch (error) {
      this.#dropDamaged(error);
    }
  }

  /** A damaged parent means reading files again, not failing. */
  #dropDamaged(error: unknown): void {
    if (!isSealiftError(error)) throw error;
    this.#cursor = undefined;
    this.#current = undefined;
  }
}

/** The parent's folder, or an empty one with a warning when its tree cannot be read. */
export async function openParentFolder(
  repo: IndexedRepository,
  tree: BlobId | undefined,
  onWarning: (message: string) => void,
): Promise<ParentFolder> {
  if (tree === undefined) return new ParentFolder();
  try {
    return new ParentFolder(await loadBlob(repo, 'tree', tree), tree);
  } catch (error) {
    if (!isSealiftError(error)) throw error;
    onWarning(
      `a folder of the parent snapshot cannot be read, its files are read again: ${error.message}`,
    );
    return new ParentFolder();
  }
}
