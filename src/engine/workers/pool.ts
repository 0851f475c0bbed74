/** The main thread's side of the file workers: starts them, deals out batches, stores their packs. */

import { Worker } from 'node:worker_threads';
import { errorFromData, SealiftError } from '../../base/errors.ts';
import type { FinishedPack, SealSettings } from '../pack-builder.ts';
import { chunkRingBytes, createChunkRing } from './chunk-ring.ts';
import { endThreads } from './end-threads.ts';
import type { KnownBlobs, KnownMemory } from './known-blobs.ts';
import { sealPack } from './pack-filler.ts';
import {
  type BatchResult,
  type ControlViews,
  createControl,
  type FromWorker,
  type SealedPack,
  type ToWorker,
  viewControl,
  type WorkerSetup,
} from './protocol.ts';
import { createSharedFile, sharedFileBytes } from './shared-file.ts';
import { SharedPacks, sharedPackCount } from './shared-packs.ts';
import { startSetup } from './start-setup.ts';

export interface PoolSettings extends SealSettings {
  readonly workers: number;
  readonly polynomial: string;
  /** Called when the first batch comes: a backup without changes starts no thread. */
  readonly openKnown: () => KnownBlobs;
  /** Stores a full pack; the promise settles when its memory may be used again. */
  readonly onPack: (pack: FinishedPack) => Promise<void>;
  /** A worker broke down or a pack could not be stored: the run has failed. Called at least once. */
  readonly onFailure: (error: Error) => void;
}

/** Enough work queued that a worker never waits for the main thread. */
const maxBatchesPerWorker = 2;
/** A worker with this much before it gets nothing more, or small files would wait behind large ones. */
const busyBytes = 32 * 2 ** 20;
/** Heap of a worker; file content is outside of it. */
const workerHeapMiB = 128;

export interface Batch {
  readonly paths: readonly string[];
  /** What the files are believed to hold. */
  readonly bytes: number;
  /** Of these, in the last file. */
  readonly lastBytes: number;
}

interface Task {
  readonly batch: number;
  readonly paths: readonly string[];
  readonly bytes: number;
  /** Undefined for help with another worker's file. */
  readonly done: ((result: BatchResult) => void) | undefined;
}

/** What all workers have in common. */
interface Shared {
  readonly known: KnownMemory;
  readonly packs: SharedPacks;
  readonly ring: SharedArrayBuffer;
}

interface Member {
  readonly worker: Worker;
  readonly tasks: Task[];
  bytes: number;
  onFlushed: (() => void) | undefined;
}

