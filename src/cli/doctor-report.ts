/** A diagnosis as text for a person. */

import { fillText } from '../base/fill-text.ts';
import { printable } from '../base/printable.ts';
import { remediesFor } from '../doctor/remedies/remedies.ts';
import { type Source, sources } from '../doctor/rules/sources.ts';
import {
  evidenceText,
  findingTitle,
  findingWhy,
  outcomeText,
} from '../doctor/texts/diagnosis-text.ts';
import { missingText, textsIn } from '../doctor/texts/texts.ts';
import type {
  ConsumerVerdict,
  Diagnosis,
  Finding,
  MissingFact,
  StackVerdict,
} from '../doctor/verdicts/verdict.ts';
import type { Language } from './language.ts';

export interface ReportOptions {
  readonly language: Language;
  /** The name of the policy of the stacks. */
  readonly policy: string;
  readonly verbose: boolean;
}

/** The whole report of one machine, line by line. */
export function diagnosisLines(
  name: string,
  diagnosis: Diagnosis,
  options: ReportOptions,
): string[] {
  const texts = textsIn(options.language);
  const { os } = diagnosis.facts;
  const version = os?.build === undefined ? undefined : `${os.version ?? ''} ${os.build}`.trim();
  const heading = fillText(texts.report.machine, {
    name: printable(name),
    system: diagnosis.system && printable(diagnosis.system),
    version,
  });
  const missing = overallMissing(diagnosis);
  return [
    `${texts.status[diagnosis.status]}  ${heading}`,
    ...missing.map((fact) => `  ${texts.report.missing}: ${missingText(fact, options.language)}`),
    '',
    ...stackSection(diagnosis, options),
    ...consumerSection(diagnosis, options),
    ...findingSection(diagnosis, options),
    ...problemSection(diagnosis, options),
  ];
}

/** When not even the system is known, that is what stands between the facts and any verdict. */
function overallMissing({ stacks, consumers }: Diagnosis): MissingFact[] {
  if (stacks.length > 0) return [];
  const [missing] = consumers
    .flatMap((entry) => entry.missing)
    .filter((fact) => fact.kind === 'os-build' || fact.kind === 'old-build');
  return missing === undefined ? [] : [missing];
}

function stackSection({ stacks }: Diagnosis, options: ReportOptions): string[] {
  const texts = textsIn(options.language);
  if (stacks.length === 0) return [];
  return [
    fillText(texts.report.stacks, { policy: options.policy }),
    ...stacks.flatMap((stack) => stackLines(stack, options).map((line) => `  ${line}`)),
    '',
  ];
}

function consumerSection({ consumers }: Diagnosis, options: ReportOptions): string[] {
  const texts = textsIn(options.language);
  const shown = consumers.filter((entry) => entry.stacks.length > 0);
  if (shown.length === 0) return [];
  return [
    texts.report.consumers,
    ...shown.flatMap((entry) => consumerLines(entry, options).map((line) => `  ${line}`)),
    '',
  ];
}

function stackLines(stack: StackVerdict, options: ReportOptions): string[] {
  const texts = textsIn(options.language);
  const names: Readonly<Record<string, string>> = texts.stack;
  return [
    `${texts.status[stack.status]}  ${names[stack.stack] ?? printable(stack.stack)}`,
    ...outcomeLines(stack, options).map((line) => `    ${line}`),
    ...stack.missing.map(
      (fact) => `    ${texts.report.depends}: ${missingText(fact, options.language)}`,
    ),
    ...(options.verbose ? stack.assumed : []).map(
      (fact) => `    ${texts.report.assumed}: ${missingText(fact, options.language)}`,
    ),
  ];
}

/** One line where the verdict is certain, whatever the facts leave open; else each possibility once. */
function outcomeLines(stack: StackVerdict, { language, verbose }: ReportOptions): string[] {
  const spoken = stack.outcomes.filter(({ scenario }) => scenario.versions.length > 0);
  const outcomes = spoken.length === 0 ? stack.outcomes : spoken;
  const lines = [...new Set(outcomes.map((outcome) => outcomeText(outcome, language)))];
  return stack.status === 'unknown' || verbose ? lines : lines.slice(0, 1);
}

function consumerLines(entry: ConsumerVerdict, options: ReportOptions): string[] {
  const texts = textsIn(options.language);
  const installed =
    entry.installed === undefined
      ? texts.report.installedUnknown
      : entry.installed
        ? texts.report.installed
        : texts.report.notInstalled;
  const missing = entry.status === 'unknown' ? entry.missing : [];
  const names: Readonly<Record<string, string>> = texts.stack;
  const failing = entry.stacks.filter(({ status }) => status !== 'ready');
  return [
    `${texts.status[entry.status]}  ${texts.consumer[entry.consumer]} (${installed})`,
    ...failing.map(
      ({ stack, status }) => `    ${texts.status[status]}  ${names[stack] ?? printable(stack)}`,
    ),
    ...missing.map((fact) => `    ${texts.report.depends}: ${missingText(fact, options.language)}`),
  ];
}

function findingSection({ findings, facts }: Diagnosis, options: ReportOptions): string[] {
  const texts = textsIn(options.language);
  if (findings.length === 0) return [texts.report.noFindings];
  const remedies = new Map(remediesFor(facts, findings).map((remedy) => [remedy.id, remedy]));
  return [
    texts.report.findings,
    ...findings.flatMap((finding) => {
      const remedy = finding.remedy === undefined ? undefined : remedies.get(finding.remedy);
      const title = remedy && fillText(texts.remedies[remedy.text], remedy.fields);
      return findingLines(finding, title, options).map((line) => `  ${line}`);
    }),
  ];
}

function findingLines(
  finding: Finding,
  remedy: string | undefined,
  options: ReportOptions,
): string[] {
  const { language } = options;
  const { severity, report } = textsIn(language);
  const pages = finding.sources.map((id) => {
    const { title, url, secondary }: Source = sources[id];
    return `${url ?? title}${secondary === true ? ` (${report.secondary})` : ''}`;
  });
  return [
    `${severity[finding.severity]}: ${findingTitle(finding, language)} [${finding.id}]`,
    `    ${findingWhy(finding, language)}`,
    ...finding.evidence.map((entry) => `    ${report.evidence}: ${evidenceText(entry, language)}`),
    ...(remedy === undefined ? [] : [`    ${report.remedy}: ${remedy}`]),
    ...pages
      .slice(0, options.verbose ? pages.length : 1)
      .map((page) => `    ${report.source}: ${page}`),
  ];
}

function problemSection({ facts }: Diagnosis, options: ReportOptions): string[] {
  const { report } = textsIn(options.language);
  const limit = options.verbose ? facts.problems.length : 5;
  if (facts.problems.length === 0) return [];
  return [
    '',
    `${report.problems} (${facts.problems.length})`,
    ...facts.problems.slice(0, limit).map(({ detail, ...where }) => {
      return `  ${evidenceText({ value: detail, ...where }, options.language)}`;
    }),
  ];
}
