import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSealiftError } from '../base/errors.ts';
import { BlobIndex } from '../repository/blob-index.ts';
import {
  type BlobType,
  blobIdOf,
  blobIdToBytes,
  type PackId,
  parsePackId,
} from '../repository/ids.ts';
import { type PackEntry, packSize } from '../repository/pack.ts';
import { type PruneLimits, type PrunePlan, parseMaxUnused, planPrune } from './prune-plan.ts';

const mebibyte = 1024 * 1024;

interface Blob {
  readonly name: string;
  readonly type?: BlobType;
  readonly length?: number;
  readonly raw?: number;
}

/** A pack of blobs of 8 MiB, compressed, unless they say otherwise. */
type Pack = readonly (string | Blob)[];

interface Case {
  readonly packs: readonly Pack[];
  /** Names of blobs in use. */
  readonly used: readonly string[];
  readonly limits?: Partial<PruneLimits>;
  readonly version?: 1 | 2;
  /** Changes the listing of the packs. */
  readonly list?: (sizes: Map<PackId, number>) => void;
}

const packId = (number: number): PackId => parsePackId(number.toString(16).padStart(64, '0'));

function plan({ packs, used, limits, version = 2, list }: Case): PrunePlan & { index: BlobIndex } {
  const index = new BlobIndex();
  const sizes = new Map<PackId, number>();
  const types = new Map<string, BlobType>();
  for (const [number, pack] of packs.entries()) {
    const entries: PackEntry[] = [];
    let offset = 0;
    for (const item of pack) {
      const {
        name,
        type = 'data',
        length = 8 * mebibyte,
        raw = 1,
      } = typeof item === 'string' ? { name: item } : item;
      entries.push({ type, id: idOf(name), offset, length, uncompressedLength: raw });
      types.set(name, type);
      offset += length;
    }
    index.addPack(packId(number), entries);
    sizes.set(packId(number), packSize(entries));
  }
  list?.(sizes);
  const marks = new Uint8Array(index.locationCount);
  for (const name of used) {
    const location = index.numberOf(types.get(name) ?? 'data', blobIdToBytes(idOf(name)));
    assert.ok(location !== undefined, name);
    marks[location] = 1;
  }
  const all = { maxUnusedBytes: parseMaxUnused('0'), ...limits };
  return { ...planPrune({ index, used: marks, packSizes: sizes, version, limits: all }), index };
}

const idOf = (name: string): ReturnType<typeof blobIdOf> => blobIdOf(Buffer.from(name));
/** Numbers of packs, so that cases read easily. */
const numbers = (ids: readonly PackId[]): number[] => ids.map((id) => Number.parseInt(id, 16));

/** Ids of what is moved. */
function movedOf({ moved, index }: ReturnType<typeof plan>): string[] {
  return Array.from(moved.keys())
    .filter((at) => moved[at] === 1)
    .map((at) => index.entryAt(at).id);
}

test('packs in use stay, packs without use go, packs half in use are written anew', () => {
  const result = plan({
    packs: [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ],
    used: ['a', 'b', 'e'],
  });
  assert.deepEqual(numbers(result.unused), [1]);
  assert.deepEqual(result.repacked, [2]);
  assert.deepEqual(movedOf(result), [idOf('e')]);
  assert.equal(result.counts.packs.kept, 1);
});

test('unused data may stay up to the limit, and the packs with the largest share of it go first', () => {
  const packs = [
    ['a', 'b', 'c', 'x'],
    ['d', 'y', 'z', 'w'],
    ['e', 'f'],
  ];
  const used = ['a', 'b', 'c', 'd', 'e', 'f'];
  const repacked = (text: string): readonly number[] =>
    plan({ packs, used, limits: { maxUnusedBytes: parseMaxUnused(text) } }).repacked;
  assert.deepEqual(repacked('0'), [1, 0]);
  assert.deepEqual(repacked('10M'), [1]);
  // 8 of 48 MiB in use are less than 20 % of what remains, 32 are more.
  assert.deepEqual(repacked('20%'), [1]);
  assert.deepEqual(repacked('50%'), []);
  assert.deepEqual(repacked('unlimited'), []);
});

test('no more is written anew than the limit says', () => {
  const packs = [
    ['a', 'x'],
    ['b', 'y'],
    ['c', 'z'],
  ];
  const limits = { maxRepackBytes: 40 * mebibyte };
  assert.equal(plan({ packs, used: ['a', 'b', 'c'], limits }).repacked.length, 2);
  const none = plan({ packs, used: ['a', 'b'], limits: { maxRepackBytes: 0 } });
  assert.deepEqual(none.repacked, []);
  assert.deepEqual(numbers(none.unused), [2]);
});

test('packs of trees are written anew whatever unused data may stay, data not with --repack-cacheable-only', () => {
  const tree = (name: string): Blob => ({ name, type: 'tree' });
  const packs = [
    [tree('t'), tree('u')],
    ['a', 'x'],
  ];
  const limits = { maxUnusedBytes: parseMaxUnused('unlimited') };
  assert.deepEqual(plan({ packs, used: ['t', 'a'], limits }).repacked, [0]);
  const cacheable = plan({ packs, used: ['t', 'a'], limits: { cacheableOnly: true } });
  assert.deepEqual(cacheable.repacked, [0]);
});

test('a pack of data and trees is written anew even if all of it is in use', () => {
  const packs = [['a', { name: 't', type: 'tree' }]] as const;
  assert.deepEqual(plan({ packs, used: ['a', 't'] }).repacked, [0]);
});

