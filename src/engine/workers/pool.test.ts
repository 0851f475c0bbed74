import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { chunkIds } from '../../../test/support/chunk-ids.ts';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { BlobIndex } from '../../repository/blob-index.ts';
import { generateRepositoryKey } from '../../repository/crypto.ts';
import { blobIdOf } from '../../repository/ids.ts';
import { openBlob, readPackHeader } from '../../repository/pack.ts';
import { formatPolynomial, generatePolynomial } from '../../repository/polynomial.ts';
import type { FinishedPack } from '../pack-builder.ts';
import { StatRows } from '../stat-rows.ts';
import { KnownBlobs } from './known-blobs.ts';
import { type Batch, WorkerPool } from './pool.ts';
import type { BatchResult } from './protocol.ts';
import { sharedFileBytes } from './shared-file.ts';
import { sharedPackCount } from './shared-packs.ts';

const key = generateRepositoryKey(randomBytes);
const polynomial = generatePolynomial(randomBytes);

interface Place {
  readonly pool: WorkerPool;
  /** Backs up a new file. */
  seal(name: string, content: Uint8Array): Promise<BatchResult>;
}

function makePlace(
  t: TestContext,
  workers: number,
  onPack: (pack: FinishedPack) => Promise<void>,
): Place {
  const folder = tempFolder(t);
  const pool = new WorkerPool({
    key,
    version: 2,
    compression: 'auto',
    packSizeBytes: 2 ** 20,
    workers,
    polynomial: formatPolynomial(polynomial),
    openKnown: () => KnownBlobs.create(new BlobIndex().share()),
    onPack,
    onFailure: (error) => assert.fail(error),
  });
  t.after(() => pool.close());
  return {
    pool,
    seal(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      const size = content.length;
      const batch: Batch = { paths: [path], bytes: size, lastBytes: size };
      return new Promise((resolve) => pool.submit(batch, resolve));
    },
  };
}

/** Verifies a pack as it would be stored. Returns the ids of its blobs. */
async function idsIn({ id, content, header, entries }: FinishedPack): Promise<string[]> {
  const file = Buffer.concat([content, header]);
  assert.equal(createHash('sha256').update(file).digest('hex'), id);
  const read = await readPackHeader(key, file.length, async (offset, length) =>
    file.subarray(offset, offset + length),
  );
  assert.deepEqual(read, entries);
  for (const entry of read)
    openBlob(key, file.subarray(entry.offset, entry.offset + entry.length), entry);
  return read.map((entry) => entry.id);
}

test('both workers seal chunks of a large file, and of a smaller one only the one who has it', async (t) => {
  const { pool, seal } = makePlace(t, 2, async () => {});
  const readOf = async (name: string, size: number): Promise<number[]> => {
    const before = pool.bytesReadByEach;
    await seal(name, randomBytes(size));
    return pool.bytesReadByEach.map((bytes, index) => bytes - (before[index] ?? 0));
  };
  // With both threads up, neither can have sealed everything before the other is there.
  await Promise.all([seal('one', randomBytes(1)), seal('two', randomBytes(1))]);
  const smaller = await readOf('smaller', sharedFileBytes - 1);
  assert.deepEqual(smaller.toSorted(), [0, sharedFileBytes - 1]);
  const large = await readOf('large', 2 * sharedFileBytes);
  assert.ok(large.every((bytes) => bytes > 0));
});

test('large files that come at once are put together each from its own content', async (t) => {
  const { seal } = makePlace(t, 3, async () => {});
  const contents = Array.from({ length: 4 }, () => randomBytes(sharedFileBytes + 5 * 2 ** 20));
  const results = await Promise.all(
    contents.map((content, index) => seal(`large-${index}`, content)),
  );
  for (const [index, { content: ids, stats, failures }] of results.entries()) {
    const content = contents[index] ?? assert.fail();
    assert.deepEqual(failures, []);
    assert.equal(new StatRows(stats).whole(0, 'size'), content.length);
    assert.equal(
      Buffer.from(ids).toString('hex'),
      chunkIds(content, polynomial).join(''),
      `${index}`,
    );
  }
});

describe('packs that workers fill together', () => {
  test('hold every blob once, and a few blobs of many workers make one pack', async (t) => {
    const packs: FinishedPack[] = [];
    const { pool, seal } = makePlace(t, 4, async (pack) => {
      packs.push({ ...pack, content: pack.content.slice(), header: pack.header.slice() });
    });
    const few = Array.from({ length: 12 }, (_, index) => randomBytes(1000 * index + 1));
    await Promise.all(few.map((content, index) => seal(`few-${index}`, content)));
    await pool.flush();
    assert.equal(packs.length, 1);
    const many = Array.from({ length: 60 }, (_, index) => randomBytes((index % 7) * 50_000 + 9));
    await Promise.all(many.map((content, index) => seal(`many-${index}`, content)));
    await pool.flush();
    assert.ok(packs.length > 4);
    const stored = (await Promise.all(packs.map(idsIn))).flat();
    assert.deepEqual(stored.toSorted(), [...few, ...many].map(blobIdOf).toSorted());
  });

  test('wait for slow storage, each held only once at a time', async (t) => {
    const waiting: (() => void)[] = [];
    const held = new Set<unknown>();
    const ids: string[] = [];
    const { pool, seal } = makePlace(t, 3, async (pack) => {
      assert.ok(!held.has(pack.content.buffer), 'a pack is filled while it is stored');
      held.add(pack.content.buffer);
      await new Promise<void>((resolve) => waiting.push(resolve));
      ids.push(...(await idsIn(pack)));
      held.delete(pack.content.buffer);
    });
    const contents = Array.from({ length: 24 }, () => randomBytes(400_000));
    let done = 0;
    const sealing = contents.map(async (content, index) => {
      await seal(`file-${index}`, content);
      done += 1;
    });
    // Every pack is full and none is stored.
    while (waiting.length < sharedPackCount(3))
      await new Promise((resolve) => setImmediate(resolve));
    assert.ok(done < contents.length);
    const storing = setInterval(() => waiting.shift()?.(), 1);
    t.after(() => clearInterval(storing));
    await Promise.all(sealing);
    await pool.flush();
    while (held.size > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(ids.toSorted(), contents.map(blobIdOf).toSorted());
  });

  test('do not keep workers that wait for one from being ended', async (t) => {
    let full = 0;
    const { pool, seal } = makePlace(t, 2, () => {
      full += 1;
      return new Promise(() => {});
    });
    for (let index = 0; index < 24; index += 1) void seal(`file-${index}`, randomBytes(400_000));
    while (full < sharedPackCount(2)) await new Promise((resolve) => setImmediate(resolve));
    await pool.close();
  });
});
