import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BlobIndex, type BlobLocation } from './blob-index.ts';
import { type BlobId, type BlobType, blobIdToBytes, parseBlobId, parsePackId } from './ids.ts';
import type { PackEntry } from './pack.ts';

const packId = (number: number) => parsePackId(number.toString(16).padStart(64, '0'));
/** Ids that share their first bytes on purpose, so that probe chains grow long. */
const blobId = (number: number): BlobId =>
  parseBlobId(
    `${(number % 7).toString(16).padStart(8, '0')}${number.toString(16).padStart(56, '0')}`,
  );
const entryOf = (type: BlobType, number: number, offset = 0): PackEntry => ({
  type,
  id: blobId(number),
  offset,
  length: 32 + number,
  uncompressedLength: number % 3,
});

test('the same id is found apart as data and as tree', () => {
  const index = new BlobIndex();
  index.addPack(packId(1), [entryOf('data', 5)]);
  assert.equal(index.has('data', blobId(5)), true);
  assert.equal(index.has('tree', blobId(5)), false);
  assert.equal(index.find('tree', blobId(5)), undefined);
  assert.equal(index.hasBytes('data', blobIdToBytes(blobId(5))), true);
  const text = Buffer.from(`"${blobId(5)}"`);
  assert.equal(index.hasHex('data', text, 1), true);
  assert.equal(index.hasHex('tree', text, 1), false);
  assert.equal(index.hasHex('data', text, 0), false, 'a quote is no digit');
  assert.equal(index.hasHex('data', text, 2), false, 'the last digit is missing');
  index.addPack(packId(2), [entryOf('tree', 5)]);
  assert.equal(index.find('tree', blobId(5))?.packId, packId(2));
  assert.equal(index.size, 2);
});

test('a blob in several packs has all its locations, the first in front', () => {
  const index = new BlobIndex();
  for (const pack of [3, 1, 2]) index.addPack(packId(pack), [entryOf('data', 9, pack)]);
  assert.deepEqual(
    index.findAll('data', blobId(9)).map((location) => location.packId),
    [packId(3), packId(1), packId(2)],
  );
  assert.equal(index.find('data', blobId(9))?.packId, packId(3));
  assert.equal(index.size, 1);
  assert.equal(index.locationCount, 3);
  assert.equal(Array.from(index.ids('data')).length, 1);
});

test('a pack listed in two index files counts once, with what only one of them lists', () => {
  const index = new BlobIndex();
  const [a, b, c] = [entryOf('data', 1), entryOf('data', 2, 33), entryOf('tree', 3, 67)];
  index.addPack(packId(1), [a, b]);
  index.addPack(packId(2), [entryOf('data', 4)]);
  index.addPack(packId(1), [b, a, c]);
  assert.equal(index.packCount, 2);
  assert.equal(index.locationCount, 4);
  assert.deepEqual(index.blobsOf(packId(1)), [a, b, c]);
  assert.deepEqual(index.blobsOf(packId(9)), []);
});

test('a pack without blobs is known', () => {
  const index = new BlobIndex();
  index.addPack(packId(1), []);
  assert.equal(index.hasPack(packId(1)), true);
  assert.deepEqual(Array.from(index.packs()), [{ id: packId(1), blobs: [] }]);
});

test('it answers like a plain map, for any packs', () => {
  const entry = fc
    .tuple(fc.constantFrom<BlobType>('data', 'tree'), fc.nat(40), fc.nat(3))
    .map((parts) => entryOf(...parts));
  const packs = fc.array(fc.array(entry, { maxLength: 20 }), { maxLength: 12 });
  fc.assert(
    fc.property(packs, (lists) => {
      const index = new BlobIndex();
      const twin = new Map<string, BlobLocation[]>();
      const byOffset = lists.map((list) => list.toSorted((a, b) => a.offset - b.offset));
      for (const [number, entries] of lists.entries()) {
        index.addPack(packId(number), entries);
        for (const it of byOffset[number] ?? []) {
          const key = `${it.type} ${it.id}`;
          twin.set(key, [...(twin.get(key) ?? []), { ...it, packId: packId(number) }]);
        }
      }
      assert.equal(index.size, twin.size);
      for (const type of ['data', 'tree'] as const) {
        for (let number = 0; number <= 41; number += 1) {
          const wanted = twin.get(`${type} ${blobId(number)}`) ?? [];
          assert.deepEqual(index.findAll(type, blobId(number)), wanted);
          assert.deepEqual(index.find(type, blobId(number)), wanted[0]);
        }
        const ids = Array.from(index.ids(type), (id) => Buffer.from(id).toString('hex'));
        const wantedIds = [...twin.keys()].filter((key) => key.startsWith(type));
        assert.deepEqual(ids.map((id) => `${type} ${id}`).sort(), wantedIds.sort());
      }
      assert.deepEqual(
        Array.from(index.packs()),
        byOffset.map((blobs, number) => ({ id: packId(number), blobs })),
      );
    }),
  );
});

