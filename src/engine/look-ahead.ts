/**
 * A thread that goes through the targets ahead of the walk and lists their folders, so that looking at files
 * and comparing them go on side by side. Both go in the same order. The walk can do without: what the thread
 * passed over or could not list, the walk lists itself.
 */

import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import type { ExcludeOptions } from './exclude.ts';
import type { Listing } from './listing.ts';
import { compareInWalk } from './walk.ts';
import { type StartSetup, startSetup } from './workers/start-setup.ts';

/** Handed to the thread when it starts. */
export interface LookAheadSetup extends StartSetup {
  /** In the order of the walk. */
  readonly targets: readonly string[];
  readonly excludes: ExcludeOptions;
  readonly oneFileSystem: boolean;
  /** One word: entries listed and not taken yet. The thread waits while they are {@link maxAhead}. */
  readonly ahead: Int32Array<SharedArrayBuffer>;
  readonly port: MessagePort;
}

/** A folder that can be read, below the target of this number; nothing once there is no further one. */
export type FromLookAhead = { readonly target: number; readonly listing: Listing } | undefined;

/** With its name an entry takes some 150 bytes. */
export const maxAhead = 32_768;

export type LookAheadOptions = Pick<LookAheadSetup, 'targets' | 'excludes' | 'oneFileSystem'>;

export class LookAhead {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #ahead = new Int32Array(new SharedArrayBuffer(4));
  #received: FromLookAhead[] = [];
  #isOver = false;
  #wake: (() => void) | undefined;
  /** Number of the target that the walk is in. */
  #target = -1;

  constructor(options: LookAheadOptions) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.on('message', (message: FromLookAhead) => this.#receive(message));
    const { targets, excludes, oneFileSystem } = options;
    const workerData: LookAheadSetup = {
      ...startSetup('./look-ahead-worker.ts'),
      targets,
      excludes,
      oneFileSystem,
      ahead: this.#ahead,
      port: port2,
    };
    const start = new URL('./workers/start.mjs', import.meta.url);
    this.#worker = new Worker(start, { workerData, transferList: [port2] });
    // The walk goes on alone, and meets what is wrong itself.
    this.#worker.on('error', () => this.#receive(undefined));
  }

  /** To be called as the walk comes to a target. */
  enterTarget(): void {
    this.#target += 1;
  }

  /** The listing of a folder; undefined when the walk has to make it. */
  async take(folder: string): Promise<Listing | undefined> {
    for (;;) {
      const next = await this.#next();
      if (next === undefined) return undefined;
      const { target, listing } = next;
      const order =
        target === this.#target ? compareInWalk(listing.folder, folder) : target - this.#target;
      if (order > 0) return undefined;
      this.#received.shift();
      Atomics.sub(this.#ahead, 0, listing.names.length);
      Atomics.notify(this.#ahead, 0);
      if (order === 0) return listing;
    }
  }

  /** Ends the thread; nothing is taken any more. */
  async close(): Promise<void> {
    this.#receive(undefined);
    this.#received = [];
    this.#port.close();
    await this.#worker.terminate();
  }

  /** The listing that the thread made first of those not taken yet; waits for it. */
  async #next(): Promise<FromLookAhead> {
    // Without waiting for a turn of the event loop.
    for (let more = receiveMessageOnPort(this.#port); more !== undefined; ) {
      this.#receive(more.message);
      more = receiveMessageOnPort(this.#port);
    }
    while (this.#received.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received[0];
  }

  #receive(message: FromLookAhead): void {
    if (message === undefined) this.#isOver = true;
    else this.#received.push(message);
    this.#wake?.();
  }
}
