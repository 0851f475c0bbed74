/** The plan in force, drafts of it, and who would fail under either. */

import { stringify } from 'yaml';
import { isSealiftError } from '../../../base/errors.ts';
import { fillText } from '../../../base/fill-text.ts';
import { remediesFor } from '../../../doctor/remedies/remedies.ts';
import { textsIn } from '../../../doctor/texts/texts.ts';
import { baselines, findBaseline } from '../../../tls/baselines.ts';
import { type Language, reasonText } from '../../../tls/reasons.ts';
import { openingsOf } from '../../../tls/retirement/brownout.ts';
import { checkPlan, type PlanFinding } from '../../../tls/retirement/check-plan.ts';
import { dateChanges } from '../../../tls/retirement/date-changes.ts';
import { planFindingText } from '../../../tls/retirement/finding-text.ts';
import { needText } from '../../../tls/retirement/need-text.ts';
import { encodePlan, parsePlan, planFields } from '../../../tls/retirement/parse-plan.ts';
import { phases } from '../../../tls/retirement/phase.ts';
import type { Plan, Who } from '../../../tls/retirement/plan.ts';
import { planStandings } from '../../../tls/retirement/plan-standings.ts';
import { parsePlanTime } from '../../../tls/retirement/plan-times.ts';
import {
  endOfPlan,
  type SimulatedFailure as Failure,
  simulate,
  wouldAnyoneFail,
} from '../../../tls/retirement/simulate.ts';
import { type Doctors, policyOf, readDoctors } from '../../facts/client-doctors.ts';
import type { ReplayEntry } from '../../ledger/queries.ts';
import { revisionOf } from '../../plan-revisions.ts';
import type { CheckedRequestOf, ResponseOf } from '../contract.ts';
import type {
  Calendar,
  CalendarQuery,
  PlanFinding as FindingDocument,
  PlanDocument,
  PlanDraft,
  SimulatedEntry,
  SimulatedFailure,
  Simulation,
  Standing,
} from '../schemas/policy.ts';
import { exemptionIdOf } from './exemption-id.ts';
import {
  idOfClient,
  idOfEntry,
  momentOf,
  momentOrNull,
  type ReadContext,
  versionText,
} from './read-context.ts';

export async function getPolicy(
  context: ReadContext,
  { query }: CheckedRequestOf<'getPolicy'>,
): Promise<ResponseOf<'getPolicy'>> {
  const { plan, facts, nowMs, database } = context;
  const yaml = facts.planFile ?? facts.planText;
  const latest = await database
    .selectFrom('plan_revisions')
    .select(['at_ms', 'by'])
    .where('revision', '=', revisionOf(yaml))
    .orderBy('id', 'desc')
    .executeTakeFirst();
  const findings = checkPlan(plan, { nowMs, known: await knownClients(context) });
  return {
    at: momentOf(nowMs),
    name: plan.name,
    yaml,
    plan: planDocumentOf(plan),
    revision: revisionOf(yaml),
    hasFile: facts.planFile !== undefined,
    appliedAt: momentOrNull(latest?.at_ms),
    appliedBy: latest?.by ?? null,
    versions: plan.policy.versions.map(versionText),
    baselines: baselines.map(({ name }) => name),
    standings: standingDocuments(plan, nowMs),
    findings: findings.map((finding) => findingDocument(finding, query.lang)),
  };
}

/** The document of a form for a plan. */
export function planDocumentOf(plan: Plan): PlanDocument {
  return planFields(plan, { findBaseline }) as PlanDocument;
}

/** @throws SealiftError `tls/policy-file` */
export function readDraft(draft: PlanDraft): { readonly plan: Plan; readonly yaml: string } {
  const yaml = 'yaml' in draft ? draft.yaml : stringify(draft.plan, { lineWidth: 0 });
  return { plan: parsePlan(yaml, { file: 'draft', findBaseline }), yaml };
}

export async function checkPolicy(
  context: ReadContext,
  { body }: CheckedRequestOf<'checkPolicy'>,
): Promise<ResponseOf<'checkPolicy'>> {
  const { nowMs } = context;
  let read: ReturnType<typeof readDraft>;
  try {
    read = readDraft(body.draft);
  } catch (error) {
    // Here a draft that cannot be read is the answer.
    if (!isSealiftError(error, 'tls/policy-file')) throw error;
    const where = String(error.fields['field'] ?? '');
    const finding = { code: 'file', severity: 'error' as const, where, fields: {} };
    return {
      ...{ ok: false, plan: null, yaml: null, standings: [], changes: [] },
      findings: [{ ...finding, message: error.message }],
    };
  }
  const { plan, yaml } = read;
  const findings = checkPlan(plan, { nowMs, known: await knownClients(context) });
  const changes = dateChanges(context.plan, plan, { atMs: nowMs, reason: '' });
  return {
    ok: findings.every(({ severity }) => severity !== 'error'),
    findings: findings.map((finding) => findingDocument(finding, body.lang)),
    plan: planDocumentOf(plan),
    yaml,
    standings: standingDocuments(plan, nowMs),
    changes: changes.map(({ atMs, capability, phase, fromMs, toMs, reason }) => ({
      ...{ at: momentOf(atMs), capability, phase, reason },
      ...{ from: momentOrNull(fromMs), to: momentOrNull(toMs) },
    })),
  };
}

