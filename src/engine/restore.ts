/**
 * Brings files of a snapshot back.
 *
 * The tree is walked once. Folders, links and special files are made on the way; files are collected
 * into batches of bounded size ({@link RestorePlan}). A full batch is fetched pack by pack while the walk
 * goes on; its files get their metadata as they are completed, then hard links are made, and last the
 * folders that were left meanwhile get theirs, inner ones first, since making an entry changes a
 * folder's times.
 */

import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, linkSync, mkdirSync, realpathSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isSealiftError, messageOf, SealiftError } from '../base/errors.ts';
import type { BlobIndex } from '../repository/blob-index.ts';
import { overheadBytes } from '../repository/crypto.ts';
import type { BlobId, SnapshotId } from '../repository/ids.ts';
import { parseSnapshot } from '../repository/snapshot.ts';
import type { TreeNode } from '../repository/tree.ts';
import type { PathMatcher } from './filter.ts';
import { isDamage } from './load-blob.ts';
import { loadNative, type Native } from './native.ts';
import type { IndexedRepository } from './open.ts';
import { Slots } from './parallel.ts';
import { type FinishedFile, restoreContent } from './restore-content.ts';
import { applyMetadata, type MetadataWarning, metadataOf } from './restore-metadata.ts';
import { type PlannedFile, pathOf, RestorePlan } from './restore-plan.ts';
import {
  clearWay,
  endsRestore,
  ensureFolder,
  isSafeName,
  isSpecial,
  lookAt,
  makeSpecial,
  makeSymlink,
  openFile,
  openToRead,
  readFully,
  removeAll,
  setSize,
  targetError,
} from './restore-target.ts';
import { loadUnpacked, readDamage } from './unpacked.ts';
import { joinPath, pathForSystem, readNames } from './walk.ts';
import { findFolder, loadTree } from './walk-trees.ts';
import { PackPool } from './workers/pack-pool.ts';

/** What to do with a file that exists. `always` still writes only content that differs. */
export type OverwriteMode = 'always' | 'if-changed' | 'if-newer' | 'never';

export interface RestoreProgress {
  /** Found so far; final once the walk has ended, which is before most content is written. */
  readonly totalFiles: number;
  readonly filesDone: number;
  readonly totalBytes: number;
  readonly bytesDone: number;
  readonly filesSkipped: number;
  readonly bytesSkipped: number;
  readonly filesDeleted: number;
}

/** Counts are of entries of every type (files, folders, links). */
export interface RestoreSummary extends RestoreProgress {
  /** Files that were there with the same content; part of `filesDone`. */
  readonly filesUnchanged: number;
  readonly filesVerified: number;
  readonly errors: number;
}

export type RestoreItemAction = 'restored' | 'updated' | 'unchanged' | 'skipped' | 'deleted';

export interface RestoreItem {
  readonly action: RestoreItemAction;
  /** Path in the snapshot, or below the root that was restored. */
  readonly path: string;
  readonly size: number;
}

export interface RestoreOptions {
  readonly snapshotId: SnapshotId;
  /** Folder in the snapshot to restore as the root. */
  readonly subfolder?: string;
  /** Created if it is not there. */
  readonly target: string;
  /** Only what matches is restored. */
  readonly include?: PathMatcher;
  /** What matches is left out. */
  readonly exclude?: PathMatcher;
  /** `always` when left out. */
  readonly overwrite?: OverwriteMode;
  /** Removes what is in restored folders but not in the snapshot. */
  readonly delete?: boolean;
  /** Leaves runs of zeros as holes. */
  readonly sparse?: boolean;
  /** Reads every restored file again and compares it with the snapshot. */
  readonly verify?: boolean;
  /** Changes nothing; the summary says what would be done. */
  readonly dryRun?: boolean;
  /** Undefined leaves out what Node cannot do; the system's when left out (worker threads have it). */
  readonly native?: Native | undefined;
  /** Called often, with an object that goes on changing. */
  readonly onProgress?: (progress: RestoreProgress) => void;
  readonly onItem?: (item: RestoreItem) => void;
  readonly onWarning?: (message: string) => void;
  /** Once for each fault; `fields.path` names the file. */
  readonly onError?: (error: SealiftError) => void;
  /** Called at the end, also when files were damaged and the restore then throws. */
  readonly onSummary?: (summary: RestoreSummary) => void;
}

