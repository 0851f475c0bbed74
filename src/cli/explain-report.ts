/** What `explain` found, as a person reads it and as JSON. */

import { fillText } from '../base/fill-text.ts';
import { printable } from '../base/printable.ts';
import type {
  ExplainedCause,
  Explanation,
  Failure,
  Observation,
} from '../doctor/explain/explain.ts';
import type { Evidence } from '../doctor/explain/failures.ts';
import { alertNumber } from '../doctor/explain/knowledge/alerts.ts';
import { sources } from '../doctor/explain/knowledge/sources.ts';
import { causeText, explainTexts } from '../doctor/explain/texts/explain-texts.ts';
import type { Language } from './language.ts';
import { sayIn } from './texts/texts.ts';

/** So many causes are told in full; the others by their titles. */
const fullCauses = 3;
const shownEvidence = 4;

/** Lines of the whole explanation; empty when nothing is known. */
export function renderExplanation(explanation: Explanation, language: Language): string[] {
  const say = sayIn(language);
  const [first, ...others] = explanation.failures;
  if (first === undefined) return [];
  const lines = first.count > 1 ? [renderCount(first, language), ''] : [];
  for (const [index, cause] of first.causes.slice(0, fullCauses).entries()) {
    lines.push(...renderCause(cause, { number: index + 1, language }), '');
  }
  const rest = first.causes.slice(fullCauses);
  if (rest.length > 0) {
    lines.push(say('explain.lessLikely'));
    for (const { id } of rest) lines.push(`   - ${causeText(id, language).title}`);
    lines.push('');
  }
  if (others.length > 0) {
    lines.push(say('explain.otherFailures'));
    for (const failure of others) {
      const [cause] = failure.causes;
      if (cause === undefined) continue;
      const title = causeText(cause.id, language).title;
      const { count, lastLine } = failure;
      lines.push(`   - ${say('explain.otherFailure', { title, count, line: lastLine })}`);
    }
    lines.push('');
  }
  return lines.slice(0, -1);
}

function renderCount({ count, firstLine, lastLine }: Failure, language: Language): string {
  return sayIn(language)('explain.count', { count, first: firstLine, last: lastLine });
}

function renderCause(
  cause: ExplainedCause,
  { number, language }: { readonly number: number; readonly language: Language },
): string[] {
  const say = sayIn(language);
  const { title, means, check, fixes } = causeText(cause.id, language);
  const likelihood = say(`explain.${cause.likelihood}`);
  const lines = [`${number}. ${title} (${likelihood})`];
  // Two signs in one message may read alike; the document of --json keeps both.
  const evidence = new Set(cause.evidence.map((one) => renderEvidence(one, language)));
  for (const text of [...evidence].slice(0, shownEvidence)) {
    lines.push(`   ${say('explain.evidence')}: ${text}`);
  }
  for (const observation of cause.observations) {
    lines.push(`   ${say('explain.observed')}: ${renderObservation(observation, language)}`);
  }
  lines.push(`   ${say('explain.means')}: ${means}`, `   ${say('explain.check')}: ${check}`);
  for (const platform of cause.platforms.slice(0, cause.nearPlatforms)) {
    const name = explainTexts(language).platforms[platform];
    lines.push(`   ${say('explain.fix', { platform: name })}: ${fixes[platform] ?? ''}`);
  }
  return lines;
}

/** `line 3: "…" – the other side cut the connection`. */
function renderEvidence(evidence: Evidence, language: Language): string {
  const reading = readingText(evidence, language);
  return sayIn(language)('explain.evidenceLine', {
    line: evidence.line,
    // The logs of the Azure Backup agent are columns between tabs.
    text: printable(evidence.text.replace(/\t+/g, ' ')),
    reading,
  });
}

function readingText({ signature, alert }: Evidence, language: Language): string {
  const number = alert === undefined ? undefined : alertNumber(alert);
  const name = number === undefined ? (alert ?? 'protocol_version') : `${alert} (${number})`;
  return fillText(explainTexts(language).readings[signature.reading], { alert: name });
}

export function renderObservation({ key, values }: Observation, language: Language): string {
  return printable(fillText(explainTexts(language).observations[key], values));
}

/** The document of `--json`; field names are stable. */
export function explanationDocument(explanation: Explanation, language: Language): object {
  return {
    known: explanation.known,
    lines: explanation.lineCount,
    failures: explanation.failures.map(({ count, firstLine, lastLine, causes }) => ({
      count,
      first_line: firstLine,
      last_line: lastLine,
      causes: causes.map((cause) => causeDocument(cause, language)),
    })),
    observations: explanation.observations.map((one) => observationDocument(one, language)),
  };
}

function causeDocument(cause: ExplainedCause, language: Language): object {
  const { title, means, check, fixes } = causeText(cause.id, language);
  return {
    id: cause.id,
    stage: cause.stage,
    score: cause.score,
    likelihood: cause.likelihood,
    ...{ title, means, check },
    fixes: cause.platforms.map((platform) => ({ platform, text: fixes[platform] })),
    evidence: cause.evidence.map((evidence) => ({
      line: evidence.line,
      text: evidence.text,
      count: evidence.count,
      signature: evidence.signature.id,
      alert: evidence.alert,
      says: readingText(evidence, language),
      source: sources[evidence.signature.source],
    })),
    observations: cause.observations.map((one) => observationDocument(one, language)),
  };
}

function observationDocument(observation: Observation, language: Language): object {
  const { key, values } = observation;
  return { key, ...values, text: renderObservation(observation, language) };
}
