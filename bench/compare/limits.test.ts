/** The shortest times of a machine and data that were made up. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpeedJob } from './goals.ts';
import { limitOf } from './limits.ts';
import { content, hardware } from './made-up.ts';

function near(found: number | undefined, expected: number): void {
  assert.ok(Math.abs((found ?? Number.NaN) - expected) < 1e-9, `${found} is not ${expected}`);
}

function partsOf(job: SpeedJob, repositoryBytes = 1e9, costs = content): Map<string, number> {
  const { parts } = limitOf(job, hardware, costs, repositoryBytes);
  return new Map(parts.map(({ what, seconds }) => [what, seconds]));
}

test('the start of Node is waited for, the rest is spread over the cores', () => {
  const { busySeconds, seconds, parts } = limitOf('unchanged', hardware, content, 1e9);
  // scrypt, and lstat of a hundred times the sample's files.
  near(busySeconds, 0.05 + 0.2 + 0.01);
  near(seconds, 0.05 + (0.2 + 0.01) / 2);
  assert.deepEqual(
    parts.map(({ what }) => what),
    ['scrypt', 'start of Node', 'lstat'],
  );
});

test('a first backup hashes content and packs, encrypts once and writes', () => {
  const parts = partsOf('first');
  near(parts.get('SHA-256 of blobs'), 0.5);
  near(parts.get('SHA-256 of packs'), 0.5);
  near(parts.get('AES'), 1);
  near(parts.get('Poly1305'), 0.3);
  near(parts.get('writing packs'), 0.4);
  near(parts.get('reading files'), 0.2);
});

test('a restore hashes once and writes files, a check hashes twice and writes none', () => {
  assert.deepEqual(
    ['SHA-256 of packs', 'writing files'].map((what) => partsOf('restore').has(what)),
    [false, true],
  );
  assert.deepEqual(
    ['SHA-256 of packs', 'writing files'].map((what) => partsOf('check').has(what)),
    [true, false],
  );
});

test('what is in the data twice is stored once, but read twice', () => {
  const parts = partsOf('first', 0.5e9);
  near(parts.get('AES'), 0.5);
  near(parts.get('Poly1305'), 0.15);
  near(parts.get('SHA-256 of packs'), 0.25);
  near(parts.get('SHA-256 of blobs'), 0.5);
  near(partsOf('restore', 0.5e9).get('SHA-256 of blobs'), 0.25);
  near(partsOf('restore', 0.5e9).get('writing files'), 0.4);
});

test('of a sample that holds content twice, what is opened is hashed once', () => {
  const sample = { ...content.sample, uniqueBytes: 0.5e7, storedBytes: 0.5e7 };
  const parts = partsOf('restore', 0.5e9, { ...content, sample });
  near(parts.get('SHA-256 of blobs'), 0.25);
  near(parts.get('Poly1305'), 0.3);
  near(parts.get('AES'), 0.5);
});

test('what a repository holds beside content does not raise the limit', () => {
  assert.deepEqual(partsOf('check', 3e9), partsOf('check', 1e9));
});

test('a data set without content costs what a job costs at any rate', () => {
  const sample = { ...content.sample, files: 0, bytes: 0, uniqueBytes: 0, storedBytes: 0 };
  const empty = { files: 0, bytes: 0, sample };
  near(limitOf('first', hardware, empty, 1000).busySeconds, 0.25);
});
