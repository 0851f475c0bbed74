import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable } from '../base/printable.ts';
import { displayWidth, Output, toJson } from './output.ts';
import { renderTable } from './table.ts';
import { sayIn } from './texts/texts.ts';

function capture({ json = false, quiet = false, verbosity = 0, terminal = false, columns = 80 }) {
  const written = { stdout: '', stderr: '' };
  const streams = {
    stdout: { write: (text: string | Uint8Array) => (written.stdout += text), isTTY: terminal },
    stderr: {
      write: (text: string | Uint8Array) => (written.stderr += text),
      isTTY: terminal,
      columns,
    },
  };
  return { out: new Output({ json, quiet, verbosity }, sayIn('en'), streams), written };
}

test('with --json nothing but JSON reaches standard output', () => {
  const { out, written } = capture({ json: true });
  out.info('made');
  out.detail('more');
  out.warn('careful');
  out.json({ a: 1n });
  assert.equal(written.stdout, '{"a":1}\n');
  assert.deepEqual(JSON.parse(written.stderr), { message_type: 'warning', message: 'careful' });
});

test('quiet leaves results and warnings', () => {
  const { out, written } = capture({ quiet: true, terminal: true });
  out.info('made');
  out.status(['50%']);
  out.result('answer');
  out.warn('careful');
  assert.deepEqual(written, { stdout: 'answer\n', stderr: 'warning: careful\n' });
});

test('progress is drawn on a terminal only, and taken away before a line is printed', () => {
  const piped = capture({});
  piped.out.status(['50%']);
  assert.equal(piped.written.stderr, '');
  const { out, written } = capture({ terminal: true });
  out.status(['50%', 'file']);
  out.status(['60%']);
  out.info('made');
  assert.equal(written.stderr, '50%\nfile\n\u001b[2A\r\u001b[J60%\n\u001b[1A\r\u001b[J');
});

test('a line of progress never wraps, wide characters included', () => {
  const { out, written } = capture({ terminal: true, columns: 21 });
  out.status(['漢'.repeat(30), 'x'.repeat(30)]);
  for (const line of written.stderr.trimEnd().split('\n')) assert.ok(displayWidth(line) <= 20);
});

test('names show no control characters, direction marks or stray bytes', () => {
  assert.equal(printable('a\u001b[31m\u202eb\udc80'), 'a\\x1b[31m\\x202eb\ufffd');
});

test('64-bit numbers become JSON numbers where these are exact', () => {
  assert.equal(
    toJson({ small: 5n, large: 2n ** 63n }),
    '{"small":5,"large":"9223372036854775808"}',
  );
});

test('columns of a table line up under wide characters', () => {
  const text = renderTable({
    headings: ['主机', 'B'],
    rows: [
      ['abcdef', 'x'],
      ['é', 'y'],
    ],
  });
  assert.equal(text, '主机    B\n---------\nabcdef  x\né       y\n---------');
});