function findingDocument(finding: PlanFinding, language: Language): FindingDocument {
  const { code, severity, where, fields } = finding;
  return { code, severity, where, fields, message: planFindingText(finding, language) };
}

function standingDocuments(plan: Plan, nowMs: number): Standing[] {
  return planStandings(plan, nowMs).map(({ capability, phase, sinceMs, next, window }) => ({
    ...{ capability, phase, since: momentOrNull(sinceMs) },
    next: next === undefined ? null : { phase: next.phase, at: momentOf(next.atMs) },
    window:
      window === undefined
        ? null
        : {
            from: momentOf(window.fromMs),
            until: momentOf(window.untilMs),
            answer: window.answer,
          },
  }));
}

/** Everybody whom the vault knows, seen or only enrolled; undefined while that is nobody. */
async function knownClients(context: ReadContext): Promise<Who[] | undefined> {
  const { clients } = await context.fleet();
  const known = clients.flatMap(({ summary, entries }): Who[] => {
    if (entries.length > 0) return entries.map((entry) => context.whoOf(entry));
    const { kind, name } = summary;
    if (kind !== 'certificate' && kind !== 'login') return [];
    return [{ address: '', fingerprint: '', clients: [name], tags: context.tagsOf(name) }];
  });
  return known.length === 0 ? undefined : known;
}

export async function simulatePolicy(
  context: ReadContext,
  { body }: CheckedRequestOf<'simulatePolicy'>,
): Promise<ResponseOf<'simulatePolicy'>> {
  const draft = body.draft === undefined ? undefined : readDraft(body.draft).plan;
  const asked = body.at === undefined ? undefined : parsePlanTime(body.at);
  const ends = [context.plan, ...(draft === undefined ? [] : [draft])].map((plan) =>
    endOfPlan(plan, context.nowMs),
  );
  const atMs = asked ?? Math.max(...ends);
  const { days } = await context.fleet(body.days);
  const options = { atMs, days: body.days, language: body.lang };
  const current = await simulatePlan(context, context.plan, options);
  const drafted = draft === undefined ? null : await simulatePlan(context, draft, options);
  return {
    at: momentOf(context.nowMs),
    days,
    current,
    draft: drafted,
    onlyDraft: drafted === null ? [] : without(drafted, current),
    onlyCurrent: drafted === null ? [] : without(current, drafted),
  };
}

/** Who fails under the first and not under the second. */
function without(first: Simulation, second: Simulation): { id: string; fingerprint: string }[] {
  const others = new Set(second.failures.map(({ id, fingerprint }) => `${id} ${fingerprint}`));
  return first.failures
    .filter(({ id, fingerprint }) => !others.has(`${id} ${fingerprint}`))
    .map(({ id, fingerprint }) => ({ id, fingerprint }));
}

export async function simulatePlan(
  context: ReadContext,
  plan: Plan,
  {
    atMs,
    days,
    language,
  }: { readonly atMs: number; readonly days: number | undefined; readonly language: Language },
): Promise<Simulation> {
  const { clients } = await context.fleet(days);
  const entries = clients.flatMap((client) => client.entries);
  const simulation = simulate(entries, plan, {
    ...{ atMs, today: { plan: context.plan, nowMs: context.nowMs }, server: context.server },
    tagsOf: context.tagsOf,
  });
  const names = simulation.failures
    .filter(({ entry }) => entry.kind === 'certificate')
    .flatMap(({ entry }) => entry.client ?? []);
  const doctors = await readDoctors(context.database, names, policyOf(plan, atMs));
  const document = (failure: Failure<ReplayEntry>): SimulatedFailure =>
    failureDocument(failure, { doctors, language });
  return {
    plan: plan.name,
    at: momentOf(atMs),
    wouldFail: wouldAnyoneFail(simulation),
    passing: simulation.passing,
    failures: simulation.failures.map(document),
    oneOff: simulation.oneOff.map(document),
    unknown: simulation.unknown.length,
    unknownEntries: simulation.unknown.map(entryDocument),
  };
}

