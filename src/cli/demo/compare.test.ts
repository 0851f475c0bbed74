import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Comparison, compareFolders } from './compare.ts';

const never = 2n ** 62n;

/** A folder and its copy as `cp -a` makes it. */
function makePair(context: TestContext): { source: string; copy: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-compare-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const source = join(folder, 'source');
  mkdirSync(join(source, 'inner'), { recursive: true });
  writeFileSync(join(source, 'inner', 'large'), Buffer.alloc(200_000, 'abc'));
  writeFileSync(join(source, 'small'), 'small');
  symlinkSync('small', join(source, 'link'));
  const copy = join(folder, 'copy');
  execFileSync('cp', ['-a', source, copy]);
  return { source, copy };
}

function compare(
  { source, copy }: { source: string; copy: string },
  changedSinceNs = never,
): Promise<Comparison> {
  const { signal } = new AbortController();
  return compareFolders(source, copy, { isExcluded: () => false, changedSinceNs, signal });
}

test('a faithful copy has no difference, and everything is counted', async (t) => {
  const result = await compare(makePair(t));
  assert.deepEqual(result, {
    files: 2,
    folders: 2,
    links: 1,
    otherEntries: 0,
    bytes: 200_005n,
    differences: [],
    changed: [],
  });
});

const damages: [string, RegExp, (copy: string) => void][] = [
  ['one byte', /inner\/large: differs/, (copy) => flipByte(join(copy, 'inner', 'large'))],
  ['a mode', /small: mode 100600 instead of/, (copy) => chmodSync(join(copy, 'small'), 0o600)],
  ['a time', /small: mtime/, (copy) => utimesSync(join(copy, 'small'), 1, 1)],
  ['a missing file', /small: was not restored/, (copy) => rmSync(join(copy, 'small'))],
  ['an added file', /more: is not in the source/, (copy) => writeFileSync(join(copy, 'more'), '')],
  ['a shorter file', /bytes instead of/, (copy) => writeFileSync(join(copy, 'small'), 's')],
  ['a link', /link: points to/, (copy) => relink(join(copy, 'link'))],
];
for (const [what, wanted, damage] of damages) {
  test(`${what} that differs is found`, async (t) => {
    const pair = makePair(t);
    damage(pair.copy);
    const { differences } = await compare(pair);
    assert.match(differences.join('\n'), wanted);
  });
}

test('what was changed since the backup is set apart, not taken for a difference', async (t) => {
  const pair = makePair(t);
  flipByte(join(pair.copy, 'inner', 'large'));
  const { differences, changed } = await compare(pair, 0n);
  assert.deepEqual(differences, []);
  assert.ok(changed.includes('inner/large'));
});

function flipByte(path: string): void {
  const bytes = Buffer.alloc(200_000, 'abc');
  bytes[150_000] = 0;
  writeFileSync(path, bytes);
}

function relink(path: string): void {
  rmSync(path);
  symlinkSync('elsewhere', path);
}
