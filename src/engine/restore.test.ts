import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { describeTree, makeFileTree } from '../../test/support/file-tree.ts';
import { skipWithout } from '../../test/support/peers.ts';
import { tempFolder } from '../../test/support/temp-folder.ts';
import {
  flipBit,
  type TinyRepository,
  tinyFile,
  tinyFolder,
  tinyNode,
  tinyRepository,
} from '../../test/support/tiny-repository.ts';
import { isSealiftError, type SealiftError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import type { BlobId, PackId, SnapshotId } from '../repository/ids.ts';
import type { TreeNode } from '../repository/tree.ts';
import { localBackend } from '../storage/local.ts';
import { compilePatterns } from './filter.ts';
import { loadIndex, openRepository } from './open.ts';
import { type RestoreItem, type RestoreOptions, type RestoreSummary, restore } from './restore.ts';
import { isSafeName } from './restore-target.ts';
import { findSnapshot } from './snapshots.ts';

const password = 'geheim';

for (const version of ['1', '2']) {
  test(`a restore of restic's version ${version} gives back every byte, mode, time, owner, link and attribute`, {
    skip: skipWithout('restic'),
  }, async (context) => {
    const folder = tempFolder(context);
    const source = join(folder, 'source');
    mkdirSync(source);
    // restic 0.14 has no linktarget_raw, so it would not keep a target that is not UTF-8.
    makeFileTree(source, { rawLinkTarget: false, seedBytes: 5_000_000 });
    const location = join(folder, 'repository');
    const restic = (...args: string[]): void => {
      const env = {
        ...process.env,
        RESTIC_PASSWORD: password,
        RESTIC_CACHE_DIR: join(folder, 'c'),
      };
      execFileSync('restic', ['-q', '-r', location, ...args], { cwd: folder, env });
    };
    restic('init', '--repository-version', version);
    restic('backup', 'source');
    const repo = await loadIndex(
      await openRepository(localBackend(location), new Secret(password)),
    );
    const { id } = await findSnapshot(repo, 'latest');
    const target = join(folder, 'target');
    const summary = await restore(repo, { snapshotId: id, target, verify: true });
    assert.deepEqual(describeTree(join(target, 'source')), describeTree(source));
    assert.equal(summary.filesDone, summary.totalFiles);
    assert.equal(summary.bytesDone, summary.totalBytes);

    const sparse = join(folder, 'sparse');
    await restore(repo, { snapshotId: id, target: sparse, sparse: true });
    assert.deepEqual(describeTree(join(sparse, 'source')), describeTree(source));
    assert.ok(statSync(join(sparse, 'source', 'sparse')).blocks * 512 < 1024 * 1024);
  });
}

interface Fixture {
  readonly repository: TinyRepository;
  readonly snapshotId: SnapshotId;
  readonly dataPack: PackId;
}

/** `/a` (one blob), `/big` (three blobs), `/folder/inner`, `/folder/same` (content of `/a`). */
async function makeFixture(): Promise<Fixture> {
  const repository = await tinyRepository();
  const a = repository.addBlob('data', 'content of a');
  const parts = ['one', 'two', 'three'].map((text) =>
    repository.addBlob('data', text.repeat(10_000)),
  );
  const inner = repository.addBlob('data', 'inner');
  const dataPack = await repository.savePack();
  const folder = repository.addTree([tinyFile('inner', inner, 5), tinyFile('same', a, 12)]);
  const root = repository.addTree([
    tinyFile('a', a, 12),
    { ...tinyFile('big', a, 110_000), content: parts },
    tinyFolder('folder', folder),
  ]);
  await repository.savePack();
  return { repository, snapshotId: await repository.saveSnapshot(root), dataPack };
}

interface Outcome {
  readonly summary: RestoreSummary;
  readonly errors: readonly SealiftError[];
  readonly items: readonly RestoreItem[];
  readonly thrown: unknown;
}

async function run(
  { repository, snapshotId }: Pick<Fixture, 'repository' | 'snapshotId'>,
  target: string,
  options: Partial<RestoreOptions> = {},
): Promise<Outcome> {
  const errors: SealiftError[] = [];
  const items: RestoreItem[] = [];
  const summaries: RestoreSummary[] = [];
  let thrown: unknown;
  try {
    await restore(await repository.load(), {
      snapshotId,
      target,
      onError: (error) => errors.push(error),
      onItem: (item) => items.push(item),
      onSummary: (summary) => summaries.push(summary),
      ...options,
    });
  } catch (error) {
    thrown = error;
  }
  const [summary] = summaries;
  if (summary === undefined) throw thrown;
  return { summary, errors, items, thrown };
}

const text = (...path: string[]): string => readFileSync(join(...path), 'utf8');

test('a damaged blob costs only the files that have it, and these are named', async (context) => {
  const fixture = await makeFixture();
  flipBit(fixture.repository.backend, `data/${fixture.dataPack}`, 20);
  const target = tempFolder(context);
  const { errors, thrown, summary } = await run(fixture, target);
  assert.ok(isSealiftError(thrown, 'restore/incomplete'));
  assert.deepEqual(errors.map(({ fields }) => fields['path']).sort(), ['/a', '/folder/same']);
  assert.equal(text(target, 'folder', 'inner'), 'inner');
  assert.equal(text(target, 'big').length, 110_000);
  assert.equal(summary.filesDone, summary.totalFiles - 2);
});

test('a damaged file keeps no time, so that a later run does not take it for unchanged', async (context) => {
  const fixture = await makeFixture();
  const pack = `data/${fixture.dataPack}`;
  const intact = fixture.repository.backend.files.get(pack) ?? new Uint8Array();
  flipBit(fixture.repository.backend, pack, 20);
  const target = tempFolder(context);
  await run(fixture, target);
  fixture.repository.backend.files.set(pack, intact);
  const { thrown } = await run(fixture, target, { overwrite: 'if-changed' });
  assert.equal(thrown, undefined);
  assert.equal(text(target, 'a'), 'content of a');
});

test('a pack that is gone names its files, once each', async (context) => {
  const fixture = await makeFixture();
  fixture.repository.backend.files.delete(`data/${fixture.dataPack}`);
  const { errors } = await run(fixture, tempFolder(context));
  const paths = errors.map(({ fields }) => fields['path']);
  assert.deepEqual(paths.sort(), ['/a', '/big', '/folder/inner', '/folder/same']);
});

test('a pack cut short still gives the blobs before the cut', async (context) => {
  const fixture = await makeFixture();
  const pack = `data/${fixture.dataPack}`;
  const bytes = fixture.repository.backend.files.get(pack) ?? new Uint8Array();
  fixture.repository.backend.files.set(pack, bytes.subarray(0, 60));
  const target = tempFolder(context);
  await run(fixture, target);
  assert.equal(text(target, 'a'), 'content of a');
});

test('a second copy of a blob is used when the first is damaged', async (context) => {
  const fixture = await makeFixture();
  flipBit(fixture.repository.backend, `data/${fixture.dataPack}`, 20);
  fixture.repository.addBlob('data', 'content of a');
  await fixture.repository.savePack();
  const target = tempFolder(context);
  const { thrown } = await run(fixture, target);
  assert.equal(thrown, undefined);
  assert.equal(text(target, 'a'), 'content of a');
});

test('a damaged folder is named and the rest restored', async (context) => {
  const repository = await tinyRepository();
  const a = repository.addBlob('data', 'a');
  await repository.savePack();
  const lost = repository.addTree([tinyFile('x', a, 1)]);
  const lostPack = await repository.savePack();
  const root = repository.addTree([tinyFolder('lost', lost), tinyFile('z', a, 1)]);
  await repository.savePack();
  repository.backend.files.delete(`data/${lostPack}`);
  const target = tempFolder(context);
  const snapshotId = await repository.saveSnapshot(root);
  const { errors } = await run({ repository, snapshotId }, target);
  assert.deepEqual(
    errors.map(({ fields }) => fields['path']),
    ['/lost'],
  );
  assert.equal(text(target, 'z'), 'a');
});

test('one blob that no index lists leaves a hole of its size', async (context) => {
  const repository = await tinyRepository();
  const [first, last] = [repository.addBlob('data', 'first'), repository.addBlob('data', 'last')];
  const node: TreeNode = {
    ...tinyFile('f', first, 15),
    content: [first, 'ab'.repeat(32) as BlobId, last],
  };
  const root = repository.addTree([node]);
  await repository.savePack();
  const target = tempFolder(context);
  const snapshotId = await repository.saveSnapshot(root);
  const { errors } = await run({ repository, snapshotId }, target);
  assert.equal(errors[0]?.code, 'snapshot/blob-missing');
  assert.equal(text(target, 'f'), 'first\0\0\0\0\0\0last');
});

test('existing symbolic links are replaced, never followed', async (context) => {
  const fixture = await makeFixture();
  const [target, outside] = [tempFolder(context), tempFolder(context)];
  writeFileSync(join(outside, 'a'), 'untouched');
  symlinkSync(join(outside, 'a'), join(target, 'a'));
  symlinkSync(outside, join(target, 'folder'));
  await run(fixture, target);
  assert.equal(text(outside, 'a'), 'untouched');
  assert.deepEqual(readdirSync(outside), ['a']);
  assert.ok(lstatSync(join(target, 'folder')).isDirectory());
  assert.equal(text(target, 'a'), 'content of a');
});

test('a file with several links is replaced, not written through', async (context) => {
  const fixture = await makeFixture();
  const [target, outside] = [tempFolder(context), tempFolder(context)];
  writeFileSync(join(outside, 'other'), 'untouched');
  linkSync(join(outside, 'other'), join(target, 'a'));
  await run(fixture, target);
  assert.equal(text(outside, 'other'), 'untouched');
  assert.equal(text(target, 'a'), 'content of a');
});

test('always: content that is there is not fetched again, only what differs', async (context) => {
  const fixture = await makeFixture();
  const target = tempFolder(context);
  await run(fixture, target);
  writeFileSync(join(target, 'big'), `${text(target, 'big').slice(0, 70_000)}changed and longer`);
  // Without the pack only a run that needs nothing from it succeeds.
  const { items, thrown } = await run(fixture, target);
  assert.equal(thrown, undefined);
  const actions = new Map(items.map(({ path, action }) => [path, action]));
  assert.equal(actions.get('/big'), 'updated');
  assert.equal(actions.get('/a'), 'unchanged');
  fixture.repository.backend.files.delete(`data/${fixture.dataPack}`);
  assert.equal((await run(fixture, target)).thrown, undefined);
});

test('if-changed trusts equal size and time', async (context) => {
  const fixture = await makeFixture();
  const target = tempFolder(context);
  await run(fixture, target);
  const { mtimeMs, atimeMs } = statSync(join(target, 'folder', 'inner'));
  const before = lstatSync(join(target, 'folder', 'inner'), { bigint: true }).mtimeNs;
  assert.equal(before, 1_600_000_000_123_456_789n);
  writeFileSync(join(target, 'a'), 'CONTENT OF A');
  utimesSync(join(target, 'a'), atimeMs / 1000, mtimeMs / 1000 + 5);
  await run(fixture, target, { overwrite: 'if-changed' });
  assert.equal(text(target, 'a'), 'content of a');
});

test('never and if-newer leave files alone that exist, or are newer', async (context) => {
  const fixture = await makeFixture();
  const target = tempFolder(context);
  writeFileSync(join(target, 'a'), 'mine');
  for (const overwrite of ['never', 'if-newer'] as const) {
    const { summary } = await run(fixture, target, { overwrite, verify: true });
    assert.equal(text(target, 'a'), 'mine');
    assert.ok(summary.filesSkipped >= 1);
  }
  utimesSync(join(target, 'a'), 1, 1);
  await run(fixture, target, { overwrite: 'if-newer' });
  assert.equal(text(target, 'a'), 'content of a');
});

test('delete removes what the snapshot does not know, but not what patterns leave out', async (context) => {
  const fixture = await makeFixture();
  const target = tempFolder(context);
  mkdirSync(join(target, 'folder', 'extra'), { recursive: true });
  writeFileSync(join(target, 'folder', 'extra', 'x'), '');
  writeFileSync(join(target, 'keep.log'), '');
  writeFileSync(join(target, 'gone'), '');
  const exclude = compilePatterns(['*.log']);
  const dry = await run(fixture, target, { delete: true, exclude, dryRun: true });
  assert.equal(dry.summary.filesDeleted, 2);
  assert.ok(existsSync(join(target, 'gone')));
  await run(fixture, target, { delete: true, exclude });
  assert.deepEqual(readdirSync(target).sort(), ['a', 'big', 'folder', 'keep.log']);
  assert.deepEqual(readdirSync(join(target, 'folder')).sort(), ['inner', 'same']);
});

test('include makes only the folders on the way, with their metadata', async (context) => {
  const fixture = await makeFixture();
  const target = tempFolder(context);
  await run(fixture, target, { include: compilePatterns(['inner']) });
  assert.deepEqual(readdirSync(target), ['folder']);
  assert.deepEqual(readdirSync(join(target, 'folder')), ['inner']);
  assert.equal(
    lstatSync(join(target, 'folder'), { bigint: true }).mtimeNs,
    1_600_000_000_123_456_789n,
  );
  const other = tempFolder(context);
  await run(fixture, other, { exclude: compilePatterns(['/folder']) });
  assert.deepEqual(readdirSync(other).sort(), ['a', 'big']);
});

test('a folder of the snapshot can be the root', async (context) => {
  const fixture = await makeFixture();
  const target = join(tempFolder(context), 'made', 'on', 'the', 'way');
  await run(fixture, target, { subfolder: '/folder' });
  assert.deepEqual(readdirSync(target).sort(), ['inner', 'same']);
});

test('a dry run changes nothing and counts what would be done', async (context) => {
  const fixture = await makeFixture();
  const target = join(tempFolder(context), 'not made');
  const { summary } = await run(fixture, target, { dryRun: true });
  assert.ok(!existsSync(target));
  assert.equal(summary.totalFiles, 5);
  assert.equal(summary.totalBytes, 110_000 + 12 + 12 + 5);
});

test('a non-empty folder in the way of a file is an error without delete', async (context) => {
  const fixture = await makeFixture();
  const target = tempFolder(context);
  mkdirSync(join(target, 'a'));
  writeFileSync(join(target, 'a', 'mine'), '');
  const { errors } = await run(fixture, target);
  assert.deepEqual(
    errors.map(({ fields }) => fields['path']),
    ['/a'],
  );
  await run(fixture, target, { delete: true });
  assert.equal(text(target, 'a'), 'content of a');
});

test('verify finds content that changed while it was restored', async (context) => {
  const fixture = await makeFixture();
  const target = tempFolder(context);
  const { errors, thrown } = await run(fixture, target, {
    verify: true,
    onItem: ({ path }) => {
      if (path === '/folder') return;
      if (existsSync(join(target, 'a'))) writeFileSync(join(target, 'a'), 'changed meanwhile');
    },
  });
  assert.ok(isSealiftError(thrown, 'restore/incomplete'));
  assert.deepEqual(
    errors.map(({ fields }) => fields['path']),
    ['/a'],
  );
});

test('without native calls special files are left out with one warning, the rest is restored', async (context) => {
  const repository = await tinyRepository();
  const a = repository.addBlob('data', 'a');
  const root = repository.addTree([
    tinyNode({ name: 'fifo1', type: 'fifo', mode: 2 ** 25 + 0o644 }),
    tinyNode({ name: 'fifo2', type: 'fifo', mode: 2 ** 25 + 0o644 }),
    { ...tinyFile('x', a, 1), extendedAttributes: [{ name: 'user.a', value: new Uint8Array(1) }] },
  ]);
  await repository.savePack();
  const target = tempFolder(context);
  const warnings: string[] = [];
  const snapshotId = await repository.saveSnapshot(root);
  const { thrown } = await run({ repository, snapshotId }, target, {
    native: undefined,
    onWarning: (warning) => warnings.push(warning),
  });
  assert.equal(thrown, undefined);
  assert.deepEqual(readdirSync(target), ['x']);
  assert.equal(warnings.length, 3, warnings.join('\n'));
});

test('an interrupted restore stops with the reason of the signal', async (context) => {
  const fixture = await makeFixture();
  const controller = new AbortController();
  const reason = new Error('stop');
  const running = restore(
    await fixture.repository.load(),
    {
      snapshotId: fixture.snapshotId,
      target: tempFolder(context),
      onProgress: () => controller.abort(reason),
    },
    controller.signal,
  );
  await assert.rejects(running, reason);
});

test('names that leave their folder on Windows are refused there', () => {
  for (const name of ['a\\b', 'c:', 'nul', 'COM1.txt', 'end.', 'a:stream', '..']) {
    assert.equal(isSafeName(name, 'win32'), false, name);
  }
  assert.ok(isSafeName('console', 'win32'));
  assert.ok(isSafeName('a\\b', 'linux'));
});

test('a folder that its owner may not write is restored into and gets its mode back', async (context: TestContext) => {
  const repository = await tinyRepository();
  const a = repository.addBlob('data', 'a');
  const inner = repository.addTree([tinyFile('x', a, 1)]);
  const root = repository.addTree([{ ...tinyFolder('closed', inner), mode: 2 ** 31 + 0o500 }]);
  await repository.savePack();
  const snapshotId = await repository.saveSnapshot(root);
  const target = tempFolder(context);
  for (let pass = 0; pass < 2; pass += 1) {
    assert.equal(
      (await run({ repository, snapshotId }, target, { delete: true })).thrown,
      undefined,
    );
    assert.equal(statSync(join(target, 'closed')).mode & 0o777, 0o500);
  }
});