function failureDocument(
  { entry, cause, alert, capabilities, reason, need, stacks, refusedToday }: Failure<ReplayEntry>,
  { doctors, language }: { readonly doctors: Doctors; readonly language: Language },
): SimulatedFailure {
  const own = entry.kind === 'certificate' ? doctors.get(entry.client ?? '') : undefined;
  return {
    ...entryDocument(entry),
    ...{ cause, alert: alert ?? null, capabilities: [...capabilities] },
    why: reason === undefined ? null : reasonText(reason, language),
    needs: needText(need, { family: stacks[0]?.family, language }),
    looksLike: stacks.map(({ name }) => name),
    refusedToday,
    doctor:
      own === undefined
        ? null
        : {
            day: own.day,
            status: own.diagnosis.status,
            system: own.diagnosis.system ?? null,
            remedies: remediesFor(own.diagnosis.facts, own.diagnosis.findings).map(
              ({ text, fields }) => fillText(textsIn(language).remedies[text], fields),
            ),
          },
  };
}

function entryDocument(entry: ReplayEntry): SimulatedEntry {
  const { client = null, kind, address, fingerprint, connections, backups } = entry;
  return {
    id: idOfEntry(entry),
    ...{ client, kind, class: entry.class, address, fingerprint, connections, backups },
    firstSeenAt: momentOf(entry.firstSeenMs),
    lastSeenAt: momentOf(entry.lastSeenMs),
    lastBackupAt: momentOrNull(entry.lastBackupMs),
  };
}

export async function listExemptions(context: ReadContext): Promise<ResponseOf<'listExemptions'>> {
  const { plan, nowMs } = context;
  const { clients } = await context.fleet();
  return {
    at: momentOf(nowMs),
    exemptions: plan.exemptions.map((exemption) => {
      const client = clients.find(({ summary }) => summary.name === exemption.client);
      return {
        id: exemptionIdOf(exemption),
        ...{ client: exemption.client, capability: exemption.capability },
        clientId: client === undefined ? null : idOfClient(client),
        reason: exemption.reason,
        until: momentOf(exemption.untilMs),
        active: exemption.untilMs > nowMs,
        leftMs: Math.max(0, exemption.untilMs - nowMs),
        readiness: client?.readiness?.state ?? null,
      };
    }),
  };
}

/** More than a month of windows every ten minutes. */
const maxWindows = 5000;

export async function getCalendar(
  { plan }: ReadContext,
  { query }: CheckedRequestOf<'getCalendar'>,
): Promise<ResponseOf<'getCalendar'>> {
  return calendarOf(plan, query);
}

export async function getDraftCalendar(
  _context: ReadContext,
  { body }: CheckedRequestOf<'getDraftCalendar'>,
): Promise<ResponseOf<'getDraftCalendar'>> {
  return calendarOf(readDraft(body.draft).plan, body);
}

function calendarOf(plan: Plan, { from, until }: CalendarQuery): Calendar {
  const fromMs = parsePlanTime(from) ?? 0;
  const untilMs = parsePlanTime(until) ?? 0;
  const isIn = (ms: number): boolean => ms >= fromMs && ms < untilMs;
  const waves = [undefined, ...plan.waves].map((wave) => ({
    wave: wave?.name ?? null,
    offsetMs: wave?.offsetMs ?? 0,
  }));
  const windows: Calendar['windows'] = [];
  const shares: Calendar['shares'] = [];
  const dates: Calendar['phases'] = [];
  let truncated = false;
  for (const retirement of plan.retirements) {
    const { capability } = retirement;
    for (const { wave, offsetMs } of waves) {
      for (const phase of phases) {
        const ms = retirement.phases[phase];
        if (ms !== undefined && isIn(ms + offsetMs))
          dates.push({ capability, wave, phase, at: momentOf(ms + offsetMs) });
      }
      for (const share of retirement.shares) {
        if (isIn(share.fromMs + offsetMs))
          shares.push({
            ...{ capability, wave, from: momentOf(share.fromMs + offsetMs) },
            ...{ percent: share.percent, answer: share.answer },
          });
      }
      for (const window of retirement.windows) {
        const limit = maxWindows - windows.length;
        const openings = openingsOf(retirement, window, { sinceMs: fromMs - offsetMs, limit });
        if (openings.length === limit) truncated = true;
        for (const opening of openings) {
          if (opening.fromMs + offsetMs >= untilMs) break;
          windows.push({
            ...{ capability, wave, answer: opening.answer },
            from: momentOf(opening.fromMs + offsetMs),
            until: momentOf(opening.untilMs + offsetMs),
          });
        }
      }
    }
  }
  return {
    ...{ from: momentOf(fromMs), until: momentOf(untilMs) },
    windows: windows.sort((a, b) => (a.from < b.from ? -1 : 1)),
    phases: dates.sort((a, b) => (a.at < b.at ? -1 : 1)),
    shares: shares.sort((a, b) => (a.from < b.from ? -1 : 1)),
    exemptionEnds: plan.exemptions
      .filter((exemption) => isIn(exemption.untilMs))
      .map(({ client, capability, untilMs: ms }) => ({ client, capability, at: momentOf(ms) })),
    truncated,
  };
}

/** Of the plan as text, for those who need the whole of it. */
export function planText(plan: Plan): string {
  return encodePlan(plan, { findBaseline });
}
