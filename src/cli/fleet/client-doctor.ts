/** Joins the ledger with the facts that clients sent: the doctor's view of a machine in the fleet. */

import { fillText } from '../../base/fill-text.ts';
import { remediesFor } from '../../doctor/remedies/remedies.ts';
import { findingTitle } from '../../doctor/texts/diagnosis-text.ts';
import { textsIn } from '../../doctor/texts/texts.ts';
import type { ClientDoctor, Doctors } from '../../vault/facts/client-doctors.ts';
import type { Language } from '../language.ts';
import type { Table } from '../table.ts';
import type { Say } from '../texts/texts.ts';

interface Speaker {
  readonly say: Say;
  readonly language: Language;
}

/** The verdict, then each finding that stops a backup or may, with its remedy. */
export function doctorLines(
  { day, diagnosis }: ClientDoctor,
  { say, language }: Speaker,
): string[] {
  const texts = textsIn(language);
  const findings = diagnosis.findings.filter(({ severity }) => severity !== 'note');
  const remedies = remediesFor(diagnosis.facts, findings);
  return [
    say('facts.doctor', { day, status: texts.status[diagnosis.status], system: diagnosis.system }),
    ...findings.flatMap((finding) => {
      const remedy = remedies.find(({ id }) => id === finding.remedy);
      const title = `  ${texts.severity[finding.severity]}: ${findingTitle(finding, language)}`;
      if (remedy === undefined) return [title];
      const text = fillText(texts.remedies[remedy.text], remedy.fields);
      return [title, `    ${say('facts.remedy', { text })}`];
    }),
  ];
}

export function doctorDocument(
  doctor: ClientDoctor | undefined,
  language: Language,
): Record<string, unknown> | null {
  if (doctor === undefined) return null;
  const { day, diagnosis } = doctor;
  const remedies = remediesFor(diagnosis.facts, diagnosis.findings);
  const texts = textsIn(language).remedies;
  return {
    ...{ day, status: diagnosis.status, system: diagnosis.system ?? null },
    findings: diagnosis.findings.map((finding) => ({
      ...{ id: finding.id, severity: finding.severity, title: findingTitle(finding, language) },
      remedy: finding.remedy ?? null,
    })),
    remedies: remedies.map(({ id, text, fields, byHand }) => ({
      ...{ id, title: fillText(texts[text], fields), byHand },
    })),
  };
}

/** Clients that are not ready by their own facts, with what stops them and what mends it. */
export function doctorTable(doctors: Doctors, { say, language }: Speaker): Table {
  const texts = textsIn(language);
  const rows = [...doctors]
    .filter(([, { diagnosis }]) => diagnosis.status === 'not-ready')
    .map(([client, { day, diagnosis }]) => {
      const errors = diagnosis.findings.filter(({ severity }) => severity === 'error');
      const remedies = remediesFor(diagnosis.facts, errors).map(({ text, fields }) =>
        fillText(texts.remedies[text], fields),
      );
      const titles = errors.map((finding) => findingTitle(finding, language));
      return [client, diagnosis.system ?? '', titles.join('; '), remedies.join('; '), day];
    });
  const headings = [
    say('ledger.tableClient'),
    say('report.tableSystem'),
    say('report.tableReason'),
    say('report.tableRemedy'),
    say('report.tableFactsDay'),
  ];
  return { headings, rows };
}
