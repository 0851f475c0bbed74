import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { openDatabaseFile } from '../database/database.ts';
import { filesBelow, randomFile } from '../vault-fixture.ts';
import { LockOwners } from './lock-owners.ts';
import { parseTarget } from './repository-path.ts';
import { RepositoryStore, type StoredFile, tempMark } from './repository-store.ts';
import { scrub } from './scrub.ts';
import { staleLockMs, sweepLocks, sweepTempFiles } from './sweep.ts';

const nowMs = 1_800_000_000_000;
const clock = { now: () => nowMs };

function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function writeAged(path: string, { content, ageMs }: { content: Uint8Array; ageMs: number }): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  utimesSync(path, new Date(nowMs - ageMs), new Date(nowMs - ageMs));
}

async function withStore(t: TestContext) {
  const root = tempFolder(t);
  const database = await openDatabaseFile(':memory:');
  t.after(() => database.destroy());
  const store = new RepositoryStore(root);
  return { root, store, owners: new LockOwners(database, clock) };
}

test('locks that nobody refreshed for 30 minutes are removed, younger ones and others stay', async (t) => {
  const { root, store, owners } = await withStore(t);
  const stale = randomFile();
  const fresh = randomFile();
  const pack = randomFile();
  for (const repository of ['alice', 'bob/laptop']) {
    const base = join(root, repository);
    writeAged(join(base, 'locks', stale.name), { content: stale.body, ageMs: staleLockMs + 1000 });
    writeAged(join(base, 'locks', fresh.name), { content: fresh.body, ageMs: staleLockMs - 1000 });
    writeAged(join(base, 'keys', pack.name), { content: pack.body, ageMs: 10 * staleLockMs });
  }
  const removed: string[] = [];
  await sweepLocks({
    store,
    owners,
    clock,
    onRemoved: ({ folders }) => removed.push(folders.join('/')),
  });
  assert.deepEqual(removed, ['alice', 'bob/laptop']);
  for (const repository of ['alice', 'bob/laptop']) {
    assert.equal(existsSync(join(root, repository, 'locks', stale.name)), false);
    assert.equal(existsSync(join(root, repository, 'locks', fresh.name)), true);
    assert.equal(existsSync(join(root, repository, 'keys', pack.name)), true);
  }
});

test('what a crash left of an upload is removed after a day, one under way stays', async (t) => {
  const { root, store } = await withStore(t);
  await store.create(['alice']);
  const { name, body } = randomFile();
  const path = (age: string) =>
    join(root, 'alice', 'data', name.slice(0, 2), `${name}${tempMark}${age}`);
  writeAged(path('old'), { content: body, ageMs: 25 * 60 * 60_000 });
  writeAged(path('new'), { content: body, ageMs: 1000 });
  await sweepTempFiles({ store, clock });
  assert.deepEqual(filesBelow(root), [path('new')]);
});

test('a scrub names each file whose content does not match its name', async (t) => {
  const { root, store } = await withStore(t);
  await store.create(['alice']);
  const files = (['data', 'keys', 'snapshots'] as const).map((type) => ({
    type,
    ...randomFile(),
  }));
  for (const { type, name, body } of files) {
    const file: StoredFile = { folders: ['alice'], type, name };
    await store.save(file, Readable.from([body]), { maxBytes: 10_000, announcedBytes: undefined });
  }
  const clean = await scrub(root);
  assert.deepEqual(clean, { repositories: 1, files: 3, bytes: 3000, damaged: [] });
  const [pack] = files;
  assert.ok(pack);
  const path = store.path({ folders: ['alice'], type: 'data', name: pack.name });
  writeFileSync(path, pack.body.fill(0, 10, 11).subarray(0, 999));
  writeFileSync(join(root, 'alice', 'config'), '');
  const { damaged } = await scrub(root);
  assert.deepEqual(
    damaged.map((file) => file.path),
    ['alice/config', `alice/data/${pack.name.slice(0, 2)}/${pack.name}`],
  );
});

test('a body that fails half-way leaves no temp file', async (t) => {
  const { root, store } = await withStore(t);
  await store.create(['alice']);
  const { name, body } = randomFile();
  async function* torn() {
    yield body.subarray(0, 500);
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  }
  const file: StoredFile = { folders: ['alice'], type: 'data', name };
  const limits = { maxBytes: 10_000, announcedBytes: 1000 };
  await assert.rejects(store.save(file, Readable.from(torn()), limits), { code: 'ENOSPC' });
  assert.deepEqual(filesBelow(root), []);
});

test('a body shorter than announced is not stored', async (t) => {
  const { root, store } = await withStore(t);
  await store.create([]);
  const { name, body } = randomFile();
  const limits = { maxBytes: 10_000, announcedBytes: 1001 };
  const file: StoredFile = { folders: [], type: 'data', name };
  assert.deepEqual(await store.save(file, Readable.from([body]), limits), { kind: 'short' });
  assert.deepEqual(filesBelow(root), []);
});

test('whatever the path, the folders it names are plain names', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { maxLength: 5 }),
      (parts) => {
        const parsed = parseTarget(`/${parts.join('/')}`);
        if (parsed.kind === 'bad') return;
        assert.ok(parsed.target.folders.length <= 2);
        for (const folder of parsed.target.folders) assert.match(folder, /^[^./\\:][^/\\:]*$/u);
      },
    ),
    { numRuns: 2000 },
  );
});

test('paths are read as rest-server reads them', () => {
  const name = 'ab'.repeat(32);
  const target = (path: string) => {
    const parsed = parseTarget(path);
    return parsed.kind === 'target' ? parsed.target : parsed.kind;
  };
  assert.deepEqual(target('/'), { kind: 'repository', folders: [] });
  assert.deepEqual(target('/a/b/'), { kind: 'repository', folders: ['a', 'b'] });
  assert.deepEqual(target('/config'), { kind: 'config', folders: [] });
  assert.deepEqual(target('/a/data/'), { kind: 'list', folders: ['a'], type: 'data' });
  assert.deepEqual(target('/a/data'), { kind: 'list', folders: ['a'], type: 'data' });
  assert.deepEqual(target(`/a%20b/locks/${name}`), {
    kind: 'file',
    folders: ['a b'],
    type: 'locks',
    name,
  });
  assert.equal(target('/a/b/c/'), 'bad');
});
