import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { skipWithout } from '../../test/support/peers.ts';
import { SealiftError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { generatePolynomial } from '../repository/polynomial.ts';
import { decodeTree, type TreeNode } from '../repository/tree.ts';
import type { Backend } from '../storage/backend.ts';
import { localBackend } from '../storage/local.ts';
import { memoryBackend } from '../storage/memory.ts';
import { type BackupOptions, type BackupSummary, backup } from './backup.ts';
import { loadBlob } from './load-blob.ts';
import { loadNative } from './native.ts';
import { type IndexedRepository, initRepository, loadIndex, openRepository } from './open.ts';

const password = new Secret('test');
const polynomial = generatePolynomial(randomBytes);
const quickScrypt = { cost: 2, blockSize: 8, parallelization: 1 };
const defaults: BackupOptions = {
  paths: [],
  hostname: 'host',
  username: 'user',
  tags: [],
  compression: 'auto',
  packSizeBytes: 4 * 2 ** 20,
  readConcurrency: 2,
};

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-backup-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** All with one polynomial, so that equal files are cut alike. */
async function newRepository(backend: Backend = memoryBackend()): Promise<IndexedRepository> {
  const options = { password, polynomial, scrypt: quickScrypt };
  const repository = await initRepository(backend, options);
  return loadIndex(repository);
}

/** Backs up the folder as `.`, so that the tree holds nothing above it that other tests may change. */
function standIn(t: TestContext, folder: string): string[] {
  const before = process.cwd();
  process.chdir(folder);
  t.after(() => process.chdir(before));
  return ['.'];
}

async function reopen(repository: IndexedRepository): Promise<IndexedRepository> {
  return loadIndex(await openRepository(repository.backend, password));
}

async function entriesAt(
  repository: IndexedRepository,
  summary: BackupSummary,
  path: string,
): Promise<Map<string, TreeNode>> {
  let tree = summary.tree;
  for (const name of path.split('/').filter((part) => part !== '')) {
    const nodes = [...decodeTree(await loadBlob(repository, 'tree', tree))];
    const node = nodes.find((entry) => entry.name === name);
    assert.ok(node?.subtree, `${name} of ${path}`);
    tree = node.subtree;
  }
  const nodes = [...decodeTree(await loadBlob(repository, 'tree', tree))];
  return new Map(nodes.map((node) => [node.name, node]));
}

async function names(
  repository: IndexedRepository,
  summary: BackupSummary,
  path: string,
): Promise<string[]> {
  return [...(await entriesAt(repository, summary, path)).keys()];
}

async function listed(backend: Backend, type: 'snapshots' | 'index' | 'data'): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of backend.list(type)) found.push(name);
  return found;
}

function makeSource(t: TestContext): string {
  const source = join(makeFolder(t), 'src');
  mkdirSync(join(source, 'sub', 'empty'), { recursive: true });
  writeFileSync(join(source, 'a.txt'), 'hello');
  writeFileSync(join(source, 'none'), '');
  writeFileSync(join(source, 'sub', 'big'), randomBytes(5_000_000));
  writeFileSync(join(source, 'sub', 'zeros'), new Uint8Array(3_000_000));
  symlinkSync('a.txt', join(source, 'link'));
  return source;
}

test('a second backup reads nothing and adds nothing', async (t) => {
  const paths = standIn(t, makeSource(t));
  const repository = await newRepository();
  const first = await backup(repository, { ...defaults, paths });
  assert.equal(first.filesNew, 4);
  assert.equal(first.totalBytesProcessed, 8_000_005);
  const second = await backup(await reopen(repository), { ...defaults, paths });
  assert.equal(second.parentId, first.snapshotId);
  assert.deepEqual(
    [second.filesNew, second.filesChanged, second.filesUnmodified, second.dataBlobs],
    [0, 0, 4, 0],
  );
  assert.equal(second.treeBlobs, 0);
  assert.equal(second.tree, first.tree);
});

test('without a parent every file is read, and known blobs are not stored again', async (t) => {
  const paths = standIn(t, makeSource(t));
  const repository = await newRepository();
  await backup(repository, { ...defaults, paths });
  const again = await backup(repository, { ...defaults, paths, force: true });
  assert.equal(again.parentId, undefined);
  assert.equal(again.filesNew, 4);
  assert.deepEqual([again.dataBlobs, again.treeBlobs], [0, 0]);
});

