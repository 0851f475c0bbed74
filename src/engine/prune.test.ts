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
import { type BlobId, blobIdOf, type PackId, type SnapshotId } from '../repository/ids.ts';
import { type Backend, forwardTo } from '../storage/backend.ts';
import { check } from './check.ts';
import { loadBlob } from './load-blob.ts';
import type { IndexedRepository } from './open.ts';
import { type PruneOptions, type PruneOutcome, prune } from './prune.ts';
import { parseMaxUnused } from './prune-plan.ts';

const options: PruneOptions = {
  limits: { maxUnusedBytes: parseMaxUnused('0') },
  compression: 'auto',
  packSizeBytes: 16 * 1024 * 1024,
};

interface Fixture extends TinyRepository {
  /** Of the snapshot that stays: plaintexts by id. */
  readonly kept: ReadonlyMap<BlobId, Uint8Array>;
  readonly keptSnapshot: SnapshotId;
  readonly mixedPack: PackId;
}

/**
 * One snapshot, and what another one left that is forgotten: a pack that nobody needs, packs of data and
 * of trees that are half in use, a blob in two packs, a pack in no index.
 */
async function makeFixture(version: 1 | 2 = 2): Promise<Fixture> {
  const repository = await tinyRepository(version);
  const { addBlob, addTree, savePack } = repository;
  const kept = new Map<BlobId, Uint8Array>();
  const keep = (content: Uint8Array): BlobId => {
    kept.set(blobIdOf(content), content);
    return addBlob('data', content);
  };
  const a = keep(randomContent(3000));
  addBlob('data', randomContent(2500));
  const b = keep(Buffer.from('text '.repeat(300)));
  const mixedPack = await savePack();
  addBlob('data', randomContent(2000));
  await savePack();
  const c = keep(randomContent(1000));
  const d = keep(new Uint8Array(0));
  await savePack();
  keep(kept.get(a) ?? new Uint8Array());
  addBlob('data', randomContent(700));
  await savePack();
  const inner = addTree([tinyFile('c', c, 1000), tinyFile('d', d, 0)]);
  addTree([tinyFile('old', a, 3000)]);
  const root = addTree([
    tinyFile('a', a, 3000),
    tinyFile('b', b, 1500),
    tinyFolder('folder', inner),
  ]);
  await savePack();
  addBlob('data', 'an interrupted backup left this');
  await savePack({ indexed: false });
  const keptSnapshot = await repository.saveSnapshot(root);
  return { ...repository, kept, keptSnapshot, mixedPack };
}

/** A prune by another process: with the index as it is stored. */
async function pruneOnce(
  repository: TinyRepository,
  more: Partial<PruneOptions> = {},
  wrap: (backend: Backend) => Backend = (backend) => backend,
): Promise<PruneOutcome> {
  const { index: _, ...repo } = await repository.load();
  return prune({ ...repo, backend: wrap(repo.backend) }, { ...options, ...more });
}

