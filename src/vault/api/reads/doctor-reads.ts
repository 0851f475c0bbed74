/** The doctor's view of a client that sent its facts. */

import { diagnose } from '../../../doctor/doctor.ts';
import type { Language } from '../../../tls/reasons.ts';
import { policyOf } from '../../facts/client-doctors.ts';
import { readStoredFacts } from '../../facts/facts-store.ts';
import type { CheckedRequestOf, ResponseOf } from '../contract.ts';
import { notFound } from '../server/problem.ts';
import { findClient } from './client-detail.ts';
import { diagnosisDocument, fixDocuments } from './doctor-document.ts';
import type { ReadContext } from './read-context.ts';

export async function getClientDoctor(
  context: ReadContext,
  { params, query }: CheckedRequestOf<'getClientDoctor'>,
): Promise<ResponseOf<'getClientDoctor'>> {
  return examineClient(context, params.id, query.lang);
}

async function examineClient(
  context: ReadContext,
  id: string,
  language: Language,
): Promise<ResponseOf<'getClientDoctor'>> {
  const { summary } = await findClient(context, id, undefined);
  // Facts come with a certificate: a login of the same name is somebody else.
  const stored =
    summary.kind === 'certificate'
      ? await readStoredFacts(context.database, summary.name)
      : undefined;
  if (stored === undefined) return { doctor: null };
  const policy = policyOf(context.plan, Number.POSITIVE_INFINITY);
  const diagnosis = diagnose(stored.facts, { policy });
  const machine = summary.name;
  return {
    doctor: {
      day: stored.day,
      diagnosis: diagnosisDocument(diagnosis, { machine, policy: policy.name, language }),
      fixes: fixDocuments(diagnosis, { machine, language, nowMs: context.nowMs }),
    },
  };
}

/** @returns name and base64 of one of the files */
export async function downloadFix(
  context: ReadContext,
  { params, query }: CheckedRequestOf<'downloadFix'>,
): Promise<{ readonly name: string; readonly content: string }> {
  const { doctor } = await examineClient(context, params.id, query.lang);
  const file = doctor?.fixes.find(({ name }) => name === params.name);
  if (file === undefined) throw notFound('file');
  return file;
}
