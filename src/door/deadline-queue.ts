/**
 * Deadlines that are all equally long: one timer for any number of items, because who entered first
 * is due first. An item is overdue by a tenth of the time at most.
 */

const shortestTickMs = 5;
const longestTickMs = 500;

export class DeadlineQueue<T> {
  readonly #afterMs: number;
  readonly #onDue: (item: T) => void;
  /** In order of entry, which a Map keeps. */
  readonly #dueMs = new Map<T, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(afterMs: number, onDue: (item: T) => void) {
    this.#afterMs = afterMs;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#dueMs.size;
  }

  /** Who has waited longest. */
  get oldest(): T | undefined {
    return this.#dueMs.keys().next().value;
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#dueMs.keys();
  }

  /** An item that is in already keeps its deadline. */
  add(item: T): void {
    if (this.#dueMs.has(item)) return;
    this.#dueMs.set(item, performance.now() + this.#afterMs);
    if (this.#timer !== undefined) return;
    const tickMs = Math.min(Math.max(this.#afterMs / 10, shortestTickMs), longestTickMs);
    this.#timer = setInterval(() => this.#tick(), tickMs).unref();
  }

  delete(item: T): void {
    this.#dueMs.delete(item);
  }

  #tick(): void {
    const now = performance.now();
    for (const [item, dueMs] of this.#dueMs) {
      if (dueMs > now) return;
      this.#dueMs.delete(item);
      this.#onDue(item);
    }
    // Reached only when the queue is empty: a door at rest has no timer.
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
