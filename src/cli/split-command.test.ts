import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSealiftError } from '../base/errors.ts';
import { splitCommand } from './split-command.ts';

test('a command is split at blanks, except inside quotes', () => {
  assert.deepEqual(splitCommand(`pass show "my backup" 'a "b"' plain`), [
    'pass',
    'show',
    'my backup',
    'a "b"',
    'plain',
  ]);
});

test('a backslash keeps a quote or a blank, and is itself elsewhere', () => {
  assert.deepEqual(splitCommand("a\\ b \\\"c C:\\x 'd\\e'"), ['a b', '"c', 'C:\\x', 'd\\e']);
});

test('an empty pair of quotes is a word', () => {
  assert.deepEqual(splitCommand(`a '' ""`), ['a', '', '']);
});

test('a quote without its end is refused', () => {
  assert.throws(
    () => splitCommand('a "b'),
    (error) => isSealiftError(error, 'usage/invalid'),
  );
});
