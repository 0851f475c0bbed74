/**
 * Locks a repository for a job, as restic does (restic-format.md, section 14): a file in `locks/`
 * that is written anew every five minutes, so that others can tell a running job from a dead one.
 */

import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isSealiftError, messageOf, SealiftError } from '../base/errors.ts';
import { type Clock, nsPerMs, systemClock } from '../base/time.ts';
import { formatDuration } from '../base/units.ts';
import { encodeLock, type Lock, parseLock, staleLockMs } from '../repository/lock.ts';
import { currentUser, type OpenRepository } from './open.ts';
import { loadUnpacked, readDamage, removeUnpacked, saveUnpacked } from './unpacked.ts';

/** Wall-clock time, so that a machine's sleep counts; waiting ends early when the signal aborts. */
export interface LockClock extends Clock {
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemLockClock: LockClock = {
  now: systemClock.now,
  // Unreferenced waits would let the process end in the middle; the signal ends them instead.
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
};

export interface LockOptions {
  /** True for jobs that remove or replace files. */
  readonly exclusive: boolean;
  /** How long to try again when others hold a lock; 0 when left out. */
  readonly retryLockMs?: number;
  /** Takes no lock: for reading from a place that cannot be written. */
  readonly noLock?: boolean;
  readonly clock?: LockClock;
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait with the lock that is in the way. */
  readonly onWait?: (conflict: SealiftError, delayMs: number) => void;
  /** Called when a refresh fails; the job goes on until the lock is too old. */
  readonly onRefreshError?: (error: unknown) => void;
  readonly hostname?: string;
  readonly pid?: number;
}

const refreshMs = 5 * 60_000;
/** One and a half refreshes before others would call the lock stale. */
const lostMs = staleLockMs - 1.5 * refreshMs;
/** What others wrote is listed by then, where listings are behind: docs/decisions/011-waiting-for-a-lock.md */
const settleMs = 200;
const unreadableDelaysMs = [5_000, 10_000, 20_000];
const firstRetryMs = 5_000;
const maxRetryMs = 60_000;
/** The lock is removed even when the job was interrupted, but not for ever. */
const releaseMs = 60_000;

/**
 * Runs a job under a lock. The job's signal aborts with the caller's, and with 'lock/lost' when the
 * lock could not be kept.
 * @throws SealiftError 'repository/locked' with the holder in `fields`; 'lock/lost'
 */
export async function withLock<T>(
  repo: OpenRepository,
  options: LockOptions,
  job: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock = systemLockClock, signal } = options;
  const never = new AbortController().signal;
  if (options.noLock) return job(signal ?? never);
  // restic asks whether a lock's process is alive by sending it SIGHUP, which would end us.
  const ignoreHangUp = (): void => {};
  process.on('SIGHUP', ignoreHangUp);
  try {
    const held = await HeldLock.acquire(repo, options, clock);
    return await runHolding(held, clock, options, job);
  } finally {
    process.off('SIGHUP', ignoreHangUp);
  }
}

async function runHolding<T>(
  held: HeldLock,
  clock: LockClock,
  options: LockOptions,
  job: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal } = options;
  const lost = new AbortController();
  const done = new AbortController();
  const jobSignal = AbortSignal.any([lost.signal, ...(signal ? [signal] : [])]);
  const refreshing = keepFresh(held, clock, done.signal, options).catch((error: unknown) => {
    lost.abort(error);
  });
  try {
    const result = await job(jobSignal);
    // A job that did not notice must not report success on what others may have changed.
    if (lost.signal.aborted) throw lost.signal.reason;
    return result;
  } finally {
    done.abort();
    await refreshing;
    await held.release();
  }
}

/** Refreshes until the job is done. @throws SealiftError 'lock/lost' */
async function keepFresh(
  held: HeldLock,
  clock: LockClock,
  done: AbortSignal,
  { onRefreshError }: LockOptions,
): Promise<void> {
  for (;;) {
    try {
      await clock.sleep(refreshMs, done);
    } catch {
      return; // the job is done
    }
    if (done.aborted) return;
    if (clock.now() - held.refreshedMs > lostMs) {
      await held.revive(done);
      continue;
    }
    try {
      await held.refresh(done);
    } catch (error) {
      if (done.aborted) return;
      onRefreshError?.(error);
    }
  }
}

class HeldLock {
  readonly #repo: OpenRepository;
  readonly #options: LockOptions;
  readonly #clock: LockClock;
  /** Names that may exist: one, or two in the middle of a refresh that failed. */
  readonly #ids = new Set<string>();
  #id = '';
  /** When the last lock file that was stored says it was made. */
  refreshedMs = 0;

  private constructor(repo: OpenRepository, options: LockOptions, clock: LockClock) {
    this.#repo = repo;
    this.#options = options;
    this.#clock = clock;
  }

  static async acquire(
    repo: OpenRepository,
    options: LockOptions,
    clock: LockClock,
  ): Promise<HeldLock> {
    const { retryLockMs = 0, signal, onWait } = options;
    const end = clock.now() + retryLockMs;
    let waitMs = firstRetryMs;
    for (;;) {
      try {
        const held = new HeldLock(repo, options, clock);
        await held.#take();
        return held;
      } catch (error) {
        const leftMs = end - clock.now();
        if (!isSealiftError(error, 'repository/locked') || leftMs <= 0) throw error;
        const delayMs = Math.min(waitMs, leftMs);
        onWait?.(error, delayMs);
        await sleepOrThrow(clock, delayMs, signal);
        waitMs = Math.min(waitMs * 2, maxRetryMs);
      }
    }
  }

