/** Loads folders of a snapshot and finds one by its path. */

import { SealiftError } from '../base/errors.ts';
import type { BlobId } from '../repository/ids.ts';
import { decodeTree, type TreeNode } from '../repository/tree.ts';
import { loadBlob } from './load-blob.ts';
import type { IndexedRepository } from './open.ts';

/**
 * The entries of a folder, decoded one at a time.
 * @throws SealiftError 'snapshot/blob-missing' when the tree blob is gone or damaged; while
 *   iterating, 'format/tree'
 */
export async function loadTree(
  repo: IndexedRepository,
  id: BlobId,
  signal?: AbortSignal,
): Promise<Generator<TreeNode>> {
  return decodeTree(await loadBlob(repo, 'tree', id, signal));
}

/** Names of a path in a snapshot: `/a//b/` is a, b. */
export function splitSnapshotPath(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/**
 * The node at a path, undefined for the root itself.
 * @throws SealiftError 'snapshot/path-not-found'
 */
export async function findNode(
  repo: IndexedRepository,
  root: BlobId,
  path: string,
  signal?: AbortSignal,
): Promise<TreeNode | undefined> {
  let tree: BlobId | undefined = root;
  let found: TreeNode | undefined;
  for (const name of splitSnapshotPath(path)) {
    found = tree === undefined ? undefined : await findChild(repo, tree, name, signal);
    if (found === undefined) throw pathNotFound(path, name);
    tree = found.type === 'dir' ? found.subtree : undefined;
  }
  return found;
}

async function findChild(
  repo: IndexedRepository,
  tree: BlobId,
  name: string,
  signal?: AbortSignal,
): Promise<TreeNode | undefined> {
  for (const node of await loadTree(repo, tree, signal)) {
    if (node.name === name) return node;
  }
  return undefined;
}

/**
 * The tree of a folder in a snapshot.
 * @throws SealiftError 'snapshot/path-not-found' if there is no such folder
 */
export async function findFolder(
  repo: IndexedRepository,
  root: BlobId,
  path: string,
  signal?: AbortSignal,
): Promise<BlobId> {
  const node = await findNode(repo, root, path, signal);
  if (node === undefined) return root;
  if (node.type !== 'dir' || node.subtree === undefined) {
    throw new SealiftError('snapshot/path-not-found', `${path} is no folder in the snapshot`, {
      hint: 'name a folder; `sealift ls` shows what the snapshot holds',
      fields: { path },
    });
  }
  return node.subtree;
}

function pathNotFound(path: string, missing: string): SealiftError {
  return new SealiftError(
    'snapshot/path-not-found',
    `${path} is not in the snapshot: nothing there is named ${missing}`,
    { hint: '`sealift ls` shows what the snapshot holds', fields: { path, missing } },
  );
}
