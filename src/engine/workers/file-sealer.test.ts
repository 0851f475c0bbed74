import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { chunkIds } from '../../../test/support/chunk-ids.ts';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { BlobIndex } from '../../repository/blob-index.ts';
import { generateRepositoryKey } from '../../repository/crypto.ts';
import { generatePolynomial } from '../../repository/polynomial.ts';
import { StatRows } from '../stat-rows.ts';
import { ChunkRing, createChunkRing } from './chunk-ring.ts';
import { FileSealer } from './file-sealer.ts';
import { KnownBlobs } from './known-blobs.ts';
import { PackFiller } from './pack-filler.ts';
import { largestReadBytes } from './read-sizes.ts';
import { createSharedFile, SharedFile } from './shared-file.ts';
import { SharedPacks } from './shared-packs.ts';

const polynomial = generatePolynomial(randomBytes);
const mib = 2 ** 20;

interface Place {
  readonly sealer: FileSealer;
  readonly path: string;
  readonly ring: ChunkRing;
  /** Ids of the content's chunks. */
  readonly wanted: string[];
  onCheck: () => void;
}

function makePlace(t: TestContext, content: Uint8Array, ringBytes = largestReadBytes): Place {
  const path = join(tempFolder(t), 'file');
  writeFileSync(path, content);
  const ring = new ChunkRing(createChunkRing(ringBytes));
  const packSizeBytes = 4 * mib;
  const packs = SharedPacks.create(1, packSizeBytes);
  const filler = new PackFiller({
    key: generateRepositoryKey(randomBytes),
    version: 2,
    compression: 'auto',
    packSizeBytes,
    packs,
    onPack: ({ pack }) => packs.giveBack(pack),
    check: () => {},
  });
  const place: Place = {
    path,
    ring,
    wanted: chunkIds(content, polynomial),
    onCheck: () => {},
    sealer: new FileSealer({
      polynomial,
      known: KnownBlobs.create(new BlobIndex().share()),
      filler,
      ring,
      onRead: () => {},
      check: () => place.onCheck(),
    }),
  };
  return place;
}

function idsIn(bytes: Uint8Array): string[] {
  return Array.from({ length: bytes.length / 32 }, (_, index) =>
    Buffer.from(bytes.subarray(index * 32, (index + 1) * 32)).toString('hex'),
  );
}

test('a shared file gives the chunks of one that is not, and costs the same', (t) => {
  const half = randomBytes(5 * mib);
  const content = Buffer.concat([half, half]);
  const { sealer, path, wanted } = makePlace(t, content);
  const shared = new SharedFile(createSharedFile(content.length));
  const result = sealer.sealBatch([path], shared, () => {});
  assert.deepEqual(idsIn(result.content), wanted);
  const alone = makePlace(t, content);
  const other = alone.sealer.sealBatch([alone.path], undefined, () => {});
  assert.deepEqual(other.content, result.content);
  assert.equal(other.newBlobs, result.newBlobs);
  assert.deepEqual([...other.costs].slice(0, 2), [...result.costs].slice(0, 2));
});

test('a shared file that has grown beyond its memory is read to its end', (t) => {
  const content = randomBytes(12 * mib);
  const { sealer, path, wanted } = makePlace(t, content);
  const shared = new SharedFile(createSharedFile(1));
  const result = sealer.sealBatch([path], shared, () => {});
  assert.deepEqual(idsIn(result.content), wanted);
  assert.equal(new StatRows(result.stats).bigint(0, 'size'), BigInt(content.length));
});

test('a file larger than the ring goes through it, with chunks of all sizes', (t) => {
  // What is all alike is cut where a chunk may be no larger; zeros where it may be no smaller.
  const alike = new Uint8Array(18 * mib).fill(1);
  const parts = [randomBytes(9 * mib), alike, new Uint8Array(5 * mib), randomBytes(7 * mib)];
  const content = Buffer.concat(parts);
  for (const ringBytes of [largestReadBytes, 13 * mib + 5, 64 * mib]) {
    const place = makePlace(t, content, ringBytes);
    const shared = new SharedFile(createSharedFile(content.length));
    const result = place.sealer.sealBatch([place.path], shared, () => {});
    assert.deepEqual(idsIn(result.content), place.wanted, `${ringBytes}`);
    assert.equal(new StatRows(result.stats).bigint(0, 'size'), BigInt(content.length));
  }
});

test('a file is not read into the ring before the one in it is sealed', (t) => {
  const place = makePlace(t, randomBytes(mib));
  const shared = new SharedFile(createSharedFile(mib));
  const read = (): boolean => place.ring.bytes.some((byte) => byte !== 0);
  place.ring.take(assert.fail);
  let checks = 0;
  place.onCheck = () => {
    checks += 1;
    // Once more after the first wait: it did not go on in between.
    if (checks <= 2) assert.equal(read(), false);
    if (checks === 2) place.ring.giveBack();
  };
  const result = place.sealer.sealBatch([place.path], shared, () => {});
  assert.ok(read());
  assert.deepEqual(idsIn(result.content), place.wanted);
  place.ring.take(() => assert.fail('it was not given back'));
});

test('a helper seals what is published, and does not wait for a file that cannot be opened', (t) => {
  const { sealer, path } = makePlace(t, randomBytes(mib));
  const shared = new SharedFile(createSharedFile(mib));
  const result = sealer.sealBatch([`${path}-missing`], shared, () => {});
  assert.deepEqual(
    result.failures.map(({ code }) => code),
    ['ENOENT'],
  );
  sealer.help(shared);
  assert.equal(shared.published, 0);
});