/** Limits of a batch, of which two are held: some MiB of file objects, and of blobs. */
const maxBatchFiles = 8192;
const maxBatchBlobs = 65_536;
/** Of the first batch, so that the workers begin early; each that follows has twice as many. */
const firstBatchFiles = 1024;
/** Entries visited between turns of the event loop, in which workers get new jobs. */
const entriesPerTurn = 256;
/** Content compared between turns of the event loop, so that an interrupt is heard. */
const compareTurnBytes = 16 * 1024 * 1024;

/**
 * Restores a snapshot or a part of it.
 * @throws SealiftError 'restore/incomplete' if something could not be restored, after all the rest
 *   was; 'restore/target' if the target cannot be written at all; 'snapshot/path-not-found'
 */
export async function restore(
  repo: IndexedRepository,
  options: RestoreOptions,
  signal?: AbortSignal,
): Promise<RestoreSummary> {
  const { snapshotId, subfolder = '' } = options;
  const json = await loadUnpacked(repo, 'snapshots', snapshotId, signal);
  const snapshot = readDamage('snapshots', snapshotId, () => parseSnapshot(json));
  const root = await findFolder(repo, snapshot.tree, subfolder, signal);
  const job = new RestoreJob(repo, options, signal);
  try {
    await job.run(root);
  } finally {
    await job.close();
  }
  if (options.verify && !options.dryRun) await job.verify(root);
  const summary = job.summary();
  options.onSummary?.(summary);
  if (summary.errors > 0) {
    throw new SealiftError(
      'restore/incomplete',
      `${summary.errors} errors: some files could not be restored completely`,
      {
        hint: 'the files are named above; the rest was restored',
        fields: { count: summary.errors, target: options.target },
      },
    );
  }
  return summary;
}

/** A folder of the walk. */
interface Folder {
  /** In the target; a byte string. */
  readonly path: string;
  /** In the snapshot, with a leading slash; empty for the root. */
  readonly snapshotPath: string;
  readonly node: TreeNode | undefined;
  readonly parent: Folder | undefined;
  /** It was there before; undefined until it is made or found. */
  existed: boolean | undefined;
}

/** What is written together. */
interface Batch {
  readonly plan: RestorePlan;
  readonly links: PendingLink[];
  /** Left by the walk; their metadata comes last. */
  readonly folders: Folder[];
}

function emptyBatch({ index }: IndexedRepository): Batch {
  return { plan: new RestorePlan(index), links: [], folders: [] };
}

interface PendingLink {
  readonly path: string;
  readonly snapshotPath: string;
  readonly source: string;
}

