/** `check --read-data` where the workers read the packs by themselves, and where they are handed over. */

import assert from 'node:assert/strict';
import { chmodSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { tempFolder } from '../../test/support/temp-folder.ts';
import {
  randomContent,
  type TinyRepository,
  tinyFile,
  tinyPassword,
  tinyRepository,
} from '../../test/support/tiny-repository.ts';
import type { PackId } from '../repository/ids.ts';
import type { Backend } from '../storage/backend.ts';
import { fileTypes } from '../storage/backend.ts';
import { localBackend } from '../storage/local.ts';
import { check } from './check.ts';
import { openRepository } from './open.ts';

interface Stored {
  readonly packId: PackId;
  readonly blobCount: number;
}

/** Small blobs beside some that are larger than the workers read at once, compressible or not. */
async function makeRepository(): Promise<{ repository: TinyRepository; stored: Stored }> {
  const repository = await tinyRepository();
  const contents = [
    ...Array.from({ length: 50 }, (_, at) => randomContent(at * 7 + 1)),
    randomContent(3 * 2 ** 20 + 5),
    new Uint8Array(2 ** 21).fill(7),
    randomContent(70_000),
  ];
  const nodes = contents.map((content, at) =>
    tinyFile(`file ${at + 100}`, repository.addBlob('data', content), content.length),
  );
  const packId = await repository.savePack();
  const root = repository.addTree(nodes);
  await repository.savePack();
  await repository.saveSnapshot(root);
  return { repository, stored: { packId, blobCount: contents.length } };
}

async function copyTo(target: Backend, source: Backend): Promise<void> {
  await target.create();
  for (const type of fileTypes) {
    const names = type === 'config' ? [''] : [];
    for await (const { name } of source.list(type)) names.push(name);
    for (const name of names) {
      await target.save({ type, name }, [await source.load({ type, name })]);
    }
  }
}

/** Checks a copy in a folder, by its path and by handing the bytes over; both must say the same. */
async function checkDamaged(
  context: TestContext,
  damage: (path: string) => void,
): Promise<string[]> {
  const { repository, stored } = await makeRepository();
  const folder = tempFolder(context);
  const local = localBackend(folder);
  await copyTo(local, repository.backend);
  const path = local.pathOf?.({ type: 'data', name: stored.packId });
  assert.ok(path !== undefined);
  chmodSync(path, 0o600);
  damage(path);
  const { pathOf: _, ...handedOver } = local;
  const [first, second] = await Promise.all(
    [local, handedOver].map(async (backend) => {
      const repo = await openRepository(backend, tinyPassword);
      const report = await check(repo, { readData: true });
      return report.findings.map(({ message }) => message);
    }),
  );
  assert.deepEqual(first, second);
  return first ?? [];
}

function flipByte(path: string, at: (size: number) => number): void {
  const bytes = readFileSync(path);
  const position = at(bytes.length);
  bytes[position] = (bytes[position] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test('packs of a folder that are sound give no finding', async (context) => {
  assert.deepEqual(await checkDamaged(context, () => {}), []);
});

test('a bit that flipped in a large blob is found, with its file', async (context) => {
  const messages = await checkDamaged(context, (path) => flipByte(path, (size) => size >> 1));
  assert.match(
    messages[0] ?? '',
    /is damaged: its content has the SHA-256 .* \(and 1 more faults\)/,
  );
  assert.match(messages[1] ?? '', /\/file 150 cannot be restored completely/);
  assert.equal(messages.length, 2);
});

test('a bit that flipped in the header is found, and no blob is lost', async (context) => {
  const messages = await checkDamaged(context, (path) => flipByte(path, (size) => size - 30));
  assert.equal(messages.length, 1);
  assert.match(messages[0] ?? '', /is damaged/);
});

test('a pack that was torn off loses what stood behind', async (context) => {
  const messages = await checkDamaged(context, (path) => truncateSync(path, 5000));
  const lost = messages.filter((message) => message.includes('cannot be restored completely'));
  assert.ok(lost.length > 3 && lost.length < 53);
});

test('a pack that is gone is said to be missing', async (context) => {
  const messages = await checkDamaged(context, (path) => rmSync(path));
  assert.match(messages[0] ?? '', /^pack [0-9a-f]+ is missing/);
});

test('what a worker cannot read by itself is asked of the backend', async () => {
  const { repository } = await makeRepository();
  const repo = await openRepository({ ...repository.backend, pathOf: () => '/' }, tinyPassword);
  assert.deepEqual((await check(repo, { readData: true })).findings, []);
});
