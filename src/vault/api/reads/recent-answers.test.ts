import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentAnswers } from './recent-answers.ts';

/** A clock that stands, and answers that are made when the test says so. */
function makePlace() {
  const place = { nowMs: 0, pending: [] as PromiseWithResolvers<number>[] };
  const answers = new RecentAnswers<number>(() => place.nowMs);
  const ask = (key = 'a'): Promise<number> =>
    answers.get(key, () => {
      const next = Promise.withResolvers<number>();
      place.pending.push(next);
      return next.promise;
    });
  const finish = async (value: number, tookMs: number): Promise<void> => {
    place.nowMs += tookMs;
    place.pending.at(-1)?.resolve(value);
    await new Promise(setImmediate);
  };
  return { place, ask, finish };
}

test('an answer is made once for all who ask meanwhile and shortly after', async () => {
  const { place, ask, finish } = makePlace();
  const both = [ask(), ask()];
  await finish(1, 100);
  assert.deepEqual(await Promise.all(both), [1, 1]);
  place.nowMs += 999;
  assert.equal(await ask(), 1);
  assert.equal(place.pending.length, 1);
  place.nowMs += 1;
  const later = ask();
  await finish(2, 100);
  assert.equal(await later, 2);
});

test('nobody waits for a slow answer again: the last one is given while the next is made', async () => {
  const { place, ask, finish } = makePlace();
  const first = ask();
  await finish(1, 5000);
  assert.equal(await first, 1);
  place.nowMs += 11_000;
  assert.deepEqual([await ask(), await ask()], [1, 1]);
  assert.equal(place.pending.length, 2);
  await finish(2, 5000);
  assert.equal(await ask(), 2);
});

test('a renewal that fails leaves the last answer, until that is too old', async () => {
  const { place, ask, finish } = makePlace();
  void ask();
  await finish(1, 5000);
  place.nowMs += 11_000;
  assert.equal(await ask(), 1);
  place.pending.at(-1)?.reject(new Error('no disk'));
  await new Promise(setImmediate);
  assert.equal(await ask(), 1);
  await finish(3, 600_000);
  assert.equal(await ask(), 3);
  place.nowMs += 10_000_000_000;
  const failed = ask();
  place.pending.at(-1)?.reject(new Error('no disk'));
  await assert.rejects(failed, /no disk/);
  const again = ask();
  await finish(4, 1);
  assert.equal(await again, 4);
});

test('other questions have other answers', async () => {
  const { ask, finish } = makePlace();
  const a = ask('a');
  await finish(1, 10);
  const b = ask('b');
  await finish(2, 10);
  assert.deepEqual([await a, await b], [1, 2]);
});
