/** A Windows disk inside a snapshot: its files by their paths, whatever the case of the names. */

import type { BlobId } from '../../../repository/ids.ts';
import type { TreeNode } from '../../../repository/tree.ts';
import type { WindowsDisk } from '../windows-files/windows-disk.ts';
import { entriesOf, readRange, type SnapshotSource } from './snapshot-content.ts';

/**
 * @param root the folder that holds `Windows`
 * @param label of that folder, for evidence
 */
export function snapshotDisk(source: SnapshotSource, root: BlobId, label: string): WindowsDisk {
  const trees = new Map<BlobId, Promise<readonly TreeNode[]>>();
  const list = (tree: BlobId): Promise<readonly TreeNode[]> => {
    // A damaged folder holds nothing that could be read; the hives tell of the damage.
    const known = trees.get(tree) ?? entriesOf(source, tree).catch(() => []);
    trees.set(tree, known);
    return known;
  };
  return {
    async open(parts) {
      let tree: BlobId | undefined = root;
      let path = label.replace(/\/$/, '');
      let node: TreeNode | undefined;
      for (const part of parts) {
        if (tree === undefined) return undefined;
        node = (await list(tree)).find(({ name }) => name.toLowerCase() === part.toLowerCase());
        if (node === undefined) return undefined;
        path += `/${node.name}`;
        tree = node.subtree;
      }
      source.signal.throwIfAborted();
      if (node?.type !== 'file') return undefined;
      const file = node;
      return {
        path,
        close: () => Promise.resolve(),
        async read(offset, size) {
          const left = Number(file.size) - offset;
          return left <= 0
            ? new Uint8Array(0)
            : readRange(source, file, { offset, size: Math.min(size, left) });
        },
      };
    },
  };
}
