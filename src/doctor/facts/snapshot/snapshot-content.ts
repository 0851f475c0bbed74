/** Reads folders and files inside a snapshot, blob by blob, without a restore. */

import { SealiftError } from '../../../base/errors.ts';
import { loadBlob } from '../../../engine/load-blob.ts';
import type { IndexedRepository } from '../../../engine/open.ts';
import { loadTree } from '../../../engine/walk-trees.ts';
import type { BlobId } from '../../../repository/ids.ts';
import type { TreeNode } from '../../../repository/tree.ts';

export interface SnapshotSource {
  readonly repository: IndexedRepository;
  readonly signal: AbortSignal;
  /** For evidence: `snapshot 1234abcd:`; a path follows. */
  readonly label: string;
}

/** More entries than this has no folder that the doctor looks into; the rest is passed over. */
const maxEntries = 200_000;

/** The entries of a folder. @throws SealiftError `snapshot/blob-missing`, `format/tree` */
export async function entriesOf(source: SnapshotSource, tree: BlobId): Promise<TreeNode[]> {
  const entries: TreeNode[] = [];
  for (const node of await loadTree(source.repository, tree, source.signal)) {
    if (entries.length === maxEntries) break;
    entries.push(node);
  }
  return entries;
}

export interface Range {
  readonly offset: number;
  readonly size: number;
}

/**
 * Bytes of a file; memory for these bytes and one blob. Fewer than asked for where the file ends.
 * @throws SealiftError `snapshot/blob-missing` where a blob is gone or damaged
 */
export async function readRange(
  { repository, signal }: SnapshotSource,
  { content }: TreeNode,
  { offset, size }: Range,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const id of content ?? []) {
    if (at >= offset + size) break;
    const length = repository.index.findAll('data', id)[0]?.uncompressedLength;
    // A length of 0 is that of a blob that is stored without compression.
    if (length !== undefined && length > 0 && at + length <= offset) {
      at += length;
      continue;
    }
    signal.throwIfAborted();
    const blob = await loadBlob(repository, 'data', id, signal);
    const piece = blob.subarray(Math.max(0, offset - at), Math.max(0, offset + size - at));
    if (piece.length > 0) pieces.push(piece);
    at += blob.length;
  }
  return Buffer.concat(pieces);
}

/** A whole file of at most `limit` bytes; undefined for a larger one. */
export async function readWholeFile(
  source: SnapshotSource,
  node: TreeNode,
  limit: number,
): Promise<Buffer | undefined> {
  if (node.size > BigInt(limit)) return undefined;
  const size = Number(node.size);
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  for (const id of node.content ?? []) {
    source.signal.throwIfAborted();
    const blob = await loadBlob(source.repository, 'data', id, source.signal);
    if (filled + blob.length > size) {
      throw new SealiftError(
        'format/tree',
        `${node.name.toWellFormed()} has more content than size`,
      );
    }
    bytes.set(blob, filled);
    filled += blob.length;
  }
  return bytes.subarray(0, filled);
}
