import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeByteString } from '../base/byte-string.ts';
import { quoteName, unquoteName } from './go-quote.ts';

test('names are quoted as Go quotes them', () => {
  // Right column: strconv.Quote without its outer quotes, Go 1.22.
  const cases: [string, string][] = [
    ['plain name.txt', 'plain name.txt'],
    ['"\\', '\\"\\\\'],
    ['\u0007\b\f\n\r\t\v', '\\a\\b\\f\\n\\r\\t\\v'],
    ['\u0001\u001f\u007f', '\\x01\\x1f\\x7f'],
    ['\u0085\u00a0\u00ad', '\\u0085\\u00a0\\u00ad'],
    ['\u200b\u2028\u3000\ufeff\ue000\u0378', '\\u200b\\u2028\\u3000\\ufeff\\ue000\\u0378'],
    ['\u{e0001}', '\\U000e0001'],
    ['ä漢\u{1f600}\ufffd', 'ä漢\u{1f600}\ufffd'],
    ['a\u0301', 'a\u0301'],
    ["it's <&>", "it's <&>"],
    ['\udcff\udc80', '\\xff\\x80'],
  ];
  for (const [name, quoted] of cases) {
    assert.equal(quoteName(name), quoted);
    assert.equal(unquoteName(quoted), name);
  }
});

test('any bytes come back from their quoted form', () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bytes, (raw) => {
      const name = decodeByteString(raw);
      const quoted = quoteName(name);
      assert.ok(quoted.isWellFormed());
      assert.equal(unquoteName(quoted), name);
    }),
  );
});

test('every escape that Go reads is read', () => {
  assert.equal(unquoteName('\\101\\x42\\u0043\\U00000044\\u00E9'), 'ABCDé');
  assert.equal(unquoteName('\u00a0\u200b\t'), '\u00a0\u200b\t');
});

test('bytes that together are UTF-8 become the character they spell', () => {
  assert.equal(unquoteName('caf\\xc3\\xa9'), 'café');
  assert.equal(unquoteName('\\303\\251\\xff'), 'é\udcff');
});

test('what Go refuses is refused', () => {
  const bad = ['a"b', 'a\nb', '\\', 'x\\', "\\'", '\\x4', '\\xg0', '\\400', '\\8', '\\18', '\\u12'];
  for (const quoted of [
    ...bad,
    '\\ud800',
    '\\U00110000',
    '\\q',
    '\\constructor',
    '\\x 1',
    '\\u-001',
  ]) {
    assert.throws(() => unquoteName(quoted), { code: 'format/tree' }, quoted);
  }
});
