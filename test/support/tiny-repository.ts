/** A repository in memory, built blob by blob, so that tests can make what no backup would. */

import { randomBytes } from 'node:crypto';
import { concatBytes } from '../../src/base/bytes.ts';
import { Secret } from '../../src/base/secret.ts';
import { type IndexedRepository, initRepository, loadIndex } from '../../src/engine/open.ts';
import { saveUnpacked } from '../../src/engine/unpacked.ts';
import {
  type BlobId,
  type BlobType,
  blobIdOf,
  type PackId,
  parsePackId,
  parseSnapshotId,
  type SnapshotId,
  storageId,
} from '../../src/repository/ids.ts';
import { encodeIndex } from '../../src/repository/index-file.ts';
import { type PackEntry, sealBlob, sealPackHeader } from '../../src/repository/pack.ts';
import { encodeSnapshot, type Snapshot } from '../../src/repository/snapshot.ts';
import { TreeEncoder, type TreeNode } from '../../src/repository/tree.ts';
import { type MemoryBackend, memoryBackend } from '../../src/storage/memory.ts';

export const tinyPassword = new Secret('tiny');
/** Opens in a millisecond. */
export const quickScrypt = { cost: 2, blockSize: 1, parallelization: 1 };

export interface TinyRepository {
  readonly backend: MemoryBackend;
  /** What the next blobs go into; see {@link TinyRepository.savePack}. */
  addBlob(type: BlobType, content: Uint8Array | string): BlobId;
  addTree(nodes: readonly TreeNode[]): BlobId;
  /** Stores the blobs added since the last call as one pack with its index. */
  savePack(options?: { readonly indexed?: boolean }): Promise<PackId>;
  saveSnapshot(tree: BlobId, more?: Partial<Snapshot>): Promise<SnapshotId>;
  /** With the index as it is stored now. */
  load(): Promise<IndexedRepository>;
}

export async function tinyRepository(version: 1 | 2 = 2): Promise<TinyRepository> {
  const backend = memoryBackend();
  const repo = await initRepository(backend, {
    password: tinyPassword,
    version,
    scrypt: quickScrypt,
  });
  let entries: PackEntry[] = [];
  let parts: Uint8Array[] = [];
  const addBlob = (type: BlobType, content: Uint8Array | string): BlobId => {
    const plaintext = typeof content === 'string' ? Buffer.from(content) : content;
    const id = blobIdOf(plaintext);
    const blob = sealBlob(repo.key, version, type, plaintext, 'auto');
    const offset = parts.reduce((sum, part) => sum + part.byteLength, 0);
    const { uncompressedLength } = blob;
    entries.push({ type, id, offset, length: blob.sealed.byteLength, uncompressedLength });
    parts.push(blob.sealed);
    return id;
  };
  return {
    backend,
    addBlob,
    addTree: (nodes) => {
      const encoder = new TreeEncoder();
      for (const node of nodes) encoder.add(node);
      return addBlob('tree', encoder.finish());
    },
    savePack: async ({ indexed = true } = {}) => {
      const bytes = concatBytes(...parts, sealPackHeader(repo.key, entries));
      const id = parsePackId(storageId(bytes));
      await backend.save({ type: 'data', name: id }, [bytes]);
      if (indexed)
        await saveUnpacked(repo, 'index', encodeIndex({ packs: [{ id, blobs: entries }] }));
      entries = [];
      parts = [];
      return id;
    },
    saveSnapshot: async (tree, more = {}) => {
      const snapshot: Snapshot = {
        time: { ns: 1_700_000_000_000_000_000n, offsetMinutes: 0 },
        tree,
        paths: ['/data'],
        hostname: 'host',
        username: 'user',
        uid: 0,
        gid: 0,
        excludes: [],
        tags: [],
        programVersion: 'test',
        ...more,
      };
      return parseSnapshotId(await saveUnpacked(repo, 'snapshots', encodeSnapshot(snapshot)));
    },
    load: () => loadIndex(repo),
  };
}

/** A node with the common fields filled in. */
export function tinyNode(node: Partial<TreeNode> & Pick<TreeNode, 'name' | 'type'>): TreeNode {
  const ns = 1_600_000_000_123_456_789n;
  return {
    mode: 0o644,
    mtime: ns,
    atime: ns,
    ctime: ns,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    user: '',
    group: '',
    inode: 0n,
    deviceId: 0n,
    size: 0n,
    links: 0n,
    device: 0n,
    content: null,
    error: '',
    ...node,
  };
}

/** A file node for content that is one blob. */
export function tinyFile(name: string, id: BlobId, size: number): TreeNode {
  return tinyNode({ name, type: 'file', size: BigInt(size), links: 1n, content: [id] });
}

export function tinyFolder(name: string, subtree: BlobId): TreeNode {
  return tinyNode({ name, type: 'dir', mode: 2 ** 31 + 0o755, subtree });
}

/** Flips one bit of a stored file. */
export function flipBit(backend: MemoryBackend, file: string, at: number): void {
  const bytes = backend.files.get(file);
  if (!bytes) throw new Error(`${file} is not there`);
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  backend.files.set(file, copy);
}

export const randomContent = (size: number): Uint8Array => new Uint8Array(randomBytes(size));