test('packs whose blobs leave gaps, overlap or come in any order keep their offsets', () => {
  const gap = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: -9, max: 9 }));
  const pack = fc.array(gap, { maxLength: 200 });
  fc.assert(
    fc.property(
      fc.array(pack, { maxLength: 5 }),
      fc.infiniteStream(fc.nat(1000)),
      (packs, keys) => {
        const index = new BlobIndex();
        const lists = packs.map((gaps, number) => {
          let end = 20;
          return gaps.map((each, at) => {
            const entry = entryOf(at % 9 === 0 ? 'tree' : 'data', at + 300 * number, end + each);
            end = entry.offset + entry.length;
            return entry;
          });
        });
        for (const [number, list] of lists.entries()) {
          const shuffled = list.map((entry) => ({ entry, key: keys.next().value ?? 0 }));
          shuffled.sort((a, b) => a.key - b.key);
          const drawn = shuffled.map(({ entry }) => entry);
          // In two parts, with something else in between and the first part once more.
          index.addPack(packId(number), drawn.slice(0, drawn.length / 2));
          index.addPack(packId(1000 + number), [entryOf('data', 5000 + number)]);
          index.addPack(packId(number), drawn);
        }
        for (const [number, list] of lists.entries()) {
          const byId = (a: PackEntry, b: PackEntry): number => (a.id < b.id ? -1 : 1);
          assert.deepEqual(index.blobsOf(packId(number)).sort(byId), list.toSorted(byId));
          for (const entry of list) {
            assert.deepEqual(index.find(entry.type, entry.id), {
              ...entry,
              packId: packId(number),
            });
          }
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('a blob added after the first question is found, and so is a blob of many packs', () => {
  const index = new BlobIndex();
  for (let pack = 0; pack < 60; pack += 1) {
    const entries = Array.from({ length: 20 }, (_, i) => entryOf('data', pack * 19 + i));
    index.addPack(packId(pack), entries);
    assert.equal(index.size, (pack + 1) * 19 + 1);
    const [first, ...more] = index.findAll('data', blobId(pack * 19));
    assert.equal(first?.packId, packId(Math.max(0, pack - 1)));
    assert.equal(more.length, pack === 0 ? 0 : 1);
  }
  assert.equal(Array.from(index.ids('data')).length, 60 * 19 + 1);
  const firsts = Array.from({ length: index.locationCount }, (_, at) => index.firstNumber(at));
  assert.equal(new Set(firsts).size, index.size);
  assert.equal(firsts.filter((first, at) => first !== at).length, 59);
});

test('a hundred thousand blobs are found again, over many segments and growths', () => {
  const index = new BlobIndex();
  const id = (number: number): BlobId =>
    parseBlobId((Math.imul(number, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').repeat(8));
  for (let pack = 0; pack < 100; pack += 1) {
    const entries = Array.from({ length: 1000 }, (_, i) => ({
      ...entryOf('data', i),
      id: id(pack * 1000 + i),
    }));
    index.addPack(packId(pack), entries);
  }
  assert.equal(index.size, 100_000);
  for (let number = 0; number < 100_000; number += 37) {
    const found = index.find('data', id(number));
    assert.equal(found?.packId, packId(Math.floor(number / 1000)));
    assert.equal(found?.length, 32 + (number % 1000));
  }
});

test('by number, each location tells what its entry does, and which location came first', () => {
  const index = new BlobIndex();
  const packs = [
    [entryOf('data', 1), entryOf('tree', 1, 33)],
    [entryOf('data', 2), entryOf('data', 1, 34)],
  ];
  for (const [number, entries] of packs.entries()) index.addPack(packId(number), entries);
  index.addPack(packId(0), [entryOf('data', 3, 66)]);
  assert.deepEqual(
    [0, 1].map((pack) => Array.from(index.numbersIn(pack))),
    [
      [0, 1, 4],
      [2, 3],
    ],
  );
  for (const pack of [0, 1]) {
    for (const location of index.numbersIn(pack)) {
      const entry = index.entryAt(location);
      assert.equal(index.packNumber(location), pack);
      assert.equal(index.isTree(location), entry.type === 'tree');
      assert.equal(index.lengthOf(location), entry.length);
      assert.equal(index.uncompressedLengthOf(location), entry.uncompressedLength);
      const first = index.numberOf(entry.type, blobIdToBytes(entry.id));
      assert.equal(index.firstNumber(location), first);
      assert.equal(first, location === 3 ? 0 : location);
    }
    assert.equal(index.packIdOf(pack), packId(pack));
  }
  assert.equal(index.numberOf('tree', blobIdToBytes(blobId(2))), undefined);
  assert.throws(() => index.packIdOf(2), RangeError);
});
