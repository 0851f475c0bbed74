/**
 * Makes a snapshot. What is stored comes in this order: packs, the index that names their blobs, the
 * snapshot; a crash in between leaves blobs that the next run finds or `prune` removes, never a
 * snapshot that lacks something.
 */

import { lstatSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isSealiftError, messageOf, SealiftError } from '../base/errors.ts';
import {
  type Clock,
  localOffsetMinutes,
  type Moment,
  nsPerMs,
  splitTime,
  systemClock,
} from '../base/time.ts';
import type { CompressionMode } from '../repository/compression.ts';
import { type BlobId, parseSnapshotId, type SnapshotId } from '../repository/ids.ts';
import type { ZonedTime } from '../repository/json-fields.ts';
import { formatPolynomial } from '../repository/polynomial.ts';
import { encodeSnapshot, type Snapshot } from '../repository/snapshot.ts';
import type { TlsSession } from '../storage/backend.ts';
import { compileExcludes, type ExcludeOptions, type Excluder } from './exclude.ts';
import { LookAhead } from './look-ahead.ts';
import { NodeMaker } from './metadata.ts';
import { loadNative } from './native.ts';
import {
  type IndexedRepository,
  type LoadIndexOptions,
  loadIndex,
  type OpenRepository,
} from './open.ts';
import type { FinishedPack, SealSettings } from './pack-builder.ts';
import { PackWriter } from './pack-writer.ts';
import { workersFor } from './parallel.ts';
import {
  defaultGroupBy,
  findParent,
  type GroupBy,
  getParent,
  type ParentSnapshot,
} from './parent.ts';
import { type BackupProgress, type ScanTotals, scanAhead } from './progress.ts';
import { type ItemReport, SourceWalk, type WalkTotals } from './source-walk.ts';
import { type StreamSource, saveStream } from './stdin.ts';
import { TreeSaver } from './tree-builder.ts';
import { saveUnpacked } from './unpacked.ts';
import {
  absoluteTarget,
  layOutTargets,
  pathForSystem,
  type TargetNode,
  targetPaths,
} from './walk.ts';
import { KnownBlobs } from './workers/known-blobs.ts';
import { WorkerPool } from './workers/pool.ts';

export type { ExcludeOptions } from './exclude.ts';
export type { GroupBy } from './parent.ts';
export type { BackupProgress } from './progress.ts';
export type { ItemReport } from './source-walk.ts';
export type { StreamSource } from './stdin.ts';

export interface BackupOptions {
  /** Targets as given, byte strings; not used when `stdin` is set. */
  readonly paths: readonly string[];
  readonly hostname: string;
  readonly username: string;
  readonly tags: readonly string[];
  readonly excludes?: ExcludeOptions;
  /** Id, beginning of an id, or `latest`; else the latest snapshot of the same series. */
  readonly parent?: string;
  /** Reads everything, without a parent. */
  readonly force?: boolean;
  readonly groupBy?: GroupBy;
  /** The snapshot's time; now when left out. */
  readonly time?: ZonedTime;
  readonly ignoreCtime?: boolean;
  readonly ignoreInode?: boolean;
  readonly withAtime?: boolean;
  readonly oneFileSystem?: boolean;
  readonly compression: CompressionMode;
  readonly packSizeBytes: number;
  /** Worker threads, each reading one file at a time. */
  readonly readConcurrency?: number;
  /** Goes through everything, stores nothing. */
  readonly dryRun?: boolean;
  readonly skipIfUnchanged?: boolean;
  readonly stdin?: StreamSource;
  /** No count of files and bytes ahead of the backup. */
  readonly noScan?: boolean;
  readonly programVersion?: string;
  readonly clock?: Clock;
  readonly onIndexProgress?: LoadIndexOptions['onProgress'];
  readonly onProgress?: (progress: BackupProgress) => void;
  readonly onItem?: (item: ItemReport) => void;
  readonly onWarning?: (message: string) => void;
  /** An entry was left out: `source/unreadable` or `source/missing`. */
  readonly onError?: (error: SealiftError) => void;
}

