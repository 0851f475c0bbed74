import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  flipBit,
  randomContent,
  type TinyRepository,
  tinyFile,
  tinyFolder,
  tinyRepository,
} from '../../test/support/tiny-repository.ts';
import { isSealiftError, SealiftError } from '../base/errors.ts';
import type { BlobId, PackId, SnapshotId } from '../repository/ids.ts';
import type { Snapshot } from '../repository/snapshot.ts';
import { type Backend, forwardTo } from '../storage/backend.ts';
import { check } from './check.ts';
import { type CopyOptions, type CopyProgress, copySnapshots, planCopy } from './copy.ts';
import { loadBlob } from './load-blob.ts';
import { type FoundSnapshot, listSnapshots } from './snapshots.ts';

const options: CopyOptions = {
  compression: 'auto',
  packSizeBytes: 16 * 1024 * 1024,
  recompresses: false,
};

interface Source extends TinyRepository {
  readonly contents: ReadonlyMap<BlobId, Uint8Array>;
  readonly dataPack: PackId;
}

/** Two snapshots that share a folder, and a blob that none of them needs. */
async function makeSource(version: 1 | 2 = 2): Promise<Source> {
  const repository = await tinyRepository(version);
  const contents = new Map<BlobId, Uint8Array>();
  const keep = (content: Uint8Array): BlobId => {
    const id = repository.addBlob('data', content);
    contents.set(id, content);
    return id;
  };
  const random = keep(randomContent(40_000));
  repository.addBlob('data', randomContent(500));
  const text = keep(Buffer.from('words, words, words '.repeat(2000)));
  const empty = keep(new Uint8Array());
  const dataPack = await repository.savePack();
  const shared = repository.addTree([tinyFile('empty', empty, 0), tinyFile('text', text, 40_000)]);
  const older = repository.addTree([tinyFolder('shared', shared)]);
  const newer = repository.addTree([
    tinyFile('random', random, 40_000),
    tinyFolder('shared', shared),
  ]);
  await repository.savePack();
  await repository.saveSnapshot(older);
  await repository.saveSnapshot(newer, {
    time: { ns: 1_800_000_000_000_000_000n, offsetMinutes: 0 },
  });
  return { ...repository, contents, dataPack };
}

/** What the command does, without its words. */
async function copyAll(
  source: TinyRepository,
  target: TinyRepository,
  more: Partial<CopyOptions> = {},
  wrap: (backend: Backend) => Backend = (backend) => backend,
): Promise<CopyProgress> {
  const from = await source.load();
  const to = await target.load();
  const plan = planCopy(await listSnapshots(from), await listSnapshots(to));
  const wrapped = { ...to, backend: wrap(to.backend) };
  return copySnapshots(from, wrapped, plan.missing, { ...options, ...more });
}

