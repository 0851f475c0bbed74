import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { compileExcludes } from './exclude.ts';
import { type Listing, listFolder } from './listing.ts';
import { LookAhead, type LookAheadOptions, maxAhead } from './look-ahead.ts';
import { StatRows } from './stat-rows.ts';
import { compareInWalk } from './walk.ts';

function makeTree(t: TestContext, files: readonly string[]): string {
  const root = tempFolder(t);
  for (const file of files) {
    const path = join(root, file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '');
  }
  return root;
}

function lookAt(
  t: TestContext,
  targets: readonly string[],
  options: Partial<LookAheadOptions> = {},
): LookAhead {
  const ahead = new LookAhead({ targets, excludes: {}, oneFileSystem: false, ...options });
  t.after(() => ahead.close());
  return ahead;
}

/** All but the access times, which listing changes. */
function told(listing: Listing | undefined): unknown {
  assert.ok(listing);
  const { folder, names, first } = listing;
  const rows = new StatRows(first.numbers);
  const entries = names.map((name, row) => [name, rows.type(row), rows.whole(row, 'ino')]);
  return { folder, entries, end: first.end, failures: first.failures };
}

test('folders come in the order of the walk, as the walk itself would list them', async (t) => {
  // `a-b` sorts between `a` and `a/…` as text, and after all of `a` in the walk.
  const root = makeTree(t, ['a/x/1', 'a/y/2', 'a-b/3', 'b/4', 'c']);
  symlinkSync(join(root, 'a'), join(root, 'link'));
  const ahead = lookAt(t, [join(root, 'c'), root]);
  ahead.enterTarget();
  ahead.enterTarget();
  for (const folder of ['', 'a', 'a/x', 'a/y', 'a-b', 'b']) {
    const path = join(root, folder);
    assert.deepEqual(told(await ahead.take(path)), told(listFolder(path, compileExcludes({}))));
  }
  assert.equal(await ahead.take(join(root, 'link')), undefined);
});

test('a folder that the walk skips is passed over, one that the thread has not listed is not waited for', async (t) => {
  const root = makeTree(t, ['a/1', 'b/2', 'c/3']);
  const ahead = lookAt(t, [root]);
  ahead.enterTarget();
  assert.ok(await ahead.take(root));
  assert.ok(await ahead.take(join(root, 'b')));
  assert.equal(await ahead.take(join(root, 'ba')), undefined);
  assert.ok(await ahead.take(join(root, 'c')));
  assert.equal(await ahead.take(join(root, 'd')), undefined);
});

test('what is excluded or gone is left to the walk', async (t) => {
  const root = makeTree(t, ['a/1', 'b/2']);
  const excludes = { patterns: [join(root, 'a')] };
  const ahead = lookAt(t, [join(root, 'gone'), root], { excludes });
  ahead.enterTarget();
  assert.equal(await ahead.take(join(root, 'gone')), undefined);
  ahead.enterTarget();
  assert.deepEqual(told(await ahead.take(root)), told(listFolder(root, compileExcludes(excludes))));
  assert.equal(await ahead.take(join(root, 'a')), undefined);
  assert.ok(await ahead.take(join(root, 'b')));
});

test('the thread waits for a walk that lags behind, and ends when the walk does', async (t) => {
  const root = tempFolder(t);
  for (const folder of ['a', 'b']) {
    mkdirSync(join(root, folder));
    for (let file = 0; file < maxAhead; file += 1) writeFileSync(join(root, folder, `${file}`), '');
  }
  mkdirSync(join(root, 'c'));
  const ahead = lookAt(t, [root]);
  ahead.enterTarget();
  assert.ok(await ahead.take(root));
  // Long enough for a thread that does not wait to list the next folder too.
  await setTimeout(500);
  rmSync(join(root, 'b'), { recursive: true });
  assert.equal((await ahead.take(join(root, 'a')))?.names.length, maxAhead);
  assert.equal((await ahead.take(join(root, 'b')))?.names.length, undefined);
  await ahead.close();
  assert.equal(await ahead.take(join(root, 'c')), undefined);
});

test('the walk comes to a folder after the one around it and before the next', () => {
  const paths = ['t', 't/a', 't/a/b', 't/a/é', 't/a-b', 't/b'];
  assert.deepEqual(paths.toReversed().toSorted(compareInWalk), paths);
});
