/**
 * What a failure means: from its text, and from what a check of the server or the facts of this
 * machine add, to causes in order, each with its evidence. Pure; the texts are in texts/.
 */

import { type Evidence, FailureCollector, type FoundFailure, statementsOf } from './failures.ts';
import { type CauseId, causeTable, type Platform, type Stage } from './knowledge/causes.ts';
import type { Weights } from './knowledge/signature.ts';
import { type Likelihood, rankCauses, type Statement } from './rank.ts';
import type { ObservationKey } from './texts/explain-texts.ts';

/** A fact beside the text: what a server answered, what the doctor found. */
export interface Observation {
  readonly key: ObservationKey;
  readonly values: Readonly<Record<string, string | number>>;
  readonly weights: Weights;
  /** True when it only makes a suspicion of the text stronger, and raises none by itself. */
  readonly supportsOnly?: boolean;
}

export interface ExplainedCause {
  readonly id: CauseId;
  readonly stage: Stage;
  /** From 0 to 1; an order, not a measured probability. */
  readonly score: number;
  readonly likelihood: Likelihood;
  /** What in the text speaks for it, the strongest first. */
  readonly evidence: readonly Evidence[];
  /** What speaks for or against it besides the text. */
  readonly observations: readonly Observation[];
  /** Where a fix can be made, the nearest to the evidence first. */
  readonly platforms: readonly Platform[];
  /** How many of {@link platforms} fit the evidence. */
  readonly nearPlatforms: number;
}

export interface Failure extends Omit<FoundFailure, 'leading'> {
  readonly causes: readonly ExplainedCause[];
}

export interface Explanation {
  /** True when there is a cause. */
  readonly known: boolean;
  /** The most frequent or latest failure first; only it takes the observations into account. */
  readonly failures: readonly Failure[];
  readonly observations: readonly Observation[];
  readonly lineCount: number;
}

export interface ExplainOptions {
  readonly observations?: readonly Observation[];
}

/**
 * Explains a message, or the lines of a log.
 * @param text a message of any length, or its lines
 */
export function explain(
  text: string | Iterable<string>,
  options: ExplainOptions = {},
): Explanation {
  const collector = new FailureCollector();
  const lines = typeof text === 'string' ? text.split(/\r\n|\r|\n/) : text;
  for (const line of lines) collector.add(line);
  return conclude(collector, options);
}

/** Explains a log that arrives line by line. */
export async function explainLines(
  lines: AsyncIterable<string>,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const collector = new FailureCollector();
  for await (const line of lines) collector.add(line);
  return conclude(collector, options);
}

/** The same explanation with what was learned since, for example from a check of the server. */
export function withObservations(
  explanation: Explanation,
  observations: readonly Observation[],
): Explanation {
  const all = [...explanation.observations, ...observations];
  const [first, ...others] = explanation.failures;
  const found = first ?? { count: 0, firstLine: 0, lastLine: 0, evidence: [] };
  const failure = { ...found, causes: causesOf(found.evidence, all) };
  const failures = failure.causes.length > 0 || first !== undefined ? [failure, ...others] : [];
  return { ...explanation, failures, observations: all, known: isKnown(failures) };
}

function conclude(collector: FailureCollector, { observations = [] }: ExplainOptions): Explanation {
  const failures = collector.finish().map(({ leading: _, ...found }) => ({
    ...found,
    causes: causesOf(found.evidence, []),
  }));
  const { lineCount } = collector;
  const explanation = { known: isKnown(failures), failures, observations: [], lineCount };
  return observations.length === 0 ? explanation : withObservations(explanation, observations);
}

function isKnown(failures: readonly Failure[]): boolean {
  return failures.some(({ causes }) => causes.length > 0);
}

function causesOf(
  evidence: readonly Evidence[],
  observations: readonly Observation[],
): ExplainedCause[] {
  const statements: Statement[] = [...statementsOf(evidence), ...observations];
  return rankCauses(statements).map(({ cause, score, likelihood }) => {
    const speaking = evidence
      .filter(({ weights }) => (weights[cause] ?? 0) > 0)
      .sort((a, b) => (b.weights[cause] ?? 0) - (a.weights[cause] ?? 0));
    const near = relatedPlatforms(speaking.map(({ signature }) => signature.platform));
    const fixes: readonly Platform[] = causeTable[cause].fixes;
    const fitting = near === undefined ? fixes : fixes.filter((one) => near.has(one));
    return {
      id: cause,
      stage: causeTable[cause].stage,
      ...{ score, likelihood, evidence: speaking },
      observations: observations.filter(({ weights }) => weights[cause] !== undefined),
      platforms: [...fitting, ...fixes.filter((one) => !fitting.includes(one))],
      nearPlatforms: fitting.length === 0 ? fixes.length : fitting.length,
    };
  });
}

/** Whose fix can matter, by who wrote the messages; undefined when that says nothing. */
function relatedPlatforms(writers: readonly Platform[]): ReadonlySet<Platform> | undefined {
  const near = new Set(writers.flatMap((writer) => related[writer]));
  if (near.size === 0) return undefined;
  return new Set<Platform>(['any', 'server', ...near]);
}

const related: Readonly<Record<Platform, readonly Platform[]>> = {
  any: [],
  windows: ['windows', 'dotnet', 'azure-backup'],
  dotnet: ['dotnet', 'windows'],
  'azure-backup': ['azure-backup', 'windows', 'dotnet'],
  java: ['java'],
  openssl: ['openssl'],
  node: ['node'],
  server: ['server'],
};
