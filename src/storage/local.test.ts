import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backendConformance, collect, makeFile } from '../../test/support/backend-conformance.ts';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { isSealiftError, SealiftError } from '../base/errors.ts';
import { localBackend, translateSystemError } from './local.ts';

const onWindows = process.platform === 'win32';
const isRoot = process.getuid?.() === 0;
/** The account nobody, by its usual number. */
const nobody = 65_534;

backendConformance('local', async (t) => localBackend(join(tempFolder(t), 'new', 'repo')));

test('the layout has five folders, 256 folders for packs, and only the owner may enter', async (t) => {
  const root = join(tempFolder(t), 'repo');
  await localBackend(root).create();
  assert.deepEqual(readdirSync(root).sort(), ['data', 'index', 'keys', 'locks', 'snapshots']);
  assert.equal(readdirSync(join(root, 'data')).length, 256);
  if (!onWindows) {
    assert.equal(statSync(root).mode & 0o777, 0o700);
    assert.equal(statSync(join(root, 'data', '7f')).mode & 0o777, 0o700);
  }
});

test('listings are promised to be current on a file system that is known to be local only', async (t) => {
  const root = tempFolder(t);
  const backend = localBackend(root);
  assert.equal(await backend.listsAllSaved?.(), false, 'nothing is known of a missing folder');
  await backend.create();
  const local =
    process.platform === 'linux' && /^(ext2.ext3|xfs|btrfs|tmpfs|overlayfs)/.test(typeOf(root));
  if (local) assert.equal(await backend.listsAllSaved?.(), true);
  if (process.platform === 'linux') {
    assert.equal(await localBackend('/proc/self').listsAllSaved?.(), false);
  }
});

/** As coreutils names the file system. */
function typeOf(path: string): string {
  return spawnSync('stat', ['-f', '-c', '%T', path], { encoding: 'utf8' }).stdout;
}

test('a stored file is read-only and stands in the folder of its first two digits', async (t) => {
  const root = tempFolder(t);
  const backend = localBackend(root);
  await backend.create();
  const { file, bytes } = makeFile('data');
  await backend.save(file, [bytes]);
  const found = statSync(join(root, 'data', file.name.slice(0, 2), file.name));
  assert.equal(found.size, bytes.byteLength);
  if (!onWindows) assert.equal(found.mode & 0o777, 0o400);
});

test('a missing folder below the root is made on demand', async (t) => {
  const root = tempFolder(t);
  const backend = localBackend(root);
  for (const type of ['data', 'locks'] as const) {
    const { file, bytes } = makeFile(type);
    await backend.save(file, [bytes]);
    assert.equal((await backend.stat(file)).size, bytes.byteLength);
  }
});

test('a missing root is not made by a save, because a drive may not be mounted', async (t) => {
  const root = join(tempFolder(t), 'mount', 'repo');
  const { file, bytes } = makeFile('data');
  await assert.rejects(
    () => localBackend(root).save(file, [bytes]),
    (error) => isSealiftError(error, 'backend/not-found'),
  );
  assert.throws(() => statSync(root));
});

test('a list leaves out temporary files, foreign names and folders', async (t) => {
  const root = tempFolder(t);
  const backend = localBackend(root);
  await backend.create();
  const { file, bytes } = makeFile('data');
  await backend.save(file, [bytes]);
  const folder = join(root, 'data', file.name.slice(0, 2));
  writeFileSync(join(folder, `${file.name}-tmp-0123`), 'half');
  writeFileSync(join(folder, '.DS_Store'), '');
  writeFileSync(join(folder, file.name.toUpperCase()), '');
  mkdirSync(
    join(
      folder,
      file.name.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    ),
  );
  writeFileSync(join(root, 'data', 'readme'), '');
  // In a folder where a load would not look for it.
  const elsewhere = file.name.startsWith('00') ? '01' : '00';
  writeFileSync(join(root, 'data', elsewhere, file.name), '');
  assert.deepEqual(await collect(backend.list('data')), [
    { name: file.name, size: bytes.byteLength },
  ]);
});

test('a save that fails leaves no file behind', async (t) => {
  const root = tempFolder(t);
  const backend = localBackend(root);
  await backend.create();
  const { file } = makeFile('index');
  const abort = new AbortController();
  const parts = [randomBytes(1000), randomBytes(1000)];
  // The second part aborts the save when its turn comes.
  const trap = new Proxy(parts, {
    get(target, key, receiver) {
      if (key === '1') abort.abort(new Error('in the middle'));
      return Reflect.get(target, key, receiver);
    },
  });
  await assert.rejects(() => backend.save(file, trap, abort.signal), /in the middle/);
  assert.deepEqual(readdirSync(join(root, 'index')), []);
});

