/** The first page: is every client backed up, and will every client still connect? */

import { z } from 'zod';
import { capability, count, day, days, language, moment, phase, version } from './common.ts';
import { simulatedFailure } from './policy.ts';

export const overviewQuery = z.strictObject({
  /** Of the timeline and the counts. */
  days: days.optional(),
  lang: language.default('en'),
});
export type OverviewQuery = z.input<typeof overviewQuery>;

/** `24h`: within the last day; `older`: more than 30 days ago. */
export const ageBucket = z.enum(['24h', '48h', '7d', '30d', 'older', 'never']);
export type AgeBucket = z.infer<typeof ageBucket>;
const ages = z.array(z.object({ age: ageBucket, clients: count }));

export const week = z.object({
  monday: day,
  /** The newest version first; null is what was refused or failed. */
  versions: z.array(z.object({ version: version.nullable(), connections: count, clients: count })),
});

export const decisionKind = z.enum([
  /** Clients that are refused at a date that is near, and are not ready. */
  'will-be-refused',
  'exemption-ends',
  'backup-overdue',
  'never-backed-up',
  /** The latest restore drill of each failed. */
  'drill-failed',
  'drill-overdue',
  'downgrade',
  'plan-finding',
  'certificate-expires',
  'scrub-damage',
  'storage-full',
  'quota-full',
  'invite-unused',
  'silent',
]);
export type DecisionKind = z.infer<typeof decisionKind>;

export const decision = z.object({
  kind: decisionKind,
  severity: z.enum(['alarm', 'warning', 'note']),
  /** When it becomes serious; null for now. */
  at: moment.nullable(),
  count,
  /** Some of whom it is about, as IDs with their names. */
  clients: z.array(z.object({ id: z.string(), name: z.string() })),
  fields: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type Decision = z.infer<typeof decision>;

export const overview = z.object({
  at: moment,
  days,
  /** No client has ever been seen: show the first steps. */
  isEmpty: z.boolean(),
  counts: z.object({
    clients: count,
    ready: count,
    notReady: count,
    unknown: count,
    visitors: count,
    scanners: count,
    enrolled: count,
    neverSeen: count,
  }),
  backups: z.object({ ages, lastAt: moment.nullable(), lastDay: count, addedBytesLastDay: count }),
  drills: z.object({ ages, lastAt: moment.nullable(), failedLastMonth: count }),
  /** Of the latest handshake of each client. */
  versions: z.array(z.object({ version: version.nullable(), clients: count })),
  groups: z.array(
    z.object({ group: z.string().nullable(), postQuantum: z.boolean().nullable(), clients: count }),
  ),
  weeks: z.array(week),
  /** Dates of the plan, for the timeline. */
  markers: z.array(z.object({ capability, phase, at: moment })),
  /** The next phase that refuses somebody or begins to. */
  next: z
    .object({
      capability,
      phase,
      at: moment,
      failing: count,
      /** At most 100, those with the most backups first. */
      failures: z.array(simulatedFailure),
    })
    .nullable(),
  decisions: z.array(decision),
});
export type Overview = z.infer<typeof overview>;