test('workers that share a large file give the tree that one alone gives', async (t) => {
  const paths = standIn(t, makeSource(t));
  const part = randomBytes(15 * 2 ** 20);
  writeFileSync('large', Buffer.concat([part, new Uint8Array(20 * 2 ** 20), part]));
  const alone = await backup(await newRepository(), { ...defaults, paths, readConcurrency: 1 });
  const shared = await backup(await newRepository(), { ...defaults, paths, readConcurrency: 3 });
  assert.equal(shared.tree, alone.tree);
  assert.deepEqual(
    [shared.dataBlobs, shared.dataAdded, shared.totalBytesProcessed],
    [alone.dataBlobs, alone.dataAdded, alone.totalBytesProcessed],
  );
});

test('a changed file is read again, its neighbours are not', async (t) => {
  const source = makeSource(t);
  const repository = await newRepository();
  await backup(repository, { ...defaults, paths: [source] });
  appendFileSync(join(source, 'a.txt'), ' world');
  const items: string[] = [];
  const summary = await backup(repository, {
    ...defaults,
    paths: [source],
    onItem: (item) => items.push(`${item.action} ${item.type} ${item.path.split('/').at(-1)}`),
  });
  assert.deepEqual([summary.filesChanged, summary.filesUnmodified], [1, 3]);
  assert.ok(items.includes('changed file a.txt'));
  assert.ok(items.includes('unmodified file big'));
  assert.ok(items.includes('unmodified dir sub'));
});

/** A run that starts when all that was just written is long past. */
const later = { now: () => Date.now() + 60_000 };

test('what the parent has as it is gives the tree that reading everything gives', async (t) => {
  const source = makeSource(t);
  const paths = standIn(t, source);
  const repository = await newRepository();
  const first = await backup(repository, { ...defaults, paths, clock: later });
  const same = await backup(repository, { ...defaults, paths, clock: later });
  assert.equal(same.tree, first.tree);
  assert.deepEqual([same.filesUnmodified, same.dirsUnmodified], [4, 2]);
  const changes: (() => void)[] = [
    () => chmodSync('sub/zeros', 0o600),
    () => chmodSync('sub', 0o700),
    () => writeFileSync('b.txt', 'new'),
    () => rmSync('a.txt'),
    () => {
      rmSync('link');
      symlinkSync('b.txt', 'link');
    },
    () => renameSync('sub/empty', 'sub/full'),
    () => linkSync('none', 'sub/full/none'),
    () => setAttribute('sub/big'),
    () => setAttribute('sub'),
  ];
  for (const change of changes) {
    change();
    const next = await backup(repository, { ...defaults, paths, clock: later });
    const all = await backup(repository, { ...defaults, paths, clock: later, force: true });
    assert.equal(next.tree, all.tree, String(change));
  }
});

test('a large source is listed ahead, and gives the tree that reading everything gives', async (t) => {
  const source = makeFolder(t);
  for (let file = 0; file < 2400; file += 1) {
    const folder = join(source, `${file % 8}`, `${file % 24}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file ${file}`), `${file % 100}`);
  }
  let threads = 0;
  const note = (): void => {
    threads += 1;
  };
  process.on('worker', note);
  t.after(() => process.off('worker', note));
  const paths = standIn(t, source);
  const excludes = { patterns: ['*/3/*'] };
  const repository = await newRepository();
  const options = { ...defaults, paths, excludes, clock: later };
  const first = await backup(repository, options);
  threads = 0;
  const same = await backup(repository, options);
  assert.equal(threads, availableParallelism() > 1 ? 1 : 0, 'no file is read');
  assert.equal(same.tree, first.tree);
  assert.equal(same.filesUnmodified, first.filesNew);
  assert.equal(same.dirsUnmodified, first.dirsNew);
  rmSync('5', { recursive: true });
  rmSync('6/6/file 6');
  writeFileSync('7/7/new', 'new');
  renameSync('1/1', '1/one');
  const next = await backup(repository, options);
  assert.equal(next.tree, (await backup(repository, { ...options, force: true })).tree);
  assert.equal(next.filesChanged, 0);
});

/** Nothing where the file system keeps no attributes. */
function setAttribute(path: string): void {
  try {
    loadNative()?.setAttribute(path, 'user.test', Buffer.from('x'));
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error && error.code === 'ENOTSUP');
  }
}

