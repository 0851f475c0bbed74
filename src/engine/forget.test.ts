import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tinyRepository } from '../../test/support/tiny-repository.ts';
import { SealiftError } from '../base/errors.ts';
import { faultBackend } from '../storage/fault.ts';
import { type ForgetOptions, planForget, removeSnapshots } from './forget.ts';
import type { OpenRepository } from './open.ts';
import { type FoundSnapshot, listSnapshots } from './snapshots.ts';

const options: ForgetOptions = {
  policy: { counts: {}, withinEach: {}, tags: [] },
  groupBy: ['host', 'paths'],
  isUnfiltered: true,
  allowRemoveAll: false,
  nowNs: 1_900_000_000_000_000_000n,
};

async function makeThree(): Promise<{ repo: OpenRepository; found: FoundSnapshot[] }> {
  const tiny = await tinyRepository();
  const tree = tiny.addTree([]);
  await tiny.savePack();
  for (const hostname of ['a', 'a', 'b']) {
    const ns = 1_700_000_000_000_000_000n + BigInt(tiny.backend.files.size);
    await tiny.saveSnapshot(tree, { hostname, time: { ns, offsetMinutes: 0 } });
  }
  const repo = await tiny.load();
  return { repo, found: await listSnapshots(repo) };
}

describe('a plan', () => {
  test('applies the policy to each host on its own', async () => {
    const { found } = await makeThree();
    const groups = planForget(found, {
      ...options,
      policy: { ...options.policy, counts: { last: 1 } },
    });
    assert.deepEqual(
      groups.map(({ key, keep, remove }) => [key.host, keep.length, remove.length]),
      [
        ['a', 1, 1],
        ['b', 1, 0],
      ],
    );
  });

  test('an empty policy removes nothing unless a filter and the option allow it', async () => {
    const { found } = await makeThree();
    assert.throws(() => planForget(found, options), { code: 'usage/invalid' });
    assert.throws(() => planForget(found, { ...options, allowRemoveAll: true }), {
      code: 'usage/invalid',
    });
    const all = planForget(found, { ...options, allowRemoveAll: true, isUnfiltered: false });
    assert.equal(all.flatMap((group) => group.remove).length, 3);
  });

  test('a policy that keeps nothing of a group is refused', async () => {
    const { found } = await makeThree();
    const policy = { ...options.policy, tags: [['never']] };
    assert.throws(() => planForget(found, { ...options, policy }), { code: 'forget/refused' });
  });
});

describe('removal', () => {
  test('goes on after a snapshot that cannot be removed, and names it', async () => {
    const { repo, found } = await makeThree();
    const fault = { kind: 'fail', error: new SealiftError('backend/io', 'a bad sector') } as const;
    const backend = faultBackend(repo.backend, [{ operation: 'remove', nth: 2, fault }]);
    const { removed, failed } = await removeSnapshots({ ...repo, backend }, found);
    assert.equal(removed.length, 2);
    assert.deepEqual(
      failed.map(({ error }) => error.code),
      ['backend/io'],
    );
    assert.equal((await listSnapshots(repo)).length, 1);
  });

  test('a storage that forbids it is asked once, and the error says so', async () => {
    const { repo, found } = await makeThree();
    const error = new SealiftError('backend/forbidden', 'in append-only mode nothing is deleted');
    const backend = faultBackend(repo.backend, [
      { operation: 'remove', times: 9, fault: { kind: 'fail', error } },
    ]);
    await assert.rejects(removeSnapshots({ ...repo, backend }, found), {
      code: 'repository/append-only',
      message: /nothing is deleted/,
    });
    assert.equal(backend.calls.filter((call) => call.operation === 'remove').length, 1);
  });
});
