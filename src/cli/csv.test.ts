import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCsv } from './csv.ts';

test('a cell that a spreadsheet would compute becomes text', () => {
  const rows = [['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '＝1', 'a=1', '1-1']];
  assert.equal(
    encodeCsv({ headings: ['a'], rows }),
    "a\r\n'=1+1,'+1,'-1,'@SUM(A1),\"'\t=1\",'＝1,a=1,1-1\r\n",
  );
});

test('separators, quotes and line ends stay inside their cell', () => {
  const rows = [['a,b', 'say "x"', 'one\r\ntwo', '']];
  assert.equal(encodeCsv({ headings: ['h'], rows }), 'h\r\n"a,b","say ""x""","one\r\ntwo",\r\n');
});
