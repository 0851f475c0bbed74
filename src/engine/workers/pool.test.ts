import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { BlobIndex } from '../../repository/blob-index.ts';
import { generateRepositoryKey } from '../../repository/crypto.ts';
import { formatPolynomial, generatePolynomial } from '../../repository/polynomial.ts';
import { KnownBlobs } from './known-blobs.ts';
import { type Batch, WorkerPool } from './pool.ts';
import type { BatchResult } from './protocol.ts';
import { sharedFileBytes } from './shared-file.ts';

test('both workers seal chunks of a large file, and of a smaller one only the one who has it', async (t) => {
  const folder = tempFolder(t);
  const sealedBy = new Set<number>();
  const pool = new WorkerPool({
    key: generateRepositoryKey(randomBytes),
    version: 2,
    compression: 'auto',
    packSizeBytes: 4 * 2 ** 20,
    workers: 2,
    polynomial: formatPolynomial(generatePolynomial(randomBytes)),
    openKnown: () => KnownBlobs.create(new BlobIndex().share()),
    onPack: async ({ worker }) => void sealedBy.add(worker),
    onFailure: (error) => assert.fail(error),
  });
  t.after(() => pool.close());
  const seal = (name: string, size: number): Promise<BatchResult> => {
    const path = join(folder, name);
    writeFileSync(path, randomBytes(size));
    const batch: Batch = { paths: [path], bytes: size, lastBytes: size };
    return new Promise((resolve) => pool.submit(batch, resolve));
  };
  // With both threads up, neither can have sealed everything before the other is there.
  await Promise.all([seal('one', 1), seal('two', 1)]);
  await seal('smaller', sharedFileBytes - 1);
  assert.equal(sealedBy.size, 1);
  sealedBy.clear();
  await seal('large', 2 * sharedFileBytes);
  assert.equal(sealedBy.size, 2);
});
