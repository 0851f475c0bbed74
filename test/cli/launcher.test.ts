/** The launcher finds a Node that can run Sealift, or says which one it needs. */

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mallocSettings, nodeFlags, run } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const skip = process.platform === 'win32' ? 'the launcher for Windows is sealift.cmd' : false;

/** A checkout without its Node, and a PATH whose `node` is a script that claims a version. */
function makeCheckout(context: TestContext, version: string): { launcher: string; path: string } {
  const folder = tempFolder(context);
  const launcher = join(folder, 'checkout', 'sealift');
  mkdirSync(join(folder, 'checkout', 'src', 'cli'), { recursive: true });
  cpSync(join(root, 'sealift'), launcher);
  writeFileSync(join(folder, 'checkout', 'src', 'cli', 'main.mjs'), 'console.log("started");\n');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'node'), fakeNode(version), { mode: 0o755 });
  return { launcher, path: `${bin}:/usr/bin:/bin` };
}

/** Answers `--version`, runs what `-e` asks under another `process.versions.node`, else says its arguments. */
function fakeNode(version: string): string {
  return `#!/bin/sh
case $1 in
  --version) echo v${version} ;;
  -e) exec '${process.execPath}' -e "Object.defineProperty(process, 'versions', { value: { node: '${version}' } }); $2" ;;
  *) echo "node ${version} runs $*" ;;
esac
`;
}

test('with a Node that is too old, it says what is needed and exits 1', { skip }, async (t) => {
  const { launcher, path } = makeCheckout(t, '20.20.2');
  const { code, stdout, stderr } = await run(launcher, ['version'], { env: { PATH: path } });
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^error: Sealift needs Node\.js 22\.18 or newer; found v20\.20\.2\.$/m);
  assert.match(stderr, /^hint: run 'npm ci'/m);
});

test('one release too old is too old', { skip }, async (t) => {
  const { launcher, path } = makeCheckout(t, '22.17.1');
  assert.equal((await run(launcher, [], { env: { PATH: path } })).code, 1);
});

test('a Node of the machine that is new enough is used', { skip }, async (t) => {
  const { launcher, path } = makeCheckout(t, '22.18.0');
  const { code, stdout } = await run(launcher, ['version', '--json'], { env: { PATH: path } });
  assert.equal(code, 0);
  assert.match(stdout, /^node 22\.18\.0 runs .*src\/cli\/main\.mjs version --json$/m);
});

test('without any Node it says so', { skip }, async (t) => {
  const folder = tempFolder(t);
  const { launcher } = makeCheckout(t, '20.0.0');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const tool of ['sh', 'dirname', 'readlink'])
    symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
  const { code, stderr } = await run('/bin/sh', [launcher], { env: { PATH: bin } });
  assert.equal(code, 1);
  assert.match(stderr, /found none\./);
});

test('through a symbolic link it finds its checkout', { skip }, async (t) => {
  const link = join(tempFolder(t), 'sealift');
  symlinkSync(join(root, 'sealift'), link);
  const { code, stdout } = await run(link, ['version']);
  assert.equal(code, 0);
  assert.match(stdout, /^sealift /);
});

test('the launcher for Windows asks for the same version', () => {
  assert.match(readFileSync(join(root, 'sealift.cmd'), 'utf8'), /22\.18/);
});

test('all ways to start Sealift give Node the flags that tests and benchmarks give it', () => {
  const start = ['sealift', 'sealift.cmd', 'package.json'].map((name) => ({
    name,
    text: readFileSync(join(root, name), 'utf8'),
  }));
  for (const { name, text } of start) {
    assert.ok(text.includes(nodeFlags.join(' ')), `${name} has other flags`);
  }
});

test('the launcher tells glibc what benchmarks tell it, unless the user has said something else', {
  skip,
}, async (t) => {
  const { launcher } = makeCheckout(t, '26.0.0');
  const bin = join(dirname(launcher), 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'node'), '#!/bin/sh\nenv\n', { mode: 0o755 });
  const settingsOf = async (env: Readonly<Record<string, string>>): Promise<string[]> => {
    const { stdout } = await run(launcher, [], { env: { PATH: '/usr/bin:/bin', ...env } });
    return stdout.split('\n').filter((line) => line.startsWith('MALLOC_'));
  };
  const usual = Object.entries(mallocSettings).map(([name, value]) => `${name}=${value}`);
  assert.deepEqual((await settingsOf({})).toSorted(), usual);
  const own = { MALLOC_MMAP_THRESHOLD_: '4096', MALLOC_TRIM_THRESHOLD_: '' };
  assert.deepEqual((await settingsOf(own)).toSorted(), [
    'MALLOC_MMAP_THRESHOLD_=4096',
    'MALLOC_TRIM_THRESHOLD_=',
  ]);
});
