import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSealiftError } from '../base/errors.ts';
import { cleanPath, compilePatterns } from './filter.ts';

/** From restic's own table (internal/filter/filter_test.go). */
const cases: readonly (readonly [pattern: string, path: string, matched: boolean])[] = [
  ['*', '/', false],
  ['*', '/foo', true],
  ['*.go', '/foo/bar/test.go', true],
  ['*.c', '/foo/bar/test.go', false],
  ['*', '/foo/bar/test.go', true],
  ['**', '/foo/bar/test.go', true],
  ['foo*', '/foo/bar/test.go', true],
  ['bar*', '/foo/bar/test.go', true],
  ['/bar*', '/foo/bar/test.go', false],
  ['bar/*', '/foo/bar/test.go', true],
  ['baz/*', '/foo/bar/test.go', false],
  ['bar/test.go', '/foo/bar/test.go', true],
  ['bar/*.go', '/foo/bar/test.go', true],
  ['ba*/*.go', '/foo/bar/test.go', true],
  ['bb*/*.go', '/foo/bar/test.go', false],
  ['test.*', '/foo/bar/test.go', true],
  ['tesT.*', '/foo/bar/test.go', false],
  ['bar/*', '/foo/bar/baz', true],
  ['bar', '/foo/bar', true],
  ['/foo/bar', '/foo/bar', true],
  ['/foo/bar/', '/foo/bar', true],
  ['/foo/bar', '/foo/baz', false],
  ['/foo/bar', '/foo/bar/baz', true],
  ['/foo/*/test.*', '/foo/bar/test.go', true],
  ['/foo/*/bar/test.*', '/foo/bar/test.go', false],
  ['/*/*/bar/test.*', '/foo/bar/test.go', false],
  ['/*/*/bar/test.*', '/foo/bar/bar/test.go', true],
  ['/*/*/bar/test.*', '/foo/bar/baz/test.go', false],
  ['/**/*', '/foo/bar/test.go', true],
  ['/foo/**/test.*', '/foo/bar/baz/test.go', true],
  ['/foo/**', '/foo/bar/baz', true],
  ['/foo/**/baz', '/foo/baz', true],
  ['foo/**/bar/**/x', '/y/foo/a/b/bar/x', true],
  ['foo/**/bar/**/x', '/y/foo/a/b/baz/x', false],
  ['user/**/important*', '/home/user/work/shared/important file', true],
  ['[a-c]x', '/bx', true],
  ['[^a-c]x', '/bx', false],
  ['a\\*b', '/a*b', true],
  ['a\\*b', '/axb', false],
  ['?', '/é', true],
  ['a.c', '/abc', false],
];

test('a pattern matches what it matches in restic', () => {
  for (const [pattern, path, expected] of cases) {
    assert.equal(compilePatterns([pattern])(path).matched, expected, `${pattern} on ${path}`);
  }
});

test('a name that is not UTF-8 is matched by wildcards', () => {
  assert.ok(compilePatterns(['n??ame'])('/a/n\udcff\udcfeame').matched);
});

test('a later pattern with ! takes back what an earlier one matched', () => {
  const match = compilePatterns(['*.txt', '!keep.txt', '/tmp']);
  assert.equal(match('/a/other.txt').matched, true);
  assert.equal(match('/a/keep.txt').matched, false);
  assert.equal(match('/tmp/keep.txt').matched, true);
});

test('a rooted pattern says where something below may match', () => {
  const match = compilePatterns(['/home/*/mail', '/srv/**/x']);
  assert.equal(match('/home').childMayMatch, true);
  assert.equal(match('/home/user').childMayMatch, true);
  assert.equal(match('/home/user/music').childMayMatch, false);
  assert.equal(match('/srv/a/b').childMayMatch, true);
  assert.equal(match('/var').childMayMatch, false);
  assert.equal(compilePatterns(['relative'])('/any/where').childMayMatch, true);
});

test('case is ignored only on request', () => {
  assert.equal(compilePatterns(['*.JPG'])('/a/b.jpg').matched, false);
  assert.equal(compilePatterns(['*.JPG'], { caseInsensitive: true })('/a/B.jpg').matched, true);
});

test('a malformed pattern is refused, with the pattern in the error', () => {
  for (const pattern of ['', '!', '[a', 'a\\', '[]', '[-a]']) {
    assert.throws(
      () => compilePatterns([pattern]),
      (error) => isSealiftError(error, 'usage/invalid'),
      pattern,
    );
  }
});

test('no patterns match nothing', () => {
  assert.deepEqual(compilePatterns([])('/a'), { matched: false, childMayMatch: false });
});

test('a path is cleaned as Go cleans it', () => {
  const cleaned = ['/a//b/', 'a/./b', 'a/../b', '../a', '/../a', '.', '/'].map(cleanPath);
  assert.deepEqual(cleaned, ['/a/b', 'a/b', 'b', '../a', '/a', '.', '/']);
});
