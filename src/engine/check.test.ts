import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  flipBit,
  randomContent,
  type TinyRepository,
  tinyFile,
  tinyFolder,
  tinyNode,
  tinyRepository,
} from '../../test/support/tiny-repository.ts';
import { isSealiftError } from '../base/errors.ts';
import type { BlobId, PackId, SnapshotId } from '../repository/ids.ts';
import { encodeIndex } from '../repository/index-file.ts';
import { memoryBackend } from '../storage/memory.ts';
import { type CheckOptions, type CheckReport, check } from './check.ts';
import { choosePacks, parsePackSubset } from './check-packs.ts';
import { saveUnpacked } from './unpacked.ts';

interface Fixture extends TinyRepository {
  readonly dataPack: PackId;
  readonly treePack: PackId;
  readonly snapshotId: SnapshotId;
  readonly fileId: BlobId;
}

/** `/a` and `/folder/b`, in one snapshot. */
async function makeFixture(): Promise<Fixture> {
  const repository = await tinyRepository();
  const fileId = repository.addBlob('data', randomContent(2000));
  const other = repository.addBlob('data', randomContent(1000));
  const dataPack = await repository.savePack();
  const folder = repository.addTree([tinyFile('b', other, 1000)]);
  const root = repository.addTree([tinyFile('a', fileId, 2000), tinyFolder('folder', folder)]);
  const treePack = await repository.savePack();
  const snapshotId = await repository.saveSnapshot(root);
  return { ...repository, dataPack, treePack, snapshotId, fileId };
}

async function run(repository: TinyRepository, options: CheckOptions = {}): Promise<CheckReport> {
  // The index of `load` is not used; a damaged one must not keep the check from running.
  const { index: _, ...repo } = await repository.load().catch(() => cleanRepo(repository));
  return check(repo, options);
}

async function cleanRepo(repository: TinyRepository): ReturnType<TinyRepository['load']> {
  const { loadIndex, openRepository } = await import('./open.ts');
  const { tinyPassword } = await import('../../test/support/tiny-repository.ts');
  const repo = await openRepository(repository.backend, tinyPassword);
  return { ...(await loadIndex({ ...repo, backend: memoryBackend() })), ...repo };
}

const kinds = (report: CheckReport): string[] => report.findings.map(({ kind }) => kind).sort();

function fileOf(repository: TinyRepository, type: string): string {
  const [name] = [...repository.backend.files.keys()].filter((file) => file.startsWith(`${type}/`));
  assert.ok(name !== undefined);
  return name;
}

test('a sound repository has no findings, with or without reading data', async () => {
  const repository = await makeFixture();
  for (const options of [{}, { readData: true }]) {
    const report = await run(repository, options);
    assert.deepEqual(report.findings, []);
    assert.equal(report.treeCount, 2);
    assert.equal(report.packsRead, options.readData ? 2 : 0);
  }
});

test('a flipped bit in a pack is found by reading data, with the files it costs', async () => {
  const repository = await makeFixture();
  flipBit(repository.backend, `data/${repository.dataPack}`, 100);
  assert.deepEqual(kinds(await run(repository)), []);
  const report = await run(repository, { readData: true });
  assert.deepEqual(kinds(report), ['pack-damaged', 'snapshot-affected']);
  assert.deepEqual(report.brokenPacks, [repository.dataPack]);
  const affected = report.findings.find(({ kind }) => kind === 'snapshot-affected');
  assert.equal(affected?.path, '/a');
  assert.equal(affected?.id, repository.snapshotId);
});

test('a damaged header costs no file', async () => {
  const repository = await makeFixture();
  const pack = `data/${repository.dataPack}`;
  flipBit(repository.backend, pack, (repository.backend.files.get(pack)?.length ?? 0) - 10);
  assert.deepEqual(kinds(await run(repository, { readData: true })), ['pack-damaged']);
});

test('a pack that is gone or cut short is found without reading data', async () => {
  const gone = await makeFixture();
  gone.backend.files.delete(`data/${gone.dataPack}`);
  const report = await run(gone);
  assert.deepEqual(kinds(report), ['pack-missing', 'snapshot-affected', 'snapshot-affected']);
  assert.ok(report.suggestRepairIndex);

  const cut = await makeFixture();
  const pack = `data/${cut.dataPack}`;
  cut.backend.files.set(pack, (cut.backend.files.get(pack) ?? new Uint8Array()).subarray(0, 2500));
  const { findings } = await run(cut);
  assert.deepEqual(
    findings.map(({ kind, path }) => [kind, path]),
    [
      ['pack-size', undefined],
      ['snapshot-affected', '/folder/b'],
    ],
  );
});

test('a damaged tree pack is named with its folder', async () => {
  const repository = await makeFixture();
  flipBit(repository.backend, `data/${repository.treePack}`, 50);
  const report = await run(repository);
  assert.ok(kinds(report).includes('tree-damaged'));
  assert.ok(report.findings.some(({ path }) => path === '/folder'));
});