test('a folder in the place of a file is an error, not a hang, and leaves no temporary file', async (t) => {
  const root = tempFolder(t);
  const backend = localBackend(root);
  await backend.create();
  const { file, bytes } = makeFile('keys');
  mkdirSync(join(root, 'keys', file.name));
  await assert.rejects(
    () => backend.save(file, [bytes]),
    (error) => error instanceof SealiftError,
  );
  assert.deepEqual(readdirSync(join(root, 'keys')), [file.name]);
});

test('a folder without permission is forbidden, with a hint', {
  skip: onWindows && 'Windows has no such modes',
}, async (t) => {
  const root = tempFolder(t);
  if (isRoot) {
    // root may write anywhere, so the test acts as an account that may not.
    chownSync(root, nobody, nobody);
    process.seteuid?.(nobody);
    t.after(() => process.seteuid?.(0));
  }
  const backend = localBackend(root);
  await backend.create();
  chmodSync(join(root, 'keys'), 0o500);
  const { file, bytes } = makeFile('keys');
  await assert.rejects(
    () => backend.save(file, [bytes]),
    (error) => isSealiftError(error, 'backend/forbidden') && error.hint !== undefined,
  );
});

test('two machines that create a repository at once end up with one config', async (t) => {
  const root = tempFolder(t);
  const configs = Array.from({ length: 5 }, () => makeFile('config'));
  const results = await Promise.allSettled(
    configs.map(({ file, bytes }) => localBackend(root).save(file, [bytes])),
  );
  const winners = results.filter((result) => result.status === 'fulfilled');
  assert.equal(winners.length, 1);
  const winner = configs[results.findIndex((result) => result.status === 'fulfilled')];
  const stored = await localBackend(root).load({ type: 'config', name: '' });
  assert.ok(Buffer.from(stored).equals(winner?.bytes ?? Buffer.alloc(0)));
  assert.deepEqual(readdirSync(root), ['config']);
});

test('a removed file in a removed folder is no error', async (t) => {
  const root = tempFolder(t);
  const { file } = makeFile('data');
  rmSync(root, { recursive: true });
  await localBackend(root).remove(file);
});

/** A file system of 64 KiB needs a mount, and that a namespace of one's own (Linux). */
function canMount(): boolean {
  return (
    process.platform === 'linux' &&
    spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0
  );
}

test('a full disk is told as full, and the broken file is gone', { skip: !canMount() }, (t) => {
  const script = `
    const [folder, module] = process.argv.slice(1);
    const { localBackend } = await import(module);
    const { readdirSync } = await import('node:fs');
    const save = (name, size) => localBackend(folder)
      .save({ type: 'index', name: name.repeat(64) }, [new Uint8Array(size)])
      .then(() => 'saved', (error) => error.code);
    const outcomes = [await save('a', 1000), await save('b', 200000), await save('c', 1000)];
    console.log(JSON.stringify([outcomes, readdirSync(folder + '/index').length]));`;
  const module = new URL('./local.ts', import.meta.url).href;
  const { stdout, stderr } = spawnSync('unshare', [
    '-rm',
    'sh',
    '-c',
    'mount -t tmpfs -o size=64k tmpfs "$1" && exec "$0" --input-type=module -e "$3" "$1" "$2"',
    process.execPath,
    tempFolder(t),
    module,
    script,
  ]);
  assert.deepEqual(
    JSON.parse(stdout.toString() || '"nothing"'),
    [['saved', 'backend/full', 'saved'], 2],
    stderr.toString(),
  );
});

for (const [code, expected, retryable] of [
  ['ENOSPC', 'backend/full', false],
  ['EDQUOT', 'backend/full', false],
  ['EACCES', 'backend/forbidden', false],
  ['EROFS', 'backend/forbidden', false],
  ['ENOENT', 'backend/not-found', false],
  ['EIO', 'backend/io', false],
  ['EMFILE', 'backend/io', true],
] as const) {
  test(`${code} becomes ${expected}${retryable ? ', which may be retried' : ''}`, () => {
    const cause = Object.assign(new Error(`${code}: it happened`), { code });
    const error = translateSystemError(cause, '/repo', makeFile('data').file);
    assert.ok(isSealiftError(error, expected));
    assert.equal(error.retryable, retryable);
    assert.equal(error.cause, cause);
  });
}