export interface BackupSummary {
  /** Undefined in a dry run, and when nothing changed and that was not worth a snapshot. */
  readonly snapshotId: SnapshotId | undefined;
  readonly parentId: SnapshotId | undefined;
  readonly tree: BlobId;
  readonly filesNew: number;
  readonly filesChanged: number;
  readonly filesUnmodified: number;
  readonly dirsNew: number;
  readonly dirsChanged: number;
  readonly dirsUnmodified: number;
  readonly dataBlobs: number;
  readonly treeBlobs: number;
  /** Bytes of new blobs before compression. */
  readonly dataAdded: number;
  /** Bytes of new blobs as stored. */
  readonly dataAddedPacked: number;
  readonly totalFilesProcessed: number;
  readonly totalBytesProcessed: number;
  readonly errors: number;
  readonly backupStart: ZonedTime;
  readonly backupEnd: ZonedTime;
  readonly tls: TlsSession | undefined;
}

/** Version string of snapshots, which restic shows. */
export const programVersion = 'sealift 0.1.0';

const progressMs = 100;
/** How long a failed run waits for uploads under way, to keep what they bring. */
const graceMs = 15_000;
/** Files from which on a thread that lists them ahead pays off. */
const worthAThread = 2000;
const coarsestTickNs = 2_000_000_000n;

/**
 * Backs up targets, or one stream, as a new snapshot. The caller holds a shared lock.
 * @param repository its index, where it is not there yet, is loaded while a thread looks at the source
 * @param signal when it aborts, what is stored is indexed and `interrupted` (or the signal's own
 *   SealiftError) is thrown; no snapshot is made
 * @throws SealiftError 'source/missing' if no target exists, 'snapshot/empty' if nothing was
 *   selected, 'interrupted', and what the backend throws
 */
