/**
 * Ranks causes by the evidence. Sights that say different things strengthen each other
 * (1 - (1-a)(1-b)); sights with the same reading count once, as the strongest of them; what speaks
 * against a cause takes its share away afterwards.
 */

import { type CauseId, causeIds } from './knowledge/causes.ts';
import type { Weights } from './knowledge/signature.ts';

/** One statement about the failure, from a signature or from a check. */
export interface Statement {
  /** Statements with the same key are the same evidence twice. */
  readonly key: string;
  readonly weights: Weights;
  /** True when it only makes a suspicion stronger, and raises none by itself. */
  readonly supportsOnly?: boolean;
}

export type Likelihood = 'certain' | 'likely' | 'possible' | 'unlikely';

export interface Ranked {
  readonly cause: CauseId;
  /** From 0 to 1; an order, not a probability that anyone measured. */
  readonly score: number;
  readonly likelihood: Likelihood;
}

const leastScore = 0.08;
const highestScore = 0.99;

/** Causes with evidence, the most likely first; ties in the order of the table of causes. */
export function rankCauses(statements: readonly Statement[]): Ranked[] {
  return causeIds
    .map((cause) => ({ cause, score: scoreOf(cause, statements) }))
    .filter(({ score }) => score >= leastScore)
    .sort((a, b) => b.score - a.score)
    .map(({ cause, score }) => ({ cause, score, likelihood: likelihoodOf(score) }));
}

function scoreOf(cause: CauseId, statements: readonly Statement[]): number {
  const own = statements.filter(({ supportsOnly }) => supportsOnly !== true);
  if (strongest(cause, own).size === 0) return 0;
  let doubt = 1;
  let against = 1;
  for (const weight of strongest(cause, statements).values()) doubt *= 1 - weight;
  for (const weight of weakest(cause, statements).values()) against *= 1 + weight;
  const score = Math.min(highestScore, 1 - doubt) * against;
  return Math.round(score * 100) / 100;
}

function strongest(cause: CauseId, statements: readonly Statement[]): Map<string, number> {
  return extremes(cause, statements, (weight) => weight > 0, Math.max);
}

function weakest(cause: CauseId, statements: readonly Statement[]): Map<string, number> {
  return extremes(cause, statements, (weight) => weight < 0, Math.min);
}

function extremes(
  cause: CauseId,
  statements: readonly Statement[],
  counts: (weight: number) => boolean,
  choose: (a: number, b: number) => number,
): Map<string, number> {
  const found = new Map<string, number>();
  for (const { key, weights } of statements) {
    const weight = weights[cause];
    if (weight === undefined || !counts(weight)) continue;
    found.set(key, choose(weight, found.get(key) ?? weight));
  }
  return found;
}

function likelihoodOf(score: number): Likelihood {
  if (score >= 0.85) return 'certain';
  if (score >= 0.5) return 'likely';
  return score >= 0.25 ? 'possible' : 'unlikely';
}
