/** Many machines' diagnoses as text: one line each, then the findings that they share. */

import { fillText } from '../base/fill-text.ts';
import { printable } from '../base/printable.ts';
import { makeFacts } from '../doctor/facts/facts.ts';
import { findingTitle } from '../doctor/texts/diagnosis-text.ts';
import type { FindingId } from '../doctor/texts/en.ts';
import { textsIn } from '../doctor/texts/texts.ts';
import type { Finding, Status } from '../doctor/verdicts/verdict.ts';
import type { NamedDiagnosis } from './doctor-documents.ts';
import type { ReportOptions } from './doctor-report.ts';
import { renderTable } from './table.ts';

/** Machines named below a finding before the rest is counted. */
const namedMachines = 10;
const ranks: readonly Status[] = ['not-ready', 'unknown', 'ready'];

/** What a fleet's table and SARIF need of a machine, so that thousands of them fit into memory. */
export function summaryOf({ name, path, diagnosis }: NamedDiagnosis): NamedDiagnosis {
  return { name, path, diagnosis: { ...diagnosis, facts: noFacts, stacks: [], consumers: [] } };
}

const noFacts = makeFacts();

export function fleetLines(
  machines: readonly NamedDiagnosis[],
  { language, verbose }: ReportOptions,
): string[] {
  const { report, status } = textsIn(language);
  const sorted = machines.toSorted(
    (a, b) => ranks.indexOf(a.diagnosis.status) - ranks.indexOf(b.diagnosis.status),
  );
  const table = renderTable({
    headings: [report.heading, report.system, report.verdict, report.because],
    rows: sorted.map(({ name, diagnosis }) => [
      printable(name),
      printable(diagnosis.system ?? '–'),
      status[diagnosis.status],
      errorsOf(diagnosis).slice(0, 3).join(' '),
    ]),
  });
  const count = (wanted: Status) =>
    machines.filter(({ diagnosis }) => diagnosis.status === wanted).length;
  const summary = fillText(report.summary, {
    ...{ total: machines.length, ready: count('ready') },
    ...{ notReady: count('not-ready'), unknown: count('unknown') },
  });
  return [table, '', ...sharedFindings(machines, { language, verbose }), '', summary];
}

/** Each once: a finding may stand for 32-bit and for 64-bit programs. */
function errorsOf({ findings }: NamedDiagnosis['diagnosis']): FindingId[] {
  const errors = findings.filter(({ severity }) => severity === 'error');
  return [...new Set(errors.map(({ id }) => id))];
}

/** Equal findings once, with the machines that have them; the most frequent first. */
function sharedFindings(
  machines: readonly NamedDiagnosis[],
  { language, verbose }: Pick<ReportOptions, 'language' | 'verbose'>,
): string[] {
  const { report, severity } = textsIn(language);
  const groups = new Map<string, { finding: Finding; names: Set<string> }>();
  for (const { name, diagnosis } of machines) {
    for (const finding of diagnosis.findings) {
      if (finding.severity === 'note' && !verbose) continue;
      const title = `${severity[finding.severity]}: ${findingTitle(finding, language)} [${finding.id}]`;
      const group = groups.get(title) ?? { finding, names: new Set() };
      groups.set(title, group);
      group.names.add(name);
    }
  }
  const sorted = [...groups].sort(([, a], [, b]) => b.names.size - a.names.size);
  return sorted.flatMap(([title, { names }]) => {
    const shown = [...names].slice(0, verbose ? names.size : namedMachines).map(printable);
    const more = names.size > shown.length ? ', …' : '';
    const many = names.size === 1 ? '' : `${fillText(report.sameFinding, { count: names.size })}: `;
    return [title, `    ${many}${shown.join(', ')}${more}`];
  });
}
