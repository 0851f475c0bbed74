/** Backs up one stream as one file: `--stdin`, or the output of a command. */

import { SealiftError } from '../base/errors.ts';
import { nsPerMs } from '../base/time.ts';
import { Chunker, maxChunkBytes } from '../repository/chunker.ts';
import { goModeDir } from '../repository/file-mode.ts';
import { type BlobId, blobIdOf } from '../repository/ids.ts';
import { TreeEncoder, type TreeNode } from '../repository/tree.ts';
import type { IndexedRepository } from './open.ts';
import { PackBuilder, type SealSettings } from './pack-builder.ts';
import type { PackWriter } from './pack-writer.ts';
import type { WalkTotals } from './source-walk.ts';
import type { TreeSaver } from './tree-builder.ts';

export interface StreamSource {
  /** Path in the snapshot; folders in it are made. */
  readonly name: string;
  /** A failure of the stream (a command that fails) fails the backup. */
  readonly stream: AsyncIterable<Uint8Array>;
}

export interface StreamSetup {
  readonly repository: IndexedRepository;
  readonly settings: SealSettings;
  readonly writer: PackWriter;
  readonly trees: TreeSaver;
  readonly startMs: number;
  readonly check: () => void;
  readonly onFailure: (error: unknown) => void;
  /** Called after each piece with all bytes so far. */
  readonly onBytes: (bytes: number) => void;
}

const fileMode = 0o644;
const folderMode = 0o755 + goModeDir;
/** Packs being stored before the stream is read on. */
const maxBacklog = 2;

/** @throws SealiftError `usage/invalid` on a name without a component, and what the stream throws */
export async function saveStream(
  source: StreamSource,
  setup: StreamSetup,
): Promise<{ tree: BlobId; totals: WalkTotals }> {
  const components = source.name.split('/').filter((part) => part !== '' && part !== '.');
  if (components.length === 0 || components.includes('..')) {
    throw new SealiftError('usage/invalid', `"${source.name}" cannot name a file in a snapshot`, {
      hint: 'Give a file name, with folders in front if wanted.',
      fields: { name: source.name },
    });
  }
  const saver = new StreamSaver(setup);
  await saver.save(source.stream);
  const node = plainNode(setup.startMs);
  const folders = components.slice(0, -1).reverse();
  let tree = saveTree(setup, {
    ...node,
    name: components.at(-1) ?? '',
    type: 'file',
    mode: fileMode,
    size: BigInt(saver.size),
    content: saver.content,
  });
  for (const name of folders) {
    tree = saveTree(setup, { ...node, name, type: 'dir', mode: folderMode, subtree: tree });
  }
  const totals: WalkTotals = {
    filesNew: 1,
    filesChanged: 0,
    filesUnmodified: 0,
    dirsNew: folders.length,
    dirsChanged: 0,
    dirsUnmodified: 0,
    dataBlobs: saver.newBlobs,
    dataAdded: saver.added,
    dataAddedPacked: saver.addedPacked,
    filesProcessed: 1,
    bytesProcessed: saver.size,
    bytesUnmodified: 0,
    errors: 0,
  };
  return { tree, totals };
}

function saveTree(setup: StreamSetup, node: TreeNode): BlobId {
  const encoder = new TreeEncoder();
  encoder.add(node);
  return setup.trees.save(encoder.finish()).id;
}

function plainNode(startMs: number): Omit<TreeNode, 'name' | 'type' | 'mode'> {
  const time = BigInt(startMs) * nsPerMs;
  return {
    mtime: time,
    atime: time,
    ctime: time,
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
  };
}

/** Cuts and stores a stream on the calling thread. */
class StreamSaver {
  readonly content: BlobId[] = [];
  size = 0;
  newBlobs = 0;
  added = 0;
  addedPacked = 0;
  readonly #setup: StreamSetup;
  readonly #builder: PackBuilder;
  readonly #chunker: Chunker;
  readonly #chunk = new Uint8Array(maxChunkBytes);
  readonly #seen = new Set<BlobId>();
  #filled = 0;

  constructor(setup: StreamSetup) {
    this.#setup = setup;
    this.#builder = new PackBuilder(setup.settings);
    this.#chunker = new Chunker(setup.repository.config.chunkerPolynomial);
    this.#chunker.reset();
  }

  async save(stream: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const piece of stream) {
      this.#setup.check();
      await this.#add(piece);
      this.#setup.onBytes(this.size);
    }
    if (this.#filled > 0) await this.#store();
    if (!this.#builder.isEmpty) await this.#send();
  }

  async #add(piece: Uint8Array): Promise<void> {
    this.size += piece.length;
    let rest = piece;
    while (rest.length > 0) {
      const cut = this.#chunker.next(rest);
      const size = cut < 0 ? rest.length : cut;
      this.#chunk.set(rest.subarray(0, size), this.#filled);
      this.#filled += size;
      rest = rest.subarray(size);
      if (cut >= 0) await this.#store();
    }
  }

  async #store(): Promise<void> {
    const chunk = this.#chunk.subarray(0, this.#filled);
    this.#filled = 0;
    const id = blobIdOf(chunk);
    this.content.push(id);
    if (this.#seen.has(id) || this.#setup.repository.index.has('data', id)) return;
    this.#seen.add(id);
    this.newBlobs += 1;
    this.added += chunk.length;
    this.addedPacked += this.#builder.add('data', id, chunk);
    if (this.#builder.isFull) await this.#send();
  }

  /** Several packs may be under way; a stream faster than the storage waits. */
  async #send(): Promise<void> {
    const stored = this.#setup.writer.save(this.#builder.finish());
    stored.catch(this.#setup.onFailure);
    if (this.#setup.writer.backlog > maxBacklog) await stored;
  }
}
