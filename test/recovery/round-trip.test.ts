/** What Sealift backs up it gives back, to the nanosecond and the last attribute. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeTree, makeFileTree } from '../support/file-tree.ts';
import { skipWithout } from '../support/peers.ts';
import { mustRunSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

for (const flags of [[], ['--sparse'], ['--verify']]) {
  test(`a folder of every kind of entry comes back the same (restore ${flags.join(' ')})`, {
    skip: skipWithout('getfattr'),
  }, async (t) => {
    const folder = tempFolder(t);
    const source = join(folder, 'source');
    makeFileTree(source, { rawLinkTarget: true });
    const wanted = describeTree(source);
    const env = { SEALIFT_PASSWORD: 'pw', SEALIFT_REPOSITORY: join(folder, 'repository') };
    await mustRunSealift(['init'], { env });
    await mustRunSealift(['backup', source], { env });
    const target = join(folder, 'target');
    await mustRunSealift(['restore', 'latest', '--target', target, ...flags], { env });
    assert.deepEqual(describeTree(join(target, source)), wanted);

    await mustRunSealift(['restore', 'latest', '--target', target, ...flags], { env });
    assert.deepEqual(describeTree(join(target, source)), wanted, 'a second restore in place');
  });
}
