/** restic says which snapshots a policy keeps; Sealift must say the same. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { Secret } from '../../src/base/secret.ts';
import { initRepository } from '../../src/engine/open.ts';
import { saveUnpacked } from '../../src/engine/unpacked.ts';
import { parseBlobId } from '../../src/repository/ids.ts';
import { encodeSnapshot, type Snapshot } from '../../src/repository/snapshot.ts';
import { localBackend } from '../../src/storage/local.ts';
import { findPeer, skipWithout } from '../support/peers.ts';
import { mustRun, mustRunSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { quickScrypt } from '../support/tiny-repository.ts';

const skip = skipWithout('restic');
const restic = findPeer('restic') ?? 'restic';

type Env = Readonly<Record<string, string>>;

/** A repository with nothing but snapshots, since forget looks at nothing else. */
async function makeSnapshots(
  t: TestContext,
  snapshots: readonly Partial<Snapshot>[],
): Promise<Env> {
  const folder = tempFolder(t);
  const repository = join(folder, 'repository');
  const backend = localBackend(repository);
  const password = 'correct horse';
  const repo = await initRepository(backend, {
    password: new Secret(password),
    scrypt: quickScrypt,
  });
  for (const snapshot of snapshots) {
    await saveUnpacked(
      repo,
      'snapshots',
      encodeSnapshot({
        time: { ns: 0n, offsetMinutes: 0 },
        tree: parseBlobId('ab'.repeat(32)),
        paths: ['/data'],
        hostname: 'host',
        username: 'user',
        uid: 0,
        gid: 0,
        excludes: [],
        tags: [],
        programVersion: '',
        ...snapshot,
      }),
    );
  }
  return {
    TZ: 'UTC',
    RESTIC_REPOSITORY: repository,
    RESTIC_PASSWORD: password,
    RESTIC_CACHE_DIR: join(folder, 'cache'),
  };
}

interface SnapshotJson {
  readonly id: string;
  readonly time: string;
  readonly paths: readonly string[];
  readonly tags?: readonly string[];
}

interface ForgetGroupJson {
  readonly tags: string[] | null;
  readonly host: string;
  readonly paths: string[] | null;
  readonly keep: SnapshotJson[] | null;
  readonly remove: SnapshotJson[] | null;
  readonly reasons: { matches: string[]; counters: Record<string, number> }[] | null;
}

/** restic prints paths and tags sorted when it has grouped by them, Sealift as they are stored. */
function sorted(snapshot: SnapshotJson): unknown {
  return { ...snapshot, paths: snapshot.paths.toSorted(), tags: snapshot.tags?.toSorted() };
}

/**
 * The document in an order of its groups that does not depend on a map, without the oldest snapshot of
 * each group: restic began after 0.14 to keep it while a count has room (retention.test.ts has that).
 */
function comparable(text: string): unknown[] {
  const groups = text.trim() === '' ? [] : (JSON.parse(text) as ForgetGroupJson[]);
  return groups
    .map(({ tags, host, paths, keep, remove, reasons }) => {
      const all = [...(keep ?? []), ...(remove ?? [])];
      const oldest = all.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))[0]?.id;
      const others = (list: readonly SnapshotJson[] | null): unknown[] =>
        (list ?? []).filter(({ id }) => id !== oldest).map(sorted);
      const why = (reasons ?? []).map(({ matches, counters }) => ({ matches, counters }));
      return {
        key: JSON.stringify([host, paths, tags]),
        keep: others(keep),
        remove: others(remove),
        reasons: why.filter((_, position) => keep?.[position]?.id !== oldest),
      };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

const hourNs = 3_600_000_000_000n;
const nowNs = BigInt(Date.now()) * 1_000_000n;

const snapshotArbitrary = fc.record({
  // Ten years back to a year ahead, crowded near the present.
  hoursAgo: fc.oneof(
    fc.integer({ min: 1, max: 100 }),
    fc.integer({ min: 1, max: 3000 }),
    fc.integer({ min: 1, max: 90_000 }),
    fc.integer({ min: -9000, max: -1 }),
  ),
  offsetMinutes: fc.constantFrom(0, 0, 60, -300, 330, 840, -720),
  hostname: fc.constantFrom('alpha', 'beta'),
  paths: fc.constantFrom(['/data'], ['/home', '/data'], ['/data', '/home']),
  tags: fc.constantFrom([], ['a'], ['b'], ['a', 'b'], ['b', 'a']),
});

const span = fc
  .tuple(
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: 0, max: 14 }),
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 0, max: 50 }),
  )
  .map(([y, m, d, h]) => `${y}y${m}m${d}d${h}h`);
