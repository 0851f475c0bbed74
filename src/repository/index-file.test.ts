import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseBlobId, parsePackId } from './ids.ts';
import { encodeIndex, parseIndex } from './index-file.ts';

const hex = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((id) => Buffer.from(id).toString('hex'));
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const entry = fc.record(
  {
    type: fc.constantFrom('data' as const, 'tree' as const),
    id: hex.map(parseBlobId),
    offset: uint32,
    length: uint32,
    uncompressedLength: uint32,
  },
  { noNullPrototype: true },
);
const pack = fc.record(
  { id: hex.map(parsePackId), blobs: fc.array(entry, { maxLength: 5 }) },
  { noNullPrototype: true },
);

test('an index is written as restic writes it', () => {
  const id = parseBlobId('11'.repeat(32));
  const packs = [
    {
      id: parsePackId('22'.repeat(32)),
      blobs: [
        { type: 'data' as const, id, offset: 0, length: 46, uncompressedLength: 5 },
        { type: 'tree' as const, id, offset: 46, length: 40, uncompressedLength: 0 },
      ],
    },
  ];
  assert.equal(
    Buffer.from(encodeIndex({ packs })).toString(),
    `{"packs":[{"id":"${'22'.repeat(32)}","blobs":[` +
      `{"id":"${id}","type":"data","offset":0,"length":46,"uncompressed_length":5},` +
      `{"id":"${id}","type":"tree","offset":46,"length":40}]}]}\n`,
  );
});

test('any index reads back as it was', () => {
  fc.assert(
    fc.property(fc.array(pack, { maxLength: 4 }), (packs) => {
      assert.deepEqual(parseIndex(encodeIndex({ packs })), { packs });
    }),
  );
});

test('fields of old releases and other programs are ignored', () => {
  const text = '{"supersedes":["x"],"packs_to_delete":[{"time":"t"}],"packs":[]}';
  assert.deepEqual(parseIndex(Buffer.from(text)), { packs: [] });
  assert.deepEqual(parseIndex(Buffer.from('{"packs":null}')), { packs: [] });
});

test('a malformed index is refused', () => {
  const id = '33'.repeat(32);
  const blob = (more: string): string =>
    `{"packs":[{"id":"${id}","blobs":[{"id":"${id}",${more}}]}]}`;
  const broken = [
    '[]',
    '{"packs":{}}',
    '{"packs":[1]}',
    '{"packs":[{"id":"33","blobs":[]}]}',
    blob('"type":"blob","offset":0,"length":32'),
    blob('"type":"data","offset":-1,"length":32'),
    blob('"type":"data","offset":0,"length":4294967296'),
    blob('"type":"data","offset":0.5,"length":32'),
  ];
  for (const text of broken) {
    assert.throws(() => parseIndex(Buffer.from(text)), { code: 'format/index' }, text);
  }
});
