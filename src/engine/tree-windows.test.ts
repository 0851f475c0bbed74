import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { tinyNode, tinyRepository } from '../../test/support/tiny-repository.ts';
import type { BlobId } from '../repository/ids.ts';
import { forwardTo } from '../storage/backend.ts';
import { loadBlob } from './load-blob.ts';
import { type IndexedRepository, withIndex } from './open.ts';
import { TreeWindows, windowAround } from './tree-windows.ts';

const treeCount = 500;

/** Trees in one pack, and what was asked of its storage since. */
async function treesInAPack(): Promise<{
  repo: IndexedRepository;
  trees: Map<BlobId, Uint8Array>;
  requests: { offset: number; length: number }[];
  damage: (id: BlobId) => void;
}> {
  const tiny = await tinyRepository();
  const ids = Array.from({ length: treeCount }, (_, number) =>
    tiny.addTree([tinyNode({ name: `file ${number}`, type: 'fifo' })]),
  );
  const pack = await tiny.savePack();
  const plain = await tiny.load();
  const trees = new Map<BlobId, Uint8Array>();
  for (const id of ids) trees.set(id, await loadBlob(plain, 'tree', id));
  const requests: { offset: number; length: number }[] = [];
  const backend = {
    ...forwardTo(plain.backend),
    load: (...[file, range, signal]: Parameters<typeof plain.backend.load>) => {
      if (range !== undefined) requests.push({ ...range });
      return plain.backend.load(file, range, signal);
    },
  };
  const damage = (id: BlobId): void => {
    const { offset = 0, length = 0 } = plain.index.find('tree', id) ?? {};
    const bytes = tiny.backend.files.get(`data/${pack}`);
    assert.ok(bytes !== undefined && length > 0);
    bytes[offset + length - 1] = (bytes[offset + length - 1] ?? 0) ^ 1;
  };
  return { repo: withIndex({ ...plain, backend }, plain.index), trees, requests, damage };
}

test('trees that stand side by side are fetched together, by windows that grow', async () => {
  const { repo, trees, requests } = await treesInAPack();
  for (const [id, tree] of trees) assert.deepEqual(await loadBlob(repo, 'tree', id), tree);
  // The first 32, 64, 128, 256, all.
  assert.equal(requests.length, 5);
  const bytes = requests.reduce((sum, { length }) => sum + length, 0);
  const ends = requests.map(({ offset, length }) => offset + length);
  assert.ok(bytes <= 2 * Math.max(...ends), 'what is fetched again by larger windows is bounded');
  for (const [id, tree] of trees) assert.deepEqual(await loadBlob(repo, 'tree', id), tree);
  assert.equal(requests.length, 5, 'they are kept');
});

test('trees wanted at the same time wait for one window', async () => {
  const { repo, trees, requests } = await treesInAPack();
  const [first, second] = [...trees.keys()];
  assert.ok(first !== undefined && second !== undefined);
  const both = await Promise.all([loadBlob(repo, 'tree', first), loadBlob(repo, 'tree', second)]);
  assert.deepEqual(both, [trees.get(first), trees.get(second)]);
  assert.equal(requests.length, 1);
});

test('a damaged tree costs its neighbours nothing', async () => {
  const { repo, trees, requests, damage } = await treesInAPack();
  const [first, second] = [...trees.keys()];
  assert.ok(first !== undefined && second !== undefined);
  damage(first);
  assert.equal(await repo.trees.load(first), undefined);
  await assert.rejects(loadBlob(repo, 'tree', first), {
    code: 'snapshot/blob-missing',
    message: /ciphertext verification failed/,
  });
  const before = requests.length;
  assert.deepEqual(await loadBlob(repo, 'tree', second), trees.get(second));
  assert.equal(requests.length, before, 'their window is kept');
});

test('the windows used last are kept, a tree too large for one is not', async () => {
  const tiny = await tinyRepository();
  const add = (size: number): BlobId => tiny.addBlob('tree', randomBytes(size));
  const ids = Array.from({ length: 9 }, () => add(400_000));
  const large = add(600_000);
  await tiny.savePack();
  const plain = await tiny.load();
  let requests = 0;
  const load: typeof plain.backend.load = (...args) => {
    requests += 1;
    return plain.backend.load(...args);
  };
  const { trees } = withIndex({ ...plain, backend: { ...plain.backend, load } }, plain.index);
  const requestsFor = async (id: BlobId | undefined): Promise<number> => {
    const before = requests;
    assert.ok(id !== undefined && (await trees.load(id)) !== undefined);
    return requests - before;
  };
  for (const id of ids) assert.equal(await requestsFor(id), 1);
  assert.equal(await requestsFor(ids.at(-1)), 0);
  assert.equal(await requestsFor(ids[0]), 1);
  assert.equal(await requestsFor(large), 1);
  assert.equal(await requestsFor(large), 1);
});

test('after a failure of the storage the window is asked for again', async () => {
  const { repo, trees } = await treesInAPack();
  const [id] = trees.keys();
  assert.ok(id !== undefined);
  let fails = true;
  const backend = {
    ...forwardTo(repo.backend),
    load: (...args: Parameters<typeof repo.backend.load>) =>
      fails ? Promise.reject(new Error('away')) : repo.backend.load(...args),
  };
  const windows = new TreeWindows({ ...repo, backend }, repo.index);
  await assert.rejects(windows.load(id), { message: 'away' });
  fails = false;
  assert.deepEqual(await windows.load(id), trees.get(id));
});

test('a window ends at the next pack, at data, and at its limit of bytes', async () => {
  const tiny = await tinyRepository();
  tiny.addBlob('data', 'content');
  const small = tiny.addBlob('tree', '{"nodes":[]}');
  const large = ['a', 'b', 'c'].map(() => tiny.addBlob('tree', randomBytes(200_000)));
  await tiny.savePack();
  const alone = tiny.addBlob('tree', randomBytes(600_000));
  await tiny.savePack();
  const { index } = await tiny.load();
  const windowOf = (id: BlobId | undefined, span: number): [number, number] => {
    const location = id === undefined ? undefined : index.numberOf('tree', id);
    assert.ok(location !== undefined);
    const { first, end, offset, length } = windowAround(index, location, span);
    assert.equal(offset, index.offsetOf(first));
    assert.equal(offset + length, index.offsetOf(end - 1) + index.lengthOf(end - 1));
    return [first, end];
  };
  const place = index.numberOf('tree', small) ?? 0;
  assert.deepEqual(windowOf(small, 4), [place, place + 3]);
  assert.deepEqual(windowOf(large[0], 2), [2, 4]);
  assert.deepEqual(windowOf(alone, 64), [index.numberOf('tree', alone), index.locationCount]);
  const loaded = await tiny.load();
  for (const id of [small, ...large, alone]) {
    assert.ok((await loaded.trees.load(id)) !== undefined);
  }
});