export class WorkerPool {
  readonly #settings: PoolSettings;
  readonly #controlMemory: SharedArrayBuffer;
  readonly #control: ControlViews;
  readonly #members: Member[] = [];
  #packs: SharedPacks | undefined;
  #lastBatch = 0;
  #closed = false;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.#controlMemory = createControl(settings.workers);
    this.#control = viewControl(this.#controlMemory);
  }

  /** True when a batch given now is begun soon. */
  get hasRoom(): boolean {
    return this.#members.length === 0 || this.#members.some(hasRoom);
  }

  /** True when some worker has nothing to do. */
  get hasIdle(): boolean {
    return this.#members.length === 0 || this.#members.some((member) => member.tasks.length === 0);
  }

  /** Bytes read by all workers since the start, those of unfinished files included. */
  get bytesRead(): number {
    return this.bytesReadByEach.reduce((sum, size) => sum + size, 0);
  }

  get bytesReadByEach(): readonly number[] {
    return Array.from(this.#control.bytesRead, Number);
  }

  /** The files being read at this moment. */
  currentFiles(): string[] {
    return this.#members.flatMap((member, index) => {
      const path = member.tasks[0]?.paths[Atomics.load(this.#control.position, index)];
      return path === undefined ? [] : [path];
    });
  }

  /** Gives a batch to the worker with the least before it; a large file is work for all. */
  submit(batch: Batch, done: (result: BatchResult) => void): void {
    if (this.#members.length === 0) this.#startAll();
    const free = this.#members.filter(hasRoom);
    const member = (free.length > 0 ? free : this.#members).reduce((best, other) =>
      other.bytes < best.bytes ||
      (other.bytes === best.bytes && other.tasks.length < best.tasks.length)
        ? other
        : best,
    );
    const { paths, bytes, lastBytes } = batch;
    const isShared = lastBytes >= sharedFileBytes && this.#members.length > 1;
    const shared = isShared ? createSharedFile(lastBytes) : undefined;
    const number = this.#enqueue(member, { paths, bytes, done });
    send(member, { kind: 'batch', batch: number, paths, shared });
    if (shared === undefined) return;
    for (const other of this.#members) {
      if (other === member) continue;
      const help = this.#enqueue(other, { paths: [], bytes: 0, done: undefined });
      send(other, { kind: 'help', batch: help, shared });
    }
  }

  #enqueue(member: Member, task: Omit<Task, 'batch'>): number {
    this.#lastBatch += 1;
    member.tasks.push({ ...task, batch: this.#lastBatch });
    member.bytes += task.bytes;
    return this.#lastBatch;
  }

  /** Hands over the last pack, full or not. All batches must be done. */
  async flush(): Promise<void> {
    await Promise.all(
      this.#members.map(
        (member) =>
          new Promise<void>((resolve) => {
            member.onFlushed = resolve;
            send(member, { kind: 'flush' });
          }),
      ),
    );
    const unfinished = this.#packs?.takeUnfinished();
    if (this.#packs === undefined || unfinished === undefined) return;
    this.#store(this.#packs, sealPack(this.#settings.key, this.#packs, unfinished));
  }

  /** Ends the threads soon; their unfinished work is lost. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    Atomics.store(this.#control.cancelled, 0, 1);
    await endThreads(this.#members.map(({ worker }) => worker));
  }

  #startAll(): void {
    const { workers, packSizeBytes, openKnown } = this.#settings;
    const known = openKnown().shared;
    const packs = SharedPacks.create(sharedPackCount(workers), packSizeBytes);
    const ring = createChunkRing(chunkRingBytes(workers));
    this.#packs = packs;
    for (let worker = 0; worker < workers; worker += 1) this.#start(worker, { known, packs, ring });
  }

  #start(worker: number, { known, packs, ring }: Shared): void {
    const { key, version, compression, packSizeBytes, polynomial } = this.#settings;
    const setup: WorkerSetup = {
      ...startSetup('./file-worker.ts'),
      worker,
      key,
      version,
      polynomial,
      compression,
      packSizeBytes,
      known,
      packs: packs.shared,
      ring,
      control: this.#controlMemory,
    };
    const thread = new Worker(new URL('./start.mjs', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMiB, maxYoungGenerationSizeMb: 3 },
    });
    const member: Member = {
      worker: thread,
      tasks: [],
      bytes: 0,
      onFlushed: undefined,
    };
    this.#members.push(member);
    thread.on('message', (message: FromWorker) => this.#receive(member, packs, message));
    thread.on('error', (cause) =>
      this.#fail(brokenWorker(cause instanceof Error ? cause : new Error(String(cause)))),
    );
    thread.on('exit', (code) => {
      if (!this.#closed) this.#fail(brokenWorker(new Error(`it ended with code ${code}`)));
    });
  }

  #receive(member: Member, packs: SharedPacks, message: FromWorker): void {
    if (this.#closed) return;
    switch (message.kind) {
      case 'batch-done':
        this.#endTask(member, message.batch)?.done?.(message.result);
        return;
      case 'helped':
        this.#endTask(member, message.batch);
        return;
      case 'pack':
        this.#store(packs, message.pack);
        return;
      case 'flushed':
        member.onFlushed?.();
        return;
      case 'failed':
        this.#fail(errorFromData(message.error));
        return;
      default:
        message satisfies never;
    }
  }

  #endTask(member: Member, batch: number): Task | undefined {
    const task = member.tasks.shift();
    if (task === undefined || task.batch !== batch) {
      this.#fail(brokenWorker(new Error('it answered out of turn')));
      return undefined;
    }
    member.bytes -= task.bytes;
    return task;
  }

  #store(packs: SharedPacks, { pack, id, header }: SealedPack): void {
    const { content } = packs.contentOf(pack);
    this.#settings.onPack({ id, content, header, entries: packs.entriesOf(pack) }).then(
      () => packs.giveBack(pack),
      (error: unknown) => this.#fail(error instanceof Error ? error : new Error(String(error))),
    );
  }

  #fail(error: Error): void {
    if (!this.#closed) this.#settings.onFailure(error);
  }
}

function hasRoom(member: Member): boolean {
  return member.tasks.length < maxBatchesPerWorker && member.bytes < busyBytes;
}

function send(member: Member, message: ToWorker): void {
  member.worker.postMessage(message);
}

function brokenWorker(cause: Error): SealiftError {
  return new SealiftError('worker/failed', `a worker thread failed: ${cause.message}`, { cause });
}
