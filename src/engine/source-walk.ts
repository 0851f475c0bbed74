/**
 * The walk of a backup, on the main thread: goes through the targets in the order of the format,
 * compares with the parent snapshot, hands changed files to the workers in batches, and fills the
 * trees as answers come. Memory is bounded by {@link maxWaitingSlots} and the names of the folders
 * on the path from the root to where the walk is.
 */

import { lstatSync, statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf, SealiftError, systemCodeOf } from '../base/errors.ts';
import type { Moment } from '../base/time.ts';
import { type BlobId, blobIdFromBytes } from '../repository/ids.ts';
import type { EncodedNode, TreeNode } from '../repository/tree.ts';
import type { HexId } from '../repository/tree-scanner.ts';
import type { Excluder } from './exclude.ts';
import { type Listing, type ListingPart, listFolder, lookAt } from './listing.ts';
import type { LookAhead } from './look-ahead.ts';
import type { NodeMaker, SourceType } from './metadata.ts';
import type { IndexedRepository } from './open.ts';
import { openParentFolder, type ParentFolder } from './parent.ts';
import { StatRows } from './stat-rows.ts';
import type { FillSlot, SavedTree, SlotCount, TreeSaver } from './tree-builder.ts';
import { Frame } from './tree-builder.ts';
import { inWalkOrder, joinPath, pathForSystem, type TargetNode } from './walk.ts';
import type { WorkerPool } from './workers/pool.ts';
import { type BatchResult, costFields } from './workers/protocol.ts';

/** Nodes waiting for one before them, in all folders; a node takes about a kilobyte. */
const maxWaitingSlots = 20_000;
const maxBatchFiles = 256;
const maxBatchBytes = 16 * 2 ** 20;
/** The walk gives way to messages of workers and sockets this often. */
const turnMs = 5;
/** To ask for the time takes as long as a tenth of an entry. */
const entriesBetweenLooks = 16;
/** Packs waiting for a connection before the walk stops adding trees. */
const maxBacklog = 8;

export type ItemAction = 'new' | 'changed' | 'unmodified';

/** What became of one entry, for verbose output. */
export interface ItemReport {
  readonly action: ItemAction;
  readonly type: 'file' | 'dir';
  /** Path in the snapshot, a byte string. */
  readonly path: string;
  /** Bytes of a file's content. */
  readonly size: number;
  /** Bytes new to the repository (content, or a folder's tree), before and after compression. */
  readonly added: number;
  readonly addedPacked: number;
  /** Time spent on reading and storing it. */
  readonly seconds: number;
}

export interface WalkTotals {
  filesNew: number;
  filesChanged: number;
  filesUnmodified: number;
  dirsNew: number;
  dirsChanged: number;
  dirsUnmodified: number;
  dataBlobs: number;
  dataAdded: number;
  dataAddedPacked: number;
  filesProcessed: number;
  bytesProcessed: number;
  /** Bytes of files that were not read because the parent has them. */
  bytesUnmodified: number;
  errors: number;
}

export interface SourceWalkSetup {
  readonly repository: IndexedRepository;
  readonly pool: WorkerPool;
  readonly trees: TreeSaver;
  /** Packs waiting for a connection. */
  readonly backlog: () => number;
  readonly nodes: NodeMaker;
  readonly excluder: Excluder;
  /** Of the same targets; borrowed. */
  readonly lookAhead: LookAhead | undefined;
  readonly oneFileSystem: boolean;
  readonly ignoreCtime: boolean;
  readonly ignoreInode: boolean;
  /** Entries changed before this moment are in the parent as they were. */
  readonly trustedBefore: Moment;
  readonly onItem: ((item: ItemReport) => void) | undefined;
  readonly onWarning: (message: string) => void;
  readonly onError: (error: SealiftError) => void;
  /** Throws when the run has failed or was interrupted. */
  readonly check: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** An entry handed to a worker. */
interface BatchEntry {
  readonly name: string;
  readonly path: string;
  readonly snapshotPath: string;
  readonly previous: TreeNode | undefined;
  readonly fill: FillSlot;
}

/** A folder being walked, and what its entries need to know of it. */
interface Place {
  readonly frame: Frame;
  readonly parent: ParentFolder;
  readonly snapshotPath: string;
  /** Device of the target, when the walk must not leave it. */
  readonly device: bigint | undefined;
}

/** An entry of the source, and what `lstat` says of it. */
interface Entry {
  readonly name: string;
  readonly path: string;
  readonly rows: StatRows;
  readonly row: number;
}

interface EntryOptions {
  /** Named by the user, and so never excluded. */
  readonly explicit: boolean;
}

export class SourceWalk {
  readonly totals: WalkTotals = {
    filesNew: 0,
    filesChanged: 0,
    filesUnmodified: 0,
    dirsNew: 0,
    dirsChanged: 0,
    dirsUnmodified: 0,
    dataBlobs: 0,
    dataAdded: 0,
    dataAddedPacked: 0,
    filesProcessed: 0,
    bytesProcessed: 0,
    bytesUnmodified: 0,
    errors: 0,
  };
  readonly #setup: SourceWalkSetup;
  readonly #slots: SlotCount = { waiting: 0 };
  readonly #ctime: Moment = { seconds: 0, nanos: 0 };
  #batch: BatchEntry[] = [];
  #batchBytes = 0;
  /** Of the file that was added last. */
  #lastBytes = 0;
  #outstanding = 0;
  #lastTurnMs = performance.now();
  #wake: (() => void) | undefined;

