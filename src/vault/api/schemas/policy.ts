/** The retirement plan: shown, checked, simulated, applied, put back; exemptions and the calendar. */

import { z } from 'zod';
import { clientClass, clientKind, readinessState } from './clients.ts';
import {
  capability,
  count,
  day,
  days,
  language,
  moment,
  momentInput,
  phase,
  reason,
  version,
} from './common.ts';

const offset = z.string().max(20);
const answer = z.enum(['http', 'alert']);
const names = z.array(z.string().min(1).max(200)).max(10_000);

/** A window of a brownout: a cron line of five fields and a duration such as `10m`. */
export const planWindow = z.strictObject({
  cron: z.string().max(100),
  timeZone: z.string().max(60).optional(),
  duration: offset,
  answer,
  from: momentInput.optional(),
  until: momentInput.optional(),
});
export const planShare = z.strictObject({
  from: momentInput,
  percent: z.number().min(0).max(100),
  answer,
});
export const planRetirement = z.strictObject({
  capability,
  observe: momentInput.optional(),
  warn: momentInput.optional(),
  brownout: momentInput.optional(),
  enforce: momentInput.optional(),
  windows: z.array(planWindow).max(100).optional(),
  shares: z.array(planShare).max(100).optional(),
  link: z.string().max(2000).optional(),
});
export type PlanRetirement = z.infer<typeof planRetirement>;
export const planWave = z.strictObject({
  name: z.string().min(1).max(200),
  /** Added to every date: `-14d` for a wave that is ahead. */
  offset: offset.optional(),
  clients: names.optional(),
  networks: names.optional(),
  tags: names.optional(),
  percent: z.number().min(0).max(100).optional(),
});
export type PlanWave = z.infer<typeof planWave>;
export const planExemption = z.strictObject({
  client: z.string().min(1).max(200),
  capability,
  reason: z.string().min(1).max(2000),
  until: momentInput,
});
export type PlanExemption = z.infer<typeof planExemption>;

/** A plan file as a document: docs/guide/retirement.md. */
export const planDocument = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  /** A baseline's name, or the fields of a policy file. */
  policy: z.union([z.string().max(60), z.record(z.string().max(40), z.unknown())]).optional(),
  retirements: z.array(planRetirement).max(100).optional(),
  waves: z.array(planWave).max(1000).optional(),
  exemptions: z.array(planExemption).max(10_000).optional(),
  history: z
    .array(
      z.strictObject({
        at: momentInput,
        capability,
        phase,
        from: momentInput.optional(),
        to: momentInput.optional(),
        reason: z.string().min(1).max(2000),
      }),
    )
    .max(10_000)
    .optional(),
});
export type PlanDocument = z.infer<typeof planDocument>;

export const planFinding = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  /** `exemptions[1].until` */
  where: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number()])),
  /** In the language asked for. */
  message: z.string(),
});
export type PlanFinding = z.infer<typeof planFinding>;

export const standing = z.object({
  capability,
  phase,
  since: moment.nullable(),
  next: z.object({ phase, at: moment }).nullable(),
  /** The brownout window that is open or opens next. */
  window: z.object({ from: moment, until: moment, answer }).nullable(),
});
export type Standing = z.infer<typeof standing>;

export const policyState = z.object({
  at: moment,
  name: z.string(),
  /** As the file stands, comments and all; or what is in force without a file. */
  yaml: z.string(),
  plan: planDocument,
  /** Names this very text; what is applied says which one it was made from. */
  revision: z.string(),
  /** False while the vault has no plan of its own. */
  hasFile: z.boolean(),
  appliedAt: moment.nullable(),
  appliedBy: z.string().nullable(),
  /** What the policy itself speaks. */
  versions: z.array(version),
  /** Names that `policy` may have. */
  baselines: z.array(z.string()),
  standings: z.array(standing),
  findings: z.array(planFinding),
});
export type PolicyState = z.infer<typeof policyState>;

/** A draft: as text with its comments, or as the document of a form. */
export const planDraft = z.union([
  z.strictObject({
    yaml: z
      .string()
      .min(1)
      .max(1024 * 1024),
  }),
  z.strictObject({ plan: planDocument }),
]);
export type PlanDraft = z.infer<typeof planDraft>;

export const checkPlanRequest = z.strictObject({ draft: planDraft, lang: language.default('en') });
export type CheckPlanRequest = z.input<typeof checkPlanRequest>;

export const dateChange = z.object({
  at: moment,
  capability,
  phase,
  from: moment.nullable(),
  to: moment.nullable(),
  reason: z.string(),
});

export const checkedPlan = z.object({
  /** No finding is an error: it can be applied. */
  ok: z.boolean(),
  findings: z.array(planFinding),
  /** Null where the draft cannot be read. */
  plan: planDocument.nullable(),
  yaml: z.string().nullable(),
  standings: z.array(standing),
  /** Dates that were announced and would move: they need a reason. */
  changes: z.array(dateChange),
});
export type CheckedPlan = z.infer<typeof checkedPlan>;

