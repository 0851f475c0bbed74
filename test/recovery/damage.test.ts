/** Every kind of damage is named by check; a restore names the files it touches and restores the rest. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { mustRunSealift, type Outcome, runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

type Damage = (path: string) => void;

const flipOneBit: Damage = (path) => {
  const bytes = readFileSync(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  chmodSync(path, 0o600);
  writeFileSync(path, bytes);
};

const cutInHalf: Damage = (path) => {
  chmodSync(path, 0o600);
  truncateSync(path, Math.floor(readFileSync(path).length / 2));
};

const damages = { flipped: flipOneBit, truncated: cutInHalf };

describe('damage', () => {
  const folder = tempFolder({ after });
  let pristine: string;
  let source: string;
  const env = { SEALIFT_PASSWORD: 'correct horse' };

  before(async () => {
    pristine = join(folder, 'pristine');
    source = join(folder, 'source');
    mkdirSync(source);
    for (const name of ['a', 'b', 'c', 'd']) {
      writeFileSync(join(source, name), randomBytes(5 * 1024 * 1024));
    }
    await mustRunSealift(['init', '-r', pristine], { env });
    await mustRunSealift(['backup', '-r', pristine, '--pack-size', '4', source], { env });
  });

  /** A copy of the repository with one file of a kind damaged; returns that file's name. */
  function damagedCopy(
    name: string,
    type: string,
    damage: Damage,
  ): { repository: string; id: string } {
    const repository = join(folder, name);
    cpSync(pristine, repository, { recursive: true });
    const victims = readdirSync(join(repository, type), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => ({ id: entry.name, path: join(entry.parentPath, entry.name) }))
      .sort((a, b) => readFileSync(b.path).length - readFileSync(a.path).length);
    const [victim] = victims;
    assert.ok(victim);
    damage(victim.path);
    return { repository, id: victim.id };
  }

  function assertNamed(outcome: Outcome, id: string): void {
    assert.equal(outcome.code, 1, outcome.stdout + outcome.stderr);
    assert.match(outcome.stdout + outcome.stderr, new RegExp(id.slice(0, 8)));
    assert.doesNotMatch(outcome.stderr, /\n\s+at /, 'no stack trace reaches the user');
  }

  for (const [how, damage] of Object.entries(damages)) {
    for (const type of ['data', 'index', 'snapshots']) {
      test(`check names a ${how} file of ${type}`, async () => {
        const { repository, id } = damagedCopy(`check-${how}-${type}`, type, damage);
        assertNamed(await runSealift(['check', '--read-data', '-r', repository], { env }), id);
      });
    }

    test(`a ${how} key is reported as such, not as a wrong password alone`, async () => {
      const { repository, id } = damagedCopy(`key-${how}`, 'keys', damage);
      const outcome = await runSealift(['snapshots', '-r', repository], { env });
      assert.notEqual(outcome.code, 0);
      assert.match(outcome.stderr, new RegExp(`${id.slice(0, 8)}|password`));
      assert.doesNotMatch(outcome.stderr, /\n\s+at /);
    });

    test(`a restore around a ${how} pack names the files affected and restores the rest`, async () => {
      const { repository } = damagedCopy(`restore-${how}`, 'data', damage);
      const target = join(folder, `target-${how}`);
      const outcome = await runSealift(
        ['restore', 'latest', '-r', repository, '--target', target],
        {
          env,
        },
      );
      assert.equal(outcome.code, 1, outcome.stdout + outcome.stderr);
      let whole = 0;
      for (const name of ['a', 'b', 'c', 'd']) {
        const restored = join(target, source, name);
        if (
          existsSync(restored) &&
          readFileSync(restored).equals(readFileSync(join(source, name)))
        ) {
          whole += 1;
        } else {
          assert.match(outcome.stderr, new RegExp(`${source}/${name}`));
        }
      }
      assert.ok(whole >= 1 && whole < 4, `${whole} of 4 files are whole`);
    });
  }
});
