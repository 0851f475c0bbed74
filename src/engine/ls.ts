/** Lists what a snapshot holds. */

import { SealiftError } from '../base/errors.ts';
import { formatTime } from '../base/time.ts';
import {
  goModeCharDevice,
  goModeDevice,
  goModeDir,
  goModeIrregular,
  goModeNamedPipe,
  goModeSetgid,
  goModeSetuid,
  goModeSocket,
  goModeSticky,
  goModeSymlink,
  permissionBits,
} from '../repository/file-mode.ts';
import type { BlobId } from '../repository/ids.ts';
import type { TreeNode } from '../repository/tree.ts';
import { isDamage } from './load-blob.ts';
import type { IndexedRepository } from './open.ts';
import { findNode, loadTree, splitSnapshotPath } from './walk-trees.ts';

export interface ListedNode {
  /** From the root of the snapshot, with a leading slash; a byte string. */
  readonly path: string;
  readonly node: TreeNode;
}

export interface ListOptions {
  /** Root of the walk. */
  readonly tree: BlobId;
  /** Folders or files to list, absolute; everything when empty. A folder is listed itself too. */
  readonly paths?: readonly string[];
  /** Also what is below the folders named. Without paths the walk is always complete. */
  readonly recursive?: boolean;
  /** Called for a folder that cannot be read; without it such a folder ends the walk. */
  readonly onError?: (error: SealiftError) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Every entry, folders before their content, names in byte order.
 * @throws SealiftError 'snapshot/path-not-found' for a path that is not there;
 *   'snapshot/blob-missing', 'format/tree' without `onError`
 */
export async function* listNodes(
  repo: IndexedRepository,
  options: ListOptions,
): AsyncGenerator<ListedNode> {
  const { tree, paths = [], recursive = false, signal } = options;
  const wanted = paths.map((path) => splitSnapshotPath(path));
  if (wanted.length === 0 || wanted.some((parts) => parts.length === 0)) {
    const deep = wanted.length === 0 || recursive;
    yield* walk(repo, tree, '', deep, options);
    return;
  }
  for (const parts of wanted) {
    const path = `/${parts.join('/')}`;
    const node = await findNode(repo, tree, path, signal);
    if (node === undefined) continue;
    yield { path, node };
    if (node.type === 'dir' && node.subtree !== undefined) {
      yield* walk(repo, node.subtree, path, recursive, options);
    }
  }
}

async function* walk(
  repo: IndexedRepository,
  tree: BlobId,
  parent: string,
  deep: boolean,
  options: ListOptions,
): AsyncGenerator<ListedNode> {
  try {
    for (const node of await loadTree(repo, tree, options.signal)) {
      options.signal?.throwIfAborted();
      const path = `${parent}/${node.name}`;
      yield { path, node };
      if (deep && node.type === 'dir' && node.subtree !== undefined) {
        yield* walk(repo, node.subtree, path, true, options);
      }
    }
  } catch (error) {
    if (!options.onError || !isDamage(error)) throw error;
    options.onError(
      new SealiftError(error.code, `${parent || '/'}: ${error.message}`, {
        cause: error,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        fields: { ...error.fields, path: parent || '/' },
      }),
    );
  }
}

/** A node under restic's names in `ls --json`. */
export function nodeToJson({ path, node }: ListedNode): Record<string, unknown> {
  return {
    name: node.name.toWellFormed(),
    type: node.type,
    path: path.toWellFormed(),
    uid: node.uid,
    gid: node.gid,
    ...(node.type === 'file' ? { size: Number(node.size) } : {}),
    ...(node.mode === 0 ? {} : { mode: node.mode }),
    permissions: formatMode(node.mode),
    mtime: formatTime(node.mtime, node.timeZones?.mtime),
    atime: formatTime(node.atime, node.timeZones?.atime),
    ctime: formatTime(node.ctime, node.timeZones?.ctime),
    // A double holds inodes up to 2^53; beyond that the text would be a wrong number.
    ...(node.inode === 0n || node.inode > BigInt(Number.MAX_SAFE_INTEGER)
      ? {}
      : { inode: Number(node.inode) }),
    message_type: 'node',
    struct_type: 'node',
  };
}

/** Letters that Go puts in front for each bit above the permissions, in its order. */
const modeLetters: readonly (readonly [number, string])[] = [
  [goModeDir, 'd'],
  [goModeSymlink, 'L'],
  [goModeDevice, 'D'],
  [goModeNamedPipe, 'p'],
  [goModeSocket, 'S'],
  [goModeSetuid, 'u'],
  [goModeSetgid, 'g'],
  [goModeCharDevice, 'c'],
  [goModeSticky, 't'],
  [goModeIrregular, '?'],
];

/** Go's text of a mode, as restic prints it: `-rw-r--r--`, `drwxr-xr-x`, `Dcrw-rw-rw-`. */
export function formatMode(mode: number): string {
  const has = (bit: number): boolean => Math.floor(mode / bit) % 2 === 1;
  const letters = modeLetters.filter(([bit]) => has(bit)).map(([, letter]) => letter);
  const permissions = Array.from('rwxrwxrwx', (letter, at) =>
    ((mode & permissionBits) >> (8 - at)) & 1 ? letter : '-',
  );
  return (letters.join('') || '-') + permissions.join('');
}