/** The check without reading data, since all that is in use is read here. */
async function requireSound(fixture: Fixture): Promise<IndexedRepository> {
  const repo = await fixture.load();
  const report = await check(repo);
  assert.deepEqual(
    report.findings.filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.equal(report.treeCount, 2);
  for (const [id, content] of fixture.kept) {
    assert.deepEqual(Buffer.from(await loadBlob(repo, 'data', id)), Buffer.from(content));
  }
  return repo;
}

/** With copies that a next prune takes away. */
async function requireSoundFiles(fixture: Fixture): Promise<void> {
  assert.equal((await check(await fixture.load(), { readData: true })).errorCount, 0);
}

const fileNames = ({ backend }: TinyRepository): string[] => [...backend.files.keys()].sort();
const count = (repository: TinyRepository, type: string): number =>
  fileNames(repository).filter((name) => name.startsWith(`${type}/`)).length;

for (const version of [1, 2] as const) {
  test(`a prune keeps all that a snapshot refers to and nothing else (version ${version})`, async () => {
    const fixture = await makeFixture(version);
    const { counts, failed } = await pruneOnce(fixture);
    assert.deepEqual(failed, []);
    const repo = await requireSound(fixture);
    // Four data blobs and two trees, each once, in three packs: one was whole and stays.
    assert.equal(repo.index.locationCount, 6);
    assert.equal(repo.index.size, 6);
    assert.equal(count(fixture, 'data'), 3);
    assert.deepEqual((await check(repo, { readData: true })).findings, []);
    assert.deepEqual(counts.packs, { kept: 1, repacked: 2, removed: 2, unindexed: 1, missing: 0 });

    const before = fileNames(fixture);
    const again = await pruneOnce(fixture);
    assert.deepEqual(fileNames(fixture), before);
    assert.equal(again.counts.unused.blobs, 0);
  });
}

test('a prune that ends at any write or removal loses nothing, and the next one finishes it', async () => {
  const clean = await makeFixture();
  const total = await mutations(clean);
  assert.ok(total > 10, `there are ${total} moments`);
  for (let last = 0; last < total; last += 1) {
    const fixture = await makeFixture();
    const stop = new SealiftError('backend/unreachable', `stopped after ${last} changes`);
    await pruneOnce(fixture, {}, (backend) => endingAfter(backend, last, stop)).catch(
      (error: unknown) => assert.equal(error, stop),
    );
    await requireSound(fixture);
    const { failed } = await pruneOnce(fixture);
    assert.deepEqual(failed, []);
    const repo = await requireSound(fixture);
    assert.equal(repo.index.locationCount, 6, `after ${last} changes`);
    assert.equal(count(fixture, 'data'), new Set(repo.index.packIds()).size);
  }
});

async function mutations(fixture: Fixture): Promise<number> {
  let changes = 0;
  await pruneOnce(fixture, {}, (backend) => ({
    ...forwardTo(backend),
    save: (...args) => {
      changes += 1;
      return backend.save(...args);
    },
    remove: (...args) => {
      changes += 1;
      return backend.remove(...args);
    },
  }));
  return changes;
}

/** The process is gone after so many changes: nothing that it does reaches the storage any more. */
function endingAfter(backend: Backend, last: number, error: Error): Backend {
  let changes = 0;
  const change = async (call: () => Promise<void>): Promise<void> => {
    changes += 1;
    if (changes > last) throw error;
    await call();
  };
  return {
    ...forwardTo(backend),
    save: (...args) => change(() => backend.save(...args)),
    remove: (...args) => change(() => backend.remove(...args)),
  };
}

test('an interrupted prune is one that ended early', async () => {
  const fixture = await makeFixture();
  const { index: _, ...repo } = await fixture.load();
  const stop = new AbortController();
  const reason = new SealiftError('interrupted', 'interrupted');
  const interrupted = prune(
    repo,
    { ...options, onProgress: ({ step }) => step === 'repack' && stop.abort(reason) },
    stop.signal,
  );
  await assert.rejects(interrupted, (error) => error === reason);
  await requireSound(fixture);
  await pruneOnce(fixture);
  assert.equal((await requireSound(fixture)).index.locationCount, 6);
});

for (const [code, indexes] of [
  ['interrupted', 1],
  ['lock/lost', 0],
] as const) {
  test(`new packs are indexed after an end by '${code}': ${indexes === 1}`, async () => {
    const fixture = await makeFixture();
    const { index: _, ...repo } = await fixture.load();
    const stop = new AbortController();
    const reason = new SealiftError(code, code);
    const saved: string[] = [];
    const backend: Backend = {
      ...forwardTo(repo.backend),
      save: async (file, ...rest) => {
        const isLate = stop.signal.aborted;
        await repo.backend.save(file, ...rest);
        if (isLate) saved.push(file.type);
        // The first new pack is stored; nothing that comes later may be, but its index.
        if (file.type === 'data') stop.abort(reason);
      },
    };
    const attempt = prune({ ...repo, backend }, { ...options, packSizeBytes: 1 }, stop.signal);
    await assert.rejects(attempt, (error) => error === reason);
    assert.deepEqual(saved, Array(indexes).fill('index'));
    await requireSoundFiles(fixture);
  });
}

test('a storage that removes nothing is found out before anything is written', async () => {
  const fixture = await makeFixture();
  const before = fileNames(fixture);
  const attempt = pruneOnce(fixture, {}, (backend) => ({
    ...forwardTo(backend),
    remove: async () => {
      throw new SealiftError('backend/forbidden', 'in append-only mode nothing is deleted');
    },
  }));
  await assert.rejects(attempt, (error) => isSealiftError(error, 'repository/append-only'));
  assert.deepEqual(fileNames(fixture), before);
});

test('a pack that cannot be removed is told, and goes with the next prune', async () => {
  const fixture = await makeFixture();
  const { failed } = await pruneOnce(fixture, {}, (backend) => ({
    ...forwardTo(backend),
    remove: async (file, signal) => {
      if (file.name === fixture.mixedPack) throw new SealiftError('backend/io', 'the disk says no');
      await backend.remove(file, signal);
    },
  }));
  assert.deepEqual(
    failed.map(({ pack, error }) => [pack, error.code]),
    [[fixture.mixedPack, 'backend/io']],
  );
  await requireSound(fixture);
  await pruneOnce(fixture);
  assert.ok(!fixture.backend.files.has(`data/${fixture.mixedPack}`));
});

test('a dry run tells the same and changes nothing', async () => {
  const fixture = await makeFixture();
  const before = new Map(fixture.backend.files);
  const { counts } = await pruneOnce(fixture, { dryRun: true });
  assert.deepEqual(new Map(fixture.backend.files), before);
  assert.deepEqual(counts, (await pruneOnce(fixture)).counts);
});

test('snapshots that count as forgotten keep nothing', async () => {
  const fixture = await makeFixture();
  const { counts } = await pruneOnce(fixture, {
    dryRun: true,
    withoutSnapshots: new Set([fixture.keptSnapshot]),
  });
  assert.equal(counts.used.blobs, 0);
});

const damages: Readonly<Record<string, (fixture: Fixture) => void | Promise<void>>> = {
  'an index that is lost': (fixture) => {
    for (const name of fileNames(fixture)) {
      if (name.startsWith('index/')) fixture.backend.files.delete(name);
    }
  },
  'a pack in use that is lost': ({ backend, mixedPack }) => {
    backend.files.delete(`data/${mixedPack}`);
  },
  'a tree that cannot be read': async ({ backend, load }) => {
    const { index } = await load();
    for (const pack of index.packIds()) {
      if (index.blobsOf(pack)[0]?.type === 'tree') flipBit(backend, `data/${pack}`, 20);
    }
  },
  'a damaged blob that has to move': ({ backend, mixedPack, kept }) => {
    // Behind two random ones, so that it is the text, of which there is no second copy.
    const size = backend.files.get(`data/${mixedPack}`)?.length ?? 0;
    assert.ok(kept.size > 0 && size > 5600);
    flipBit(backend, `data/${mixedPack}`, 3032 + 2532 + 20);
  },
};

for (const [damage, make] of Object.entries(damages)) {
  test(`${damage} stops a prune before it removes anything in an index`, async () => {
    const fixture = await makeFixture();
    await make(fixture);
    const indexed = [...(await fixture.load()).index.packIds()].filter((id) =>
      fixture.backend.files.has(`data/${id}`),
    );
    const attempt = pruneOnce(fixture);
    await assert.rejects(
      attempt,
      (error) => isSealiftError(error, 'prune/refused') && /nothing was/.test(error.message),
    );
    for (const id of indexed) assert.ok(fixture.backend.files.has(`data/${id}`), id);
  });
}

test('a damaged copy of a blob that has to move is made up for by another one', async () => {
  const fixture = await makeFixture();
  flipBit(fixture.backend, `data/${fixture.mixedPack}`, 20);
  await pruneOnce(fixture);
  await requireSound(fixture);
});

test('a damaged snapshot stops a prune, since its data would go', async () => {
  const fixture = await makeFixture();
  flipBit(fixture.backend, `snapshots/${fixture.keptSnapshot}`, 30);
  const before = fileNames(fixture);
  await assert.rejects(pruneOnce(fixture), (error) => isSealiftError(error, 'format/snapshot'));
  assert.deepEqual(fileNames(fixture), before);
});
