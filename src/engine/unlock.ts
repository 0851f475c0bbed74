/** Removes locks that were left behind. */

import { hostname } from 'node:os';
import { isSealiftError, systemCodeOf } from '../base/errors.ts';
import { type Clock, systemClock } from '../base/time.ts';
import { isStale, parseLock } from '../repository/lock.ts';
import type { OpenRepository } from './open.ts';
import { loadUnpacked, readDamage } from './unpacked.ts';

export interface UnlockOptions {
  /** Removes every lock, also those of running processes and those that cannot be read. */
  readonly removeAll?: boolean;
  readonly clock?: Clock;
  readonly hostname?: string;
  readonly isAlive?: (pid: number) => boolean;
  readonly signal?: AbortSignal;
}

/**
 * Removes stale locks: older than 30 minutes, or of a process of this machine that is gone.
 * @returns how many were removed
 */
export async function unlock(repo: OpenRepository, options: UnlockOptions = {}): Promise<number> {
  const names: string[] = [];
  for await (const { name } of repo.backend.list('locks', options.signal)) names.push(name);
  let removed = 0;
  for (const name of names) {
    if (!options.removeAll && !(await isLockStale(repo, name, options))) continue;
    await repo.backend.remove({ type: 'locks', name }, options.signal);
    removed += 1;
  }
  return removed;
}

async function isLockStale(
  repo: OpenRepository,
  name: string,
  options: UnlockOptions,
): Promise<boolean> {
  const { signal, clock = systemClock, isAlive = isProcessAlive } = options;
  try {
    const json = await loadUnpacked(repo, 'locks', name, signal);
    const lock = readDamage('locks', name, () => parseLock(json));
    const facts = { nowMs: clock.now(), hostname: options.hostname ?? hostname(), isAlive };
    return isStale(lock, facts);
  } catch (error) {
    // Whether an unreadable lock is stale cannot be known: only removeAll takes it.
    if (isSealiftError(error, 'format/lock', 'backend/not-found')) return false;
    throw error;
  }
}

/** True also for a process of another user, which may not be signalled. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) !== 'ESRCH';
  }
}