test('a file whose blobs the index lacks is read again with a warning', async (t) => {
  const source = makeSource(t);
  const backend = memoryBackend();
  const repository = await newRepository(backend);
  const first = await backup(repository, { ...defaults, paths: [source] });
  const content = (await entriesAt(repository, first, source)).get('a.txt')?.content?.[0];
  assert.ok(content);
  const lossy = await reopen(repository);
  const index = new Proxy(lossy.index, {
    get: (target, key) => {
      if (key === 'has')
        return (type: 'data' | 'tree', id: typeof content) =>
          id !== content && target.has(type, id);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const warnings: string[] = [];
  const summary = await backup(
    { ...lossy, index },
    { ...defaults, paths: [source], onWarning: (warning) => warnings.push(warning) },
  );
  assert.equal(summary.filesChanged, 1);
  assert.equal(warnings.filter((warning) => warning.includes('a.txt')).length, 1);
});

test('excludes leave out what they name and keep the target itself', async (t) => {
  const source = makeSource(t);
  writeFileSync(join(source, 'sub', 'keep.tmp'), 'k');
  writeFileSync(join(source, 'drop.tmp'), 'd');
  mkdirSync(join(source, 'cache'));
  writeFileSync(
    join(source, 'cache', 'CACHEDIR.TAG'),
    'Signature: 8a477f597d28d172789f06886806bc55',
  );
  writeFileSync(join(source, 'cache', 'junk'), 'junk');
  const repository = await newRepository();
  const summary = await backup(repository, {
    ...defaults,
    paths: [source],
    excludes: { patterns: ['*.tmp', '!keep.tmp', 'src'], caches: true, largerThanBytes: 4_000_000 },
  });
  assert.deepEqual(await names(repository, summary, source), []);
  const other = await backup(repository, {
    ...defaults,
    paths: [source],
    excludes: { patterns: ['*.tmp', '!keep.tmp'], caches: true, largerThanBytes: 4_000_000 },
  });
  assert.deepEqual(await names(repository, other, source), [
    'a.txt',
    'cache',
    'link',
    'none',
    'sub',
  ]);
  assert.deepEqual(await names(repository, other, `${source}/cache`), ['CACHEDIR.TAG']);
  assert.deepEqual(await names(repository, other, `${source}/sub`), ['empty', 'keep.tmp', 'zeros']);
});

test('a missing target is reported and the rest is backed up', async (t) => {
  const source = makeSource(t);
  const errors: SealiftError[] = [];
  const repository = await newRepository();
  const summary = await backup(repository, {
    ...defaults,
    paths: [source, `${source}-none`],
    onError: (error) => errors.push(error),
  });
  assert.equal(summary.errors, 1);
  assert.deepEqual(
    errors.map((error) => error.code),
    ['source/missing'],
  );
  await assert.rejects(backup(repository, { ...defaults, paths: [`${source}-none`] }), {
    code: 'source/missing',
  });
});

test('a file that cannot be read is named, and the snapshot is made without it', {
  skip: process.platform === 'linux' ? false : 'needs /proc',
}, async (t) => {
  const source = makeSource(t);
  const errors: SealiftError[] = [];
  const repository = await newRepository();
  // Reading this file at its start gives EIO even to root.
  const unreadable = `/proc/${process.pid}/mem`;
  const summary = await backup(repository, {
    ...defaults,
    paths: [source, unreadable],
    onError: (error) => errors.push(error),
  });
  assert.ok(summary.snapshotId);
  assert.equal(summary.errors, 1);
  assert.equal(errors[0]?.code, 'source/unreadable');
  assert.equal(errors[0]?.fields['path'], unreadable);
  assert.deepEqual(await names(repository, summary, `/proc/${process.pid}`), []);
});

test('nothing selected makes no snapshot', async (t) => {
  const folder = makeFolder(t);
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(folder);
  const repository = await newRepository();
  await assert.rejects(backup(repository, { ...defaults, paths: ['.'] }), {
    code: 'snapshot/empty',
  });
  assert.deepEqual(await listed(repository.backend, 'snapshots'), []);
});

test('a dry run stores nothing and counts everything', async (t) => {
  const source = makeSource(t);
  const repository = await newRepository();
  const summary = await backup(repository, { ...defaults, paths: [source], dryRun: true });
  assert.equal(summary.snapshotId, undefined);
  assert.equal(summary.filesNew, 4);
  assert.ok(summary.dataAdded > 5_000_000);
  for (const type of ['snapshots', 'index', 'data'] as const) {
    assert.deepEqual(await listed(repository.backend, type), []);
  }
});

test('skip-if-unchanged makes a snapshot only when the tree differs', async (t) => {
  const source = makeSource(t);
  const repository = await newRepository();
  const options = { ...defaults, paths: standIn(t, source), skipIfUnchanged: true };
  assert.ok((await backup(repository, options)).snapshotId);
  assert.equal((await backup(repository, options)).snapshotId, undefined);
  utimesSync(join(source, 'none'), 1, 1);
  assert.ok((await backup(repository, options)).snapshotId);
});

test('a stream becomes one file, in the folders of its name', async () => {
  const repository = await newRepository();
  const content = randomBytes(3_000_000);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < content.length; at += 70_001) yield content.subarray(at, at + 70_001);
  }
  const options = { ...defaults, stdin: { name: 'dumps/db.sql', stream: pieces() } };
  const summary = await backup(repository, options);
  const node = (await entriesAt(repository, summary, 'dumps')).get('db.sql');
  assert.equal(node?.size, 3_000_000n);
  const blobs = await Promise.all(
    (node?.content ?? []).map((id) => loadBlob(repository, 'data', id)),
  );
  assert.ok(Buffer.concat(blobs).equals(content));
});

test('a stream that fails makes no snapshot', async () => {
  const repository = await newRepository();
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
    throw new Error('the command failed');
  }
  await assert.rejects(
    backup(repository, { ...defaults, stdin: { name: 'x', stream: failing() } }),
    /the command failed/,
  );
  assert.deepEqual(await listed(repository.backend, 'snapshots'), []);
});