/** One fingerprint of a client in the ledger. */
export const simulatedEntry = z.object({
  /** To look the client up. */
  id: z.string(),
  client: z.string().nullable(),
  kind: clientKind,
  class: clientClass,
  address: z.string(),
  fingerprint: z.string(),
  firstSeenAt: moment,
  lastSeenAt: moment,
  connections: count,
  backups: count,
  lastBackupAt: moment.nullable(),
});
export type SimulatedEntry = z.infer<typeof simulatedEntry>;

export const simulatedFailure = simulatedEntry.extend({
  cause: z.enum(['policy', 'enforce', 'brownout']),
  alert: z.string().nullable(),
  capabilities: z.array(capability),
  why: z.string().nullable(),
  needs: z.string(),
  looksLike: z.array(z.string()),
  refusedToday: z.boolean(),
  /** The doctor's word, for a client that sent its facts. */
  doctor: z
    .object({
      /** Of the facts. */
      day,
      status: readinessState,
      system: z.string().nullable(),
      remedies: z.array(z.string()),
    })
    .nullable(),
});
export type SimulatedFailure = z.infer<typeof simulatedFailure>;

export const simulation = z.object({
  plan: z.string(),
  at: moment,
  wouldFail: z.boolean(),
  passing: count,
  /** Most backups first. */
  failures: z.array(simulatedFailure),
  /** Visitors and scanners. */
  oneOff: z.array(simulatedFailure),
  /** Nobody can tell: their hellos were not kept. */
  unknown: count,
  unknownEntries: z.array(simulatedEntry),
});
export type Simulation = z.infer<typeof simulation>;

export const simulateRequest = z.strictObject({
  /** The plan in force alone when left out. */
  draft: planDraft.optional(),
  /** When the plan has come to its end, if left out. */
  at: momentInput.optional(),
  days: days.optional(),
  lang: language.default('en'),
});
export type SimulateRequest = z.input<typeof simulateRequest>;

export const simulated = z.object({
  at: moment,
  days,
  /** The plan in force, at the same moment. */
  current: simulation,
  draft: simulation.nullable(),
  /** `id` and fingerprint of who fails under one of the two only. */
  onlyDraft: z.array(z.object({ id: z.string(), fingerprint: z.string() })),
  onlyCurrent: z.array(z.object({ id: z.string(), fingerprint: z.string() })),
});
export type Simulated = z.infer<typeof simulated>;

export const applyPlanRequest = z.strictObject({
  draft: planDraft,
  /** Why; it goes into the audit log, and into the plan's history where dates move. */
  reason,
  /** The `revision` that the draft was made from. */
  base: z.string().max(64),
});
export type ApplyPlanRequest = z.infer<typeof applyPlanRequest>;

export const revision = z.object({
  id: z.string(),
  revision: z.string(),
  name: z.string(),
  at: moment,
  by: z.string().nullable(),
  /** `file`: somebody changed the file, or a command did. */
  source: z.enum(['api', 'file']),
  reason: z.string(),
  isCurrent: z.boolean(),
});
export type PolicyRevision = z.infer<typeof revision>;
/** The latest first. */
export const policyHistory = z.object({ revisions: z.array(revision) });
export type PolicyHistory = z.infer<typeof policyHistory>;

export const revisionParams = z.strictObject({ revision: z.string().regex(/^\d{1,15}$/) });
export const revisionDetail = revision.extend({
  yaml: z.string(),
  plan: planDocument.nullable(),
});
export type RevisionDetail = z.infer<typeof revisionDetail>;

export const restoreRevision = z.strictObject({ reason, base: z.string().max(64) });
export type RestoreRevision = z.infer<typeof restoreRevision>;

export const exemption = z.object({
  id: z.string(),
  client: z.string(),
  /** To look the client up; null for a network, a fingerprint or a stranger. */
  clientId: z.string().nullable(),
  capability,
  reason: z.string(),
  until: moment,
  active: z.boolean(),
  /** Until it ends; 0 when it has. */
  leftMs: count,
  readiness: readinessState.nullable(),
});
export type Exemption = z.infer<typeof exemption>;
export const exemptions = z.object({ at: moment, exemptions: z.array(exemption) });
export type Exemptions = z.infer<typeof exemptions>;

export const exemptionParams = z.strictObject({ exemption: z.string().regex(/^[0-9a-f]{16}$/) });
export const endExemption = z.strictObject({ reason });
export type EndExemption = z.infer<typeof endExemption>;

export const calendarQuery = z.strictObject({ from: momentInput, until: momentInput });
export type CalendarQuery = z.infer<typeof calendarQuery>;
export const draftCalendarRequest = calendarQuery.extend({ draft: planDraft });
export type DraftCalendarRequest = z.input<typeof draftCalendarRequest>;

export const calendar = z.object({
  from: moment,
  until: moment,
  /** Brownout windows, earliest first; `wave` null for who is in none. */
  windows: z.array(
    z.object({ capability, wave: z.string().nullable(), from: moment, until: moment, answer }),
  ),
  phases: z.array(z.object({ capability, wave: z.string().nullable(), phase, at: moment })),
  shares: z.array(
    z.object({
      capability,
      wave: z.string().nullable(),
      from: moment,
      percent: z.number(),
      answer,
    }),
  ),
  exemptionEnds: z.array(z.object({ client: z.string(), capability, at: moment })),
  /** There are more windows than fit. */
  truncated: z.boolean(),
});
export type Calendar = z.infer<typeof calendar>;
