/** Kernels run on a data set of some KiB; what they cost is not judged. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { contentKernels, measureContent } from './content-costs.ts';
import { makeSet } from './data-sets.ts';

test('a sample of small data is all of it, and nothing is left behind', async (t) => {
  const folder = tempFolder(t);
  const source = join(folder, 'source');
  makeSet('small', source, { scale: 0.0005, tree: '' });
  const { files, bytes, sample } = await measureContent(source, folder);
  assert.equal(files, 100);
  assert.deepEqual([sample.files, sample.bytes], [files, bytes]);
  assert.equal(sample.uniqueBytes, bytes);
  assert.ok(sample.storedBytes < sample.foldedBytes, 'text was folded');
  for (const kernel of contentKernels) assert.ok(sample.seconds[kernel] > 0, kernel);
  assert.deepEqual(readdirSync(folder), ['source']);
});

test('of zeros one piece is stored for each thread', async (t) => {
  const folder = tempFolder(t);
  const source = join(folder, 'source');
  makeSet('image', source, { scale: 0.005, tree: '' });
  const { bytes, sample } = await measureContent(source, folder);
  assert.equal(sample.bytes, bytes);
  assert.ok(sample.uniqueBytes < bytes);
  assert.ok(sample.storedBytes <= sample.uniqueBytes);
});