test('ten small packs are brought together, nine are left alone', () => {
  const small = (count: number): Pack[] =>
    Array.from({ length: count }, (_, at) => [{ name: `s${at}`, length: 100_000 }]);
  const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `s${at}`);
  const limits = { maxUnusedBytes: parseMaxUnused('unlimited') };
  assert.equal(plan({ packs: small(10), used: names(10), limits }).repacked.length, 10);
  assert.equal(plan({ packs: small(9), used: names(9), limits }).repacked.length, 0);
  const larger = { ...limits, smallerThanBytes: 50_000 };
  assert.equal(plan({ packs: small(10), used: names(10), limits: larger }).repacked.length, 0);
});

test('trees that are not compressed are written anew in version 2, data when asked for', () => {
  const packs = [[{ name: 't', type: 'tree', raw: 0 }], [{ name: 'a', raw: 0 }]] as const;
  const used = ['t', 'a'];
  assert.deepEqual(plan({ packs, used }).repacked, [0]);
  assert.deepEqual(plan({ packs, used, limits: { uncompressed: true } }).repacked, [0, 1]);
  assert.deepEqual(plan({ packs, used, version: 1, limits: { uncompressed: true } }).repacked, []);
});

test('of several copies one stays: beside other blobs in use, else the last', () => {
  const result = plan({
    packs: [
      ['a', 'x'],
      ['a', 'b'],
      ['c', 'd'],
    ],
    used: ['a', 'b', 'c', 'd'],
  });
  assert.deepEqual(numbers(result.unused), [0]);
  assert.deepEqual(result.repacked, []);
  assert.deepEqual(result.counts.duplicate, { blobs: 1, bytes: 8 * mebibyte });

  const last = plan({
    packs: [
      ['a', 'x'],
      ['a', 'y'],
    ],
    used: ['a'],
  });
  assert.deepEqual(numbers(last.unused), [0]);
  assert.deepEqual(movedOf(last), [idOf('a')]);
});

test('a pack that an interrupted prune wrote takes the place of the old ones', () => {
  const packs = [
    ['a', 'x'],
    ['b', 'y'],
    ['a', 'b'],
  ];
  const result = plan({ packs, used: ['a', 'b'] });
  assert.deepEqual(numbers(result.unused), [0, 1]);
  assert.deepEqual(result.repacked, []);
});

test('packs in no index go; packs that are missing and not needed are struck from the index', () => {
  const strayId = packId(99);
  const result = plan({
    packs: [['a'], ['x']],
    used: ['a'],
    list: (sizes) => {
      sizes.set(strayId, 123);
      sizes.delete(packId(1));
    },
  });
  assert.deepEqual(result.unindexed, [strayId]);
  assert.equal(result.counts.unindexedBytes, 123);
  assert.deepEqual(numbers(result.missing), [1]);
  assert.deepEqual(result.unused, []);
});

test('a pack that is needed and missing, or of another size, ends the prune before it begins', () => {
  const lists: NonNullable<Case['list']>[] = [
    (sizes) => sizes.delete(packId(0)),
    (sizes) => sizes.set(packId(0), 5),
  ];
  for (const list of lists) {
    assert.throws(
      () => plan({ packs: [['a']], used: ['a'], list }),
      (error) =>
        isSealiftError(error, 'prune/refused') && /nothing was changed/.test(error.message),
    );
  }
  // Without use it may have any size.
  const sizes = plan({
    packs: [['a'], ['x']],
    used: ['a'],
    list: (list) => list.set(packId(1), 5),
  });
  assert.deepEqual(numbers(sizes.unused), [1]);
});

test('whatever the packs hold, each blob in use is in a kept pack or moved once, and nothing else is moved', () => {
  const name = fc.integer({ min: 0, max: 30 }).map((number) => `b${number}`);
  const blob = fc.record({
    name,
    length: fc.constantFrom(100, 5000, 3 * mebibyte),
    raw: fc.constantFrom(0, 7),
  });
  const packs = fc.array(
    fc.uniqueArray(blob, { minLength: 1, maxLength: 6, selector: (item) => item.name }),
    { minLength: 1, maxLength: 25 },
  );
  const limits = fc.record({
    maxUnusedBytes: fc.constantFrom('0', '5%', '1M', 'unlimited').map(parseMaxUnused),
    maxRepackBytes: fc.constantFrom(undefined, 0, 6 * mebibyte),
    uncompressed: fc.boolean(),
    cacheableOnly: fc.boolean(),
  });
  fc.assert(
    fc.property(packs, fc.infiniteStream(fc.boolean()), limits, (drawn, choice, drawnLimits) => {
      const names = [...new Set(drawn.flat().map((item) => item.name))];
      const used = names.filter(() => choice.next().value);
      const result = plan({ packs: drawn, used, limits: drawnLimits });
      const gone = new Set([...numbers(result.unused), ...result.repacked]);
      const kept = new Set(
        drawn.flatMap((pack, number) => (gone.has(number) ? [] : pack.map((item) => item.name))),
      );
      const wanted = used.filter((item) => !kept.has(item)).map(idOf);
      assert.deepEqual(movedOf(result).sort(), wanted.sort());
      const { counts } = result;
      assert.equal(counts.used.blobs, used.length);
      assert.equal(
        counts.used.blobs + counts.duplicate.blobs + counts.unused.blobs,
        drawn.flat().length,
      );
    }),
  );
});

test('limits that make no sense are refused', () => {
  for (const text of ['', '100%', '-1', 'all', '5 %%']) {
    assert.throws(
      () => parseMaxUnused(text),
      (error) => isSealiftError(error, 'usage/invalid'),
      text,
    );
  }
});