test('damaged key, index, snapshot and lock files are named', async () => {
  for (const [type, kind] of [
    ['index', 'index-damaged'],
    ['snapshots', 'snapshot-damaged'],
    ['locks', 'lock-damaged'],
    ['keys', 'key-damaged'],
  ] as const) {
    const repository = await makeFixture();
    const bad = 'f'.repeat(64);
    if (type === 'locks' || type === 'keys') {
      repository.backend.files.set(`${type}/${bad}`, Buffer.from('{"broken'));
    } else flipBit(repository.backend, fileOf(repository, type), 60);
    const report = await run(repository);
    const finding = report.findings.find((found) => found.kind === kind);
    assert.ok(finding, `${type}: ${kinds(report)}`);
    assert.match(finding.message, new RegExp(`${type}/[0-9a-f]{64}`));
    assert.equal(finding.severity, type === 'locks' ? 'hint' : 'error');
  }
});

test('a truncated index or snapshot is named too', async () => {
  for (const type of ['index', 'snapshots']) {
    const repository = await makeFixture();
    const file = fileOf(repository, type);
    repository.backend.files.set(file, new Uint8Array(10));
    const { findings } = await run(repository);
    assert.ok(findings.some(({ message }) => message.includes(file)));
  }
});

test('packs in no index and duplicates in indexes are hints', async () => {
  const repository = await makeFixture();
  repository.addBlob('data', 'nobody needs this');
  await repository.savePack({ indexed: false });
  const repo = await repository.load();
  const blobs = repo.index.blobsOf(repository.dataPack);
  // Another order makes another file of the same content.
  const packs = [{ id: repository.dataPack, blobs: blobs.toReversed() }];
  await saveUnpacked(repo, 'index', encodeIndex({ packs }));
  const report = await run(repository);
  assert.deepEqual(kinds(report), ['pack-duplicate', 'pack-unindexed']);
  assert.equal(report.errorCount, 0);
  assert.equal(report.hintCount, 2);
  assert.ok(report.suggestPrune);
});

test('the same pack with other content in two indexes is an error', async () => {
  const repository = await makeFixture();
  const repo = await repository.load();
  const [first] = repo.index.blobsOf(repository.dataPack);
  assert.ok(first);
  const packs = [{ id: repository.dataPack, blobs: [{ ...first, length: first.length + 1 }] }];
  await saveUnpacked(repo, 'index', encodeIndex({ packs }));
  assert.ok(kinds(await run(repository)).includes('pack-conflict'));
});

test('data and trees in one pack are a hint', async () => {
  const repository = await tinyRepository();
  const id = repository.addBlob('data', 'x');
  const root = repository.addTree([tinyFile('x', id, 1)]);
  await repository.savePack();
  await repository.saveSnapshot(root);
  const report = await run(repository, { readData: true });
  assert.deepEqual(kinds(report), ['pack-mixed']);
});

test('nodes that no restore can use are errors', async () => {
  const repository = await tinyRepository();
  const id = repository.addBlob('data', 'x');
  const root = repository.addTree([
    tinyNode({ name: 'folder without tree', type: 'dir' }),
    tinyNode({ name: 'no content', type: 'file' }),
    tinyNode({ name: 'odd', type: 'irregular' }),
    tinyFile('size differs, which is fine', id, 99),
    tinyFile('unknown blob', 'cd'.repeat(32) as BlobId, 1),
  ]);
  await repository.savePack();
  await repository.saveSnapshot(root);
  const report = await run(repository);
  assert.deepEqual(
    kinds(report).filter((kind) => kind !== 'pack-mixed'),
    ['blob-missing', 'node-invalid', 'node-invalid', 'node-invalid', 'snapshot-affected'],
  );
});

test('subsets: parts cover every pack once, shares and sizes take at least one', () => {
  const ids = Array.from({ length: 300 }, (_, at) =>
    at
      .toString(16)
      .padStart(2, '0')
      .slice(-2)
      .padEnd(60, '0')
      .concat(at.toString(16).padStart(4, '0')),
  ) as PackId[];
  const sizes = new Map(ids.map((id) => [id, 100]));
  const choose = (text: string): PackId[] => choosePacks(sizes, parsePackSubset(text), () => 0.3);
  const parts = ['1/3', '2/3', '3/3'].flatMap(choose);
  assert.deepEqual(parts.sort(), ids.toSorted());
  assert.equal(choose('10%').length, 30);
  assert.equal(choose('0.001%').length, 1);
  assert.equal(choose('1050').length, 11);
  assert.equal(new Set(choose('50%')).size, 150);
  for (const text of ['0/3', '4/3', '1/257', '0%', '101%', 'x', '', '0']) {
    assert.throws(
      () => parsePackSubset(text),
      (error) => isSealiftError(error, 'usage/invalid'),
      text,
    );
  }
});
