import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseRegText, type RegOperation } from './reg-text.ts';
import { stringOf } from './registry-value.ts';

const head = 'Windows Registry Editor Version 5.00\n\n[HKLM\\X]\n';

function readValue(line: string): Extract<RegOperation, { kind: 'set-value' }> | undefined {
  const operations = parseRegText(head + line)?.operations ?? [];
  return operations.find((operation) => operation.kind === 'set-value');
}

describe('a value of a .reg file', () => {
  const million = 1_000_000;
  const rows: readonly (readonly [string, string, number])[] = [
    ['a text of 10 MB', `"a"="${'x'.repeat(10 * million)}"`, 1],
    ['a text of 10 MB without its closing quote', `"a"="${'x'.repeat(10 * million)}`, 0],
    ['a list of a million bytes', `"a"=hex:${'00,'.repeat(million)}00`, 1],
    ['a list over 100,000 lines', `"a"=hex:${'00,01,\\\n  '.repeat(100_000)}00`, 1],
    ['an unclosed quote above 100,000 lines', `"a"="x\n${'line\n'.repeat(100_000)}`, 0],
    ['a million blanks in a list', `"a"=hex:${' '.repeat(million)}zz`, 0],
    ['a million backslashes', `"a"="${'\\'.repeat(million)}`, 0],
  ];
  for (const [claim, line, count] of rows) {
    test(`${claim} is read to its end`, () => {
      const parsed = parseRegText(head + line);
      assert.ok(parsed);
      assert.equal(parsed.operations.length, 1 + count);
      assert.equal(parsed.problems.length, 1 - count);
    });
  }

  test('may be followed by a comment, and a quote inside is escaped', () => {
    const value = readValue('"a \\"b\\""="c;d \\\\ \\"e\\"" ; said "so"');
    assert.equal(value?.value.name, 'a "b"');
    assert.equal(value && stringOf(value.value), 'c;d \\ "e"');
    assert.deepEqual([...(readValue('@=hex:01,02 ; two')?.value.data ?? [])], [1, 2]);
  });

  test('a text runs over lines until its quote, also when a line ends in a backslash', () => {
    const value = readValue('"a"="one\ntwo\\\\\nthree"\n"b"=dword:00000001');
    assert.equal(value && stringOf(value.value), 'one\ntwo\\\nthree');
  });
});

test('any text is read without an exception, and no line is lost silently', () => {
  const piece = fc.constantFrom(
    '"',
    '\\',
    '=',
    'hex:',
    'dword:',
    '[',
    ']',
    '-',
    ';',
    '@',
    '0,',
    ' ',
    '\n',
    'a',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join('');
      const parsed = parseRegText(head + text);
      assert.ok(parsed);
      const meant = text.split('\n').filter((line) => !/^\s*(?:;|$)/.test(line));
      assert.ok(meant.length === 0 || parsed.operations.length + parsed.problems.length > 1);
    }),
    { numRuns: 2000 },
  );
});
