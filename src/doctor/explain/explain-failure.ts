/** The best cause of a failure of Sealift's own connections, for whoever renders the error. */

import { messageOf, systemCodeOf } from '../../base/errors.ts';
import { tls13 } from '../../tls/versions.ts';
import { explain } from './explain.ts';
import type { CauseId } from './knowledge/causes.ts';
import { observationsOfMachine } from './machine.ts';
import type { Likelihood } from './rank.ts';
import { causeText, type Language } from './texts/explain-texts.ts';

export interface ExplainedFailure {
  readonly cause: CauseId;
  readonly likelihood: Likelihood;
  /** The cause as a sentence without its full stop. */
  readonly text: string;
}

/** An error's causes are followed so far; a cycle would not end. */
const maxDepth = 10;
/** A guess that is weaker than this would lead astray more often than it helps. */
const leastScore = 0.5;

/**
 * @param error anything thrown, with its `cause`s
 * @returns undefined when nothing is known, or nothing well enough
 */
export function explainFailure(
  error: unknown,
  language: Language = 'en',
): ExplainedFailure | undefined {
  // Our own client always offers TLS 1.2 and 1.3, so it is never the one that is too old.
  const observations = observationsOfMachine({ bestVersion: tls13 });
  const [best] = explain(linesOf(error), { observations }).failures[0]?.causes ?? [];
  if (best === undefined || best.score < leastScore) return undefined;
  const { title } = causeText(best.id, language);
  return { cause: best.id, likelihood: best.likelihood, text: title };
}

/** Messages and codes of an error and of what caused it. */
function linesOf(error: unknown): string[] {
  const lines: string[] = [];
  let current = error;
  for (let depth = 0; depth < maxDepth && current !== undefined && current !== null; depth += 1) {
    lines.push(`${systemCodeOf(current) ?? ''} ${messageOf(current)}`);
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines;
}
