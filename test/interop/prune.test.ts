/** restic is the judge of a prune: it plans the same, accepts what is left, and prunes it in its turn. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { describeTree } from '../support/file-tree.ts';
import { findPeer, skipWithout } from '../support/peers.ts';
import { mustRun, mustRunSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const skip = skipWithout('restic', 'getfattr');
const resticFile = findPeer('restic') ?? 'restic';

type Env = Readonly<Record<string, string>>;
type Program = (args: readonly string[], env: Env) => Promise<string>;

const restic: Program = (args, env) => mustRun(resticFile, args, { env });
const sealift: Program = (args, env) => mustRunSealift(args, { env });

interface Place {
  readonly source: string;
  readonly target: string;
  readonly env: Env;
}

function makePlace(t: TestContext): Place {
  const folder = tempFolder(t);
  const env = {
    RESTIC_PASSWORD: 'correct horse',
    RESTIC_REPOSITORY: join(folder, 'repository'),
    RESTIC_CACHE_DIR: join(folder, 'cache'),
  };
  return { source: join(folder, 'source'), target: join(folder, 'restored'), env };
}

/**
 * Two backups, of which the first is forgotten: many of its files are gone or other ones by the second,
 * so that packs are in use, half in use and unused.
 * @returns what the second one holds
 */
async function makeHistory(program: Program, { source, env }: Place, version: string) {
  const write = (name: string, content: Uint8Array | string): void =>
    writeFileSync(join(source, name), content);
  mkdirSync(join(source, 'small'), { recursive: true });
  for (let number = 0; number < 24; number += 1) write(`large-${number}`, randomBytes(1_000_000));
  for (let number = 0; number < 200; number += 1) {
    write(`small/${number}`, `${number} of the first backup\n`.repeat(20));
  }
  await program(['init', '--repository-version', version], env);
  const backup = ['backup', '--pack-size', '4', source];
  await program(backup, env);
  for (let number = 0; number < 24; number += 3) rmSync(join(source, `large-${number}`));
  for (let number = 0; number < 200; number += 2) {
    write(`small/${number}`, `${number} of the second backup\n`.repeat(20));
  }
  await program(backup, env);
  await program(['forget', '--keep-last', '1'], env);
  return describeTree(source);
}

async function requireRestored({ source, target, env }: Place, wanted: unknown): Promise<void> {
  await restic(['check', '--read-data'], env);
  await sealift(['check', '--read-data'], env);
  await restic(['restore', 'latest', '--target', target], env);
  assert.deepEqual(describeTree(join(target, source)), wanted);
}

interface Amount {
  readonly blobs: number;
  readonly bytes: number;
}
interface Summary {
  readonly used: Amount;
  readonly unused: Amount;
  readonly duplicate: Amount;
  readonly repacked: Amount;
  readonly total_removed: Amount;
  readonly remaining: Amount;
  readonly packs: Readonly<Record<'kept' | 'repacked' | 'removed', number>>;
}

/** Counts of the lines that both print, from restic's table. */
function planOf(text: string): Record<string, number> {
  const number = (label: string): number =>
    Number(new RegExp(`^${label}: +(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    used: number('used'),
    unused: number('unused'),
    repacked: number('to repack'),
    removed: number('total prune'),
    remaining: number('remaining'),
  };
}

function planOfSummary({ used, unused, repacked, total_removed, remaining }: Summary) {
  return {
    used: used.blobs,
    unused: unused.blobs,
    repacked: repacked.blobs,
    removed: total_removed.blobs,
    remaining: remaining.blobs,
  };
}

describe('prune', { skip }, () => {
  for (const [name, program, version] of [
    ['restic', restic, '1'],
    ['restic', restic, '2'],
    ['Sealift', sealift, '2'],
  ] as const) {
    test(`of what ${name} wrote plans what restic plans and loses nothing (version ${version})`, async (t) => {
      const place = makePlace(t);
      const { env } = place;
      const wanted = await makeHistory(program, place, version);
      for (const limit of ['0', '30%']) {
        // Left to themselves, versions of restic differ in what a small pack is.
        const small = ['--repack-small', '--pack-size', '4'];
        const args = ['prune', '--dry-run', '--max-unused', limit, ...small];
        const theirs = planOf(await restic([...args, '-v', '-v'], env));
        const ours: Summary = JSON.parse(await sealift([...args, '--json'], env));
        assert.deepEqual(planOfSummary(ours), theirs, limit);
      }
      const done: Summary = JSON.parse(await sealift(['prune', '--json'], env));
      assert.ok(done.packs.removed + done.packs.repacked > 0);
      await requireRestored(place, wanted);
      const after = planOf(await restic(['prune', '--dry-run', '-v', '-v'], env));
      assert.equal(after['remaining'], done.remaining.blobs);
      assert.equal(after['removed'], 0);
    });
  }

  test('by restic of what Sealift has pruned, and the other way round', async (t) => {
    const place = makePlace(t);
    const { env } = place;
    const wanted = await makeHistory(sealift, place, '2');
    await sealift(['prune', '--max-unused', '30%'], env);
    await restic(['prune', '--max-unused', '0'], env);
    await requireRestored(place, wanted);
    await sealift(['prune', '--max-unused', '0', '--repack-small', '--repack-uncompressed'], env);
    rmSync(place.target, { recursive: true });
    await requireRestored(place, wanted);
  });

  test('with forget removes what only the forgotten snapshots held, and says so before', async (t) => {
    const place = makePlace(t);
    const { env, source } = place;
    await makeHistory(sealift, place, '2');
    rmSync(join(source, 'large-1'));
    await sealift(['backup', source], env);
    const forget = ['forget', '--keep-last', '1', '--prune', '--max-unused', '0'];
    const told = await sealift([...forget, '--dry-run'], env);
    const groups = JSON.parse(await sealift([...forget, '--json'], env)) as { remove: unknown[] }[];
    assert.equal(groups[0]?.remove.length, 1);
    const left = planOf(await restic(['prune', '--dry-run', '-v', '-v'], env));
    assert.deepEqual([left['unused'], left['remaining']], [0, planOf(told)['remaining']]);
    await requireRestored(place, describeTree(source));
  });
});
