/** The routes that only read the database, by name: the reading thread looks them up here. */

import { getClient } from './client-detail.ts';
import { listBackups, listHandshakes, negotiateClient } from './client-lists.ts';
import { exportClients, listClients } from './client-rows.ts';
import { downloadFix, getClientDoctor } from './doctor-reads.ts';
import { getOverview } from './overview-reads.ts';
import {
  checkPolicy,
  getCalendar,
  getDraftCalendar,
  getPolicy,
  listExemptions,
  simulatePolicy,
} from './policy-reads.ts';
import { getGrowth, getReport, makeReport } from './report-reads.ts';

/** Answered with JSON that the thread checks and encodes itself. */
export const readingRoutes = {
  getOverview,
  getReport,
  makeReport,
  listClients,
  getClient,
  listBackups,
  listHandshakes,
  negotiateClient,
  getClientDoctor,
  getPolicy,
  checkPolicy,
  simulatePolicy,
  listExemptions,
  getCalendar,
  getDraftCalendar,
  getGrowth,
} as const;

/** Answered with plain data for the main thread. */
export const readingJobs = { exportClients, downloadFix } as const;

export type ReadingRoute = keyof typeof readingRoutes;
export type ReadingJob = keyof typeof readingJobs;
export type JobResult<J extends ReadingJob> = Awaited<ReturnType<(typeof readingJobs)[J]>>;
