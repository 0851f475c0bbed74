/** restic is the judge of a copy, reads its snapshots, and sees which are there already. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { describeTree, makeFileTree } from '../support/file-tree.ts';
import { findPeer, skipWithout } from '../support/peers.ts';
import { mustRun, mustRunSealift, runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const skip = skipWithout('restic', 'getfattr');
const restic = findPeer('restic') ?? 'restic';

interface Place {
  readonly folder: string;
  readonly source: string;
  /** Of the repository to copy from, as the one that a program works with. */
  readonly from: Readonly<Record<string, string>>;
  /** Of the one to copy to, which names the other as well. */
  readonly to: Readonly<Record<string, string>>;
}

function makePlace(t: TestContext): Place {
  const folder = tempFolder(t);
  const cache = { RESTIC_CACHE_DIR: join(folder, 'cache') };
  const from = { RESTIC_REPOSITORY: join(folder, 'from'), RESTIC_PASSWORD: 'the source' };
  const to = {
    RESTIC_REPOSITORY: join(folder, 'to'),
    RESTIC_PASSWORD: 'the target',
    RESTIC_FROM_REPOSITORY: from.RESTIC_REPOSITORY,
    RESTIC_FROM_PASSWORD: from.RESTIC_PASSWORD,
  };
  return {
    folder,
    source: join(folder, 'data'),
    from: { ...cache, ...from },
    to: { ...cache, ...to },
  };
}

async function snapshotCount(env: Place['from']): Promise<number> {
  return (JSON.parse(await mustRun(restic, ['snapshots', '--json'], { env })) as unknown[]).length;
}

/** restic lists them in no order. */
async function dataBlobs(env: Place['from']): Promise<string[]> {
  const text = await mustRun(restic, ['list', 'blobs', '--no-lock', '-q'], { env });
  return text
    .split('\n')
    .filter((line) => line.startsWith('data'))
    .sort();
}

describe('copy', { skip }, () => {
  for (const [from, to] of [
    ['1', '2'],
    ['2', '1'],
    ['2', '2'],
  ] as const) {
    test(`brings what restic wrote in version ${from} whole into version ${to}`, async (t) => {
      const place = makePlace(t);
      const { source, folder } = place;
      makeFileTree(source);
      await mustRun(restic, ['init', '--repository-version', from], { env: place.from });
      await mustRun(restic, ['backup', source], { env: place.from });
      writeFileSync(join(source, 'later'), 'this came later');
      const wanted = describeTree(source);
      await mustRun(restic, ['backup', source], { env: place.from });

      const env = place.to;
      const init = ['init', '--repository-version', to, '--copy-chunker-params'];
      await mustRunSealift(init, { env });
      await mustRunSealift(['copy'], { env });
      await mustRun(restic, ['check', '--read-data'], { env });
      const target = join(folder, 'restored');
      await mustRun(restic, ['restore', 'latest', '--target', target], { env });
      assert.deepEqual(describeTree(join(target, source)), wanted);

      // The same polynomial cuts the same chunks.
      const blobs = await dataBlobs(env);
      await mustRunSealift(['backup', '--force', source], { env });
      assert.deepEqual(await dataBlobs(env), blobs);
    });
  }

  test('and restic’s skip each other’s snapshots, both ways', async (t) => {
    const { source, from, to } = makePlace(t);
    makeFileTree(source);
    await mustRunSealift(['init'], { env: from });
    await mustRunSealift(['backup', source], { env: from });
    await mustRunSealift(['backup', '--tag', 'second', source], { env: from });
    // restic makes no repository while another one is named for its chunks alone.
    await mustRunSealift(['init'], { env: to });
    const first = await mustRunSealift(['copy', '--json', '--tag', 'second'], { env: to });
    assert.equal(first.trim().split('\n').length, 2);
    assert.equal(await snapshotCount(to), 1);
    await mustRun(restic, ['copy'], { env: to });
    assert.equal(await snapshotCount(to), 2);
    const lines = (await mustRunSealift(['copy', '--json'], { env: to })).trim().split('\n');
    const summary = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
    assert.equal(summary['snapshots_copied'], 0);
    assert.equal(summary['snapshots_skipped'], 2);
    await mustRun(restic, ['check', '--read-data'], { env: to });
    await mustRunSealift(['check', '--read-data'], { env: to });
  });

  test('names the source by options, and says when it is not named or its password is wrong', async (t) => {
    const { folder, source, from, to } = makePlace(t);
    makeFileTree(source);
    await mustRunSealift(['init'], { env: from });
    await mustRunSealift(['backup', source], { env: from });
    const { RESTIC_FROM_REPOSITORY: named, RESTIC_FROM_PASSWORD: _, ...env } = to;
    await mustRunSealift(['init'], { env });

    const unnamed = await runSealift(['copy'], { env });
    assert.equal(unnamed.code, 1);
    assert.match(unnamed.stderr, /no source repository is named/);
    const wrong = await runSealift(['copy', '--from-repo', named ?? ''], {
      env: { ...env, SEALIFT_FROM_PASSWORD: 'wrong' },
    });
    assert.equal(wrong.code, 12);
    writeFileSync(join(folder, 'password'), 'the source\n');
    writeFileSync(join(folder, 'name'), `${named}\n`);
    const files = ['--from-repository-file', join(folder, 'name')];
    await mustRunSealift(['copy', ...files, '--from-password-file', join(folder, 'password')], {
      env,
    });
    assert.equal(await snapshotCount(env), 1);
  });
});
