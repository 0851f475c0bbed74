import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseBlobId, parsePackId } from './ids.ts';
import { IndexColumns } from './index-columns.ts';
import {
  encodeIndex,
  IndexEncoder,
  type IndexedPack,
  parseIndex,
  readIndex,
} from './index-file.ts';
import { scanIndex } from './index-scanner.ts';

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

test('an index of many packs grows as they come, and counts their blobs', () => {
  const packs = fc.sample(pack, { numRuns: 2000, seed: 1 });
  const encoder = new IndexEncoder();
  for (const { id, blobs } of packs) encoder.addPack(id, blobs);
  assert.equal(encoder.blobCount, packs.flatMap(({ blobs }) => blobs).length);
  const bytes = encoder.finish();
  assert.ok(bytes.length > 500_000);
  assert.deepEqual(parseIndex(bytes), { packs });
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

/** What was scanned, as parseIndex gives it; undefined where it did not fit. */
function scanned(json: Uint8Array, columns = new IndexColumns()): IndexedPack[] | undefined {
  if (!scanIndex(json, columns)) return undefined;
  const ends = columns.packEnds.subarray(0, columns.packCount);
  return Array.from(ends, (end, number) => ({
    id: parsePackId(columns.packIds.toString('hex', number * 32, (number + 1) * 32)),
    blobs: Array.from({ length: end - (ends[number - 1] ?? 0) }, (_, i) => {
      const at = (ends[number - 1] ?? 0) + i;
      return {
        type: columns.trees[at] === 1 ? ('tree' as const) : ('data' as const),
        id: parseBlobId(columns.ids.toString('hex', at * 32, (at + 1) * 32)),
        offset: columns.offsets[at] ?? 0,
        length: columns.lengths[at] ?? 0,
        uncompressedLength: columns.uncompressedLengths[at] ?? 0,
      };
    }),
  }));
}

test('what is scanned is what is parsed, file after file on the same columns', () => {
  const columns = new IndexColumns();
  fc.assert(
    fc.property(fc.array(pack, { maxLength: 4 }), (packs) => {
      const json = encodeIndex({ packs });
      assert.deepEqual(scanned(json, columns), packs);
      assert.deepEqual(scanned(json.subarray(0, -1), columns), packs);
    }),
  );
});

test('many packs and many blobs are scanned, too', () => {
  const blobs = Array.from({ length: 5000 }, (_, i) => ({
    type: i % 3 === 0 ? ('tree' as const) : ('data' as const),
    id: parseBlobId(i.toString(16).padStart(64, '0')),
    offset: i * 100,
    length: 100,
    uncompressedLength: i % 2,
  }));
  const id = (i: number) => parsePackId((i + 9999).toString(16).padStart(64, '0'));
  const packs = Array.from({ length: 500 }, (_, i) => ({
    id: id(i),
    blobs: i === 77 ? blobs : blobs.slice(i, i + 3),
  }));
  assert.deepEqual(scanned(encodeIndex({ packs })), packs);
});

test('a changed byte is taken as parseIndex takes it, or left to it', () => {
  const change = fc.record({
    at: fc.nat(),
    removed: fc.integer({ min: 0, max: 2 }),
    added: fc.oneof(
      fc.constantFrom('', '0', '9', ' ', ',', '"', '}', ']', '-', '.5', 'e1', 'F', '\n', ',{}'),
      fc.string({ maxLength: 3 }),
    ),
  });
  let taken = 0;
  fc.assert(
    fc.property(fc.array(pack, { maxLength: 3 }), change, (packs, { at, removed, added }) => {
      const json = Buffer.from(encodeIndex({ packs }));
      const start = at % json.length;
      const changed = Buffer.concat([
        json.subarray(0, start),
        Buffer.from(added),
        json.subarray(start + removed),
      ]);
      const found = scanned(changed);
      if (found === undefined) return;
      taken += 1;
      assert.deepEqual(found, parseIndex(changed).packs);
    }),
    { numRuns: 3000 },
  );
  assert.ok(taken > 0);
});

test('numbers with leading zeros or above 32 bits are not scanned', () => {
  const id = '33'.repeat(32);
  const text = (offset: string): Buffer =>
    Buffer.from(
      `{"packs":[{"id":"${id}","blobs":[{"id":"${id}","type":"data","offset":${offset},"length":5}]}]}`,
    );
  for (const offset of ['01', '00', '4294967296', '99999999999999999999', '', '-1', '1.0']) {
    assert.equal(scanned(text(offset)), undefined, offset);
  }
  for (const offset of ['0', '10', '4294967295']) {
    assert.deepEqual(scanned(text(offset)), parseIndex(text(offset)).packs);
  }
});

test('an index file of another spelling is read all the same, and a malformed one is refused', () => {
  const columns = new IndexColumns();
  const [a, b, c] = ['aa', 'bb', 'cc'].map((digits) => digits.repeat(32));
  const listed = (id: string | undefined): string =>
    `{"id":"${id}","blobs":[{"id":"${id}","type":"data","offset":9,"length":40},` +
    `{"id":"${b}","type":"tree","offset":0,"length":9,"uncompressed_length":7}]}`;
  for (const text of [
    `{"packs":[${listed(a)},${listed(c)}]}\n`,
    `{ "supersedes": [], "packs": [${listed(a)},${listed(c)}] }`,
  ]) {
    readIndex(Buffer.from(text), columns);
    assert.deepEqual([columns.packId(0), columns.packId(1)], [a, c]);
    assert.deepEqual([columns.packCount, columns.blobCount], [2, 4]);
    // Sorted by offset within their pack.
    assert.deepEqual([...columns.offsets.subarray(0, 4)], [0, 9, 0, 9]);
    assert.deepEqual([...columns.trees.subarray(0, 4)], [1, 0, 1, 0]);
    assert.equal(columns.ids.toString('hex', 3 * 32, 4 * 32), c);
  }
  const broken = Buffer.from(`{"packs":[${listed(c)},${listed('no id')}]}`);
  assert.throws(() => readIndex(broken, columns), { code: 'format/index' });
});
