/** The data sets are the same for the same seed, and what is compared is really compared. */

import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { changeSet, filesBelow, makeSet } from './data-sets.ts';
import { parseOptions } from './options.ts';
import { findProgram } from './programs.ts';
import { assertSameTree } from './same-tree.ts';

const options = { scale: 0.001, tree: join(import.meta.dirname, '../../src/base') };

function contentOf(folder: string): string[] {
  return filesBelow(folder).map(
    (file) => `${relative(folder, file)} ${hash('sha256', readFileSync(file))}`,
  );
}

for (const set of ['random', 'small', 'image', 'tree'] as const) {
  test(`${set} is the same twice, and so is its change`, (t) => {
    const folder = tempFolder(t);
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    makeSet(set, one, options);
    makeSet(set, two, options);
    const before = contentOf(one);
    assert.ok(before.length > 0);
    assert.deepEqual(contentOf(two), before);
    changeSet(set, one, 1);
    changeSet(set, two, 1);
    assert.deepEqual(contentOf(one), contentOf(two));
    assert.notDeepEqual(contentOf(one), before);
  });
}

test('of many files 1 % change', (t) => {
  const folder = tempFolder(t);
  makeSet('small', folder, { ...options, scale: 0.005 });
  const before = contentOf(folder);
  changeSet('small', folder, 1);
  const after = contentOf(folder);
  const changed = before.filter((line, at) => line !== after[at]).length;
  // The same file may be drawn twice.
  assert.ok(changed >= 7 && changed <= 10, `${changed} of ${before.length}`);
});

test('no link is followed out of a data set, and none inside it', (t) => {
  const folder = tempFolder(t);
  const [inside, outside] = [join(folder, 'inside'), join(folder, 'outside')];
  mkdirSync(join(inside, 'real'), { recursive: true });
  mkdirSync(outside);
  for (const file of [join(inside, 'real', 'one'), join(outside, 'two')]) writeFileSync(file, '1');
  symlinkSync(outside, join(inside, 'out'));
  symlinkSync('.', join(inside, 'round'));
  symlinkSync('real', join(inside, 'again'));
  assert.deepEqual(filesBelow(inside), [join(inside, 'real', 'one')]);
});

test('a byte, a name, a link and a time that differ are found', (t) => {
  const folder = tempFolder(t);
  const [original, restored] = [join(folder, 'original'), join(folder, 'restored')];
  makeSet('small', original, { ...options, scale: 0.0001 });
  symlinkSync('elsewhere', join(original, 'link'));
  const copy = (): string => {
    rmSync(restored, { recursive: true, force: true });
    const options = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true };
    cpSync(original, restored, options);
    return restored;
  };
  const same = (metadata = false) => assertSameTree(original, restored, { metadata });
  copy();
  same();
  const [file = ''] = filesBelow(copy());
  const bytes = readFileSync(file);
  bytes[4000] = (bytes[4000] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  assert.throws(() => same(), /differs in its content/);
  rmSync(filesBelow(copy())[0] ?? '');
  assert.throws(() => same(), /was not restored/);
  writeFileSync(join(copy(), 'more'), '');
  assert.throws(() => same(), /is not in the original/);
  rmSync(join(copy(), 'link'));
  symlinkSync('nowhere', join(restored, 'link'));
  assert.throws(() => same(), /points elsewhere/);
  utimesSync(filesBelow(copy())[0] ?? '', 1, 1);
  same();
  assert.throws(() => same(true), /modification time/);
});

test('options that make no sense are refused', () => {
  const parse = (...args: string[]) => parseOptions(args, {});
  assert.deepEqual(parse('--jobs', 'restore').jobs, ['first', 'restore']);
  assert.equal(parse('--no-https').https, false);
  assert.throws(() => parse('--rounds', '1.5'), /--rounds takes a whole number/);
  assert.throws(() => parse('--scale', '0'), /--scale takes a number/);
  assert.throws(() => parse('--sets', 'random,large'), /'large' is none of/);
  assert.throws(() => parse('--turbo'), /turbo/);
});

test('a program that is not installed is undefined, one that nobody knows is refused', () => {
  const path = process.env['PATH'];
  try {
    process.env['PATH'] = '/nonexistent';
    assert.equal(findProgram('borg'), undefined);
  } finally {
    process.env['PATH'] = path;
  }
  assert.throws(() => findProgram('tar'), /'tar' is not a program/);
});
