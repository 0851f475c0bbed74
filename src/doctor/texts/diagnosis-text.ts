/** Parts of a diagnosis in words: what comes of an offer, what was found, what proves it. */

import { fillText } from '../../base/fill-text.ts';
import { printable } from '../../base/printable.ts';
import { cipherSuiteName } from '../../tls/cipher-suites.ts';
import { groupName } from '../../tls/groups.ts';
import { type Language, reasonText } from '../../tls/reasons.ts';
import { versionName } from '../../tls/versions.ts';
import type { Evidence, Finding, Outcome } from '../verdicts/verdict.ts';
import { textsIn } from './texts.ts';

/** What is offered and what comes of it, on one line. */
export function outcomeText(outcome: Outcome, language: Language): string {
  const { report } = textsIn(language);
  const { versions } = outcome.scenario;
  const offers =
    versions.length === 0
      ? report.offersNothing
      : fillText(report.offers, { versions: versions.map(versionName).join(', ') });
  return versions.length === 0 ? offers : `${offers}: ${resultText(outcome, language)}`;
}

function resultText(outcome: Outcome, language: Language): string {
  const { report } = textsIn(language);
  const { negotiation, refusedByClient } = outcome;
  if (negotiation.kind === 'refused') {
    const last = negotiation.why.at(-1);
    const why = last === undefined ? negotiation.alert : reasonText(last, language);
    return fillText(report.refused, { why: `${negotiation.alert} – ${why}` });
  }
  const version = versionName(negotiation.version);
  if (refusedByClient) return fillText(report.refusedByClient, { version });
  const { group } = negotiation;
  return fillText(report.agrees, {
    ...{ version, suite: cipherSuiteName(negotiation.cipherSuite) },
    group: group === undefined ? undefined : groupName(group),
  });
}

export function findingTitle(finding: Finding, language: Language): string {
  return printable(fillText(textsIn(language).findings[finding.id].title, finding.fields));
}

export function findingWhy(finding: Finding, language: Language): string {
  return printable(fillText(textsIn(language).findings[finding.id].why, finding.fields));
}

/** `HKLM\…\Client Enabled = REG_DWORD 0 (export.reg, line 12)`. */
export function evidenceText(evidence: Evidence, language: Language): string {
  const { report } = textsIn(language);
  const where = [
    evidence.file,
    evidence.line === undefined ? undefined : fillText(report.line, { line: evidence.line }),
    evidence.offset === undefined
      ? undefined
      : fillText(report.at, { offset: `0x${evidence.offset.toString(16)}` }),
  ].filter((part) => part !== undefined);
  const { path, name } = evidence;
  const value = evidence.value ?? (name === undefined ? undefined : report.absent);
  const what = path === undefined || name === undefined ? (path ?? name) : `${path}  ${name}`;
  const head = [what, value].filter((part) => part !== undefined).join(' = ');
  const place = where.join(', ');
  if (head === '') return printable(place);
  return printable(place === '' ? head : `${head} (${place})`);
}
