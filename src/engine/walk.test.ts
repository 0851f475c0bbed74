import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { layOutTargets, pathForSystem, readNames, type TargetNode } from './walk.ts';

/** `name` for a leaf, `name(…)` for a folder above targets. */
function show(node: TargetNode): string {
  const parts = [...node.entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return parts
    .map(([name, entry]) => (entry.path === undefined ? `${name}(${show(entry)})` : name))
    .join(' ');
}

const skip = process.platform === 'win32' ? 'paths of Unix' : false;

test('targets are laid out by their components', { skip }, () => {
  assert.equal(show(layOutTargets(['/a/b', '/a/c/d', 'e/f'])), 'a(b c(d)) e(f)');
  assert.equal(show(layOutTargets(['../x/y', './z/'])), 'x(y) z');
});

test('equal names of different roots are told apart', { skip }, () => {
  assert.equal(show(layOutTargets(['/a/b', 'a/b', '../a'])), 'a(b) a-1(b) a-2');
});

test('a folder above targets has the metadata of the real folder', { skip }, () => {
  const top = layOutTargets(['../x/y/z', '/a/b/c']);
  assert.equal(top.entries.get('x')?.metadataPath, '../x');
  assert.equal(top.entries.get('x')?.entries.get('y')?.metadataPath, '../x/y');
  assert.equal(top.entries.get('a')?.metadataPath, '/a');
  assert.equal(top.entries.get('a')?.entries.get('b')?.metadataPath, '/a/b');
});

test('a bare dot stands for its entries, and a target below a target for the whole', {
  skip,
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-walk-'));
  const before = process.cwd();
  t.after(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'sub', 'one'), '');
  writeFileSync(join(folder, 'sub', 'two'), '');
  process.chdir(folder);
  assert.equal(show(layOutTargets(['.'])), 'sub');
  assert.equal(show(layOutTargets(['sub', 'sub/one'])), 'sub(one two)');
});

test('names come in the order of their bytes, UTF-8 or not', {
  skip: process.platform !== 'linux',
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-walk-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const names = ['\u{1F600}', '\ufb01', 'a', 'Z', 'é', 'n\udcff', '\ufffd'];
  for (const name of names) writeFileSync(pathForSystem(join(folder, name)), '');
  assert.deepEqual(readNames(folder), ['Z', 'a', 'n\udcff', 'é', '\ufb01', '\ufffd', '\u{1F600}']);
});
