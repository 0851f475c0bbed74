/** Diagnoses as documents for programs: JSON, rows of CSV, one SARIF log for all machines. */

import { fillText } from '../base/fill-text.ts';
import { remediesFor } from '../doctor/remedies/remedies.ts';
import { sources } from '../doctor/rules/sources.ts';
import { evidenceText, findingTitle, findingWhy } from '../doctor/texts/diagnosis-text.ts';
import type { FindingId } from '../doctor/texts/en.ts';
import { missingText, textsIn } from '../doctor/texts/texts.ts';
import type { Diagnosis, Finding, Outcome, StackVerdict } from '../doctor/verdicts/verdict.ts';
import { cipherSuiteName } from '../tls/cipher-suites.ts';
import { groupName } from '../tls/groups.ts';
import { versionName } from '../tls/versions.ts';
import type { Language } from './language.ts';

/** One machine's diagnosis with its name. */
export interface NamedDiagnosis {
  readonly name: string;
  readonly path: string;
  readonly diagnosis: Diagnosis;
}

/** The document of one machine; field names are stable. */
export function diagnosisDocument({ name, path, diagnosis }: NamedDiagnosis, language: Language) {
  const { facts, findings } = diagnosis;
  return {
    machine: name,
    path,
    status: diagnosis.status,
    system: diagnosis.system,
    os: facts.os,
    stacks: diagnosis.stacks.map((stack) => stackDocument(stack, language)),
    consumers: diagnosis.consumers.map((entry) => ({
      consumer: entry.consumer,
      installed: entry.installed,
      status: entry.status,
      policy: entry.policy,
      stacks: entry.stacks.map((stack) => stackDocument(stack, language)),
      missing: entry.missing.map((fact) => ({ ...fact, text: missingText(fact, language) })),
    })),
    findings: findings.map((finding) => ({
      id: finding.id,
      severity: finding.severity,
      title: findingTitle(finding, language),
      why: findingWhy(finding, language),
      stacks: finding.stacks,
      evidence: finding.evidence,
      sources: finding.sources.map((id) => ({ id, ...sources[id] })),
      remedy: finding.remedy,
    })),
    remedies: remediesFor(facts, findings).map((remedy) => ({
      id: remedy.id,
      title: fillText(textsIn(language).remedies[remedy.text], remedy.fields),
      byHand: remedy.byHand,
      changes: remedy.changes.map(({ path: key, name: value, value: data, before }) => ({
        ...{ path: key, name: value, data: data ?? null },
        before: before === undefined ? null : { type: before.type, data: before.data },
      })),
    })),
    sources: facts.sources,
    problems: facts.problems,
  };
}

function stackDocument(stack: StackVerdict, language: Language) {
  return {
    stack: stack.stack,
    status: stack.status,
    outcomes: stack.outcomes.map(outcomeDocument),
    missing: stack.missing.map((fact) => ({ ...fact, text: missingText(fact, language) })),
    assumed: stack.assumed.map((fact) => ({ ...fact, text: missingText(fact, language) })),
  };
}

function outcomeDocument({ scenario, negotiation, refusedByClient }: Outcome) {
  const { offer, versions } = scenario;
  const offered = {
    versions: versions.map(versionName),
    cipherSuites: offer.cipherSuites.map(cipherSuiteName),
    groups: (offer.groups ?? []).map(groupName),
  };
  if (negotiation.kind === 'refused') {
    return { offer: offered, agreed: false, alert: negotiation.alert };
  }
  const { version, cipherSuite, group } = negotiation;
  return {
    offer: offered,
    agreed: !refusedByClient,
    version: versionName(version),
    cipherSuite: cipherSuiteName(cipherSuite),
    ...(group === undefined ? {} : { group: groupName(group) }),
  };
}

export const csvHeadings = [
  ...['machine', 'system', 'build', 'status', 'kind', 'subject', 'result', 'installed'],
  ...['severity', 'title', 'evidence', 'remedy', 'missing', 'path'],
] as const;