export async function backup(
  repository: OpenRepository | IndexedRepository,
  options: BackupOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<BackupSummary> {
  const clock = options.clock ?? systemClock;
  const startMs = clock.now();
  let source: FileSource | StreamSource | undefined = options.stdin;
  try {
    source ??= await prepareSource(repository, options, { startMs, signal });
    const indexed = await withItsIndex(repository, options, signal);
    return await new BackupRun(indexed, options, { clock, startMs, signal }).run(source);
  } catch (error) {
    if (!signal.aborted || isSealiftError(error)) throw error;
    throw interruption(signal.reason);
  } finally {
    if (source !== undefined && 'layout' in source) await source.lookAhead?.close();
  }
}

/** What an abort says, in our words unless it has some. */
function interruption(reason: unknown): SealiftError {
  if (isSealiftError(reason)) return reason;
  return new SealiftError('interrupted', 'the backup was interrupted', { cause: reason });
}

function withItsIndex(
  repository: OpenRepository | IndexedRepository,
  { onIndexProgress }: BackupOptions,
  signal: AbortSignal,
): Promise<IndexedRepository> | IndexedRepository {
  if ('index' in repository) return repository;
  return loadIndex(repository, {
    signal,
    ...(onIndexProgress === undefined ? {} : { onProgress: onIndexProgress }),
  });
}

/** What is known of files and folders before any of them is read. */
interface FileSource {
  readonly layout: TargetNode;
  /** Absolute, as the snapshot records them. */
  readonly paths: readonly string[];
  readonly excluder: Excluder;
  readonly parent: ParentSnapshot | undefined;
  /** At work already. */
  readonly lookAhead: LookAhead | undefined;
  /** Targets that are not there. */
  readonly missing: number;
}

async function prepareSource(
  repository: OpenRepository,
  options: BackupOptions,
  { startMs, signal }: { readonly startMs: number; readonly signal: AbortSignal },
): Promise<FileSource> {
  const targets = existingTargets(options);
  const paths = options.paths.map(absoluteTarget);
  const timeNs = options.time?.ns ?? BigInt(startMs) * nsPerMs;
  const parent = await chooseParent(repository, options, { paths, timeNs, signal });
  const excluder = compileExcludes(options.excludes ?? {});
  const layout = layOutTargets(targets);
  const lookAhead = startLookAhead(layout, options, parent?.snapshot);
  const missing = options.paths.length - targets.length;
  return { layout, paths, excluder, parent, lookAhead, missing };
}

function existingTargets({ paths, onError }: BackupOptions): string[] {
  const existing = paths.filter((target) => {
    try {
      lstatSync(pathForSystem(target));
      return true;
    } catch (cause) {
      onError?.(
        new SealiftError('source/missing', `${target} cannot be backed up: ${messageOf(cause)}`, {
          cause,
          fields: { path: target },
        }),
      );
      return false;
    }
  });
  if (existing.length === 0) {
    throw new SealiftError('source/missing', 'none of the folders and files to back up exists', {
      hint: 'Check the paths given.',
      fields: { paths },
    });
  }
  return existing;
}

async function chooseParent(
  repository: OpenRepository,
  options: BackupOptions,
  series: {
    readonly paths: readonly string[];
    readonly timeNs: bigint;
    readonly signal: AbortSignal;
  },
): Promise<ParentSnapshot | undefined> {
  const { force, parent, hostname, tags, groupBy = defaultGroupBy } = options;
  if (force === true) return undefined;
  const { signal, ...where } = series;
  const wish = { hostname, tags, groupBy, ...where };
  const warn = (message: string): void => options.onWarning?.(message);
  return parent === undefined
    ? await findParent(repository, wish, warn, signal)
    : await getParent(repository, parent, wish, warn, signal);
}

/** Not where nearly everything is read, which keeps all cores busy as it is, nor for a few files. */
function startLookAhead(
  layout: TargetNode,
  { excludes = {}, oneFileSystem = false }: BackupOptions,
  parent: Snapshot | undefined,
): LookAhead | undefined {
  if (parent === undefined || availableParallelism() === 1) return undefined;
  const files = parent.summary?.totalFilesProcessed ?? worthAThread;
  if (files < worthAThread) return undefined;
  return new LookAhead({ targets: targetPaths(layout), excludes, oneFileSystem });
}

class BackupRun {
  readonly #repository: IndexedRepository;
  readonly #options: BackupOptions;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #settings: SealSettings;
  readonly #writer: PackWriter;
  readonly #trees: TreeSaver;
  readonly #lost = new AbortController();
  readonly #startMs: number;
  #failure: Error | undefined;
  #walk: SourceWalk | undefined;
  #hasToldOfNative = false;
  #errors = 0;

  constructor(
    repository: IndexedRepository,
    options: BackupOptions,
    {
      clock,
      startMs,
      signal,
    }: { readonly clock: Clock; readonly startMs: number; readonly signal: AbortSignal },
  ) {
    this.#repository = repository;
    this.#options = options;
    this.#signal = signal;
    this.#clock = clock;
    this.#startMs = startMs;
    this.#settings = {
      key: repository.key,
      version: repository.config.version,
      compression: options.compression,
      packSizeBytes: options.packSizeBytes,
    };
    this.#writer = new PackWriter(repository, {
      dryRun: options.dryRun ?? false,
      clock: this.#clock,
      signal: this.#lost.signal,
    });
    this.#trees = new TreeSaver(repository, this.#writer, this.#settings, (error) =>
      this.#fail(error),
    );
  }

  async run(source: FileSource | StreamSource): Promise<BackupSummary> {
    const onAbort = (): void => this.#abort();
    this.#signal.addEventListener('abort', onAbort);
    if (this.#signal.aborted) this.#abort();
    try {
      this.#check();
      return await ('stream' in source ? this.#backUpStream(source) : this.#backUpFiles(source));
    } catch (error) {
      await this.#keepWhatIsStored();
      throw this.#failure ?? error;
    } finally {
      this.#signal.removeEventListener('abort', onAbort);
    }
  }

  async #backUpFiles(source: FileSource): Promise<BackupSummary> {
    const { layout, paths, excluder, parent, lookAhead, missing } = source;
    const options = this.#options;
    this.#errors += missing;
    const pool = this.#makePool();
    const walk = new SourceWalk({
      repository: this.#repository,
      pool,
      trees: this.#trees,
      backlog: () => this.#writer.backlog,
      nodes: new NodeMaker({
        withAtime: options.withAtime ?? false,
        native: () => this.#loadNative(),
        onWarning: (path, message) => options.onWarning?.(`${path}: ${message}`),
      }),
      excluder,
      lookAhead,
      oneFileSystem: options.oneFileSystem ?? false,
      ignoreCtime: options.ignoreCtime ?? false,
      ignoreInode: options.ignoreInode ?? false,
      trustedBefore: trustedBefore(parent?.snapshot),
      onItem: options.onItem,
      onWarning: (message) => options.onWarning?.(message),
      onError: (error) => this.#reportError(error),
      check: () => this.#check(),
      onFailure: (error) => this.#fail(error),
    });
    this.#walk = walk;
    const scan: ScanTotals = { files: 0, bytes: 0, isComplete: false };
    let isDone = false;
    const stopProgress = this.#startProgress(walk, pool, scan);
    try {
      if (options.noScan !== true && options.onProgress !== undefined) {
        void scanAhead(layout, excluder, scan, () => isDone || this.#failure !== undefined);
      }
      const root = await walk.run(layout, parent?.snapshot.tree);
      await this.#orFailure(pool.flush());
      if (root.entries === 0) throw emptySnapshot();
      return await this.#finish({ tree: root.tree, paths, parent, totals: walk.totals });
    } finally {
      isDone = true;
      stopProgress();
      await pool.close();
    }
  }

  async #backUpStream(stream: StreamSource): Promise<BackupSummary> {
    // The stream may be silent for ever, and whoever stops the backup does not wait for it.
    const saving = saveStream(stream, {
      repository: this.#repository,
      settings: this.#settings,
      writer: this.#writer,
      trees: this.#trees,
      startMs: this.#startMs,
      check: () => this.#check(),
      onFailure: (error) => this.#fail(error),
      onBytes: (bytes) =>
        this.#options.onProgress?.({
          elapsedMs: this.#clock.now() - this.#startMs,
          totalFiles: 1,
          totalBytes: 0,
          isScanned: false,
          filesDone: 0,
          bytesDone: bytes,
          errors: 0,
          currentFiles: [stream.name],
        }),
    });
    const { tree, totals } = await this.#orFailure(saving);
    const path = `/${stream.name.replace(/^\/+/, '')}`;
    return this.#finish({ tree, paths: [path], parent: undefined, totals });
  }

  /** Waits until everything is stored and indexed, then writes the snapshot. */
  async #finish(result: {
    tree: BlobId;
    paths: readonly string[];
    parent: ParentSnapshot | undefined;
    totals: WalkTotals;
  }): Promise<BackupSummary> {
    const { tree, paths, parent, totals } = result;
    const options = this.#options;
    this.#trees.flush();
    await this.#orFailure(this.#writer.flush());
    this.#check();
    const { blobs, added, addedPacked } = this.#trees.totals;
    const backupStart = zonedMs(this.#startMs);
    const backupEnd = zonedMs(this.#clock.now());
    const counts = {
      backupStart,
      backupEnd,
      filesNew: totals.filesNew,
      filesChanged: totals.filesChanged,
      filesUnmodified: totals.filesUnmodified,
      dirsNew: totals.dirsNew,
      dirsChanged: totals.dirsChanged,
      dirsUnmodified: totals.dirsUnmodified,
      dataBlobs: totals.dataBlobs,
      treeBlobs: blobs,
      dataAdded: totals.dataAdded + added,
      dataAddedPacked: totals.dataAddedPacked + addedPacked,
      totalFilesProcessed: totals.filesProcessed,
      totalBytesProcessed: totals.bytesProcessed,
    };
    const snapshot: Snapshot = {
      time: options.time ?? backupStart,
      ...(parent === undefined ? {} : { parent: parent.id }),
      tree,
      paths,
      hostname: options.hostname,
      username: options.username,
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      excludes: options.excludes?.patterns ?? [],
      tags: options.tags,
      programVersion: options.programVersion ?? programVersion,
      summary: counts,
    };
    const isSkipped =
      options.dryRun === true ||
      (options.skipIfUnchanged === true && parent?.snapshot.tree === tree);
    const snapshotId = isSkipped
      ? undefined
      : parseSnapshotId(
          await saveUnpacked(
            this.#repository,
            'snapshots',
            encodeSnapshot(snapshot),
            this.#lost.signal,
          ),
        );
    const tls = this.#repository.backend.tls();
    return {
      ...counts,
      snapshotId,
      parentId: parent?.id,
      tree,
      errors: this.#errors,
      tls,
    };
  }

  #loadNative(): ReturnType<typeof loadNative> {
    const native = loadNative();
    if (native === undefined && process.platform !== 'win32' && !this.#hasToldOfNative) {
      this.#hasToldOfNative = true;
      this.#options.onWarning?.(
        'extended attributes are not backed up: the optional package koffi is not installed',
      );
    }
    return native;
  }

  #makePool(): WorkerPool {
    const { readConcurrency } = this.#options;
    return new WorkerPool({
      ...this.#settings,
      workers: workersFor(readConcurrency, availableParallelism()),
      polynomial: formatPolynomial(this.#repository.config.chunkerPolynomial),
      openKnown: () => KnownBlobs.create(this.#repository.index.share()),
      onPack: (pack) => this.#savePack(pack),
      onFailure: (error) => this.#fail(error),
    });
  }

  async #savePack(pack: FinishedPack): Promise<void> {
    await this.#writer.save(pack);
    this.#walk?.wake();
  }

  #startProgress(walk: SourceWalk, pool: WorkerPool, scan: ScanTotals): () => void {
    const { onProgress } = this.#options;
    if (onProgress === undefined) return () => {};
    const report = (): void =>
      onProgress({
        elapsedMs: this.#clock.now() - this.#startMs,
        totalFiles: scan.files,
        totalBytes: scan.bytes,
        isScanned: scan.isComplete,
        filesDone: walk.totals.filesProcessed,
        bytesDone: walk.totals.bytesUnmodified + pool.bytesRead,
        errors: this.#errors,
        currentFiles: pool.currentFiles(),
      });
    const timer = setInterval(report, progressMs);
    return () => {
      clearInterval(timer);
      report();
    };
  }

  #reportError(error: SealiftError): void {
    this.#errors += 1;
    this.#options.onError?.(error);
  }

  /** The first failure counts; everything that waits is woken to see it. */
  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
    this.#walk?.wake();
    this.#onFailed?.();
  }

  #onFailed: (() => void) | undefined;

  async #orFailure<T>(work: Promise<T>): Promise<T> {
    const failed = new Promise<never>((_resolve, reject) => {
      this.#onFailed = () => reject(this.#failure);
    });
    if (this.#failure !== undefined) throw this.#failure;
    return Promise.race([work, failed]);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #abort(): void {
    const error = interruption(this.#signal.reason);
    // Without the lock another program may be removing what this run stored: stop writing at once.
    if (error.code === 'lock/lost') this.#lost.abort(error);
    this.#fail(error);
  }

  /** Best effort: the run has failed already, and its own error is the one to tell. */
  async #keepWhatIsStored(): Promise<void> {
    if (this.#lost.signal.aborted) return;
    this.#writer.stop();
    const grace = setTimeout(() => this.#lost.abort(this.#failure), graceMs);
    try {
      await this.#writer.flush();
    } catch (error) {
      this.#options.onWarning?.(
        `packs already stored could not be indexed and are stored again next time: ${messageOf(error)}`,
      );
    } finally {
      clearTimeout(grace);
    }
  }
}

function emptySnapshot(): SealiftError {
  return new SealiftError('snapshot/empty', 'nothing was selected, so there is no snapshot', {
    hint: 'Check the paths and the exclude patterns.',
  });
}

/** The start of the parent's run, less what the coarsest clocks of file systems (FAT's) may be late. */
function trustedBefore(parent: Snapshot | undefined): Moment {
  if (parent === undefined) return splitTime(0n);
  const { time, summary } = parent;
  const start = summary?.backupStart.ns ?? time.ns;
  return splitTime((start < time.ns ? start : time.ns) - coarsestTickNs);
}

function zonedMs(ms: number): ZonedTime {
  const ns = BigInt(ms) * nsPerMs;
  return { ns, offsetMinutes: localOffsetMinutes(ns) };
}
