/** What the vault clears away by itself: locks that nobody refreshes, uploads that a crash cut off. */

import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/time.ts';
import { findRepositories, readFolder } from './find-repositories.ts';
import type { LockOwners } from './lock-owners.ts';
import { fileTypes, isFileName } from './repository-path.ts';
import { isAbsent, type RepositoryStore, tempMark } from './repository-store.ts';

/** restic refreshes every 5 minutes and itself takes a lock of this age for dead. */
export const staleLockMs = 30 * 60_000;
/** Longer than any request may take. */
const staleTempMs = 24 * 60 * 60_000;
const ownerKeptMs = 7 * 24 * 60 * 60_000;

/**
 * Removes locks not refreshed (which in restic means: made again) for 30 minutes, by the time that
 * this machine's disk noted, not by what the lock says.
 */
export async function sweepLocks({
  store,
  owners,
  clock,
  signal,
  onRemoved,
}: {
  store: RepositoryStore;
  owners: LockOwners;
  clock: Clock;
  signal?: AbortSignal;
  onRemoved?: (lock: { folders: readonly string[]; name: string; ageMs: number }) => void;
}): Promise<void> {
  for await (const folders of findRepositories(store.root)) {
    signal?.throwIfAborted();
    const base = join(store.root, ...folders, 'locks');
    for (const name of (await readFolder(base)).filter(isFileName)) {
      const ageMs = await ageOf(join(base, name), clock);
      if (ageMs === undefined || ageMs <= staleLockMs) continue;
      await store.remove({ folders, type: 'locks', name });
      await owners.forget({ folders, name });
      onRemoved?.({ folders, name, ageMs });
    }
  }
  await owners.forgetBefore(clock.now() - ownerKeptMs);
}

/** Removes temp files of uploads that ended with the process that took them. */
export async function sweepTempFiles({
  store,
  clock,
  signal,
  onRemoved,
}: {
  store: RepositoryStore;
  clock: Clock;
  signal?: AbortSignal;
  onRemoved?: (path: string) => void;
}): Promise<void> {
  for await (const folders of findRepositories(store.root)) {
    const base = join(store.root, ...folders);
    const prefixes = (await readFolder(join(base, 'data'))).filter((name) => name.length === 2);
    const places = ['', ...fileTypes, ...prefixes.map((prefix) => join('data', prefix))];
    for (const place of places) {
      signal?.throwIfAborted();
      for (const name of await readFolder(join(base, place))) {
        if (!name.includes(tempMark)) continue;
        const path = join(base, place, name);
        if (((await ageOf(path, clock)) ?? 0) <= staleTempMs) continue;
        await rm(path, { force: true });
        onRemoved?.(path);
      }
    }
  }
}

async function ageOf(path: string, clock: Clock): Promise<number | undefined> {
  try {
    return clock.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
