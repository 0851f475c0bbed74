import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { randomContent, tinyRepository } from '../../../test/support/tiny-repository.ts';
import { type Backend, forwardTo } from '../../storage/backend.ts';
import { PackPool } from './pack-pool.ts';
import { type BlobTable, type CheckAnswer, tableOf } from './pack-protocol.ts';

/** Checks one pack as often as wanted, one check after the other, through the backend that `wrap` makes. */
async function checkOften(
  count: number,
  wrap: (backend: Backend) => Backend,
): Promise<CheckAnswer[]> {
  const { repo, packId, entries, length } = await onePack([100_000, 3, 70_000].map(randomContent));
  const blobs = tableOf(entries);
  const pool = new PackPool({ key: repo.key, backend: wrap(repo.backend), workers: 1 });
  try {
    const answers: CheckAnswer[] = [];
    for (let run = 0; run < count; run += 1) {
      answers.push(await pool.run({ kind: 'check', packId, blobs }, packId, { offset: 0, length }));
    }
    return answers;
  } finally {
    await pool.close();
  }
}

/** A repository with one pack of these blobs. */
async function onePack(contents: readonly Uint8Array[]) {
  const repository = await tinyRepository();
  const ids = contents.map((content) => repository.addBlob('data', content));
  const packId = await repository.savePack();
  const repo = await repository.load();
  const entries = ids.flatMap((id) => repo.index.findAll('data', id));
  const length = repository.backend.files.get(`data/${packId}`)?.length ?? assert.fail();
  return { repo, packId, entries, length };
}

const sound: CheckAnswer = { faults: [], lost: [] };

test('what is fetched goes into the memory of what was fetched before', async () => {
  const wasUsed: boolean[] = [];
  const answers = await checkOften(3, (backend) => ({
    ...forwardTo(backend),
    async load(file, range, signal, memory = assert.fail()) {
      wasUsed.push(memory.some((byte) => byte !== 0));
      memory.set(await backend.load(file, range, signal));
      return memory;
    },
  }));
  assert.deepEqual(answers, [sound, sound, sound]);
  assert.deepEqual(wasUsed, [false, true, true]);
});

test('a backend may give memory of its own, and keeps what is not its result', async () => {
  const kept = new Map<string, Uint8Array>();
  const answers = await checkOften(3, (backend) => ({
    ...forwardTo(backend),
    async load(file, range, signal) {
      // A part of something larger, the same each time.
      const whole = kept.get(file.name) ?? new Uint8Array(300_000);
      whole.set(await backend.load(file, range, signal), 7);
      kept.set(file.name, whole);
      return whole.subarray(7, 7 + (range?.length ?? 0));
    },
  }));
  assert.deepEqual(answers, [sound, sound, sound]);
  for (const whole of kept.values()) assert.equal(whole.length, 300_000);
});

test('a pool that is closed at work ends its threads, and not the process', async () => {
  const { repo, packId, entries, length } = await onePack([randomContent(100)]);
  // Each time the frame that is none costs a decoder. Node does not survive a thread that ends in between.
  const frames = entries.map((entry) => ({ ...entry, uncompressedLength: 1000 }));
  const check = async (pool: PackPool, blobs: BlobTable): Promise<CheckAnswer> =>
    pool.run({ kind: 'check', packId, blobs }, packId, { offset: 0, length });
  for (let round = 0; round < 30; round += 1) {
    const pool = new PackPool({ key: repo.key, backend: repo.backend, workers: 1 });
    assert.equal((await check(pool, tableOf(frames))).lost.length, 1);
    const long = check(pool, tableOf(Array(100_000).fill(frames).flat()));
    const stopped = assert.rejects(long, { code: 'interrupted' });
    await setTimeout(30 + 30 * Math.random());
    await pool.close();
    await stopped;
  }
});

test('a blob that belongs to ever so many places is written no further once the pool is closed', async (t) => {
  const { repo, packId, entries, length } = await onePack([Uint8Array.of(1)]);
  const path = join(tempFolder(t), 'file');
  const places = 5_000_000;
  const pool = new PackPool({ key: repo.key, backend: repo.backend, workers: 1 });
  // The file has its size from the start; what is not written is zero.
  const isWritten = (place: number): boolean => existsSync(path) && readFileSync(path)[place] === 1;
  const restoring = pool.run(
    {
      kind: 'restore',
      blobs: tableOf(entries),
      targets: {
        starts: Uint32Array.of(0, places),
        files: new Uint32Array(places),
        offsets: Float64Array.from({ length: places }, (_, place) => place),
      },
      files: {
        paths: [path],
        sizes: Float64Array.of(places),
        blobCounts: Uint32Array.of(places),
        reused: Uint8Array.of(0),
        made: Uint8Array.of(0),
        finished: Uint8Array.of(0),
        modes: Uint32Array.of(0o600),
        uids: Uint32Array.of(0),
        gids: Uint32Array.of(0),
        mtimes: BigInt64Array.of(0n),
        atimes: BigInt64Array.of(0n),
        attributes: new Map(),
      },
      sparse: false,
      native: false,
    },
    packId,
    { offset: 0, length },
  );
  const stopped = assert.rejects(restoring, { code: 'interrupted' });
  while (!isWritten(0)) await setTimeout(1);
  await pool.close();
  await stopped;
  assert.ok(!isWritten(places - 1));
});
