/** restic is the judge: it reads, checks and restores what Sealift wrote, and the other way round. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { describeTree, makeFileTree } from '../support/file-tree.ts';
import { findPeer, skipWithout } from '../support/peers.ts';
import { mustRun, mustRunSealift, run } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const skip = skipWithout('restic', 'getfattr');
const restic = findPeer('restic') ?? 'restic';
const password = { RESTIC_PASSWORD: 'correct horse' };

interface Place {
  readonly folder: string;
  readonly source: string;
  readonly repository: string;
  readonly env: Readonly<Record<string, string>>;
}

function makePlace(context: Parameters<typeof tempFolder>[0]): Place {
  const folder = tempFolder(context);
  const source = join(folder, 'source');
  const repository = join(folder, 'repository');
  const env = {
    ...password,
    RESTIC_REPOSITORY: repository,
    RESTIC_CACHE_DIR: join(folder, 'cache'),
  };
  return { folder, source, repository, env };
}

function makeSource(place: Place): string[] {
  makeFileTree(place.source);
  return describeTree(place.source);
}

/** Ids of all blobs of a type in the repository, as restic lists them. */
async function listBlobs(env: Place['env'], type: 'data' | 'tree'): Promise<string[]> {
  const text = await mustRun(restic, ['list', 'blobs', '--no-lock', '-q'], { env });
  return text
    .split('\n')
    .filter((line) => line.startsWith(type))
    .sort();
}

describe('a repository that Sealift wrote', { skip }, () => {
  for (const compression of ['auto', 'off', 'max']) {
    test(`passes restic's check and restores to the byte (compression ${compression})`, async (t) => {
      const place = makePlace(t);
      const { env, source, folder } = place;
      const wanted = makeSource(place);
      await mustRunSealift(['init'], { env });
      await mustRunSealift(['backup', '--compression', compression, source], { env });

      await mustRun(restic, ['check', '--read-data'], { env });
      const target = join(folder, 'restored');
      await mustRun(restic, ['restore', 'latest', '--target', target], { env });
      assert.deepEqual(describeTree(join(target, source)), wanted);
    });
  }
});

describe('a repository that restic wrote', { skip }, () => {
  const kinds = [
    { version: '1', compression: 'auto' },
    { version: '2', compression: 'auto' },
    { version: '2', compression: 'off' },
  ];
  for (const { version, compression } of kinds) {
    test(`is read, checked and restored by Sealift (version ${version}, ${compression})`, async (t) => {
      const place = makePlace(t);
      const { env, source, folder } = place;
      const wanted = makeSource(place);
      await mustRun(restic, ['init', '--repository-version', version], { env });
      await mustRun(restic, ['backup', '--compression', compression, source], { env });

      await mustRunSealift(['check', '--read-data'], { env });
      const target = join(folder, 'restored');
      await mustRunSealift(['restore', 'latest', '--target', target], { env });
      assert.deepEqual(describeTree(join(target, source)), wanted);
    });
  }

  test('gains nothing but a snapshot when Sealift backs up in version 1 what restic did', async (t) => {
    const place = makePlace(t);
    const { env, source } = place;
    makeSource(place);
    await mustRun(restic, ['init', '--repository-version', '1'], { env });
    await mustRun(restic, ['backup', source], { env });
    const blobs = await listBlobs(env, 'data');
    await mustRunSealift(['backup', '--force', source], { env });
    assert.deepEqual(await listBlobs(env, 'data'), blobs);
    await mustRun(restic, ['check', '--read-data'], { env });
  });
});

describe('two programs that write to one repository in turn', { skip }, () => {
  test('deduplicate against each other, whoever comes first', async (t) => {
    const place = makePlace(t);
    const { env, source } = place;
    makeSource(place);
    await mustRunSealift(['init'], { env });
    await mustRunSealift(['backup', source], { env });
    const afterSealift = await listBlobs(env, 'data');
    await mustRun(restic, ['backup', '--force', source], { env });
    assert.deepEqual(await listBlobs(env, 'data'), afterSealift);

    makeFileTree(join(source, 'more'));
    await mustRun(restic, ['backup', source], { env });
    const afterRestic = await listBlobs(env, 'data');
    await mustRunSealift(['backup', '--force', source], { env });
    assert.deepEqual(await listBlobs(env, 'data'), afterRestic);
    await mustRun(restic, ['check', '--read-data'], { env });
    await mustRunSealift(['check', '--read-data'], { env });
  });

  test('write the same trees, so that an unchanged folder adds no tree either', async (t) => {
    const place = makePlace(t);
    const { env, folder } = place;
    makeSource(place);
    const options = { env, cwd: folder };
    await mustRun(restic, ['init'], { env });
    await mustRun(restic, ['backup', 'source'], options);
    const trees = await listBlobs(env, 'tree');
    await mustRunSealift(['backup', '--force', 'source'], options);
    assert.deepEqual(await listBlobs(env, 'tree'), trees);
  });

  test("take each other's snapshots as parents and read nothing again", async (t) => {
    const place = makePlace(t);
    const { env, source } = place;
    makeSource(place);
    await mustRunSealift(['init'], { env });
    await mustRun(restic, ['backup', source], { env });
    const ours = await mustRunSealift(['backup', '--json', source], { env });
    const summary = lastJsonLine(ours);
    assert.equal(summary['files_new'], 0);
    assert.equal(summary['files_changed'], 0);
    const theirs = lastJsonLine(await mustRun(restic, ['backup', '--json', source], { env }));
    assert.equal(theirs['files_new'], 0);
    assert.equal(theirs['files_changed'], 0);
  });
});

describe('keys and locks', { skip }, () => {
  test('a key that Sealift added opens the repository in restic, and one that it removed does not', async (t) => {
    const { env, folder } = makePlace(t);
    await mustRun(restic, ['init'], { env });
    const newPassword = (text: string): string[] => {
      const file = join(folder, text);
      writeFileSync(file, `${text}\n`);
      return ['--new-password-file', file];
    };
    await mustRunSealift(['key', 'add', ...newPassword('second')], { env });
    const second = { ...env, RESTIC_PASSWORD: 'second' };
    await mustRun(restic, ['snapshots'], { env: second });
    await mustRunSealift(['key', 'passwd', ...newPassword('third')], { env: second });
    assert.notEqual((await run(restic, ['snapshots'], { env: second })).code, 0);
    await mustRun(restic, ['snapshots'], { env: { ...env, RESTIC_PASSWORD: 'third' } });
  });
});

function lastJsonLine(text: string): Record<string, unknown> {
  const lines = text.trim().split('\n');
  return JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;
}
