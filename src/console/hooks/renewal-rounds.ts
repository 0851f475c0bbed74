/** When to read again what events have made old: in rounds, since a new one would end what is under way. */

/** Events that come at once are taken together: a busy vault must not make its pages busy. */
const gatherMs = 700;
/** An event may be told before the ledger's next batch is written: what it made old is read once more. */
const onceMoreMs = 3000;
/** After a round comes a rest so many times as long, so that what is large is read less often. */
const restFactor = 4;

type Timer = ReturnType<typeof setTimeout>;

export class RenewalRounds<T> {
  readonly #renew: (old: readonly T[]) => Promise<void>;
  readonly #nowMs: () => number;
  readonly #old = new Set<T>();
  /** Of these, what an event told since the last round. */
  readonly #told = new Set<T>();
  readonly #later = new Set<Timer>();
  #next: Timer | undefined;
  #isBusy = false;
  #restsUntilMs = 0;

  constructor(
    renew: (old: readonly T[]) => Promise<void>,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#renew = renew;
    this.#nowMs = nowMs;
  }

  add(made: readonly T[]): void {
    for (const each of made) {
      this.#old.add(each);
      this.#told.add(each);
    }
    this.#schedule();
  }

  stop(): void {
    this.#old.clear();
    clearTimeout(this.#next);
    for (const timer of this.#later) clearTimeout(timer);
  }

  #schedule(): void {
    if (this.#old.size === 0 || this.#isBusy || this.#next !== undefined) return;
    const pauseMs = Math.max(gatherMs, this.#restsUntilMs - this.#nowMs());
    this.#next = setTimeout(() => void this.#round(), pauseMs);
  }

  async #round(): Promise<void> {
    this.#next = undefined;
    const old = [...this.#old];
    this.#old.clear();
    this.#readOnceMore([...this.#told]);
    this.#told.clear();
    const beganMs = this.#nowMs();
    this.#isBusy = true;
    await this.#renew(old);
    this.#isBusy = false;
    const endedMs = this.#nowMs();
    this.#restsUntilMs = endedMs + restFactor * (endedMs - beganMs);
    this.#schedule();
  }

  #readOnceMore(told: readonly T[]): void {
    if (told.length === 0) return;
    const timer = setTimeout(() => {
      this.#later.delete(timer);
      for (const each of told) this.#old.add(each);
      this.#schedule();
    }, onceMoreMs);
    this.#later.add(timer);
  }
}
