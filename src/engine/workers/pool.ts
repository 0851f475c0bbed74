/** The main thread's side of the file workers: starts them, deals out batches, takes their packs. */

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { errorFromData, SealiftError } from '../../base/errors.ts';
import type { SealSettings } from '../pack-builder.ts';
import type { KnownBlobs, KnownMemory } from './known-blobs.ts';
import {
  type BatchResult,
  type ControlViews,
  cancelWord,
  createControl,
  extraWord,
  type FromWorker,
  firstCredit,
  type PackMessage,
  type ToWorker,
  viewControl,
  type WorkerSetup,
} from './protocol.ts';
import { createSharedFile, sharedFileBytes } from './shared-file.ts';
import { startSetup } from './start-setup.ts';

export interface PoolSettings extends SealSettings {
  readonly workers: number;
  readonly polynomial: string;
  /** Called when the first batch comes: a backup without changes starts no thread. */
  readonly openKnown: () => KnownBlobs;
  /** Stores a full pack; the promise settles when its buffer may be used again. */
  readonly onPack: (pack: PackMessage) => Promise<void>;
  /** A worker broke down or a pack could not be stored: the run has failed. Called at least once. */
  readonly onFailure: (error: Error) => void;
}

/** Enough work queued that a worker never waits for the main thread. */
const maxBatchesPerWorker = 2;
/** A worker with this much before it gets nothing more, or small files would wait behind large ones. */
const busyBytes = 32 * 2 ** 20;
/** One pack being filled, one being stored; and one more for whoever waits for the storage. */
const buffersPerWorker = 2;
const extraBuffers = 1;
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

interface Member {
  readonly worker: Worker;
  readonly returns: MessagePort;
  readonly tasks: Task[];
  bytes: number;
  onLeftover: ((pack: PackMessage | undefined) => void) | undefined;
}

export class WorkerPool {
  readonly #settings: PoolSettings;
  readonly #controlMemory: SharedArrayBuffer;
  readonly #control: ControlViews;
  readonly #members: Member[] = [];
  #lastBatch = 0;
  #closed = false;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.#controlMemory = createControl(settings.workers);
    this.#control = viewControl(this.#controlMemory, settings.workers);
    Atomics.store(this.#control.words, extraWord, extraBuffers);
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
    return Number(this.#control.bytesRead.reduce((sum, size) => sum + size, 0n));
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

  /** What each worker has in its pack not yet full. All batches must be done. */
  async flush(): Promise<PackMessage[]> {
    const packs = await Promise.all(
      this.#members.map(
        (member) =>
          new Promise<PackMessage | undefined>((resolve) => {
            member.onLeftover = resolve;
            send(member, { kind: 'flush' });
          }),
      ),
    );
    return packs.filter((pack) => pack !== undefined);
  }

  /** Ends the threads at once; their unfinished work is lost. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    Atomics.store(this.#control.words, cancelWord, 1);
    for (const [index, member] of this.#members.entries()) {
      Atomics.notify(this.#control.words, firstCredit + index);
      member.returns.close();
    }
    await Promise.all(this.#members.map((member) => member.worker.terminate()));
  }

  #startAll(): void {
    const known = this.#settings.openKnown().shared;
    for (let worker = 0; worker < this.#settings.workers; worker += 1) this.#start(worker, known);
  }

  #start(worker: number, known: KnownMemory): void {
    const { key, version, compression, packSizeBytes, polynomial } = this.#settings;
    const channel = new MessageChannel();
    const setup: WorkerSetup = {
      ...startSetup('./file-worker.ts'),
      worker,
      key,
      version,
      polynomial,
      compression,
      packSizeBytes,
      packBuffers: buffersPerWorker,
      known,
      control: this.#controlMemory,
      returns: channel.port2,
    };
    const thread = new Worker(new URL('./start.mjs', import.meta.url), {
      workerData: setup,
      transferList: [channel.port2],
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMiB, maxYoungGenerationSizeMb: 3 },
    });
    channel.port1.unref();
    const member: Member = {
      worker: thread,
      returns: channel.port1,
      tasks: [],
      bytes: 0,
      onLeftover: undefined,
    };
    this.#members.push(member);
    thread.on('message', (message: FromWorker) => this.#receive(worker, member, message));
    thread.on('error', (cause) =>
      this.#fail(brokenWorker(cause instanceof Error ? cause : new Error(String(cause)))),
    );
    thread.on('exit', (code) => {
      if (!this.#closed) this.#fail(brokenWorker(new Error(`it ended with code ${code}`)));
    });
  }

  #receive(index: number, member: Member, message: FromWorker): void {
    switch (message.kind) {
      case 'batch-done':
        this.#endTask(member, message.batch)?.done?.(message.result);
        return;
      case 'helped':
        this.#endTask(member, message.batch);
        return;
      case 'pack':
        this.#settings.onPack(message).then(
          () => this.#giveBack(index, member, message.buffer),
          (error: unknown) => this.#fail(error instanceof Error ? error : new Error(String(error))),
        );
        return;
      case 'leftover':
        member.onLeftover?.(message.pack);
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

  #giveBack(index: number, member: Member, buffer: ArrayBuffer): void {
    if (this.#closed) return;
    member.returns.postMessage(buffer, [buffer]);
    Atomics.add(this.#control.words, firstCredit + index, 1);
    Atomics.notify(this.#control.words, firstCredit + index);
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
