import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithout } from '../../test/support/peers.ts';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { tinyFile, tinyFolder, tinyRepository } from '../../test/support/tiny-repository.ts';
import { isSealiftError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { localBackend } from '../storage/local.ts';
import { cat } from './cat.ts';
import { listNodes, nodeToJson } from './ls.ts';
import { loadIndex, openRepository } from './open.ts';
import { findSnapshot } from './snapshots.ts';

async function listed(options: { paths?: string[]; recursive?: boolean }): Promise<string[]> {
  const repository = await tinyRepository();
  const id = repository.addBlob('data', 'x');
  const inner = repository.addTree([tinyFile('x', id, 1)]);
  const folder = repository.addTree([tinyFolder('inner', inner), tinyFile('y', id, 1)]);
  const tree = repository.addTree([tinyFile('a', id, 1), tinyFolder('folder', folder)]);
  await repository.savePack();
  const paths: string[] = [];
  for await (const { path } of listNodes(await repository.load(), { tree, ...options })) {
    paths.push(path);
  }
  return paths;
}

test('everything is listed, folders before their content', async () => {
  const all = ['/a', '/folder', '/folder/inner', '/folder/inner/x', '/folder/y'];
  assert.deepEqual(await listed({}), all);
  assert.deepEqual(await listed({ paths: ['/'], recursive: true }), all);
});

test('a path lists the folder itself and what is in it, deeper only when asked', async () => {
  assert.deepEqual(await listed({ paths: ['/folder'] }), ['/folder', '/folder/inner', '/folder/y']);
  assert.deepEqual(await listed({ paths: ['/folder'], recursive: true }), [
    '/folder',
    '/folder/inner',
    '/folder/inner/x',
    '/folder/y',
  ]);
  assert.deepEqual(await listed({ paths: ['/a'] }), ['/a']);
  await assert.rejects(listed({ paths: ['/a/b'] }), (error) =>
    isSealiftError(error, 'snapshot/path-not-found'),
  );
});

test('ls --json and cat say what restic says', { skip: skipWithout('restic') }, async (context) => {
  const folder = tempFolder(context);
  const source = join(folder, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'content');
  writeFileSync(join(source, 'empty'), '');
  chmodSync(join(source, 'file'), 0o4751);
  symlinkSync('file', join(source, 'link'));
  execFileSync('mkfifo', [join(source, 'fifo')]);
  const location = join(folder, 'repository');
  const restic = (...args: string[]): string =>
    execFileSync('restic', ['-q', '-r', location, '--no-cache', ...args], {
      cwd: folder,
      env: { ...process.env, RESTIC_PASSWORD: 'p' },
      encoding: 'utf8',
    });
  restic('init');
  restic('backup', 'source');
  const repo = await loadIndex(await openRepository(localBackend(location), new Secret('p')));
  const { id, snapshot } = await findSnapshot(repo, 'latest');
  const expected = restic('ls', '--json', 'latest').trim().split('\n').slice(1);
  const found: unknown[] = [];
  for await (const node of listNodes(repo, { tree: snapshot.tree })) found.push(nodeToJson(node));
  for (const [at, line] of expected.entries()) {
    // Newer releases have more fields than 0.14; what it prints must be there with its values.
    const { size, ...fields } = JSON.parse(line);
    const ours = found[at];
    assert.ok(typeof ours === 'object' && ours !== null);
    assert.deepEqual({ ...ours, ...fields }, ours);
    if ('size' in ours) assert.equal(ours.size, size ?? 0);
  }
  assert.equal(found.length, expected.length);

  const text = async (...args: [Parameters<typeof cat>[1], string?]): Promise<unknown> =>
    JSON.parse(Buffer.from(await cat(repo, ...args)).toString());
  assert.deepEqual(await text('config'), JSON.parse(restic('cat', 'config')));
  assert.deepEqual(await text('masterkey'), JSON.parse(restic('cat', 'masterkey')));
  assert.deepEqual(await text('snapshot', id), JSON.parse(restic('cat', 'snapshot', id)));
  const [index = ''] = restic('list', 'index').trim().split('\n');
  assert.deepEqual(
    await text('index', index.slice(0, 10)),
    JSON.parse(restic('cat', 'index', index)),
  );
  assert.deepEqual(
    await text('blob', snapshot.tree),
    JSON.parse(restic('cat', 'blob', snapshot.tree)),
  );
  const [pack = ''] = restic('list', 'packs').trim().split('\n');
  assert.ok((await cat(repo, 'pack', pack)).length > 0);
  const [key = ''] = restic('list', 'keys').trim().split('\n');
  assert.ok(typeof (await text('key', key)) === 'object');
  assert.ok(typeof (await text('tree', 'latest:/source')) === 'object');
});
