import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { BlobIndex } from '../../repository/blob-index.ts';
import { blobIdFromBytes, parsePackId } from '../../repository/ids.ts';
import type { PackEntry } from '../../repository/pack.ts';
import { KnownBlobs } from './known-blobs.ts';

const idOf = (number: number): Uint8Array => createHash('sha256').update(String(number)).digest();

test('an id is claimed once', () => {
  const known = KnownBlobs.create(new BlobIndex().share());
  assert.equal(known.claim(idOf(1)), true);
  assert.equal(known.claim(idOf(1)), false);
  assert.equal(new KnownBlobs(known.shared).claim(idOf(1)), false);
});

test('every id is still known after the table has grown', () => {
  const known = KnownBlobs.create(new BlobIndex().share());
  const count = 100_000;
  for (let number = 0; number < count; number += 1) assert.equal(known.claim(idOf(number)), true);
  const other = new KnownBlobs(known.shared);
  for (let number = 0; number < count; number += 1) assert.equal(other.claim(idOf(number)), false);
});

const packId = (number: number) => parsePackId(number.toString(16).padStart(64, '0'));
const entryOf = (number: number): PackEntry => ({
  type: number % 10 === 0 ? 'tree' : 'data',
  id: blobIdFromBytes(idOf(number)),
  offset: 0,
  length: 40,
  uncompressedLength: 0,
});

test('what the index holds as data is known, however the index goes on', () => {
  const index = new BlobIndex();
  const add = (pack: number): void => {
    index.addPack(
      packId(pack),
      Array.from({ length: 1000 }, (_, at) => entryOf(pack * 1000 + at)),
    );
  };
  for (let pack = 0; pack < 20; pack += 1) add(pack);
  const known = KnownBlobs.create(index.share());
  const elsewhere = new KnownBlobs(structuredClone(known.shared));
  for (let pack = 20; pack < 60; pack += 1) {
    add(pack);
    for (let number = 0; number < 20_000; number += 61) {
      if (number % 10 !== 0) assert.equal(known.claim(idOf(number)), false);
    }
  }
  for (let number = 0; number < 60_000; number += 7) {
    const isNew = number >= 20_000 || number % 10 === 0;
    assert.equal(known.claim(idOf(number)), isNew);
    assert.equal(elsewhere.claim(idOf(number)), false);
  }
});

test('ids that begin alike are told apart', () => {
  const known = KnownBlobs.create(new BlobIndex().share());
  const first = new Uint8Array(32);
  const second = new Uint8Array(32);
  second[31] = 1;
  assert.deepEqual(
    [known.claim(first), known.claim(second), known.claim(first)],
    [true, true, false],
  );
});

test('threads that claim the same ids at once share them out', async () => {
  const known = KnownBlobs.create(new BlobIndex().share());
  const count = 20_000;
  const source = `
    import { parentPort, workerData } from 'node:worker_threads';
    import { createHash } from 'node:crypto';
    const { KnownBlobs } = await import(workerData.module);
    const known = new KnownBlobs(workerData.shared);
    let claimed = 0;
    for (let n = 0; n < workerData.count; n++) {
      if (known.claim(createHash('sha256').update(String(n)).digest())) claimed += 1;
    }
    parentPort.postMessage(claimed);`;
  const module = new URL('./known-blobs.ts', import.meta.url).href;
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const claims = await Promise.all(
    [1, 2].map(
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(url, { workerData: { shared: known.shared, count, module } });
          worker.on('message', resolve);
          worker.on('error', reject);
        }),
    ),
  );
  assert.equal(
    claims.reduce((sum, claimed) => sum + claimed, 0),
    count,
  );
});