test('a repository without its index gets it, and may be interrupted meanwhile', async (t) => {
  const source = makeSource(t);
  const { backend } = await newRepository();
  const options = { ...defaults, paths: [source] };
  const first = await backup(await openRepository(backend, password), options);
  writeFileSync(join(source, 'b.txt'), 'more');
  const second = await backup(await openRepository(backend, password), options);
  assert.equal(second.parentId, first.snapshotId);
  assert.equal(second.filesNew, 1);
  assert.equal(second.dataBlobs, 1, 'what the index has is not stored again');
  const controller = new AbortController();
  const onIndexProgress = (): void => controller.abort();
  const stopped = backup(
    await openRepository(backend, password),
    { ...options, onIndexProgress },
    controller.signal,
  );
  await assert.rejects(stopped, { code: 'interrupted' });
  assert.equal((await listed(backend, 'snapshots')).length, 2);
});

test('a stream that is silent does not hold up an interruption', async () => {
  const repository = await newRepository();
  const controller = new AbortController();
  async function* silent(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
    controller.abort();
    await new Promise(() => {});
  }
  const options = { ...defaults, stdin: { name: 'x', stream: silent() } };
  await assert.rejects(backup(repository, options, controller.signal), { code: 'interrupted' });
  assert.deepEqual(await listed(repository.backend, 'snapshots'), []);
});

test('an interrupted backup keeps its finished packs, and the next one uses them', async (t) => {
  const source = makeFolder(t);
  for (let number = 0; number < 12; number += 1) {
    writeFileSync(join(source, `file-${number}`), randomBytes(3_000_000));
  }
  const stop = new AbortController();
  const inner = memoryBackend();
  let packs = 0;
  const backend: Backend = Object.assign(Object.create(inner), {
    save: async (...args: Parameters<Backend['save']>) => {
      await inner.save(...args);
      if (args[0].type === 'data') packs += 1;
      if (packs === 3) stop.abort();
    },
  });
  const repository = await newRepository(backend);
  await assert.rejects(backup(repository, { ...defaults, paths: [source] }, stop.signal), {
    code: 'interrupted',
  });
  assert.deepEqual(await listed(backend, 'snapshots'), []);
  const next = await reopen(repository);
  const kept = next.index.size;
  assert.ok(kept > 0);
  const full = await backup(await newRepository(), { ...defaults, paths: [source] });
  const summary = await backup(next, { ...defaults, paths: [source] });
  assert.ok(summary.snapshotId);
  assert.equal(summary.dataBlobs + kept, full.dataBlobs);
});