  constructor(setup: SourceWalkSetup) {
    this.#setup = setup;
  }

  /** Wakes a waiting walk after a failure or a stored pack, so that it looks again. */
  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /**
   * Walks the targets.
   * @param parentTree root tree of the parent snapshot
   * @returns the root tree, stored but for the last tree pack, and its count of entries
   */
  async run(
    layout: TargetNode,
    parentTree: BlobId | undefined,
  ): Promise<{ tree: BlobId; entries: number }> {
    let root: { tree: BlobId; entries: number } | undefined;
    const parent = await this.#openParent(parentTree);
    const frame = new Frame(this.#slots, (tree, entries) => {
      root = { tree: this.#setup.trees.save(tree, parent.idOf(tree)).id, entries };
    });
    await this.#saveEntries(layout, { frame, parent, snapshotPath: '', device: undefined });
    frame.close();
    this.#dispatch();
    for (;;) {
      this.#setup.check();
      if (root !== undefined) return root;
      await this.#sleep();
    }
  }

  async #saveEntries(layout: TargetNode, place: Place): Promise<void> {
    for (const [name, entry] of inWalkOrder(layout)) {
      const device = this.#setup.oneFileSystem ? deviceOf(entry.path) : undefined;
      if (entry.path === undefined) await this.#saveUpper(name, entry, place);
      else await this.#saveTarget(name, entry.path, { ...place, device });
    }
  }

