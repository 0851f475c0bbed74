/** Judges files that a person dropped and texts that a person pasted. Pure: nothing is kept. */

import { errorToData, isSealiftError } from '../../../base/errors.ts';
import { fillText } from '../../../base/fill-text.ts';
import { printable } from '../../../base/printable.ts';
import { diagnose } from '../../../doctor/doctor.ts';
import { type Explanation, explain, explainLines } from '../../../doctor/explain/explain.ts';
import { alertNumber } from '../../../doctor/explain/knowledge/alerts.ts';
import { sources } from '../../../doctor/explain/knowledge/sources.ts';
import { readLogLines } from '../../../doctor/explain/read-log.ts';
import { causeText, explainTexts } from '../../../doctor/explain/texts/explain-texts.ts';
import { partOfBytes, type RegistryPart } from '../../../doctor/facts/read-file.ts';
import { groupParts, type MachineFacts, machineOf } from '../../../doctor/facts/read-machines.ts';
import { azurePolicy, findServerPolicy } from '../../../doctor/rules/server-policies.ts';
import { consumerIds } from '../../../doctor/verdicts/verdict.ts';
import type { Language } from '../../../tls/reasons.ts';
import { diagnosisDocument, fixDocuments } from '../reads/doctor-document.ts';
import type { Examination } from '../schemas/doctor.ts';
import type { Explanation as ExplanationDocument } from '../schemas/explain.ts';

export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ExamineOptions {
  readonly lang: Language;
  readonly server?: string | undefined;
  readonly consumer?: string | undefined;
  readonly nowMs: number;
}

export async function examineFiles(
  files: readonly GivenFile[],
  options: ExamineOptions,
): Promise<Examination> {
  const { lang: language, nowMs } = options;
  const machines: (MachineFacts & { readonly files: string[] })[] = [];
  const parts: RegistryPart[] = [];
  const logs: Examination['logs'] = [];
  const failures: Examination['failures'] = [];
  const isLog = ({ name }: GivenFile): boolean => /\.log[12]?$/i.test(name);
  for (const file of files) {
    if (isLog(file) && hiveOf(file, files)) continue;
    try {
      const own = files.filter((other) => isLog(other) && hiveOf(other, [file]));
      const part = partOfBytes(
        file.name,
        file.bytes,
        own.map(({ bytes }) => bytes),
      );
      if (part === undefined) {
        const explanation = await explainLines(readLogLines([file.bytes]));
        logs.push({ file: file.name, explanation: explanationDocument(explanation, language) });
      } else if (part.kind === 'registry') parts.push(part);
      else {
        const name = part.facts.host ?? file.name.replace(/\.json$/i, '');
        machines.push({ name, path: file.name, facts: part.facts, files: [file.name] });
      }
    } catch (error) {
      failures.push(failureOf(file.name, error));
    }
  }
  for (const group of groupParts(parts)) {
    const own = group.map(({ file }) => file);
    try {
      machines.push({ ...machineOf(group, undefined), files: own });
    } catch (error) {
      failures.push(failureOf(own.join(', '), error));
    }
  }
  const policy = options.server === undefined ? undefined : findServerPolicy(options.server);
  const consumer = consumerIds.find((id) => id === options.consumer);
  return {
    machines: machines.map(({ name, facts, files: own }) => {
      const diagnosis = diagnose(facts, { policy, consumer });
      const machine = printable(name);
      const about = { machine, policy: (policy ?? azurePolicy).name, language };
      return {
        ...{ name: machine, files: own, diagnosis: diagnosisDocument(diagnosis, about) },
        fixes: fixDocuments(diagnosis, { machine, language, nowMs }),
      };
    }),
    logs,
    failures,
    bytes: files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
  };
}

/** @throws what is no SealiftError */
function failureOf(file: string, error: unknown): Examination['failures'][number] {
  if (!isSealiftError(error)) throw error;
  const { code = 'api/internal', message, hint } = errorToData(error);
  return { file, code, detail: message, hint: hint ?? null };
}

/** A transaction log belongs to a hive that came along: SYSTEM.LOG1 to SYSTEM. */
function hiveOf(log: GivenFile, files: readonly GivenFile[]): boolean {
  const hive = log.name.replace(/\.log[12]?$/i, '').toLowerCase();
  return files.some(({ name }) => name.toLowerCase() === hive);
}

export function explainText(text: string, language: Language): ExplanationDocument {
  return explanationDocument(explain(text), language);
}

function explanationDocument(explanation: Explanation, language: Language): ExplanationDocument {
  const texts = explainTexts(language);
  return {
    known: explanation.known,
    lines: explanation.lineCount,
    failures: explanation.failures.map(({ count, firstLine, lastLine, causes }) => ({
      ...{ count, firstLine, lastLine },
      causes: causes.map((cause) => {
        const { title, means, check, fixes } = causeText(cause.id, language);
        return {
          ...{ id: cause.id, stage: cause.stage, score: cause.score },
          ...{ likelihood: cause.likelihood, title, means, check },
          fixes: cause.platforms.map((platform) => ({
            ...{ platform, title: texts.platforms[platform], text: fixes[platform] ?? '' },
          })),
          evidence: cause.evidence.map(({ line, text, count: times, signature, alert }) => {
            const number = alert === undefined ? undefined : alertNumber(alert);
            const name = number === undefined ? (alert ?? '') : `${alert} (${number})`;
            const says = fillText(texts.readings[signature.reading], { alert: name });
            return {
              ...{ line, text: printable(text), count: times, says },
              source: sources[signature.source],
            };
          }),
        };
      }),
    })),
  };
}