/** A row for the machine, for each stack and consumer, and for each finding. */
export function csvRows(
  { name, path, diagnosis }: NamedDiagnosis,
  language: Language,
): (readonly string[])[] {
  const { facts, system = '', status } = diagnosis;
  const build = facts.os?.build === undefined ? '' : String(facts.os.build);
  const row = (cells: Partial<Record<(typeof csvHeadings)[number], string>>) => {
    const all = { machine: name, system, build, status, path, ...cells };
    return csvHeadings.map((heading) => all[heading] ?? '');
  };
  const missing = (entry: { readonly missing: StackVerdict['missing'] }) =>
    entry.missing.map((fact) => missingText(fact, language)).join('; ');
  return [
    row({ kind: 'machine', result: status }),
    ...diagnosis.stacks.map((stack) =>
      row({
        ...{ kind: 'stack', subject: stack.stack, result: stack.status, missing: missing(stack) },
      }),
    ),
    ...diagnosis.consumers.map((entry) =>
      row({
        ...{ kind: 'consumer', subject: entry.consumer, result: entry.status },
        installed: entry.installed === undefined ? 'unknown' : entry.installed ? 'yes' : 'no',
        missing: missing(entry),
      }),
    ),
    ...diagnosis.findings.map((finding) =>
      row({
        ...{ kind: 'finding', subject: finding.id, severity: finding.severity },
        title: findingTitle(finding, language),
        evidence: finding.evidence.map((entry) => evidenceText(entry, language)).join('; '),
        remedy: finding.remedy ?? '',
      }),
    ),
  ];
}

const levels = { error: 'error', warning: 'warning', note: 'note' } as const;

/** SARIF 2.1.0; the machine of a result is its logical location. */
export function sarifLog(machines: readonly NamedDiagnosis[], language: Language) {
  const ids = [
    ...new Set(machines.flatMap(({ diagnosis }) => diagnosis.findings.map(({ id }) => id))),
  ];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Sealift doctor',
            rules: ids.sort().map((id) => sarifRule(id, machines, language)),
          },
        },
        results: machines.flatMap((machine) =>
          machine.diagnosis.findings.map((finding) => sarifResult(machine, finding, language)),
        ),
      },
    ],
  };
}

function sarifRule(id: FindingId, machines: readonly NamedDiagnosis[], language: Language) {
  const [example] = machines.flatMap(({ diagnosis }) =>
    diagnosis.findings.filter((finding) => finding.id === id),
  );
  const [source] = example?.sources ?? [];
  const url = source === undefined ? undefined : sources[source].url;
  const { title, why } = textsIn(language).findings[id];
  return {
    id,
    shortDescription: { text: withoutFields(title) },
    fullDescription: { text: withoutFields(why) },
    ...(url === undefined ? {} : { helpUri: url }),
  };
}

/** A rule speaks of every machine: what differs is left open. */
function withoutFields(text: string): string {
  return text.replace(/\[?(?:, )?\{\w+\}\]?/g, '…');
}

function sarifResult({ name, path }: NamedDiagnosis, finding: Finding, language: Language) {
  const [evidence] = finding.evidence;
  const region = {
    ...(evidence?.line === undefined ? {} : { startLine: evidence.line }),
    ...(evidence?.offset === undefined ? {} : { byteOffset: evidence.offset }),
  };
  const file = evidence?.file ?? path;
  return {
    ruleId: finding.id,
    level: levels[finding.severity],
    message: { text: `${findingTitle(finding, language)}. ${findingWhy(finding, language)}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: fileUri(file) },
          ...(Object.keys(region).length === 0 ? {} : { region }),
        },
        logicalLocations: [
          { name, kind: 'resource' },
          ...finding.evidence.flatMap((entry) =>
            entry.path === undefined
              ? []
              : { fullyQualifiedName: [entry.path, entry.name].join('\\'), kind: 'resource' },
          ),
        ],
      },
    ],
  };
}

/** A reference to a file: absolute with a drive, else as it was named. */
function fileUri(file: string): string {
  const parts = file.split(/[\\/]/).map(encodeURIComponent);
  const isDrive = /^[a-z]:[\\/]/i.test(file);
  return isDrive ? `file:///${file.slice(0, 2)}/${parts.slice(1).join('/')}` : parts.join('/');
}
