/**
 * Slows guessing down. Attempts under one key run one after another; after a few failures each waits
 * longer, up to a bound, and while too many wait, further ones are turned away at once.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '../../base/time.ts';

const freeFailures = 3;
const firstDelayMs = 250;
const maxDelayMs = 4000;
/** restic opens five connections at once, and all of them log in. */
const maxWaiting = 8;
const forgetMs = 15 * 60_000;
const maxKeys = 10_000;

interface Entry {
  failures: number;
  lastMs: number;
  waiting: number;
  tail: Promise<unknown>;
}

export type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'busy'; readonly retryAfterS: number };

export class Throttle {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #sleep: (ms: number) => Promise<unknown>;

  constructor({
    clock = systemClock,
    wait = (ms: number) => sleep(ms),
  }: { clock?: Clock; wait?: (ms: number) => Promise<unknown> } = {}) {
    this.#clock = clock;
    this.#sleep = wait;
  }

  /** Runs one attempt in its turn. An answer of undefined counts as a failure, any other clears the key. */
  async run<T>(
    key: string,
    attempt: () => Promise<T | undefined>,
  ): Promise<Attempt<T | undefined>> {
    const entry = this.#entry(key);
    if (entry.waiting >= maxWaiting)
      return { kind: 'busy', retryAfterS: Math.ceil(delayMs(entry.failures) / 1000) + 1 };
    entry.waiting += 1;
    const turn = entry.tail.then(() => this.#attempt(entry, attempt));
    entry.tail = turn.catch(() => undefined);
    try {
      return { kind: 'done', value: await turn };
    } finally {
      entry.waiting -= 1;
    }
  }

  /** Seconds after which another try is sensible. */
  retryAfterS(key: string): number {
    return Math.max(1, Math.ceil(delayMs(this.#entries.get(key)?.failures ?? 0) / 1000));
  }

  async #attempt<T>(entry: Entry, attempt: () => Promise<T | undefined>): Promise<T | undefined> {
    const delay = delayMs(entry.failures);
    if (delay > 0) await this.#sleep(delay);
    const value = await attempt();
    entry.lastMs = this.#clock.now();
    entry.failures = value === undefined ? entry.failures + 1 : 0;
    return value;
  }

  #entry(key: string): Entry {
    const nowMs = this.#clock.now();
    const known = this.#entries.get(key);
    if (known !== undefined) {
      if (known.waiting === 0 && nowMs - known.lastMs > forgetMs) known.failures = 0;
      return known;
    }
    if (this.#entries.size >= maxKeys) this.#forget(nowMs);
    const entry: Entry = { failures: 0, lastMs: nowMs, waiting: 0, tail: Promise.resolve() };
    this.#entries.set(key, entry);
    return entry;
  }

  #forget(nowMs: number): void {
    const idle = [...this.#entries].filter(([, entry]) => entry.waiting === 0);
    const old = idle.filter(([, entry]) => nowMs - entry.lastMs > forgetMs);
    // A flood of keys within the time: the older half goes, since the map keeps their order.
    const victims = old.length > 0 ? old : idle.slice(0, maxKeys / 2);
    for (const [key] of victims) this.#entries.delete(key);
  }
}

function delayMs(failures: number): number {
  if (failures < freeFailures) return 0;
  return Math.min(firstDelayMs * 2 ** (failures - freeFailures), maxDelayMs);
}
