/** Walks the trees of all snapshots, each tree once, several at a time. */

import { messageOf } from '../base/errors.ts';
import { type BlobId, blobIdFromBytes } from '../repository/ids.ts';
import { ReferenceScanner } from '../repository/reference-scanner.ts';
import type { CheckFindings, SnapshotRoot } from './check-report.ts';
import { isDamage, loadBlob } from './load-blob.ts';
import type { IndexedRepository } from './open.ts';
import { loadTree } from './walk-trees.ts';

interface PendingTree {
  readonly id: BlobId;
  readonly snapshot: SnapshotRoot;
  /** Of the folder, in the first snapshot that has it. */
  readonly path: string;
}

const knownTypes = new Set(['file', 'dir', 'symlink', 'dev', 'chardev', 'fifo', 'socket']);

/** @returns how many trees were read */
export async function checkTrees(
  repo: IndexedRepository,
  roots: readonly SnapshotRoot[],
  findings: CheckFindings,
  signal?: AbortSignal,
): Promise<number> {
  const pending: PendingTree[] = roots.map((snapshot) => ({
    id: snapshot.tree,
    snapshot,
    path: '',
  }));
  const seen = new Set<BlobId>();
  const step = async (): Promise<void> => {
    for (let tree = pending.pop(); tree !== undefined; tree = pending.pop()) {
      signal?.throwIfAborted();
      if (seen.has(tree.id)) continue;
      seen.add(tree.id);
      await checkTree(repo, tree, pending, findings, signal);
    }
  };
  // Rounds, because a worker that finds nothing to do stops while another may still add trees.
  while (pending.length > 0) {
    await Promise.all(Array.from({ length: repo.backend.connections }, step));
  }
  return seen.size;
}

async function checkTree(
  repo: IndexedRepository,
  tree: PendingTree,
  pending: PendingTree[],
  findings: CheckFindings,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    const nodes = new ReferenceScanner(await loadBlob(repo, 'tree', tree.id, signal));
    while (nodes.next()) {
      checkNode(repo, tree, nodes, findings);
      const { subtree } = nodes;
      if (nodes.type === 'dir' && subtree !== undefined) {
        const path = `${tree.path}/${nodes.name}`;
        pending.push({ id: blobIdFromBytes(subtree), snapshot: tree.snapshot, path });
      }
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    findings.addLostBlob('tree', tree.id);
    const where = `tree ${tree.id} of ${tree.path || '/'} in snapshot ${tree.snapshot.id.slice(0, 8)}`;
    findings.add(
      'tree-damaged',
      'tree',
      tree.id,
      `${where} is damaged: ${messageOf(error)}`,
      tree.path || '/',
    );
  }
}

function checkNode(
  repo: IndexedRepository,
  tree: PendingTree,
  node: ReferenceScanner,
  findings: CheckFindings,
): void {
  const fail = (why: string): void => {
    const { path, place } = placeOf(tree, node);
    findings.add('node-invalid', 'tree', tree.id, `${place}: ${why}`, path);
  };
  if (!knownTypes.has(node.type)) fail(`the type '${node.type}' is unknown`);
  if (node.type === 'dir' && node.subtree === undefined) fail('the folder has no tree');
  if (node.type !== 'file') return;
  if (!node.hasContent) {
    fail('the file has no list of content');
    return;
  }
  for (let at = 0; at < node.contentCount; at += 1) {
    const bytes = node.contentId(at);
    if (repo.index.hasBytes('data', bytes)) continue;
    const id = blobIdFromBytes(bytes);
    if (findings.isLostBlob('data', id)) continue;
    findings.addLostBlob('data', id);
    const { path, place } = placeOf(tree, node);
    findings.add('blob-missing', 'blob', id, `data blob ${id} of ${place} is in no index`, path);
  }
}

function placeOf(tree: PendingTree, node: ReferenceScanner): { path: string; place: string } {
  const path = `${tree.path}/${node.name}`;
  return { path, place: `${path} in snapshot ${tree.snapshot.id.slice(0, 8)}` };
}

/** In one snapshot; a snapshot that lost everything need not name every file. */
const maxPathsPerSnapshot = 1000;

/**
 * Names, for each snapshot, the files and folders that cannot be restored completely. Only worth its
 * walk when something is lost.
 */
export async function findAffectedPaths(
  repo: IndexedRepository,
  roots: readonly SnapshotRoot[],
  findings: CheckFindings,
  signal?: AbortSignal,
): Promise<void> {
  const soundTrees = new Set<BlobId>();
  for (const snapshot of roots) {
    const walk: AffectedWalk = { repo, findings, soundTrees, snapshot, count: 0, signal };
    await walkAffected(walk, snapshot.tree, '');
  }
}

interface AffectedWalk {
  readonly repo: IndexedRepository;
  readonly findings: CheckFindings;
  /** Trees below which nothing is lost; shared by all snapshots. */
  readonly soundTrees: Set<BlobId>;
  readonly snapshot: SnapshotRoot;
  readonly signal: AbortSignal | undefined;
  count: number;
}

/** @returns true if nothing below is lost */
async function walkAffected(walk: AffectedWalk, tree: BlobId, path: string): Promise<boolean> {
  if (walk.soundTrees.has(tree)) return true;
  if (walk.count >= maxPathsPerSnapshot) return false;
  let isSound = true;
  try {
    for (const node of await loadTree(walk.repo, tree, walk.signal)) {
      walk.signal?.throwIfAborted();
      const inner = `${path}/${node.name}`;
      if (node.type === 'dir' && node.subtree !== undefined) {
        if (!(await walkAffected(walk, node.subtree, inner))) isSound = false;
      } else if (node.content?.some((id) => isLost(walk, id))) {
        isSound = false;
        reportAffected(walk, inner);
      }
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    isSound = false;
    reportAffected(walk, path || '/');
  }
  if (isSound) walk.soundTrees.add(tree);
  return isSound;
}

/** True if no copy is left that was not found damaged. */
function isLost({ repo, findings }: AffectedWalk, id: BlobId): boolean {
  if (findings.isLostBlob('data', id)) return true;
  return repo.index.findAll('data', id).every(({ packId }) => findings.isLostCopy(packId, id));
}

function reportAffected(walk: AffectedWalk, path: string): void {
  walk.count += 1;
  const { id } = walk.snapshot;
  const message = `snapshot ${id.slice(0, 8)}: ${path} cannot be restored completely`;
  walk.findings.add('snapshot-affected', 'snapshot', id, message, path);
}