test('a pack that cannot be stored fails the run, with the backend’s own error', async (t) => {
  const source = makeFolder(t);
  for (let number = 0; number < 12; number += 1) {
    writeFileSync(join(source, `file-${number}`), randomBytes(3_000_000));
  }
  const inner = memoryBackend();
  let packs = 0;
  const backend: Backend = Object.assign(Object.create(inner), {
    save: async (...args: Parameters<Backend['save']>) => {
      const isPack = args[0].type === 'data';
      if (isPack) packs += 1;
      if (isPack && packs > 2) {
        throw new SealiftError('backend/full', 'no space left');
      }
      await inner.save(...args);
    },
  });
  const repository = await newRepository(backend);
  await assert.rejects(backup(repository, { ...defaults, paths: [source] }), {
    code: 'backend/full',
  });
  assert.deepEqual(await listed(backend, 'snapshots'), []);
  assert.ok((await reopen(repository)).index.size > 0);
});

test('a lost lock stops all writing, the index included', async (t) => {
  const source = makeFolder(t);
  for (let number = 0; number < 12; number += 1) {
    writeFileSync(join(source, `file-${number}`), randomBytes(3_000_000));
  }
  const lost = new AbortController();
  const inner = memoryBackend();
  const backend: Backend = Object.assign(Object.create(inner), {
    save: async (...args: Parameters<Backend['save']>) => {
      await inner.save(...args);
      if (args[0].type === 'data') lost.abort(new SealiftError('lock/lost', 'gone'));
    },
  });
  const repository = await newRepository(backend);
  await assert.rejects(backup(repository, { ...defaults, paths: [source] }, lost.signal), {
    code: 'lock/lost',
  });
  assert.deepEqual(await listed(backend, 'index'), []);
});

test('progress ends with everything done, and the scan finds the same totals', async (t) => {
  const source = makeSource(t);
  const reports: {
    filesDone: number;
    bytesDone: number;
    totalFiles: number;
    isScanned: boolean;
  }[] = [];
  await backup(await newRepository(), {
    ...defaults,
    paths: [source],
    onProgress: (progress) => reports.push(progress),
  });
  const last = reports.at(-1);
  assert.equal(last?.filesDone, 4);
  assert.equal(last?.bytesDone, 8_000_005);
  assert.deepEqual([last?.isScanned, last?.totalFiles], [true, 4]);
});

function restic(repository: string, ...args: string[]): string {
  return execFileSync('restic', ['-r', repository, '--no-cache', ...args], {
    encoding: 'utf8',
    env: { ...process.env, RESTIC_PASSWORD: password.reveal() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('restic checks and restores a snapshot, and neither program stores the other’s blobs again', {
  skip: skipWithout('restic'),
}, async (t) => {
  const source = makeSource(t);
  writeFileSync(
    Buffer.concat([Buffer.from(`${source}/`), Buffer.from('n\xff"\\\x01', 'latin1')]),
    'x',
  );
  truncateSync(join(source, 'none'), 2_000_000);
  const folder = join(makeFolder(t), 'repo');
  restic(folder, 'init');
  const repository = await loadIndex(await openRepository(localBackend(folder), password));
  const ours = await backup(repository, { ...defaults, paths: [source] });
  restic(folder, 'check', '--read-data');
  const target = makeFolder(t);
  restic(folder, 'restore', 'latest', '--target', target);
  for (const name of ['a.txt', 'none', 'sub/big', 'sub/zeros']) {
    assert.ok(
      readFileSync(join(source, name)).equals(readFileSync(join(target, source, name))),
      name,
    );
  }
  const theirs = lastLine(restic(folder, 'backup', '--json', '--force', '--host', 'host', source));
  assert.equal(theirs['data_blobs'], 0);
  writeFileSync(join(source, 'more'), randomBytes(1_500_000));
  assert.equal(
    lastLine(restic(folder, 'backup', '--json', '--host', 'host', source))['files_unmodified'],
    5,
  );
  const again = await backup(await reopen(repository), { ...defaults, paths: [source] });
  assert.deepEqual([again.dataBlobs, again.filesUnmodified], [0, 6]);
  assert.notEqual(again.parentId, ours.snapshotId);
  restic(folder, 'check', '--read-data');
});

function lastLine(output: string): Record<string, unknown> {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '{}');
}