const count = fc.integer({ min: 0, max: 6 }).map(String);
const rule = fc.oneof(
  fc.tuple(
    fc
      .constantFrom('last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly')
      .map((k) => `--keep-${k}`),
    count,
  ),
  fc.tuple(
    fc
      .constantFrom('', '-hourly', '-daily', '-weekly', '-monthly', '-yearly')
      .map((k) => `--keep-within${k}`),
    span,
  ),
  fc.tuple(fc.constant('--keep-tag'), fc.constantFrom('a', 'b', 'a,b')),
);
const narrowing = fc.constantFrom(
  [],
  [],
  ['--host', 'alpha'],
  ['--tag', 'a', '--tag', 'b'],
  ['--tag', 'a,b'],
  ['--path', '/home'],
);
const grouping = fc.constantFrom('host,paths', 'host', 'paths', 'tags', 'host,paths,tags', '');

describe('forget', { skip }, () => {
  test('keeps and removes what restic does, for the same reasons, for any policy', async (t) => {
    const drawn = fc.sample(snapshotArbitrary, 70);
    const env = await makeSnapshots(
      t,
      drawn.map(({ hoursAgo, ...snapshot }, position) => ({
        ...snapshot,
        // restic leaves the order of equal times open, so none are equal.
        time: {
          ns: nowNs - BigInt(hoursAgo) * hourNs - BigInt(position) * 1_234_567_891n,
          offsetMinutes: snapshot.offsetMinutes,
        },
      })),
    );
    const policy = fc.tuple(
      fc.array(rule, { minLength: 1, maxLength: 4 }),
      narrowing,
      grouping,
      count.filter((n) => n !== '0'),
    );
    await fc.assert(
      fc.asyncProperty(policy, async ([rules, filter, groupBy, last]) => {
        // One rule that keeps something of each group: Sealift refuses to empty one, restic 0.14 does not.
        const words = ['--keep-last', last, ...rules.flat(), ...filter, '--group-by', groupBy];
        const args = ['forget', '--dry-run', '--json', ...words];
        const theirs = await mustRun(restic, args, { env });
        const ours = await mustRunSealift(args, { env });
        assert.deepEqual(comparable(ours), comparable(theirs), words.join(' '));
      }),
      // Each run is two processes, so a failure is not narrowed down; its words are in the message.
      { numRuns: 10, endOnFailure: true },
    );
  });

  test('restic finds exactly the snapshots that Sealift left', async (t) => {
    const env = await makeSnapshots(
      t,
      Array.from({ length: 30 }, (_, day) => ({
        time: { ns: nowNs - BigInt(day) * 24n * hourNs, offsetMinutes: 0 },
      })),
    );
    const text = await mustRunSealift(['forget', '--json', '--keep-daily', '4'], { env });
    const [group] = JSON.parse(text) as ForgetGroupJson[];
    const left = JSON.parse(await mustRun(restic, ['snapshots', '--json'], { env })) as {
      id: string;
    }[];
    assert.equal(left.length, 4);
    assert.deepEqual(left.map(({ id }) => id).sort(), group?.keep?.map(({ id }) => id).sort());
    assert.equal(group?.remove?.length, 26);
  });
});
