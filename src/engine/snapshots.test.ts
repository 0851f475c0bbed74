import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TinyRepository, tinyRepository } from '../../test/support/tiny-repository.ts';
import { isSealiftError, type SealiftError } from '../base/errors.ts';
import type { SnapshotId } from '../repository/ids.ts';
import type { Snapshot } from '../repository/snapshot.ts';
import { findSnapshot, groupSnapshots, listSnapshots, splitSnapshotName } from './snapshots.ts';

async function makeSnapshots(
  ...list: readonly Partial<Snapshot>[]
): Promise<TinyRepository & { readonly ids: readonly SnapshotId[] }> {
  const repository = await tinyRepository();
  const tree = repository.addTree([]);
  await repository.savePack();
  const ids: SnapshotId[] = [];
  for (const [at, more] of list.entries()) {
    const time = { ns: BigInt(at + 1) * 1_000_000_000n, offsetMinutes: 0 };
    ids.push(await repository.saveSnapshot(tree, { time, ...more }));
  }
  return { ...repository, ids };
}

test('snapshots come oldest first and are filtered by host, tags and paths', async () => {
  const { ids, load } = await makeSnapshots(
    { hostname: 'a', tags: ['x', 'y'], paths: ['/p', '/q'] },
    { hostname: 'b', tags: ['x'], paths: ['/p'] },
    { hostname: 'c', paths: ['/q'] },
  );
  const repo = await load();
  const listed = async (filter: Parameters<typeof listSnapshots>[1]): Promise<number[]> =>
    (await listSnapshots(repo, filter)).map(({ id }) => ids.indexOf(id));
  assert.deepEqual(await listed({}), [0, 1, 2]);
  assert.deepEqual(await listed({ hosts: ['a', 'c'] }), [0, 2]);
  assert.deepEqual(await listed({ paths: ['/p', '/q'] }), [0]);
  assert.deepEqual(await listed({ tags: [['x', 'y']] }), [0]);
  assert.deepEqual(await listed({ tags: [['y'], ['']] }), [0, 2]);
  assert.deepEqual(await listed({ hosts: [], tags: [], paths: [] }), [0, 1, 2]);
});

test('latest is the newest that fits, a prefix names the one that begins so', async () => {
  const { ids, load } = await makeSnapshots(
    { hostname: 'a' },
    { hostname: 'a' },
    { hostname: 'b' },
  );
  const repo = await load();
  assert.equal((await findSnapshot(repo, 'latest')).id, ids[2]);
  assert.equal((await findSnapshot(repo, 'latest', { hosts: ['a'] })).id, ids[1]);
  const [first = ''] = ids;
  const found = await findSnapshot(repo, `${first.slice(0, 20)}:/some//folder`);
  assert.equal(found.id, first);
  assert.equal(found.subfolder, '/some/folder');
  assert.deepEqual(splitSnapshotName('latest'), { id: 'latest', subfolder: undefined });
});

test('unknown and ambiguous names are told apart', async () => {
  const { load } = await makeSnapshots(...Array.from({ length: 17 }, () => ({})));
  const repo = await load();
  for (const name of ['latest', 'f'.repeat(64), 'xyz', '']) {
    const filter = name === 'latest' ? { hosts: ['nobody'] } : {};
    const search = findSnapshot(repo, name, filter);
    await assert.rejects(search, (error) => isSealiftError(error, 'snapshot/not-found'), name);
  }
  // 17 ids cannot all begin with different digits.
  const counts = new Map<string, number>();
  for (const { id } of await listSnapshots(repo)) {
    counts.set(id.charAt(0), (counts.get(id.charAt(0)) ?? 0) + 1);
  }
  const [shared = ''] = [...counts].find(([, count]) => count > 1) ?? [];
  const search = findSnapshot(repo, shared);
  await assert.rejects(search, (error) => isSealiftError(error, 'snapshot/ambiguous'));
});

test('a damaged snapshot is named and hides no other', async () => {
  const { backend, ids, load } = await makeSnapshots({}, {});
  const repo = await load();
  backend.files.set(`snapshots/${ids[1]}`, new Uint8Array(100));
  await assert.rejects(listSnapshots(repo), /snapshots\/[0-9a-f]{64} is damaged/);
  const errors: SealiftError[] = [];
  const found = await listSnapshots(repo, {}, { onError: (error) => errors.push(error) });
  assert.deepEqual(
    found.map(({ id }) => id),
    [ids[0]],
  );
  assert.equal(errors[0]?.fields['id'], ids[1]);
});

test('groups have equal sets of paths and tags, whatever their order', async () => {
  const { load } = await makeSnapshots(
    { hostname: 'a', paths: ['/p', '/q'] },
    { hostname: 'a', paths: ['/q', '/p'] },
    { hostname: 'b', paths: ['/p'] },
  );
  const groups = groupSnapshots(await listSnapshots(await load()), ['host', 'paths']);
  assert.deepEqual(
    groups.map(({ host, paths, tags, snapshots }) => [host, paths, tags, snapshots.length]),
    [
      ['a', ['/p', '/q'], undefined, 2],
      ['b', ['/p'], undefined, 1],
    ],
  );
});
