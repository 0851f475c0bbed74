/**
 * Every connection that speaks HTTP, so that stopping is bounded: idle ones end at once, requests in
 * flight are finished, and what hangs is ended when the time is up. The door ends what has not said
 * hello.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** For handlers to remove their temp files after their connections have ended. */
const clearUpMs = 1000;

export class Connections {
  /** With the number of requests in flight. */
  readonly #sockets = new Map<Socket, number>();
  /** Handlers at work; one outlives its connection while it clears up behind a broken upload. */
  readonly #work = new Set<Promise<unknown>>();
  #draining = false;

  /** Takes a connection whose handshake is done. @returns false if it was ended, because we stop */
  add(socket: Socket): boolean {
    if (this.#draining) {
      socket.destroy();
      return false;
    }
    this.#sockets.set(socket, 0);
    socket.once('close', () => this.#sockets.delete(socket));
    return true;
  }

  get count(): number {
    return this.#sockets.size;
  }

  /** Counts a request until its answer is out or its connection gone. */
  track(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.#count(socket, 1);
    if (this.#draining) response.setHeader('connection', 'close');
    response.once('close', () => {
      const left = this.#count(socket, -1);
      if (this.#draining && left <= 0) socket.destroySoon();
    });
  }

  /** Counts a handler until it has settled. */
  guard<T>(work: Promise<T>): Promise<T> {
    const settled: Promise<unknown> = work.then(
      () => this.#work.delete(settled),
      () => this.#work.delete(settled),
    );
    this.#work.add(settled);
    return work;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** From now on connections end as soon as they have nothing in flight. */
  drain(): void {
    this.#draining = true;
    for (const [socket, inFlight] of this.#sockets) if (inFlight === 0) socket.destroy();
  }

  /** Settles when the handlers have, soon at most: their connections have ended. */
  async settle(): Promise<void> {
    await Promise.race([Promise.all(this.#work), sleep(clearUpMs, undefined, { ref: false })]);
  }

  #count(socket: Socket, change: number): number {
    const known = this.#sockets.get(socket);
    if (known === undefined) return 0;
    this.#sockets.set(socket, known + change);
    return known + change;
  }
}
