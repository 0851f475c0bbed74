/** The words of the comparison: jobs, data sets, and what is written down of each. */

import type { Cost, ProcessorTime } from './statistics.ts';

export const setNames = ['random', 'tree', 'small', 'image'] as const;
export type SetName = (typeof setNames)[number];

export const jobNames = ['first', 'unchanged', 'changed', 'restore', 'check', 'prune'] as const;
export type JobName = (typeof jobNames)[number];

export const startJobs = ['version', 'snapshots'] as const;
export type StartJob = (typeof startJobs)[number];

export type Place = 'local' | 'https';

export interface Sample {
  readonly set: SetName | 'start';
  readonly place: Place;
  readonly job: JobName | StartJob;
  readonly program: string;
  readonly round: number;
  readonly cost: Cost;
  /** Processor time of the vault meanwhile, where the system says it. */
  readonly server?: ProcessorTime | undefined;
}

/** Bytes of all files of a repository after its first backup. */
export interface RepositorySize {
  readonly set: SetName;
  readonly program: string;
  readonly bytes: number;
}

export const jobTitles: Record<JobName | StartJob, string> = {
  first: 'first backup',
  unchanged: 'backup, nothing changed',
  changed: 'backup, 1 % changed',
  restore: 'restore',
  check: 'check --read-data',
  prune: 'forget and prune',
  version: 'version',
  snapshots: 'snapshots, small repository',
};
