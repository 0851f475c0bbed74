/** A diagnosis as the API tells it, with the fixes as files. */

import { fillText } from '../../../base/fill-text.ts';
import { printable } from '../../../base/printable.ts';
import { fileNameOf, fixFiles, fixFormats } from '../../../doctor/remedies/fix-files.ts';
import { editText } from '../../../doctor/remedies/linux-remedies.ts';
import { type Remedy, remediesFor } from '../../../doctor/remedies/remedies.ts';
import { sources } from '../../../doctor/rules/sources.ts';
import {
  evidenceText,
  findingTitle,
  findingWhy,
  outcomeText,
} from '../../../doctor/texts/diagnosis-text.ts';
import { missingText, textsIn } from '../../../doctor/texts/texts.ts';
import {
  type Diagnosis,
  formatData,
  type MissingFact,
  type StackVerdict,
} from '../../../doctor/verdicts/verdict.ts';
import type { Language } from '../../../tls/reasons.ts';
import type { DoctorDiagnosis, DoctorRemedy, DoctorStack, FixFile } from '../schemas/doctor.ts';
import { groupOrNull, suiteOrNull, versionText } from './read-context.ts';

export interface DocumentOptions {
  readonly machine: string;
  /** Name of what the stacks were held against. */
  readonly policy: string;
  readonly language: Language;
}

export function diagnosisDocument(
  diagnosis: Diagnosis,
  { machine, policy, language }: DocumentOptions,
): DoctorDiagnosis {
  const { facts, findings } = diagnosis;
  const texts = textsIn(language);
  const missing = (fact: MissingFact) => ({ kind: fact.kind, text: missingText(fact, language) });
  return {
    machine,
    status: diagnosis.status,
    system: diagnosis.system ?? null,
    policy,
    stacks: diagnosis.stacks.map((stack) => stackDocument(stack, language)),
    consumers: diagnosis.consumers.map((entry) => ({
      consumer: entry.consumer,
      title: texts.consumer[entry.consumer],
      installed: entry.installed ?? null,
      status: entry.status,
      policy: entry.policy,
      stacks: entry.stacks.map((stack) => stackDocument(stack, language)),
      missing: entry.missing.map(missing),
    })),
    findings: findings.map((finding) => ({
      id: finding.id,
      severity: finding.severity,
      title: findingTitle(finding, language),
      why: findingWhy(finding, language),
      stacks: [...finding.stacks],
      evidence: finding.evidence.map((entry) => evidenceText(entry, language)),
      sources: finding.sources.map((id) => ({
        ...{ title: sources[id].title, url: sources[id].url ?? null },
      })),
      remedy: finding.remedy ?? null,
    })),
    remedies: remediesFor(facts, findings).map((remedy) => remedyDocument(remedy, language)),
    problems: facts.problems.map(({ detail, ...where }) =>
      evidenceText({ value: detail, ...where }, language),
    ),
  };
}

function stackDocument(stack: StackVerdict, language: Language): DoctorStack {
  const names: Readonly<Record<string, string>> = textsIn(language).stack;
  const missing = (fact: MissingFact) => ({ kind: fact.kind, text: missingText(fact, language) });
  return {
    stack: stack.stack,
    title: names[stack.stack] ?? printable(stack.stack),
    status: stack.status,
    outcomes: stack.outcomes.map((outcome) => {
      const { negotiation, scenario, refusedByClient } = outcome;
      const agreed = negotiation.kind === 'agreed';
      return {
        text: outcomeText(outcome, language),
        agreed: agreed && !refusedByClient,
        versions: scenario.versions.map(versionText),
        version: agreed ? versionText(negotiation.version) : null,
        cipherSuite: agreed ? suiteOrNull(negotiation.cipherSuite) : null,
        group: agreed ? groupOrNull(negotiation.group) : null,
        alert: agreed ? null : negotiation.alert,
      };
    }),
    missing: stack.missing.map(missing),
    assumed: stack.assumed.map(missing),
  };
}

function remedyDocument(remedy: Remedy, language: Language): DoctorRemedy {
  const texts = textsIn(language);
  const { absent } = texts.report;
  const changes = remedy.changes.map(({ path, name, value, before }) => {
    const old = before === undefined ? absent : formatData(before.data);
    const now = value === undefined ? absent : formatData(value);
    return printable(`${path}  ${name}: ${old} -> ${now}`);
  });
  return {
    id: remedy.id,
    title: fillText(texts.remedies[remedy.text], remedy.fields),
    byHand: remedy.byHand,
    changes: [...changes, ...(remedy.edits ?? []).map((edit) => printable(editText(edit)))],
  };
}

/** Every format that the machine has a change for. */
export function fixDocuments(
  { facts, findings }: Diagnosis,
  {
    machine,
    language,
    nowMs,
  }: Pick<DocumentOptions, 'machine' | 'language'> & { readonly nowMs: number },
): FixFile[] {
  const remedies = remediesFor(facts, findings);
  const name = fileNameOf(machine);
  return fixFormats.flatMap((format) =>
    fixFiles(remedies, { format, name, language, nowMs }).map((file) => ({
      ...{ format: file.format, name: file.name, undo: file.undo },
      content: Buffer.from(file.bytes).toString('base64'),
    })),
  );
}