class RestoreJob {
  readonly #repo: IndexedRepository;
  readonly #options: RestoreOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #native: Native | undefined;
  readonly #pool: PackPool;
  readonly #warned = new Set<string>();
  readonly #slots: Slots;
  #batch: Batch;
  #batchFiles = firstBatchFiles;
  /** The batch that is written, and the one before it. */
  #writing = Promise.resolve();
  #writingBefore = Promise.resolve();
  #sinceTurn = 0;
  /** Where the first name of each file with several links went. */
  readonly #linkSources = new Map<string, string>();
  /** Files left alone by the overwrite mode, which verification must not look at. */
  readonly #skipped = new Set<string>();
  readonly #counts = {
    totalFiles: 0,
    filesDone: 0,
    totalBytes: 0,
    bytesDone: 0,
    filesSkipped: 0,
    bytesSkipped: 0,
    filesDeleted: 0,
    filesUnchanged: 0,
    filesVerified: 0,
    errors: 0,
  };

  constructor(repo: IndexedRepository, options: RestoreOptions, signal: AbortSignal | undefined) {
    this.#repo = repo;
    this.#options = options;
    this.#signal = signal;
    this.#native = 'native' in options ? options.native : loadNative();
    this.#pool = new PackPool(repo);
    this.#slots = new Slots(this.#pool.concurrency);
    this.#batch = emptyBatch(repo);
  }

  /** Ends the worker threads, and waits for what the main thread does with their answers. */
  async close(): Promise<void> {
    await this.#pool.close();
    await Promise.allSettled([this.#writingBefore, this.#writing]);
  }

  summary(): RestoreSummary {
    return { ...this.#counts };
  }

  async run(root: BlobId): Promise<void> {
    const path = this.#prepareTarget();
    const folder: Folder = {
      path,
      snapshotPath: '',
      node: undefined,
      parent: undefined,
      existed: true,
    };
    await this.#walk(folder, root);
    await this.#endBatch();
    await this.#writing;
  }

  #prepareTarget(): string {
    const { target, dryRun } = this.#options;
    if (dryRun) return target;
    try {
      mkdirSync(target, { recursive: true, mode: 0o700 });
      // The user may name a link as the target; below it no link is followed.
      return realpathSync(target);
    } catch (error) {
      throw targetError(target, messageOf(error), error);
    }
  }

  async #walk(folder: Folder, tree: BlobId): Promise<void> {
    const names = this.#options.delete ? new Set<string>() : undefined;
    let isComplete = true;
    try {
      for (const node of await loadTree(this.#repo, tree, this.#signal)) {
        this.#signal?.throwIfAborted();
        names?.add(node.name);
        await this.#visit(folder, node);
        this.#sinceTurn += 1;
        if (this.#sinceTurn < entriesPerTurn) continue;
        this.#sinceTurn = 0;
        await nextTurn();
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      isComplete = false;
      this.#fail(folder.snapshotPath || '/', error);
    }
    // With half of the names unknown, nothing is known to be superfluous.
    if (names && isComplete) this.#deleteOthers(folder, names);
  }

  async #visit(parent: Folder, node: TreeNode): Promise<void> {
    const snapshotPath = `${parent.snapshotPath}/${node.name}`;
    const choice = this.#select(snapshotPath);
    if (!choice.here && !(choice.below && node.type === 'dir')) return;
    if (!isSafeName(node.name)) {
      this.#fail(
        snapshotPath,
        badNode(snapshotPath, 'this system cannot have an entry of this name'),
      );
      return;
    }
    try {
      if (node.type === 'dir') await this.#visitFolder(parent, node, snapshotPath, choice);
      else {
        this.#counts.totalFiles += 1;
        await this.#visitEntry(parent, node, snapshotPath);
      }
    } catch (error) {
      if (isSealiftError(error) || this.#signal?.aborted) throw error;
      const path = joinPath(parent.path, node.name);
      const failure = targetError(path, messageOf(error), error);
      if (endsRestore(error)) throw failure;
      this.#fail(snapshotPath, failure);
    }
    const { plan, folders, links } = this.#batch;
    const files = plan.files.length + folders.length + links.length;
    if (files >= this.#batchFiles || plan.blobCount >= maxBatchBlobs) await this.#endBatch();
  }

  #select(snapshotPath: string): { here: boolean; below: boolean } {
    const { include, exclude } = this.#options;
    let here = true;
    let below = true;
    if (include) {
      const match = include(snapshotPath);
      here = match.matched;
      below = match.matched || match.childMayMatch;
    }
    if (exclude?.(snapshotPath).matched) return { here: false, below: false };
    return { here, below };
  }

  async #visitFolder(
    parent: Folder,
    node: TreeNode,
    snapshotPath: string,
    choice: { here: boolean; below: boolean },
  ): Promise<void> {
    const folder: Folder = {
      path: joinPath(parent.path, node.name),
      snapshotPath,
      node,
      parent,
      existed: undefined,
    };
    if (choice.here) {
      this.#counts.totalFiles += 1;
      this.#make(folder);
    }
    if (node.subtree === undefined) {
      this.#fail(snapshotPath, badNode(snapshotPath, 'the folder has no tree'));
    } else await this.#walk(folder, node.subtree);
    if (folder.existed === undefined) return;
    this.#batch.folders.push(folder);
    if (choice.here) {
      this.#counts.filesDone += 1;
      this.#item('restored', snapshotPath, 0);
    }
  }

  /** Makes a folder and those above it, which happens late where patterns select only inner ones. */
  #make(folder: Folder): void {
    if (folder.existed !== undefined) return;
    if (folder.parent) this.#make(folder.parent);
    folder.existed = this.#options.dryRun ? true : ensureFolder(folder.path);
  }

  async #visitEntry(parent: Folder, node: TreeNode, snapshotPath: string): Promise<void> {
    const path = joinPath(parent.path, node.name);
    if (node.type === 'file') this.#counts.totalBytes += Number(node.size);
    if (node.type === 'file' && node.content === null) {
      this.#fail(snapshotPath, badNode(snapshotPath, 'the file has no list of content'));
      return;
    }
    this.#make(parent);
    // In a folder that this restore made there is nothing yet: entries have different names.
    const found = parent.existed ? lookAt(path) : undefined;
    if (found && this.#isKept(node, found.mtimeNs)) {
      this.#counts.filesSkipped += 1;
      this.#counts.bytesSkipped += Number(node.size);
      if (this.#options.verify) this.#skipped.add(snapshotPath);
      this.#item('skipped', snapshotPath, Number(node.size));
      return;
    }
    if (node.type === 'file') await this.#visitFile(parent, node, snapshotPath, found);
    else this.#makeOther(path, node, snapshotPath, found);
  }

  #isKept(node: TreeNode, mtimeNs: bigint): boolean {
    const { overwrite } = this.#options;
    return overwrite === 'never' || (overwrite === 'if-newer' && mtimeNs >= node.mtime);
  }

  /** A symbolic link, device, FIFO or socket. */
  #makeOther(
    path: string,
    node: TreeNode,
    snapshotPath: string,
    found: BigIntStats | undefined,
  ): void {
    if (node.type !== 'symlink' && !isSpecial(node.type)) {
      this.#fail(snapshotPath, badNode(snapshotPath, `the type '${node.type}' is unknown`));
      return;
    }
    if (isSpecial(node.type) && !this.#native) {
      this.#warnOnce('special', 'devices, FIFOs and sockets are left out: koffi is not installed');
      this.#counts.filesSkipped += 1;
      return;
    }
    if (!this.#options.dryRun) {
      if (this.#linkToFirst(path, node, snapshotPath)) return;
      clearWay(path, found, this.#options.delete === true);
      if (node.type === 'symlink') makeSymlink(path, node.linkTarget ?? '');
      else if (this.#native) makeSpecial(path, node, this.#native);
      this.#applyTo(path, snapshotPath, node, false);
    }
    this.#counts.filesDone += 1;
    this.#item('restored', snapshotPath, 0);
  }

  /**
   * Remembers the first name of an entry with several links; for a later one, notes the link to make.
   * @returns true if it is a later one
   */
  #linkToFirst(path: string, node: TreeNode, snapshotPath: string): boolean {
    if (node.links <= 1n) return false;
    const key = `${node.inode}:${node.deviceId}`;
    const source = this.#linkSources.get(key);
    if (source === undefined) {
      this.#linkSources.set(key, path);
      return false;
    }
    this.#batch.links.push({ path, snapshotPath, source });
    this.#counts.bytesDone += Number(node.size);
    return true;
  }

  async #visitFile(
    parent: Folder,
    node: TreeNode,
    snapshotPath: string,
    found: BigIntStats | undefined,
  ): Promise<void> {
    const size = Number(node.size);
    const path = joinPath(parent.path, node.name);
    if (this.#options.dryRun) {
      this.#counts.filesDone += 1;
      this.#counts.bytesDone += size;
      this.#item('restored', snapshotPath, size);
      return;
    }
    if (this.#linkToFirst(path, node, snapshotPath)) return;
    const blobs = this.#locate(node, snapshotPath);
    const state = await this.#compare(path, found, node, blobs.places);
    const file: PlannedFile = {
      folder: parent.path,
      name: node.name,
      snapshotPath,
      size: blobs.size,
      metadata: metadataOf(node),
      reuse: state.reuse,
      isOpened: false,
      remaining: 0,
      isDamaged: blobs.isDamaged,
      hasFailed: false,
    };
    const missing = blobs.places.filter((_, at) => !state.same[at]);
    file.remaining = missing.length;
    this.#counts.bytesDone += state.sameBytes;
    if (missing.length === 0) {
      this.#finishWithoutContent(path, file, state.reuse && state.hasSize);
      return;
    }
    const { plan } = this.#batch;
    const number = plan.addFile(file);
    for (const { offset, location } of missing) plan.addBlob(number, offset, location);
  }

  /**
   * Where each blob of a file is. Blobs that no index lists are reported and left out; what comes
   * after one has a known place only if it is the only one, since then its size follows.
   */
  #locate(node: TreeNode, snapshotPath: string): LocatedContent {
    const { index } = this.#repo;
    const content = (node.content ?? []).map((id) => {
      const location = index.numberOf('data', id);
      return location === undefined
        ? undefined
        : { id, location, size: plainSize(index, location) };
    });
    const unknown = content.filter((blob) => blob === undefined).length;
    const known = content.reduce((sum, blob) => sum + (blob?.size ?? 0), 0);
    if (unknown > 0) this.#fail(snapshotPath, blobNotIndexed(node, snapshotPath, unknown));
    const places: PlacedBlob[] = [];
    let offset = 0;
    for (const blob of content) {
      if (blob === undefined) {
        if (unknown > 1) break;
        offset += Number(node.size) - known;
        continue;
      }
      places.push({ ...blob, offset });
      offset += blob.size;
    }
    return { places, size: unknown > 0 ? Number(node.size) : offset, isDamaged: unknown > 0 };
  }

  /** Which blobs are in the existing file already. */
  async #compare(
    path: string,
    found: BigIntStats | undefined,
    node: TreeNode,
    places: readonly PlacedBlob[],
  ): Promise<ComparedFile> {
    const last = places.at(-1);
    const size = last ? last.offset + last.size : 0;
    const none: ComparedFile = { reuse: false, same: [], sameBytes: 0, hasSize: false };
    if (found === undefined) return none;
    const isWritable = found.isFile() && found.nlink === 1n;
    if (!isWritable) {
      clearWay(path, found, this.#options.delete === true);
      return none;
    }
    const hasSize = found.size === BigInt(size);
    if (this.#options.overwrite === 'if-changed' && hasSize && found.mtimeNs === node.mtime) {
      return { reuse: true, same: places.map(() => true), sameBytes: size, hasSize };
    }
    const same = await this.#sameBlobs(path, places);
    const isSame = same.every((value) => value) && same.length === places.length;
    if (this.#options.sparse && !isSame) {
      // Zeros are not written, so old content must not show through.
      clearWay(path, found, false);
      return none;
    }
    const sameBytes = places.reduce((sum, place, at) => sum + (same[at] ? place.size : 0), 0);
    return { reuse: true, same, sameBytes, hasSize };
  }

  async #sameBlobs(path: string, places: readonly PlacedBlob[]): Promise<boolean[]> {
    const fd = openToRead(path);
    if (fd === undefined) return [];
    try {
      const same: boolean[] = [];
      let sinceTurn = 0;
      for (const { offset, size, id } of places) {
        const buffer = new Uint8Array(size);
        same.push(
          readFully(fd, buffer, offset) === size &&
            createHash('sha256').update(buffer).digest('hex') === id,
        );
        sinceTurn += size;
        if (sinceTurn < compareTurnBytes) continue;
        sinceTurn = 0;
        await nextTurn();
        this.#signal?.throwIfAborted();
      }
      return same;
    } finally {
      closeSync(fd);
    }
  }

  /** An empty file, or one whose content is there already. */
  #finishWithoutContent(path: string, file: PlannedFile, isUnchanged: boolean): void {
    if (!isUnchanged) {
      const fd = openFile(path, file.reuse);
      try {
        setSize(fd, file.size);
      } finally {
        closeSync(fd);
      }
    }
    if (isUnchanged) this.#counts.filesUnchanged += 1;
    this.#finishFile(file, isUnchanged ? 'unchanged' : undefined);
  }

  #finishFile(file: PlannedFile, action?: RestoreItemAction): void {
    if (!file.hasFailed) {
      this.#applyTo(pathOf(file), file.snapshotPath, file.metadata, file.reuse, file);
    }
    this.#countFile(file, action);
  }

  #takeFinished(file: PlannedFile, { metadataFailures }: FinishedFile): void {
    for (const failure of metadataFailures) {
      this.#fail(file.snapshotPath, targetError(pathOf(file), failure, undefined));
    }
    this.#countFile(file);
  }

  #countFile(file: PlannedFile, action?: RestoreItemAction): void {
    if (!file.isDamaged) this.#counts.filesDone += 1;
    this.#item(action ?? (file.reuse ? 'updated' : 'restored'), file.snapshotPath, file.size);
    this.#progress();
  }

  /** Has the batch written, once the one before the last is, and begins another. */
  async #endBatch(): Promise<void> {
    const batch = this.#batch;
    this.#batch = emptyBatch(this.#repo);
    this.#batchFiles = Math.min(maxBatchFiles, this.#batchFiles * 2);
    await this.#writingBefore;
    this.#writingBefore = this.#writing;
    this.#writing = this.#write(batch, this.#writing);
    // Whoever waits for it hears of a failure; until then nobody does.
    this.#writing.catch(() => {});
  }

  /** Fetches a batch, then makes hard links, then completes the folders left meanwhile. */
  async #write({ plan, links, folders }: Batch, before: Promise<void>): Promise<void> {
    this.#progress();
    await restoreContent(this.#repo, plan, {
      pool: this.#pool,
      slots: this.#slots,
      native: this.#native,
      sparse: this.#options.sparse === true,
      signal: this.#signal,
      onBytes: (count) => {
        this.#counts.bytesDone += count;
        this.#progress();
      },
      onFileDone: (file, finished) =>
        finished ? this.#takeFinished(file, finished) : this.#finishFile(file),
      onWarning: (kind) => this.#warnOnce(kind, warnings[kind]),
      onFileError: (file, error) => this.#fail(file.snapshotPath, error),
    });
    // A link may be to a file of an earlier batch, and a folder hold some.
    await before;
    for (const link of links) this.#makeLink(link);
    for (const folder of folders) {
      if (folder.node && !this.#options.dryRun) {
        this.#applyTo(folder.path, folder.snapshotPath, folder.node, folder.existed === true);
      }
    }
    this.#progress();
  }

  #makeLink({ path, snapshotPath, source }: PendingLink): void {
    try {
      const found = lookAt(path);
      const first = lookAt(source);
      const isLinked = found && first && found.ino === first.ino && found.dev === first.dev;
      if (!isLinked) {
        clearWay(path, found, this.#options.delete === true);
        linkSync(pathForSystem(source), pathForSystem(path));
      }
      this.#counts.filesDone += 1;
      this.#item('restored', snapshotPath, 0);
    } catch (error) {
      const failure = targetError(path, messageOf(error), error);
      if (endsRestore(error)) throw failure;
      this.#fail(snapshotPath, failure);
    }
  }

  #applyTo(
    path: string,
    snapshotPath: string,
    node: TreeNode | PlannedFile['metadata'],
    existed: boolean,
    file?: PlannedFile,
  ): void {
    const failures = applyMetadata(path, 'name' in node ? metadataOf(node) : node, {
      native: this.#native,
      existed,
      withTimes: file?.isDamaged !== true,
      onWarning: (kind) => this.#warnOnce(kind, warnings[kind]),
    });
    for (const failure of failures) {
      this.#fail(snapshotPath, targetError(path, failure, undefined));
    }
  }

  #deleteOthers(folder: Folder, names: ReadonlySet<string>): void {
    if (folder.existed === undefined) return;
    let present: string[];
    try {
      present = readNames(folder.path);
    } catch (error) {
      if (this.#options.dryRun) return;
      this.#fail(folder.snapshotPath, targetError(folder.path, messageOf(error), error));
      return;
    }
    for (const name of present) {
      const snapshotPath = `${folder.snapshotPath}/${name}`;
      if (names.has(name) || !this.#select(snapshotPath).here) continue;
      const path = joinPath(folder.path, name);
      try {
        if (!this.#options.dryRun) removeAll(path);
        this.#counts.filesDeleted += 1;
        this.#item('deleted', snapshotPath, 0);
      } catch (error) {
        this.#fail(snapshotPath, targetError(path, messageOf(error), error));
      }
    }
  }

  /** Reads the restored files again and compares every blob. */
  async verify(root: BlobId): Promise<void> {
    await this.#verifyFolder(realpathSync(this.#options.target), '', root);
  }

  async #verifyFolder(path: string, snapshotPath: string, tree: BlobId): Promise<void> {
    try {
      for (const node of await loadTree(this.#repo, tree, this.#signal)) {
        await this.#verifyNode(path, `${snapshotPath}/${node.name}`, node);
      }
    } catch (error) {
      if (!isDamage(error)) throw error; // reported by the walk that restored
    }
  }

  async #verifyNode(folder: string, snapshotPath: string, node: TreeNode): Promise<void> {
    const choice = this.#select(snapshotPath);
    const path = joinPath(folder, node.name);
    if (node.type === 'dir' && node.subtree !== undefined && choice.below) {
      await this.#verifyFolder(path, snapshotPath, node.subtree);
    }
    if (node.type !== 'file' || !choice.here || this.#skipped.has(snapshotPath)) return;
    const places: PlacedBlob[] = [];
    let offset = 0;
    for (const id of node.content ?? []) {
      const location = this.#repo.index.numberOf('data', id);
      if (location === undefined) return; // reported by the walk that restored
      const size = plainSize(this.#repo.index, location);
      places.push({ id, offset, size, location });
      offset += size;
    }
    const found = lookAt(path);
    const same = await this.#sameBlobs(path, places);
    const isSame = same.length === places.length && same.every((value) => value);
    if (isSame && found?.isFile() && found.size === BigInt(offset)) {
      this.#counts.filesVerified += 1;
      return;
    }
    this.#fail(
      snapshotPath,
      new SealiftError('restore/target', `${path} does not hold what the snapshot says`, {
        hint: 'see whether another process writes there, or whether the disk is damaged',
        fields: { path },
      }),
    );
  }

  #fail(path: string, error: SealiftError): void {
    this.#counts.errors += 1;
    if (this.#options.verify) this.#skipped.add(path); // known to differ
    const { code, message, hint, retryable, fields } = error;
    this.#options.onError?.(
      fields['path'] === path
        ? error
        : new SealiftError(code, message.includes(path) ? message : `${path}: ${message}`, {
            ...(hint === undefined ? {} : { hint }),
            retryable,
            cause: error,
            fields: { ...fields, path },
          }),
    );
  }

  #warnOnce(kind: string, message: string): void {
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    this.#options.onWarning?.(message);
  }

  #item(action: RestoreItemAction, path: string, size: number): void {
    if (action === 'deleted' || action === 'skipped' || size === 0) this.#progress();
    this.#options.onItem?.({ action, path, size });
  }

  #progress(): void {
    this.#options.onProgress?.(this.#counts);
  }
}

