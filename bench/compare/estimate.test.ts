/** Room and time, and that the pieces of a sample stand for the whole. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choosePieces, pieceBytes } from './content-sample.ts';
import { estimate } from './estimate.ts';

test('room is for the data, a restored copy and a repository of each program', () => {
  const options = { sets: ['random'], rounds: 3, scale: 1 } as const;
  const roomFor = (programs: number, https: boolean): number =>
    estimate({ ...options, https }, { programs, cores: 2 }).bytes / 2 ** 32;
  for (const https of [true, false]) {
    const room = roomFor(2, https);
    assert.ok(room >= 4.2 && room < 4.3, `${room} copies`);
    assert.ok(Math.abs(roomFor(3, https) - room - 1.1) < 0.05);
  }
});

test('room is that of the largest data set', () => {
  const options = { rounds: 1, scale: 0.1, https: true };
  const roomFor = (...sets: ('small' | 'image')[]): number =>
    estimate({ ...options, sets }, { programs: 2, cores: 2 }).bytes;
  assert.equal(roomFor('small', 'image'), Math.max(roomFor('small'), roomFor('image')));
});

test('small data is its own sample, in pieces that cover each file once', () => {
  const files = [
    { path: 'a', bytes: 2 * pieceBytes + 5 },
    { path: 'empty', bytes: 0 },
    { path: 'b', bytes: 7 },
  ];
  assert.deepEqual(choosePieces(files, 64 * pieceBytes), [
    { path: 'a', offset: 0, bytes: pieceBytes },
    { path: 'a', offset: pieceBytes, bytes: pieceBytes },
    { path: 'a', offset: 2 * pieceBytes, bytes: 5 },
    { path: 'b', offset: 0, bytes: 7 },
  ]);
});

test('of more data the sample has about as much as was asked for, from all over it', () => {
  const files = Array.from({ length: 1000 }, (_, index) => ({ path: `${index}`, bytes: 4096 }));
  const pieces = choosePieces(files, 100 * 4096);
  assert.equal(pieces.length, 100);
  assert.deepEqual([pieces[0]?.path, pieces.at(-1)?.path], ['0', '990']);
});