async function requireCopied(source: Source, target: TinyRepository, snapshots = 2): Promise<void> {
  const repo = await target.load();
  const report = await check(repo, { readData: true });
  assert.deepEqual(
    report.findings.filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.equal(report.snapshotCount, snapshots);
  for (const [id, content] of source.contents) {
    assert.deepEqual(Buffer.from(await loadBlob(repo, 'data', id)), Buffer.from(content));
  }
  // Three of data and three trees, each once; nothing that no snapshot needs.
  assert.equal(repo.index.locationCount, 6);
}

for (const [from, to] of [
  [1, 1],
  [1, 2],
  [2, 1],
  [2, 2],
] as const) {
  test(`all that the snapshots need arrives under another key (version ${from} to ${to})`, async () => {
    const source = await makeSource(from);
    const target = await tinyRepository(to);
    const done = await copyAll(source, target);
    assert.deepEqual([done.snapshotsDone, done.blobsDone], [2, 6]);
    await requireCopied(source, target);
    const { index } = await target.load();
    const [text] = [...source.contents].find(([, content]) => content[0] === 0x77) ?? [];
    assert.ok(text !== undefined);
    const { uncompressedLength, length } = index.find('data', text) ?? {};
    assert.deepEqual(
      [uncompressedLength, (length ?? 0) < 5000],
      to === 1 ? [0, false] : [40_000, true],
    );
  });
}

test('copies name their origin and no parent, and a second run copies nothing', async () => {
  const source = await makeSource();
  const target = await tinyRepository();
  const [first] = await listSnapshots(await source.load());
  assert.ok(first);
  await source.saveSnapshot(first.snapshot.tree, { parent: first.id, hostname: 'other' });
  await copyAll(source, target);
  const originals = new Set((await listSnapshots(await source.load())).map(({ id }) => id));
  const copies = await listSnapshots(await target.load());
  assert.deepEqual(new Set(copies.map(({ snapshot }) => snapshot.original)), originals);
  assert.ok(copies.every(({ snapshot }) => snapshot.parent === undefined));
  const before = [...target.backend.files.keys()];
  assert.equal((await copyAll(source, target)).snapshotsDone, 0);
  assert.deepEqual([...target.backend.files.keys()], before);
});

test('a copy of a copy keeps the first origin, and its source knows it as its own', async () => {
  const [source, middle, last] = [
    await makeSource(),
    await tinyRepository(),
    await tinyRepository(),
  ];
  await copyAll(source, middle);
  await copyAll(middle, last);
  await requireCopied(source, last);
  assert.equal((await copyAll(source, last)).snapshotsDone, 0);
  assert.equal((await copyAll(last, source)).snapshotsDone, 0);
});

test('only what the target lacks is read and stored', async () => {
  const source = await makeSource();
  const target = await tinyRepository();
  for (const content of source.contents.values()) target.addBlob('data', content);
  await target.savePack();
  const done = await copyAll(source, target);
  assert.equal(done.blobsDone, 3);
  await requireCopied(source, target);
});

test('a run that ends at any write leaves a valid target, and the next one goes on', async () => {
  const source = await makeSource();
  let total = 0;
  await copyAll(source, await tinyRepository(), {}, (backend) => counting(backend, () => total++));
  assert.ok(total >= 5, `packs, index and snapshots: ${total}`);
  for (let last = 0; last < total; last += 1) {
    const target = await tinyRepository();
    const stop = new SealiftError('backend/full', 'no space left');
    let saves = 0;
    const attempt = copyAll(source, target, {}, (backend) =>
      counting(backend, () => {
        saves += 1;
        if (saves > last) throw stop;
      }),
    );
    await assert.rejects(attempt, (error) => error === stop);
    const { findings } = await check(await target.load());
    assert.deepEqual(
      findings.filter(({ severity }) => severity === 'error'),
      [],
    );
    await copyAll(source, target);
    await requireCopied(source, target);
  }
});

function counting(backend: Backend, onSave: () => void): Backend {
  return {
    ...forwardTo(backend),
    save: async (...args) => {
      onSave();
      await backend.save(...args);
    },
  };
}

test('a blob that cannot be read ends the copy before its snapshot, unless there is another copy of it', async () => {
  const source = await makeSource();
  flipBit(source.backend, `data/${source.dataPack}`, 100);
  const target = await tinyRepository();
  await assert.rejects(copyAll(source, target), (error) =>
    isSealiftError(error, 'snapshot/blob-missing'),
  );
  assert.equal((await listSnapshots(await target.load())).length, 0);
  for (const content of source.contents.values()) source.addBlob('data', content);
  await source.savePack();
  await copyAll(source, target);
  assert.equal((await listSnapshots(await target.load())).length, 2);
  assert.deepEqual((await check(await target.load(), { readData: true })).errorCount, 0);
});

test('data that is compressed is compressed anew when asked to', async () => {
  const source = await tinyRepository();
  const lines = Array.from({ length: 3000 }, (_, at) => `line ${at * at} of words`);
  const id = source.addBlob('data', lines.join('\n'));
  await source.savePack();
  const root = source.addTree([tinyFile('lines', id, 1)]);
  await source.savePack();
  await source.saveSnapshot(root);
  const sizeIn = async (repository: TinyRepository): Promise<number> =>
    (await repository.load()).index.find('data', id)?.length ?? 0;
  const copyWith = async (more: Partial<CopyOptions>): Promise<number> => {
    const target = await tinyRepository();
    await copyAll(source, target, more);
    assert.equal((await check(await target.load(), { readData: true })).errorCount, 0);
    return sizeIn(target);
  };
  const before = await sizeIn(source);
  assert.equal(await copyWith({ compression: 'max' }), before);
  assert.ok((await copyWith({ compression: 'max', recompresses: true })) < before);
});

test('a snapshot is there if it differs in nothing but parent and origin', () => {
  const id = (digit: string): SnapshotId => digit.repeat(64) as SnapshotId;
  const snapshot: Snapshot = {
    time: { ns: 5n, offsetMinutes: 0 },
    tree: 'a'.repeat(64) as BlobId,
    paths: ['/a', '/b'],
    hostname: 'host',
    username: 'user',
    uid: 1,
    gid: 2,
    excludes: ['x', 'y'],
    tags: ['s', 't'],
    programVersion: 'one',
  };
  const there = (target: Partial<Snapshot>, source: Partial<Snapshot> = {}): boolean => {
    const found: FoundSnapshot = { id: id('1'), snapshot: { ...snapshot, ...source } };
    const others = [{ id: id('2'), snapshot: { ...snapshot, original: id('1'), ...target } }];
    return planCopy([found], others).present.length === 1;
  };
  assert.ok(there({}));
  assert.ok(
    there({ paths: ['/b', '/a'], tags: ['t', 's'], programVersion: 'two', parent: id('7') }),
  );
  assert.ok(there({ time: { ns: 5n, offsetMinutes: 60 } }));
  assert.ok(there({ original: id('9') }, { original: id('9') }));
  for (const other of [
    { original: id('9') },
    { time: { ns: 6n, offsetMinutes: 0 } },
    { tree: 'b'.repeat(64) as BlobId },
    { hostname: 'other' },
    { username: 'other' },
    { uid: 9 },
    { gid: 9 },
    { paths: ['/a'] },
    { tags: ['s'] },
    { excludes: ['y', 'x'] },
  ]) {
    assert.ok(!there(other), JSON.stringify(Object.keys(other)));
  }
});