interface PlacedBlob {
  readonly id: BlobId;
  /** Position in the file. */
  readonly offset: number;
  readonly size: number;
  /** Number in the index. */
  readonly location: number;
}

interface LocatedContent {
  readonly places: readonly PlacedBlob[];
  readonly size: number;
  readonly isDamaged: boolean;
}

interface ComparedFile {
  readonly reuse: boolean;
  /** For each blob; missing entries are false. */
  readonly same: readonly boolean[];
  readonly sameBytes: number;
  readonly hasSize: boolean;
}

const warnings: Readonly<Record<MetadataWarning, string>> = {
  'attributes-need-native': 'extended attributes are left out: koffi is not installed',
  'attributes-unsupported': 'the target does not take some extended attributes; they are left out',
  'times-rounded': 'times are cut to microseconds: koffi is not installed',
};

/** Size of a blob's plaintext. */
function plainSize(index: BlobIndex, location: number): number {
  return index.uncompressedLengthOf(location) || index.lengthOf(location) - overheadBytes;
}

function blobNotIndexed(node: TreeNode, path: string, count: number): SealiftError {
  const total = node.content?.length ?? 0;
  return new SealiftError(
    'snapshot/blob-missing',
    `${path}: ${count} of ${total} blobs of its content are in no index`,
    { hint: 'run `sealift check` to see what is damaged', fields: { path, count, total } },
  );
}

function badNode(path: string, fault: string): SealiftError {
  return new SealiftError('format/tree', `${path}: ${fault}`, {
    hint: 'run `sealift check` to see what is damaged',
    fields: { path },
  });
}