  /** A folder above targets: its metadata are real where there is such a folder. */
  async #saveUpper(name: string, layout: TargetNode, place: Place): Promise<void> {
    const path = layout.metadataPath ?? layout.root;
    const rows = StatRows.of(1);
    rows.look(0, path);
    // A link above a target stands for the folder that it leads to.
    if (rows.type(0) !== 'dir') rows.set(0, statSync(pathForSystem(path), { bigint: true }));
    const entry = { name, path, rows, row: 0 };
    await this.#saveFolder(entry, place, (inner) => this.#saveEntries(layout, inner));
  }

  async #saveTarget(name: string, path: string, place: Place): Promise<void> {
    this.#setup.lookAhead?.enterTarget();
    const rows = StatRows.of(1);
    try {
      rows.look(0, path);
    } catch (error) {
      this.#reportUnreadable(path, error, { mayBeGone: false });
      return;
    }
    await this.#saveEntry({ name, path, rows, row: 0 }, place, { explicit: true });
  }

  /** A promise only where there is something to wait for. */
  #saveEntry(entry: Entry, place: Place, { explicit }: EntryOptions): Promise<void> | void {
    const { excluder, nodes } = this.#setup;
    const { name, path, rows, row } = entry;
    const type = rows.type(row);
    // Sockets are stored though restic leaves them out: its check accepts them, its restore skips them.
    if (type === undefined) return;
    const isAway = place.device !== undefined && rows.bigint(row, 'dev') !== place.device;
    if (type === 'dir') {
      // A mount point is stored, what is mounted on it is not.
      return this.#saveFolder(entry, place, (inner) =>
        isAway ? Promise.resolve() : this.#saveContent(path, inner),
      );
    }
    if (isAway) return;
    if (type === 'file') {
      if (!explicit && excluder.rejectsSize(Number(rows.whole(row, 'size')))) return;
      return this.#saveFile(entry, place);
    }
    const equal = this.#takeEqual(entry, type, place);
    if (equal !== undefined) {
      place.frame.add(equal);
      return;
    }
    try {
      place.frame.add(nodes.make(name, path, type, rows.stat(row)));
    } catch (error) {
      this.#reportUnreadable(path, error, { mayBeGone: true });
    }
  }

  /**
   * The parent's node, if nothing that the entry's node tells can have changed: all numbers are the same,
   * and whatever else changes (attributes, a link's target, content) changes the ctime too, unless within
   * the tick of the clock in which the parent was made.
   */
  #takeEqual(
    { name, rows, row }: Entry,
    type: SourceType,
    { parent }: Place,
  ): EncodedNode | undefined {
    if (!parent.hasMore || !this.#isTrusted(rows, row)) return undefined;
    return parent.takeEqual(this.#setup.nodes.head(name, type, rows, row), this.#isStored);
  }

  #isTrusted(rows: StatRows, row: number): boolean {
    rows.moment(row, 'ctimeNs', this.#ctime);
    const { seconds, nanos } = this.#setup.trustedBefore;
    return (
      this.#ctime.seconds < seconds ||
      (this.#ctime.seconds === seconds && this.#ctime.nanos < nanos)
    );
  }

  #previous(name: string, type: SourceType, place: Place): TreeNode | undefined {
    const found = place.parent.find(name);
    return found?.type === type ? found : undefined;
  }

  readonly #isStored = ({ json, start }: HexId): boolean =>
    this.#setup.repository.index.hasHex('data', json, start);

  async #saveFolder(
    entry: Entry,
    place: Place,
    fillFolder: (inner: Place) => Promise<void>,
  ): Promise<void> {
    const { name, path } = entry;
    const equal = this.#takeEqual(entry, 'dir', place);
    const previous = equal ?? this.#previous(name, 'dir', place);
    const snapshotPath = `${place.snapshotPath}/${name}`;
    const parent = await this.#openParent(previous?.subtree);
    const stat = entry.rows.stat(entry.row);
    const make = (): TreeNode => this.#setup.nodes.make(name, path, 'dir', stat);
    const made = equal === undefined ? make() : undefined;
    const fill = place.frame.reserve();
    let isLost = false;
    const frame = new Frame(this.#slots, (tree) => {
      if (isLost) {
        fill(undefined);
        return;
      }
      const saved = this.#setup.trees.save(tree, parent.idOf(tree));
      this.#countFolder(snapshotPath, previous, saved);
      if (equal !== undefined && equal.subtree === saved.id) fill(equal);
      else fill({ ...(made ?? make()), subtree: saved.id });
    });
    try {
      await fillFolder({ frame, parent, snapshotPath, device: place.device });
    } catch (error) {
      if (!(error instanceof UnreadableFolder)) throw error;
      isLost = true;
      this.#reportUnreadable(path, error.cause, { mayBeGone: true });
    }
    frame.close();
    if (this.#slots.waiting > maxWaitingSlots || this.#setup.backlog() > maxBacklog) {
      await this.#waitFor(
        () => this.#slots.waiting <= maxWaitingSlots && this.#setup.backlog() <= maxBacklog,
      );
    }
  }

  async #saveContent(folder: string, place: Place): Promise<void> {
    const { names, first } = await this.#list(folder);
    for (let part = first; ; part = lookAt(folder, names, part.end, this.#setup.excluder)) {
      this.#reportFailures(folder, names, part);
      await this.#savePart(folder, names, part, place);
      if (part.end === names.length) return;
    }
  }

  async #savePart(
    folder: string,
    names: readonly string[],
    { start, end, numbers }: ListingPart,
    place: Place,
  ): Promise<void> {
    const rows = new StatRows(numbers);
    for (let at = start; at < end; at += 1) {
      if (at % entriesBetweenLooks === 0 && performance.now() - this.#lastTurnMs > turnMs)
        await this.#giveWay();
      const name = names[at] ?? '';
      const entry = { name, path: joinPath(folder, name), rows, row: at - start };
      const saving = this.#saveEntry(entry, place, { explicit: false });
      if (saving !== undefined) await saving;
    }
  }

  async #list(folder: string): Promise<Listing> {
    const { lookAhead, excluder } = this.#setup;
    const known = await lookAhead?.take(folder);
    if (known !== undefined) return known;
    try {
      return listFolder(folder, excluder);
    } catch (cause) {
      throw new UnreadableFolder('folder', { cause });
    }
  }

  #saveFile(entry: Entry, place: Place): Promise<void> | void {
    const { name, path, rows, row } = entry;
    const equal = this.#takeEqual(entry, 'file', place);
    if (equal !== undefined) {
      place.frame.add(equal);
      this.#countUnmodified(entry, place);
      return;
    }
    const previous = this.#previous(name, 'file', place);
    if (previous !== undefined && this.#isUnchanged(previous, entry, place)) {
      const node = this.#setup.nodes.make(name, path, 'file', rows.stat(row));
      place.frame.add({ ...node, content: previous.content });
      this.#countUnmodified(entry, place);
      return;
    }
    return this.#readFile(entry, place, previous);
  }

  #countUnmodified({ name, rows, row }: Entry, place: Place): void {
    const size = Number(rows.whole(row, 'size'));
    this.totals.bytesUnmodified += size;
    this.#countFile(`${place.snapshotPath}/${name}`, 'unmodified', size, noCost);
  }

  /** Adds the file to the batch; waits when there is no room. */
  #readFile(
    { name, path, rows, row }: Entry,
    place: Place,
    previous: TreeNode | undefined,
  ): Promise<void> | void {
    const size = Number(rows.whole(row, 'size'));
    const full = (): boolean =>
      this.#batch.length >= maxBatchFiles || this.#batchBytes >= maxBatchBytes;
    const add = (): void => {
      const snapshotPath = `${place.snapshotPath}/${name}`;
      this.#batch.push({ name, path, snapshotPath, previous, fill: place.frame.reserve() });
      this.#lastBytes = size;
      this.#batchBytes += this.#lastBytes;
      if (full() && this.#setup.pool.hasRoom) this.#dispatch();
    };
    if (!full() && this.#slots.waiting <= maxWaitingSlots) {
      add();
      return;
    }
    return this.#waitFor(() => {
      if (this.#setup.pool.hasRoom) this.#dispatch();
      return !full() && this.#slots.waiting <= maxWaitingSlots;
    }).then(add);
  }

  #isUnchanged(previous: TreeNode, { name, rows, row }: Entry, place: Place): boolean {
    const { ignoreCtime, ignoreInode, repository, onWarning } = this.#setup;
    const stat = rows.stat(row);
    if (previous.content === null || previous.size !== stat.size) return false;
    if (previous.mtime !== stat.mtimeNs) return false;
    const ctimeNs = process.platform === 'win32' ? stat.mtimeNs : stat.ctimeNs;
    if (!ignoreCtime && !ignoreInode && previous.ctime !== ctimeNs) return false;
    if (!ignoreInode && previous.inode !== BigInt.asUintN(64, stat.ino)) return false;
    if (previous.content.every((id) => repository.index.has('data', id))) return true;
    onWarning(
      `${place.snapshotPath}/${name} has not changed, but the repository lacks parts of it: reading it again`,
    );
    return false;
  }

  /** Hands the batch to a worker. */
  #dispatch(): void {
    if (this.#batch.length === 0) return;
    const entries = this.#batch;
    const batch = {
      paths: entries.map((entry) => entry.path),
      bytes: this.#batchBytes,
      lastBytes: this.#lastBytes,
    };
    this.#batch = [];
    this.#batchBytes = 0;
    this.#outstanding += 1;
    this.#setup.pool.submit(batch, (result) => {
      this.#outstanding -= 1;
      try {
        this.#receive(entries, result);
      } catch (error) {
        this.#setup.onFailure(error);
      }
      this.wake();
    });
  }

  #receive(entries: readonly BatchEntry[], result: BatchResult): void {
    const failures = new Map(result.failures.map((failure) => [failure.index, failure]));
    const rows = new StatRows(result.stats);
    this.totals.dataBlobs += result.newBlobs;
    let first = 0;
    for (const [index, entry] of entries.entries()) {
      const failure = failures.get(index);
      if (failure !== undefined) {
        entry.fill(undefined);
        if (failure.code !== 'ENOENT') {
          this.#report(unreadable(entry.path, failure.message, failure.code));
        }
        continue;
      }
      const count = result.counts[index] ?? 0;
      const content = readIds(result.content.subarray(first * 32, (first + count) * 32));
      first += count;
      const stat = rows.stat(index);
      const cost = readCost(result.costs, index);
      entry.fill({
        ...this.#setup.nodes.make(entry.name, entry.path, 'file', stat),
        content,
      });
      this.totals.dataAdded += cost.added;
      this.totals.dataAddedPacked += cost.addedPacked;
      const action = entry.previous === undefined ? 'new' : 'changed';
      this.#countFile(entry.snapshotPath, action, Number(stat.size), cost);
    }
  }

  #countFile(path: string, action: ItemAction, size: number, cost: FileCost): void {
    this.totals[fileCounters[action]] += 1;
    this.totals.filesProcessed += 1;
    this.totals.bytesProcessed += size;
    this.#setup.onItem?.({ action, type: 'file', path, size, ...cost });
  }

  #countFolder(path: string, previous: TreeNode | EncodedNode | undefined, tree: SavedTree): void {
    const isSame = previous?.subtree === tree.id;
    const action = previous === undefined ? 'new' : isSame ? 'unmodified' : 'changed';
    this.totals[folderCounters[action]] += 1;
    const { added, addedPacked } = tree;
    this.#setup.onItem?.({ action, type: 'dir', path, size: 0, added, addedPacked, seconds: 0 });
  }

  #openParent(tree: BlobId | undefined): Promise<ParentFolder> {
    return openParentFolder(this.#setup.repository, tree, this.#setup.onWarning);
  }

  /** What is gone since the folder was read is no failure. */
  #reportFailures(folder: string, names: readonly string[], part: ListingPart): void {
    for (const { row, code, message } of part.failures) {
      if (code === 'ENOENT') continue;
      const path = joinPath(folder, names[part.start + row] ?? '');
      this.#report(unreadable(path, message, code));
    }
  }

  #reportUnreadable(path: string, cause: unknown, { mayBeGone }: { mayBeGone: boolean }): void {
    const code = systemCodeOf(cause);
    if (code === 'ENOENT' && mayBeGone) return;
    this.#report(unreadable(path, messageOf(cause), code, cause));
  }

  #report(error: SealiftError): void {
    this.totals.errors += 1;
    this.#setup.onError(error);
  }

  /** Lets messages in, and keeps idle workers fed with what there is. */
  async #giveWay(): Promise<void> {
    if (this.#setup.pool.hasIdle) this.#dispatch();
    await nextTurn();
    this.#setup.check();
    this.#lastTurnMs = performance.now();
  }

  async #waitFor(condition: () => boolean): Promise<void> {
    for (;;) {
      this.#setup.check();
      if (condition()) break;
      // What the walk waits for may depend on files not handed out yet.
      if (this.#outstanding === 0) this.#dispatch();
      await this.#sleep();
    }
    this.#lastTurnMs = performance.now();
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

const fileCounters = {
  new: 'filesNew',
  changed: 'filesChanged',
  unmodified: 'filesUnmodified',
} as const;
const folderCounters = {
  new: 'dirsNew',
  changed: 'dirsChanged',
  unmodified: 'dirsUnmodified',
} as const;

interface FileCost {
  readonly added: number;
  readonly addedPacked: number;
  readonly seconds: number;
}

const noCost: FileCost = { added: 0, addedPacked: 0, seconds: 0 };

function readCost(costs: Float64Array, index: number): FileCost {
  const at = index * costFields.length;
  return { added: costs[at] ?? 0, addedPacked: costs[at + 1] ?? 0, seconds: costs[at + 2] ?? 0 };
}

class UnreadableFolder extends Error {}

function unreadable(
  path: string,
  message: string,
  code: string | undefined,
  cause?: unknown,
): SealiftError {
  return new SealiftError('source/unreadable', `${path} cannot be read: ${message}`, {
    cause,
    fields: { path, ...(code === undefined ? {} : { code }) },
  });
}

function deviceOf(path: string | undefined): bigint | undefined {
  if (path === undefined) return undefined;
  return lstatSync(pathForSystem(path), { bigint: true, throwIfNoEntry: false })?.dev;
}

function readIds(bytes: Uint8Array): BlobId[] {
  const ids: BlobId[] = [];
  for (let at = 0; at < bytes.length; at += 32)
    ids.push(blobIdFromBytes(bytes.subarray(at, at + 32)));
  return ids;
}
