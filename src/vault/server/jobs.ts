/** What a vault does by itself while it runs. */

import type { Logger } from 'pino';
import type { Clock } from '../../base/time.ts';
import { type SessionLimits, sweepSessions } from '../accounts/console-sessions.ts';
import type { VaultDatabase } from '../database/database.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { NoticeBook } from '../notices/notice-book.ts';
import type { NoticeSender } from '../notices/notice-sender.ts';
import { LockOwners } from '../repositories/lock-owners.ts';
import { RepositoryStore } from '../repositories/repository-store.ts';
import { sweepLocks, sweepTempFiles } from '../repositories/sweep.ts';
import type { StorageMeter } from './storage-meter.ts';
import { startTicking } from './ticking.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

export interface Job {
  readonly name: string;
  readonly everyMs: number;
  readonly atOnce?: boolean;
  run(signal: AbortSignal): Promise<void>;
}

/** @returns functions that each stop one of them and settle when a run in progress has ended */
export function startJobs(jobs: readonly Job[], logger: Logger): (() => Promise<void>)[] {
  return jobs.map(({ name, everyMs, atOnce = false, run }) =>
    startTicking(everyMs, {
      job: run,
      atOnce,
      onError: (error) => logger.error({ err: error, job: name }, `the vault could not ${name}`),
    }),
  );
}

export function storageJobs(parts: {
  root: string;
  database: VaultDatabase;
  clock: Clock;
  logger: Logger;
}): Job[] {
  const { root, database, clock, logger } = parts;
  const store = new RepositoryStore(root);
  const owners = new LockOwners(database, clock);
  const sweep = (signal: AbortSignal): Promise<void> =>
    sweepLocks({
      store,
      owners,
      clock,
      signal,
      onRemoved: ({ folders, name, ageMs }) =>
        logger.info({ repository: folders.join('/'), lock: name, ageMs }, 'stale lock removed'),
    });
  return [
    { name: 'sweep locks', everyMs: minuteMs, atOnce: true, run: sweep },
    {
      name: 'sweep temp files',
      everyMs: dayMs,
      atOnce: true,
      run: (signal) => sweepTempFiles({ store, clock, signal }),
    },
  ];
}

export function noticeJobs(book: NoticeBook, sender: NoticeSender): Job[] {
  return [
    {
      name: 'note what owners are to be told',
      everyMs: 5000,
      run: () => book.flush(),
    },
    { name: 'tell owners', everyMs: minuteMs, run: (signal) => sender.run(signal) },
  ];
}

export function pruneJob({
  ledger,
  clock,
  keepDays,
}: {
  ledger: Ledger;
  clock: Clock;
  keepDays: () => number;
}): Job {
  return {
    name: 'end what the ledger has kept long enough',
    everyMs: dayMs,
    atOnce: true,
    run: () => ledger.prune({ keepDays: keepDays(), nowMs: clock.now() }),
  };
}

export function sessionJob({
  database,
  clock,
  limits,
}: {
  database: VaultDatabase;
  clock: Clock;
  limits: () => SessionLimits;
}): Job {
  return {
    name: 'end old sessions',
    everyMs: 15 * minuteMs,
    atOnce: true,
    run: () => sweepSessions(database, { clock, limits: limits() }),
  };
}

/** For metrics and console; a count of everything is not cheap. The last one of each day is kept. */
export function measureJob({
  storage,
  database,
  clock,
  onMeasured,
}: {
  storage: StorageMeter;
  database: VaultDatabase;
  clock: Clock;
  onMeasured: () => void;
}): Job {
  return {
    name: 'measure the storage',
    everyMs: 15 * minuteMs,
    atOnce: true,
    async run(signal) {
      const nowMs = clock.now();
      await storage.measure(nowMs, signal);
      const day = new Date(nowMs).toISOString().slice(0, 10);
      for (const [repository, { bytes, files }] of storage.repositories)
        await database
          .replaceInto('storage_days')
          .values({ day, repository, bytes, files, measured_ms: nowMs })
          .execute();
      onMeasured();
    },
  };
}
