/**
 * Every connection of a server, so that stopping is bounded: idle and half-open ones end at once,
 * requests in flight are finished, and what hangs is ended when the time is up.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** For handlers to remove their temp files after their connections have ended. */
const clearUpMs = 1000;

export class Connections {
  /** Raw sockets by the client's address and port, which the TLS socket on top shares. */
  readonly #sockets = new Map<string, Socket>();
  readonly #inFlight = new Map<string, number>();
  readonly #server: Server;
  /** Handlers at work; one outlives its connection while it clears up behind a broken upload. */
  readonly #work = new Set<Promise<unknown>>();
  #draining = false;

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      const key = keyOf(socket);
      this.#sockets.set(key, socket);
      socket.once('close', () => {
        if (this.#sockets.get(key) === socket) this.#sockets.delete(key);
      });
      if (this.#draining) socket.destroy();
    });
  }

  /** Counts a request until its answer is out or its connection gone. */
  track(request: IncomingMessage, response: ServerResponse): void {
    const key = keyOf(request.socket);
    this.#inFlight.set(key, (this.#inFlight.get(key) ?? 0) + 1);
    if (this.#draining) response.setHeader('connection', 'close');
    response.once('close', () => {
      const left = (this.#inFlight.get(key) ?? 1) - 1;
      if (left > 0) this.#inFlight.set(key, left);
      else this.#inFlight.delete(key);
      if (this.#draining && left <= 0) request.socket.destroySoon();
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

  /** Stops listening; settles when the last connection has ended, soon after the time given at most. */
  async close(timeoutMs: number): Promise<void> {
    this.#draining = true;
    const closed = new Promise<void>((resolve) => {
      // The error says that the server was not listening, which is what is wanted.
      this.#server.close(() => resolve());
    });
    for (const [key, socket] of this.#sockets) if (!this.#inFlight.has(key)) socket.destroy();
    const timer = setTimeout(() => {
      for (const socket of this.#sockets.values()) socket.destroy();
    }, timeoutMs);
    await closed;
    clearTimeout(timer);
    await Promise.race([Promise.all(this.#work), sleep(clearUpMs, undefined, { ref: false })]);
  }
}

function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localPort}`;
}
