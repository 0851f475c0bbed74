/**
 * Builds trees bottom-up while files are still being read. A folder is a {@link Frame}: its nodes go
 * into the encoder in the order of their names, and one that is not ready holds back those behind
 * it. When a folder is complete its tree is stored and its node takes its place in the folder above.
 */

import { type BlobId, blobIdOf } from '../repository/ids.ts';
import { type EncodedNode, TreeEncoder, type TreeNode } from '../repository/tree.ts';
import type { IndexedRepository } from './open.ts';
import { PackBuilder, type SealSettings } from './pack-builder.ts';
import type { PackWriter } from './pack-writer.ts';

/** A place for a node in a folder; `undefined` leaves the entry out. */
export type FillSlot = (node: TreeNode | EncodedNode | undefined) => void;

interface Slot {
  isReady: boolean;
  node: TreeNode | EncodedNode | undefined;
}

/** Counts slots held back over all folders, so that the walk can wait for them. */
export interface SlotCount {
  waiting: number;
}

/** Slots drained from the front of a queue before the array is cut. */
const cutAfter = 1024;

export class Frame {
  readonly #count: SlotCount;
  readonly #encoder = new TreeEncoder();
  readonly #onDone: (tree: Uint8Array, entries: number) => void;
  #queue: Slot[] = [];
  #front = 0;
  #entries = 0;
  #isClosed = false;

  /** @param onDone called once, when the frame is closed and every slot is filled */
  constructor(count: SlotCount, onDone: (tree: Uint8Array, entries: number) => void) {
    this.#count = count;
    this.#onDone = onDone;
  }

  /** Adds a node that is ready. Names must ascend. */
  add(node: TreeNode | EncodedNode): void {
    if (this.#front === this.#queue.length) this.#encode(node);
    else this.#push({ isReady: true, node });
  }

  /** Reserves the next place for a node that comes later. */
  reserve(): FillSlot {
    const slot: Slot = { isReady: false, node: undefined };
    this.#push(slot);
    return (node) => {
      slot.node = node;
      slot.isReady = true;
      this.#drain();
    };
  }

  /** No more nodes come. */
  close(): void {
    this.#isClosed = true;
    this.#drain();
  }

  #push(slot: Slot): void {
    this.#queue.push(slot);
    this.#count.waiting += 1;
  }

  #drain(): void {
    for (;;) {
      const slot = this.#queue[this.#front];
      if (slot === undefined || !slot.isReady) break;
      this.#front += 1;
      this.#count.waiting -= 1;
      if (slot.node !== undefined) this.#encode(slot.node);
      slot.node = undefined;
    }
    if (this.#front >= cutAfter || this.#front === this.#queue.length) {
      this.#queue = this.#queue.slice(this.#front);
      this.#front = 0;
    }
    if (this.#isClosed && this.#queue.length === 0) {
      this.#isClosed = false;
      this.#onDone(this.#encoder.finish(), this.#entries);
    }
  }

  #encode(node: TreeNode | EncodedNode): void {
    if ('tree' in node) this.#encoder.addEncoded(node);
    else this.#encoder.add(node);
    this.#entries += 1;
  }
}

export interface TreeTotals {
  blobs: number;
  added: number;
  addedPacked: number;
}

/** Bytes are 0 when the repository has the tree already. */
export interface SavedTree {
  readonly id: BlobId;
  readonly added: number;
  readonly addedPacked: number;
}

/** Waiting for the garbage collector would hold such memory too long. */
const releasedAtOnce = 2 ** 20;

/** Stores tree blobs that the repository does not have yet, in packs of their own. */
export class TreeSaver {
  readonly totals: TreeTotals = { blobs: 0, added: 0, addedPacked: 0 };
  readonly #repository: IndexedRepository;
  readonly #writer: PackWriter;
  readonly #builder: PackBuilder;
  readonly #onFailure: (error: unknown) => void;
  /** Trees in packs that the index does not name yet. */
  readonly #pending = new Set<BlobId>();

  constructor(
    repository: IndexedRepository,
    writer: PackWriter,
    settings: SealSettings,
    onFailure: (error: unknown) => void,
  ) {
    this.#repository = repository;
    this.#writer = writer;
    this.#builder = new PackBuilder(settings);
    this.#onFailure = onFailure;
  }

  /**
   * @param tree belongs to the saver from now on: a large one is released at once
   * @param id of the tree, where it is known
   */
  save(tree: Uint8Array, id = blobIdOf(tree)): SavedTree {
    const saved = this.#save(tree, id);
    if (tree.length >= releasedAtOnce && tree.buffer instanceof ArrayBuffer)
      tree.buffer.transfer(0);
    return saved;
  }

  #save(tree: Uint8Array, id: BlobId): SavedTree {
    if (this.#pending.has(id) || this.#repository.index.has('tree', id))
      return { id, added: 0, addedPacked: 0 };
    this.#pending.add(id);
    this.totals.blobs += 1;
    this.totals.added += tree.length;
    const addedPacked = this.#builder.add('tree', id, tree);
    this.totals.addedPacked += addedPacked;
    if (this.#builder.isFull) this.flush();
    return { id, added: tree.length, addedPacked };
  }

  /** Sends off the pack not yet full; its failure is reported, and shows in the writer's flush. */
  flush(): void {
    if (this.#builder.isEmpty) return;
    const pack = this.#builder.finish();
    this.#writer.save(pack).then(() => {
      for (const entry of pack.entries) this.#pending.delete(entry.id);
    }, this.#onFailure);
  }
}
