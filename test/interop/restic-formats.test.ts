/** The codecs against files that restic itself wrote: every one opens, and trees encode to the same bytes. */

import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BlobIndex } from '../../src/repository/blob-index.ts';
import {
  parseConfig,
  type RepositoryConfig,
  type RepositoryVersion,
} from '../../src/repository/config.ts';
import { open, type RepositoryKey } from '../../src/repository/crypto.ts';
import { type BlobId, blobIdOf, storageId } from '../../src/repository/ids.ts';
import { encodeIndex, parseIndex } from '../../src/repository/index-file.ts';
import { openKeyFile, parseKeyFile } from '../../src/repository/key.ts';
import { openBlob, packSize, readPackHeader } from '../../src/repository/pack.ts';
import { encodeSnapshot, parseSnapshot } from '../../src/repository/snapshot.ts';
import { decodeTree, TreeEncoder, type TreeNode } from '../../src/repository/tree.ts';
import { openUnpacked } from '../../src/repository/unpacked.ts';
import { makeFileTree } from '../support/file-tree.ts';
import { findPeer, skipWithout } from '../support/peers.ts';
import { mustRun } from '../support/run.ts';

const skip = skipWithout('restic', 'getfattr');
const restic = findPeer('restic') ?? 'restic';
const password = 'correct hörse';
/** Names that need every kind of quoting; `printable` is not the same for all of them. */
const oddNames = [
  'Z',
  'a',
  'é',
  'quote"back\\slash',
  '\u00a0no-break',
  '\u00adsoft',
  '\u200bzero width',
  '\u2028line',
  '\u3000wide',
  '\ufeffmark',
  '\ue000private',
  '\u0378unassigned',
  '\ufffdreplacement',
  '\u{1f600}',
  '\u{e0001}tag',
  '\u007fdelete',
  '\u0001\u001f\u0085',
  '<&>',
];

interface Repository {
  readonly path: string;
  readonly key: RepositoryKey;
  readonly config: RepositoryConfig;
  readonly index: BlobIndex;
}

const versions: readonly RepositoryVersion[] = [1, 2];
for (const version of versions) {
  describe(`a version ${version} repository that restic wrote`, { skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'sealift-test-'));
    let repository: Repository;
    before(async () => {
      repository = await makeRepository(folder, version);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    test('opens with its password, and its config tells version and polynomial', () => {
      assert.equal(repository.config.version, version);
      const keyFile = parseKeyFile(
        readFiles(repository.path, 'keys')[0]?.bytes ?? new Uint8Array(),
      );
      // restic measures the machine and takes what fits in half a second.
      assert.ok(Number.isInteger(Math.log2(keyFile.params.cost)), String(keyFile.params.cost));
      assert.equal(keyFile.salt.byteLength, 64);
    });

    test('refuses another password', async () => {
      const [file] = readFiles(repository.path, 'keys');
      assert.ok(file);
      await assert.rejects(openKeyFile(file.bytes, 'wrong'), { code: 'password/wrong' });
    });

    test('has snapshots that encode to the same bytes', () => {
      const files = readFiles(repository.path, 'snapshots');
      assert.equal(files.length, 2);
      for (const { bytes } of files) {
        const json = openUnpacked(repository.key, bytes);
        assert.equal(text(encodeSnapshot(parseSnapshot(json))), text(json));
      }
    });

    test('has indexes that encode to the same bytes', () => {
      for (const { bytes } of readFiles(repository.path, 'index')) {
        const json = openUnpacked(repository.key, bytes);
        const { packs } = parseIndex(json);
        assert.equal(text(encodeIndex({ packs })), text(json));
      }
    });

    test('has pack headers that list what its index lists', async () => {
      for (const { id, blobs } of repository.index.packs()) {
        const pack = readFileSync(join(repository.path, 'data', id.slice(0, 2), id));
        assert.equal(storageId(pack), id);
        const entries = await readPackHeader(repository.key, pack.byteLength, (offset, length) =>
          Promise.resolve(pack.subarray(offset, offset + length)),
        );
        const byOffset = blobs.toSorted((a, b) => a.offset - b.offset);
        assert.deepEqual(entries, byOffset);
        assert.equal(packSize(entries), pack.byteLength);
      }
    });

    test('has trees whose nodes encode to the same bytes', () => {
      let count = 0;
      for (const { bytes, nodes } of trees(repository)) {
        assert.equal(text(encode(nodes)), text(bytes));
        // restic wrote the local zone, which is ours: a node fresh from the disk names no zone.
        const fresh = nodes.map(({ timeZones: _, ...node }) => node);
        assert.equal(text(encode(fresh)), text(bytes));
        count += 1;
      }
      assert.ok(count >= 6, `${count} trees`);
    });

    test('gives back every name, and its files name data blobs that open', () => {
      const names = new Set<string>();
      for (const { nodes } of trees(repository)) {
        for (const node of nodes) {
          names.add(node.name);
          if (node.type === 'file') assert.ok(node.content, node.name);
          let size = 0n;
          for (const id of node.content ?? [])
            size += BigInt(load(repository, 'data', id).byteLength);
          assert.equal(size, node.type === 'file' ? node.size : 0n, node.name);
        }
      }
      for (const name of [...oddNames, 'not-utf8-\udcff\udcfe\udc80', 'fifo', 'dangling']) {
        assert.ok(names.has(name), JSON.stringify(name));
      }
    });
  });
}

