/**
 * Answers that were put together a moment ago, used again so that reading stays a small part of the
 * work. One that takes seconds to make is given out while the next one is made.
 */

/** An answer is used again for so many times the time that it took. */
const reuseFactor = 10;
const maxReuseMs = 10_000;
/** From so much on, whoever asks gets the last answer rather than wait. */
const slowMs = 1000;
const staleFactor = 100;
const maxAnswers = 4;

interface Kept<T> {
  readonly key: string;
  readonly answer: Promise<T>;
  readonly begunMs: number;
  /** Undefined while it is being made. */
  doneMs: number | undefined;
}

export class RecentAnswers<T> {
  readonly #nowMs: () => number;
  #kept: Kept<T>[] = [];
  readonly #renewing = new Set<string>();

  /** @param nowMs a clock that only goes forward */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#kept.find((kept) => kept.key === key);
    if (known === undefined) return this.#keep(key, make);
    if (known.doneMs === undefined) return known.answer;
    const ageMs = this.#nowMs() - known.doneMs;
    const tookMs = known.doneMs - known.begunMs;
    if (ageMs < Math.min(maxReuseMs, tookMs * reuseFactor)) return known.answer;
    if (tookMs < slowMs || ageMs > tookMs * staleFactor) return this.#keep(key, make);
    this.#renew(known, make);
    return known.answer;
  }

  #keep(key: string, make: () => Promise<T>): Promise<T> {
    const kept = this.#begin(key, make);
    this.#put(kept);
    kept.answer.catch(() => {
      this.#kept = this.#kept.filter((one) => one !== kept);
    });
    return kept.answer;
  }

  /** What cannot be renewed is made again once it is too old, and then says why not. */
  #renew({ key }: Kept<T>, make: () => Promise<T>): void {
    if (this.#renewing.has(key)) return;
    this.#renewing.add(key);
    const next = this.#begin(key, make);
    next.answer
      .then(
        () => this.#put(next),
        () => {},
      )
      .finally(() => this.#renewing.delete(key));
  }

  #begin(key: string, make: () => Promise<T>): Kept<T> {
    const begunMs = this.#nowMs();
    const kept: Kept<T> = { key, begunMs, doneMs: undefined, answer: make() };
    kept.answer.then(
      () => {
        kept.doneMs = this.#nowMs();
      },
      () => {},
    );
    return kept;
  }

  #put(kept: Kept<T>): void {
    const others = this.#kept.filter(({ key }) => key !== kept.key);
    this.#kept = [...others, kept].slice(-maxAnswers);
  }
}
