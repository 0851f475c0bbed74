/** A backup that is stopped at any time leaves a valid repository, and the next one goes on from it. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { findPeer, skipWithout } from '../support/peers.ts';
import { cleanEnvironment, mainFile, mustRun, mustRunSealift, nodeFlags } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const skip = skipWithout('restic');
const restic = findPeer('restic') ?? 'restic';
const sourceMib = 96;

function makePlace(t: Parameters<typeof tempFolder>[0]) {
  const folder = tempFolder(t);
  const source = join(folder, 'source');
  const repository = join(folder, 'repository');
  mkdirSync(source);
  for (let i = 0; i < sourceMib / 4; i += 1) {
    writeFileSync(join(source, `file-${i}`), randomBytes(4 * 1024 * 1024));
  }
  const env = {
    RESTIC_PASSWORD: 'correct horse',
    RESTIC_REPOSITORY: repository,
    RESTIC_CACHE_DIR: join(folder, 'cache'),
  };
  return { source, repository, env };
}

/** A backup slowed down so that the test can meet it in the middle. */
function startSlowBackup(source: string, env: Record<string, string>): ChildProcess {
  return spawn(
    process.execPath,
    [...nodeFlags, mainFile, 'backup', '--limit-upload', '30000', '--pack-size', '4', source],
    { env: cleanEnvironment(env), stdio: 'ignore' },
  );
}

function countFiles(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name),
  ).length;
}

async function waitForPacks(repository: string, child: ChildProcess, count: number): Promise<void> {
  while (countFiles(join(repository, 'data')) < count) {
    assert.equal(child.exitCode, null, 'the backup goes on until enough packs are stored');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Bytes that the next backup had to add. */
async function backupAgain(source: string, env: Record<string, string>): Promise<number> {
  const lines = (await mustRunSealift(['backup', '--json', source], { env })).trim().split('\n');
  const summary = JSON.parse(lines.at(-1) ?? '{}') as { data_added: number };
  return summary.data_added;
}

describe('a backup stopped in the middle', { skip }, () => {
  test('by Ctrl-C exits 130, leaves no lock, and what was stored is used by the next run', async (t) => {
    const { source, repository, env } = makePlace(t);
    await mustRunSealift(['init'], { env });
    const child = startSlowBackup(source, env);
    const exited = once(child, 'exit');
    await waitForPacks(repository, child, 4);
    child.kill('SIGINT');
    const [code] = await exited;
    assert.equal(code, 130);
    assert.equal(countFiles(join(repository, 'locks')), 0);
    assert.equal(countFiles(join(repository, 'snapshots')), 0);
    await mustRun(restic, ['check', '--read-data'], { env });

    const added = await backupAgain(source, env);
    assert.ok(added < (sourceMib - 8) * 1024 * 1024, `stored packs are reused, added ${added}`);
    await mustRun(restic, ['check', '--read-data'], { env });
  });

  for (const packs of [1, 5]) {
    test(`by kill -9 after ${packs} packs leaves a repository that restic accepts`, async (t) => {
      const { source, repository, env } = makePlace(t);
      await mustRunSealift(['init'], { env });
      const child = startSlowBackup(source, env);
      const exited = once(child, 'exit');
      await waitForPacks(repository, child, packs);
      child.kill('SIGKILL');
      await exited;
      await mustRunSealift(['unlock'], { env });
      await mustRun(restic, ['check', '--read-data'], { env });
      await backupAgain(source, env);
      await mustRun(restic, ['check', '--read-data'], { env });
      await mustRunSealift(['check', '--read-data'], { env });
    });
  }
});
