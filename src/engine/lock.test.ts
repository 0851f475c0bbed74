import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { skipWithout } from '../../test/support/peers.ts';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { quickScrypt, tinyPassword, tinyRepository } from '../../test/support/tiny-repository.ts';
import { isSealiftError, SealiftError } from '../base/errors.ts';
import { encodeLock, type Lock } from '../repository/lock.ts';
import { localBackend } from '../storage/local.ts';
import { retryBackend } from '../storage/retry.ts';
import { type LockClock, type LockOptions, listLocks, withLock } from './lock.ts';
import { initRepository, type OpenRepository } from './open.ts';
import { unlock } from './unlock.ts';
import { saveUnpacked } from './unpacked.ts';

const minute = 60_000;

/** Time that passes only when somebody sleeps; at most so long in all. */
function testClock(): LockClock & { nowMs: number; readonly sleeps: number[] } {
  const clock = {
    nowMs: 1_700_000_000_000,
    sleeps: [] as number[],
    now: () => clock.nowMs,
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      clock.sleeps.push(ms);
      clock.nowMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
  };
  return clock;
}

/** The settling wait passes at once; longer ones until the test says how the refresh goes. */
function steppedClock(): LockClock & { nowMs: number; step(ms: number): Promise<void> } {
  let wake: (() => void) | undefined;
  const clock = {
    nowMs: 1_700_000_000_000,
    now: () => clock.nowMs,
    sleep: (ms: number, signal?: AbortSignal) => {
      if (ms < 1000) return Promise.resolve();
      return new Promise<void>((resolve, reject) => {
        wake = resolve;
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    },
    step: async (ms: number) => {
      clock.nowMs += ms;
      wake?.();
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
  return clock;
}

function lockOf(more: Partial<Lock> = {}): Lock {
  return {
    timeNs: BigInt(Date.now()) * 1_000_000n,
    exclusive: false,
    hostname: 'elsewhere',
    username: 'someone',
    pid: 42,
    uid: 7,
    gid: 8,
    ...more,
  };
}

async function names(repo: OpenRepository): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of repo.backend.list('locks')) found.push(name);
  return found;
}

const shared: LockOptions = { exclusive: false };
const exclusive: LockOptions = { exclusive: true };

test('shared locks live side by side, an exclusive one alone', async () => {
  const repo = await (await tinyRepository()).load();
  const options = { ...shared, clock: testClock() };
  await withLock(repo, options, async () => {
    await withLock(repo, options, async () => assert.equal((await names(repo)).length, 2));
    const refused = withLock(repo, { ...exclusive, clock: testClock() }, async () => {});
    await assert.rejects(refused, (error) => isSealiftError(error, 'repository/locked'));
  });
  await withLock(repo, { ...exclusive, clock: testClock() }, async () => {
    const refused = withLock(repo, options, async () => {});
    await assert.rejects(refused, (error) => isSealiftError(error, 'repository/locked'));
  });
  assert.deepEqual(await names(repo), []);
});

test('a refused lock names the holder and leaves nothing behind', async () => {
  const repo = await (await tinyRepository()).load();
  const clock = testClock();
  const timeNs = BigInt(clock.now() - 5 * minute) * 1_000_000n;
  const id = await saveUnpacked(repo, 'locks', encodeLock(lockOf({ timeNs, exclusive: true })));
  await assert.rejects(
    withLock(repo, { ...shared, clock }, async () => {}),
    (error: SealiftError) => {
      assert.match(error.message, /exclusively by PID 42 on elsewhere by someone .UID 7, GID 8./);
      assert.match(error.message, /5:00 ago/);
      assert.match(error.hint ?? '', /sealift unlock/);
      return error.code === 'repository/locked' && error.fields['hostname'] === 'elsewhere';
    },
  );
  assert.deepEqual(await names(repo), [id]);
});

test('a lock that appears while ours settles makes us give way', async () => {
  const repo = await (await tinyRepository()).load();
  const clock = testClock();
  const { sleep } = clock;
  clock.sleep = async (ms, signal) => {
    await saveUnpacked(repo, 'locks', encodeLock(lockOf()));
    await sleep(ms, signal);
  };
  const refused = withLock(repo, { ...exclusive, clock }, async () => assert.fail('has the lock'));
  await assert.rejects(refused, (error) => isSealiftError(error, 'repository/locked'));
  assert.equal((await names(repo)).length, 1);
});

test('a job waits before its second look only where listings may be behind', async () => {
  const repo = await (await tinyRepository()).load();
  for (const [listsAllSaved, sleeps] of [
    [undefined, [200]],
    [async () => false, [200]],
    [async () => true, []],
  ] as const) {
    const clock = testClock();
    const backend = { ...repo.backend, ...(listsAllSaved && { listsAllSaved }) };
    const wrapped = { ...repo, backend: retryBackend(backend) };
    await withLock(wrapped, { ...exclusive, clock }, async () => {});
    assert.deepEqual(
      clock.sleeps.filter((ms) => ms < minute),
      sleeps,
    );
  }
});

test('where listings are current, a lock that was written beside ours still makes us give way', async () => {
  const { backend, load } = await tinyRepository();
  const repo = await load();
  const beside = {
    ...backend,
    listsAllSaved: async () => true,
    save: async (...args: Parameters<typeof backend.save>) => {
      await saveUnpacked(repo, 'locks', encodeLock(lockOf()));
      await backend.save(...args);
    },
  };
  const refused = withLock({ ...repo, backend: beside }, { ...exclusive, clock: testClock() }, () =>
    assert.fail('has the lock'),
  );
  await assert.rejects(refused, (error) => isSealiftError(error, 'repository/locked'));
  assert.equal((await names(repo)).length, 1);
});

test('retries wait 5 s, doubling to 60 s, until the time is over', async () => {
  const repo = await (await tinyRepository()).load();
  const id = await saveUnpacked(repo, 'locks', encodeLock(lockOf({ exclusive: true })));
  const waits: number[] = [];
  const clock = testClock();
  const options = {
    ...shared,
    clock,
    retryLockMs: 200_000,
    onWait: (_: unknown, ms: number) => waits.push(ms),
  };
  const refused = withLock(repo, options, async () => {});
  await assert.rejects(refused, (error) => isSealiftError(error, 'repository/locked'));
  assert.deepEqual(waits, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 5_000]);

  const later = withLock(
    repo,
    {
      ...options,
      clock: testClock(),
      onWait: () => void repo.backend.remove({ type: 'locks', name: id }),
    },
    async () => 'done',
  );
  assert.equal(await later, 'done');
});

test('a lock that cannot be read is tried four times, then holds up the job', async () => {
  const { backend, load } = await tinyRepository();
  const repo = await load();
  backend.files.set(`locks/${'a'.repeat(64)}`, new Uint8Array(50));
  const clock = testClock();
  await assert.rejects(
    withLock(repo, { ...shared, clock }, async () => {}),
    (error: SealiftError) =>
      error.code === 'repository/locked' && /locks\/aaaa/.test(error.message),
  );
  assert.deepEqual(clock.sleeps, [5_000, 10_000, 20_000]);
});

test('an empty lock file, left by a broken upload, does not count', async () => {
  const { backend, load } = await tinyRepository();
  backend.files.set(`locks/${'b'.repeat(64)}`, new Uint8Array());
  await withLock(await load(), { ...exclusive, clock: testClock() }, async () => {});
});

test('the lock is refreshed every five minutes and removed at the end, with its old names', async () => {
  const repo = await (await tinyRepository()).load();
  const clock = steppedClock();
  await withLock(repo, { ...shared, clock }, async () => {
    const [first] = await names(repo);
    await clock.step(5 * minute);
    const [second, ...more] = await names(repo);
    assert.notEqual(second, first);
    assert.deepEqual(more, []);
    for await (const { lock } of listLocks(repo)) {
      assert.equal(lock.timeNs, BigInt(clock.now()) * 1_000_000n);
    }
  });
  assert.deepEqual(await names(repo), []);
});

test('after a long sleep a lock that is still there is revived', async () => {
  const repo = await (await tinyRepository()).load();
  const clock = steppedClock();
  await withLock(repo, { ...exclusive, clock }, async (signal) => {
    await clock.step(50 * minute);
    assert.ok(!signal.aborted);
    assert.equal((await names(repo)).length, 1);
  });
});

test('after a long sleep a lock that others removed ends the job', async () => {
  const repo = await (await tinyRepository()).load();
  const clock = steppedClock();
  const run = withLock(repo, { ...exclusive, clock }, async (signal) => {
    for (const name of await names(repo)) await repo.backend.remove({ type: 'locks', name });
    await clock.step(50 * minute);
    assert.ok(signal.aborted);
    return 'the job does not notice';
  });
  await assert.rejects(run, (error) => isSealiftError(error, 'lock/lost'));
  assert.deepEqual(await names(repo), []);
});

test('a failed refresh does not end the job before 22.5 minutes', async () => {
  const { backend, load } = await tinyRepository();
  const repo = await load();
  const clock = steppedClock();
  const errors: unknown[] = [];
  const { save } = backend;
  const run = withLock(
    repo,
    { ...shared, clock, onRefreshError: (error) => errors.push(error) },
    async (signal) => {
      backend.save = async () => {
        throw new SealiftError('backend/unreachable', 'away');
      };
      for (let at = 5; at <= 20; at += 5) await clock.step(5 * minute);
      assert.ok(!signal.aborted);
      await clock.step(5 * minute);
      assert.ok(signal.aborted);
    },
  );
  await assert.rejects(run, (error) => isSealiftError(error, 'lock/lost'));
  assert.equal(errors.length, 4);
  backend.save = save;
});

test('an interrupted or failed job releases its lock', async () => {
  const repo = await (await tinyRepository()).load();
  const controller = new AbortController();
  const reason = new Error('interrupted');
  const run = withLock(
    repo,
    { ...shared, clock: testClock(), signal: controller.signal },
    async (signal) => {
      controller.abort(reason);
      signal.throwIfAborted();
    },
  );
  await assert.rejects(run, reason);
  assert.deepEqual(await names(repo), []);
});

test('unlock removes stale locks only, unless told to remove all', async () => {
  const repo = await (await tinyRepository()).load();
  const now = Date.now();
  const save = (more: Partial<Lock>): Promise<string> =>
    saveUnpacked(repo, 'locks', encodeLock(lockOf(more)));
  const old = await save({ timeNs: BigInt(now - 31 * minute) * 1_000_000n });
  const dead = await save({ hostname: 'here', pid: 1 });
  const alive = await save({ hostname: 'here', pid: 2 });
  const options = { hostname: 'here', isAlive: (pid: number) => pid === 2 };
  assert.equal(await unlock(repo, options), 2);
  assert.deepEqual(await names(repo), [alive]);
  assert.ok(old !== dead);
  assert.equal(await unlock(repo, { ...options, removeAll: true }), 1);
});

test('restic respects our lock and we respect its', {
  skip: skipWithout('restic'),
}, async (context) => {
  const folder = tempFolder(context);
  const location = join(folder, 'repository');
  const repo = await initRepository(localBackend(location), {
    password: tinyPassword,
    scrypt: { ...quickScrypt, cost: 16 },
  });
  const restic = (...args: string[]): Promise<unknown> =>
    promisify(execFile)('restic', ['-r', location, '--no-cache', ...args], {
      env: { ...process.env, RESTIC_PASSWORD: tinyPassword.reveal() },
    });
  await withLock(repo, exclusive, async () => {
    await assert.rejects(restic('snapshots'), /locked exclusively by PID \d+/);
    await restic('unlock');
    assert.equal((await names(repo)).length, 1, 'restic sees that our process is alive');
  });
  await restic('snapshots');
});
