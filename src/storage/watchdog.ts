/** Cancels a request that has not made progress for too long. */

import { SealiftError } from '../base/errors.ts';

export interface WatchdogOptions {
  /** How long a connection may take to be ready, handshake included. */
  readonly connectTimeoutMs?: number;
  /** How long a request may make no progress in either direction. */
  readonly stuckTimeoutMs?: number;
}

/** Dial 30 s and handshake 10 s in restic; five minutes without progress. */
const defaultConnectTimeoutMs = 40_000;
const defaultStuckTimeoutMs = 5 * 60_000;

export class Watchdog {
  readonly #authority: string;
  readonly #cancel: (reason: SealiftError) => void;
  readonly #connectMs: number;
  readonly #stuckMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** True while no deadline runs. */
  #idle = false;
  #stopped = false;

  constructor(authority: string, options: WatchdogOptions, cancel: (reason: SealiftError) => void) {
    this.#authority = authority;
    this.#cancel = cancel;
    this.#connectMs = options.connectTimeoutMs ?? defaultConnectTimeoutMs;
    this.#stuckMs = options.stuckTimeoutMs ?? defaultStuckTimeoutMs;
  }

  /** A connection begins; until then the request may wait for one without a deadline of its own. */
  connecting(): void {
    this.#start(this.#connectMs, 'did not complete the connection');
  }

  connected(): void {
    this.#start(this.#stuckMs, 'made no progress with a request');
  }

  progress(): void {
    if (!this.#idle) this.#timer?.refresh();
  }

  /** Stands still while the client itself holds back the request. */
  async suspended(wait: () => Promise<void>): Promise<void> {
    clearTimeout(this.#timer);
    this.#idle = true;
    await wait();
    if (this.#stopped) return;
    this.#idle = false;
    this.connected();
  }

  stop(): void {
    this.#idle = true;
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #start(ms: number, problem: string): void {
    clearTimeout(this.#timer);
    if (this.#idle) return;
    this.#timer = setTimeout(() => {
      this.#cancel(
        new SealiftError(
          'backend/unreachable',
          `${this.#authority} ${problem} for ${ms / 1000} s`,
          {
            retryable: true,
            hint: 'check the network between this machine and the server, and the load of the server',
            fields: { authority: this.#authority, reason: 'timeout', timeoutMs: ms },
          },
        ),
      );
    }, ms);
  }
}
