/** Ends a series of failures from one network that goes over many names: guessing the common passwords. */

import type { Clock } from '../../base/time.ts';

const maxFailures = 20;
const windowMs = 15 * 60_000;
const maxKeys = 10_000;

export class FailureLimit {
  readonly #clock: Clock;
  /** Moments of the latest failures of each key, the oldest first. */
  readonly #failures = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds until another attempt is taken; 0 for now. */
  waitS(key: string): number {
    const recent = this.#recent(key);
    const oldest = recent[0];
    if (recent.length < maxFailures || oldest === undefined) return 0;
    return Math.max(1, Math.ceil((oldest + windowMs - this.#clock.now()) / 1000));
  }

  note(key: string): void {
    const recent = this.#recent(key);
    // The map keeps its order: the key that failed longest ago goes first.
    this.#failures.delete(key);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= maxKeys && oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(key, [...recent, this.#clock.now()].slice(-maxFailures));
  }

  #recent(key: string): number[] {
    const sinceMs = this.#clock.now() - windowMs;
    return (this.#failures.get(key) ?? []).filter((ms) => ms > sinceMs);
  }
}
