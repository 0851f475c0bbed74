import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomContent, tinyRepository } from '../../../test/support/tiny-repository.ts';
import { type Backend, forwardTo } from '../../storage/backend.ts';
import { PackPool } from './pack-pool.ts';
import { type CheckAnswer, tableOf } from './pack-protocol.ts';

/** Checks one pack as often as wanted, one check after the other, through the backend that `wrap` makes. */
async function checkOften(
  count: number,
  wrap: (backend: Backend) => Backend,
): Promise<CheckAnswer[]> {
  const repository = await tinyRepository();
  const ids = [100_000, 3, 70_000].map((size) => repository.addBlob('data', randomContent(size)));
  const packId = await repository.savePack();
  const repo = await repository.load();
  const blobs = tableOf(ids.flatMap((id) => repo.index.findAll('data', id)));
  const length = repository.backend.files.get(`data/${packId}`)?.length ?? assert.fail();
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