  async #take(): Promise<void> {
    const { signal } = this.#options;
    await this.#checkOthers();
    try {
      await this.#write(signal);
      // Of two jobs that both write, then look, at least one sees the other and gives way.
      if (!(await this.#repo.backend.listsAllSaved?.())) {
        await sleepOrThrow(this.#clock, settleMs, signal);
      }
      await this.#checkOthers();
    } catch (error) {
      await this.release();
      throw error;
    }
  }

  /** Stores a lock file of this moment and makes it the current one. */
  async #write(signal: AbortSignal | undefined): Promise<void> {
    const now = this.#clock.now();
    const lock: Lock = {
      timeNs: BigInt(now) * nsPerMs,
      exclusive: this.#options.exclusive,
      hostname: this.#options.hostname ?? hostname(),
      username: currentUser(),
      pid: this.#options.pid ?? process.pid,
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
    };
    this.#id = await saveUnpacked(this.#repo, 'locks', encodeLock(lock), signal);
    this.#ids.add(this.#id);
    this.refreshedMs = now;
  }

  /** @throws SealiftError 'repository/locked' */
  async #checkOthers(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#findConflict();
        return;
      } catch (error) {
        const waitMs = unreadableDelaysMs[attempt];
        // A lock that another process is just removing or writing may be unreadable for a moment.
        const isPassing = isSealiftError(error, 'format/lock', 'backend/range');
        if (!isPassing) throw error;
        if (waitMs === undefined) throw invalidLock(error);
        await sleepOrThrow(this.#clock, waitMs, this.#options.signal);
      }
    }
  }

  async #findConflict(): Promise<void> {
    const { signal, exclusive } = this.#options;
    for await (const { id, lock } of listLocks(this.#repo, signal)) {
      if (this.#ids.has(id)) continue;
      if (exclusive || lock.exclusive) throw lockedBy(id, lock, this.#clock.now());
    }
  }

  /** New file first, so that there is a lock at every moment. */
  async refresh(signal: AbortSignal | undefined): Promise<void> {
    const old = [...this.#ids];
    await this.#write(signal);
    for (const id of old) await this.#remove(id, signal);
  }

  /**
   * After a time without refreshes (a machine that slept, a connection that was down): others may
   * have removed the lock as stale. If it is still there, it counts as never lost.
   * @throws SealiftError 'lock/lost'
   */
  async revive(signal: AbortSignal | undefined): Promise<void> {
    const old = this.#id;
    try {
      await this.#assertThere(old, signal);
      await this.#write(signal);
      await sleepOrThrow(this.#clock, settleMs, signal);
      await this.#assertThere(old, signal);
      for (const id of this.#ids) if (id !== this.#id) await this.#remove(id, signal);
    } catch (cause) {
      if (signal?.aborted) return;
      throw new SealiftError('lock/lost', `the lock was lost: ${messageOf(cause)}`, {
        cause,
        hint: 'run the command again; keep the machine awake and the connection up',
        fields: { id: old },
      });
    }
  }

  async #assertThere(id: string, signal: AbortSignal | undefined): Promise<void> {
    await this.#repo.backend.stat({ type: 'locks', name: id }, signal);
  }

  async #remove(id: string, signal: AbortSignal | undefined): Promise<void> {
    await removeUnpacked(this.#repo, 'locks', id, signal);
    this.#ids.delete(id);
  }

  /** Not under the caller's signal: an interrupted job must not leave its lock behind. */
  async release(): Promise<void> {
    const signal = AbortSignal.timeout(releaseMs);
    for (const id of [...this.#ids]) {
      try {
        await this.#remove(id, signal);
      } catch (error) {
        // The job's own outcome matters more; others remove the lock as stale after 30 minutes.
        this.#options.onRefreshError?.(error);
      }
    }
  }
}

async function sleepOrThrow(
  clock: LockClock,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  signal?.throwIfAborted();
}

/**
 * The locks that are there. Empty files, which interrupted uploads leave on some servers, and locks
 * removed since the listing are left out.
 * @throws SealiftError 'format/lock' that names the damaged file
 */
export async function* listLocks(
  repo: OpenRepository,
  signal?: AbortSignal,
): AsyncGenerator<{ readonly id: string; readonly lock: Lock }> {
  for await (const { name, size } of repo.backend.list('locks', signal)) {
    if (size === 0) continue;
    try {
      const json = await loadUnpacked(repo, 'locks', name, signal);
      yield { id: name, lock: readDamage('locks', name, () => parseLock(json)) };
    } catch (error) {
      if (!isSealiftError(error, 'backend/not-found')) throw error;
    }
  }
}

function lockedBy(id: string, lock: Lock, nowMs: number): SealiftError {
  const createdMs = Number(lock.timeNs / nsPerMs);
  const ageSeconds = Math.max(0, (nowMs - createdMs) / 1000);
  const kind = lock.exclusive ? 'exclusively ' : '';
  const holder = `PID ${lock.pid} on ${lock.hostname} by ${lock.username} (UID ${lock.uid}, GID ${lock.gid})`;
  return new SealiftError(
    'repository/locked',
    `repository is already locked ${kind}by ${holder}, lock was created ` +
      `${formatDuration(ageSeconds)} ago, storage ID ${id.slice(0, 8)}`,
    {
      hint: 'wait (--retry-lock 10m does), or run `sealift unlock` if that process is gone',
      fields: {
        id,
        holder,
        hostname: lock.hostname,
        username: lock.username,
        pid: lock.pid,
        exclusive: lock.exclusive,
        ageSeconds: Math.floor(ageSeconds),
      },
    },
  );
}

function invalidLock(cause: SealiftError): SealiftError {
  return new SealiftError('repository/locked', `a lock cannot be read: ${cause.message}`, {
    cause,
    hint: 'run `sealift unlock --remove-all` if no other process works on the repository',
    fields: { ...cause.fields, holder: 'a lock that cannot be read' },
  });
}