async function makeRepository(folder: string, version: RepositoryVersion): Promise<Repository> {
  const source = join(folder, 'source <&>');
  const path = join(folder, 'repository');
  makeFileTree(source, { seedBytes: 1_000_000 });
  for (const name of oddNames) writeFileSync(join(source, name), name);
  const env = {
    RESTIC_PASSWORD: password,
    RESTIC_REPOSITORY: path,
    RESTIC_CACHE_DIR: join(folder, 'cache'),
  };
  await mustRun(restic, ['init', '--repository-version', String(version)], { env });
  await mustRun(restic, ['backup', '--tag', 'a<b', '--exclude', '*.tmp', source], { env });
  await mustRun(restic, ['backup', 'deep', 'Z'], { env, cwd: source });

  const keyFile = readFiles(path, 'keys')[0]?.bytes ?? new Uint8Array();
  const key = await openKeyFile(keyFile, password);
  const config = parseConfig(open(key, readFileSync(join(path, 'config'))));
  const index = new BlobIndex();
  for (const { bytes } of readFiles(path, 'index')) {
    for (const pack of parseIndex(openUnpacked(key, bytes)).packs)
      index.addPack(pack.id, pack.blobs);
  }
  return { path, key, config, index };
}

function readFiles(path: string, type: string): { name: string; bytes: Uint8Array }[] {
  return readdirSync(join(path, type)).map((name) => {
    const bytes = readFileSync(join(path, type, name));
    assert.equal(storageId(bytes), name);
    return { name, bytes };
  });
}

/** Every tree that a snapshot reaches, once. */
function* trees(repository: Repository): Generator<{ bytes: Uint8Array; nodes: TreeNode[] }> {
  const seen = new Set<BlobId>();
  const waiting = readFiles(repository.path, 'snapshots').map(
    ({ bytes }) => parseSnapshot(openUnpacked(repository.key, bytes)).tree,
  );
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const bytes = load(repository, 'tree', id);
    assert.equal(blobIdOf(bytes), id);
    const nodes = Array.from(decodeTree(bytes));
    waiting.push(...nodes.flatMap((node) => node.subtree ?? []));
    yield { bytes, nodes };
  }
}

function load(repository: Repository, type: 'data' | 'tree', id: BlobId): Uint8Array {
  const location = repository.index.find(type, id);
  assert.ok(location, `${type} blob ${id} is in the index`);
  const pack = readFileSync(
    join(repository.path, 'data', location.packId.slice(0, 2), location.packId),
  );
  const sealed = pack.subarray(location.offset, location.offset + location.length);
  return openBlob(repository.key, sealed, location);
}

function encode(nodes: readonly TreeNode[]): Uint8Array {
  const encoder = new TreeEncoder();
  for (const node of nodes) encoder.add(node);
  return encoder.finish();
}

function text(bytes: Uint8Array): string {
  assert.ok(isUtf8(bytes));
  return Buffer.from(bytes).toString('utf8');
}
