/** Medians and spreads of what was measured. */

export interface ProcessorTime {
  readonly userSeconds: number;
  readonly systemSeconds: number;
}

/** What one job cost: the whole tree of its processes, by the operating system's own account. */
export interface Cost extends ProcessorTime {
  readonly seconds: number;
  /** Peak resident memory of the largest of its processes. */
  readonly peakBytes: number;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The middle value; of an even count the mean of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

export function busySeconds({ userSeconds, systemSeconds }: ProcessorTime): number {
  return userSeconds + systemSeconds;
}

/** Jobs that take several commands: times add up, memory is that of the largest. */
export function addCosts(costs: readonly Cost[]): Cost {
  const sum = (of: (cost: Cost) => number): number =>
    costs.reduce((total, cost) => total + of(cost), 0);
  return {
    seconds: sum((cost) => cost.seconds),
    userSeconds: sum((cost) => cost.userSeconds),
    systemSeconds: sum((cost) => cost.systemSeconds),
    peakBytes: Math.max(0, ...costs.map((cost) => cost.peakBytes)),
  };
}
