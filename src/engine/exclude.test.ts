import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeByteString } from '../base/byte-string.ts';
import { isSealiftError } from '../base/errors.ts';
import {
  compileExcludes,
  parseExcludeFile,
  parseFilesFrom,
  parseFilesFromRaw,
  parseFilesFromVerbatim,
} from './exclude.ts';

const text = (content: string): Uint8Array => Buffer.from(content);

test('an exclude file skips comments and empty lines and fills in variables', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: exclude files spell variables this way.
  const bytes = text('# comment\n\n  *.tmp \n$HOME/cache\n${HOME}x\ncost$$5\n$NONE/a\n');
  assert.deepEqual(parseExcludeFile(bytes, { HOME: '/h' }), [
    '*.tmp',
    '/h/cache',
    '/hx',
    'cost$5',
    '/a',
  ]);
});

test('an exclude file may be UTF-16 or begin with a byte order mark', () => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('é\r\nb\r\n', 'utf16le')]);
  assert.deepEqual(parseExcludeFile(utf16, {}), ['é', 'b']);
  assert.deepEqual(parseExcludeFile(text('\ufeffa\n'), {}), ['a']);
});

test('the lists of targets differ in what they skip', () => {
  assert.deepEqual(parseFilesFrom(text('# a\n b \n')), ['b']);
  assert.deepEqual(parseFilesFromVerbatim(text('# a\n b \n\n')), ['# a', ' b ']);
  const raw = Buffer.from('a\0b\xff\0', 'latin1');
  assert.deepEqual(parseFilesFromRaw(raw, decodeByteString), ['a', 'b\udcff']);
});

test('a raw list without its final NUL is refused', () => {
  for (const raw of ['a\0b', '\0']) {
    assert.throws(
      () => parseFilesFromRaw(text(raw), decodeByteString),
      (error) => isSealiftError(error, 'usage/invalid'),
    );
  }
});

test('a tag file counts only when it begins with the header asked for', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-exclude-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55\n');
  writeFileSync(join(folder, '.nobackup'), 'other');
  const names = ['.nobackup', 'CACHEDIR.TAG', 'x'];
  const tagOf = (options: Parameters<typeof compileExcludes>[0]): string | undefined =>
    compileExcludes(options).findTag(folder, names);
  assert.equal(tagOf({ caches: true }), 'CACHEDIR.TAG');
  assert.equal(tagOf({ ifPresent: ['.nobackup'] }), '.nobackup');
  assert.equal(tagOf({ ifPresent: ['.nobackup:oth'] }), '.nobackup');
  assert.equal(tagOf({ ifPresent: ['.nobackup:else'] }), undefined);
  assert.equal(tagOf({ ifPresent: ['absent'] }), undefined);
});

test('a size limit leaves out what is above it, not what equals it', () => {
  const { rejectsSize } = compileExcludes({ largerThanBytes: 10 });
  assert.deepEqual([rejectsSize(10), rejectsSize(11)], [false, true]);
});
