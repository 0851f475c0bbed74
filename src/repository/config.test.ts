import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeConfig, parseConfig } from './config.ts';
import { parsePolynomial } from './polynomial.ts';

const id = '5f'.repeat(32);
const json = (version: unknown, more = ''): Uint8Array =>
  Buffer.from(`{"version":${version},"id":"${id}","chunker_polynomial":"284b0b9502ee9b"${more}}`);

test('a config is written as restic writes it and reads back', () => {
  const config = { version: 2, id, chunkerPolynomial: parsePolynomial('284b0b9502ee9b') } as const;
  const bytes = encodeConfig(config);
  assert.equal(Buffer.from(bytes).toString(), Buffer.from(json(2)).toString());
  assert.deepEqual(parseConfig(bytes), config);
});

test('settings of other programs are ignored', () => {
  assert.equal(parseConfig(json(1, ',"append_only":true,"chunk_size":1')).version, 1);
});

test('another version is refused as such', () => {
  for (const version of [0, 3]) {
    assert.throws(() => parseConfig(json(version)), { code: 'repository/version' });
  }
});

test('a malformed config is refused', () => {
  const broken = [
    '',
    '[]',
    '{"version":"2"}',
    `{"version":2,"id":"${id.toUpperCase()}","chunker_polynomial":"284b0b9502ee9b"}`,
    `{"version":2,"id":"${id}"}`,
    `{"version":2,"id":"${id}","chunker_polynomial":"284b0b9502ee9a"}`,
    `{"version":2,"id":"${id}","chunker_polynomial":"zz"}`,
  ];
  for (const text of broken) {
    assert.throws(() => parseConfig(Buffer.from(text)), { code: 'format/config' }, text);
  }
});
