/** A scrub whose beginning and result are kept, whoever starts it: the console or a command. */

import type { Clock } from '../../base/time.ts';
import type { ScrubsTable } from '../database/console-tables.ts';
import type { VaultDatabase } from '../database/database.ts';
import { type ScrubOptions, type ScrubReport, scrub } from './scrub.ts';

export type StoredScrub = { [K in keyof ScrubsTable]: K extends 'id' ? number : ScrubsTable[K] };

const maxDamagedShown = 100;

export function beginScrub(
  database: VaultDatabase,
  { by, clock }: { readonly by: string | null; readonly clock: Clock },
): Promise<StoredScrub> {
  return database
    .insertInto('scrubs')
    .values({
      ...{ started_ms: clock.now(), ended_ms: null, state: 'running', by },
      ...{ repositories: 0, files: 0, bytes: 0, damaged_count: 0, damaged: '[]' },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface RecordedScrubOptions extends ScrubOptions {
  readonly root: string;
  readonly clock: Clock;
}

/** Runs it and notes how it ended. @throws what the scrub throws, once that is noted too */
export async function runScrub(
  database: VaultDatabase,
  { id }: StoredScrub,
  { root, clock, ...options }: RecordedScrubOptions,
): Promise<ScrubReport> {
  const finish = (result: Partial<Omit<ScrubsTable, 'id'>>): Promise<unknown> =>
    database
      .updateTable('scrubs')
      .set({ ...result, ended_ms: clock.now() })
      .where('id', '=', id)
      .execute();
  try {
    const report = await scrub(root, options);
    const { repositories, files, bytes, damaged } = report;
    const shown = damaged.slice(0, maxDamagedShown).map(({ path, problem }) => ({ path, problem }));
    await finish({
      ...{ state: 'done', repositories, files, bytes },
      ...{ damaged_count: damaged.length, damaged: JSON.stringify(shown) },
    });
    return report;
  } catch (error) {
    await finish({ state: options.signal?.aborted === true ? 'stopped' : 'failed' });
    throw error;
  }
}
