import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime } from '../base/time.ts';
import { encodeLock, isStale, type Lock, parseLock } from './lock.ts';

const timeNs = 1_700_000_000_123_456_789n;
const nowMs = 1_700_000_000_123;
const lock: Lock = {
  timeNs,
  exclusive: true,
  hostname: 'a<b',
  username: 'ann',
  pid: 123,
  uid: 1000,
  gid: 100,
};
const facts = { nowMs, hostname: 'a<b', isAlive: () => true };

test('a lock is written as restic writes it and reads back', () => {
  const bytes = encodeLock(lock);
  assert.equal(
    Buffer.from(bytes).toString(),
    `{"time":"${formatTime(timeNs)}","exclusive":true,"hostname":"a\\u003cb","username":"ann","pid":123,"uid":1000,"gid":100}`,
  );
  assert.deepEqual(parseLock(bytes), lock);
});

test('the ids of root are left out and read as 0', () => {
  const root = { ...lock, exclusive: false, uid: 0, gid: 0 };
  const bytes = encodeLock(root);
  assert.doesNotMatch(Buffer.from(bytes).toString(), /uid|gid/);
  assert.deepEqual(parseLock(bytes), root);
});

test('a lock over 30 minutes old is stale, wherever it was made', () => {
  const elsewhere = { ...lock, hostname: 'other' };
  assert.equal(isStale(elsewhere, { ...facts, nowMs: nowMs + 30 * 60_000 }), false);
  assert.equal(isStale(elsewhere, { ...facts, nowMs: nowMs + 30 * 60_000 + 1 }), true);
});

test('a lock of a process now gone is stale, on its own machine only', () => {
  const isAlive = (pid: number): boolean => pid !== 123;
  assert.equal(isStale(lock, { ...facts, isAlive }), true);
  assert.equal(isStale(lock, { ...facts, isAlive, hostname: 'other' }), false);
  assert.equal(isStale({ ...lock, pid: 7 }, { ...facts, isAlive }), false);
});

test('a malformed lock is refused', () => {
  for (const text of ['', 'null', '{"time":5}', '{"exclusive":"yes"}', '{"pid":-1}']) {
    assert.throws(() => parseLock(Buffer.from(text)), { code: 'format/lock' }, text);
  }
});
