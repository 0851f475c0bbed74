/** A repository put together from the codecs alone, with no engine: restic opens, checks and lists it. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compareByteStrings } from '../../src/base/byte-string.ts';
import { concatBytes } from '../../src/base/bytes.ts';
import { encodeConfig, type RepositoryVersion } from '../../src/repository/config.ts';
import { generateRepositoryKey, type RepositoryKey, seal } from '../../src/repository/crypto.ts';
import { goModeFromStat } from '../../src/repository/file-mode.ts';
import { type BlobType, blobIdOf, parsePackId, storageId } from '../../src/repository/ids.ts';
import { encodeIndex, type IndexedPack } from '../../src/repository/index-file.ts';
import { createKeyFile } from '../../src/repository/key.ts';
import { encodeLock } from '../../src/repository/lock.ts';
import { type PackEntry, sealBlob, sealPackHeader } from '../../src/repository/pack.ts';
import { parsePolynomial } from '../../src/repository/polynomial.ts';
import { encodeSnapshot } from '../../src/repository/snapshot.ts';
import { TreeEncoder, type TreeNode } from '../../src/repository/tree.ts';
import { sealUnpacked } from '../../src/repository/unpacked.ts';
import { findPeer, skipWithout } from '../support/peers.ts';
import { mustRun } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const skip = skipWithout('restic');
const restic = findPeer('restic') ?? 'restic';
const password = 'geheim – 密碼';
const names = ['plain', 'q"\\<&>\n', '\u00a0\u{e0001}', '漢\u{1f600}', 'raw\udcff', '\u0007\u007f'];
const content = Buffer.from('content of every file\n'.repeat(500));
const time = { ns: 1_700_000_000_123_456_789n, offsetMinutes: 330 };

const versions: readonly RepositoryVersion[] = [1, 2];
for (const version of versions) {
  test(`restic checks and lists what the codecs wrote (version ${version})`, {
    skip,
  }, async (t) => {
    const folder = tempFolder(t);
    const path = join(folder, 'repository');
    writeRepository(path, version);
    const env = {
      RESTIC_PASSWORD: password,
      RESTIC_REPOSITORY: path,
      RESTIC_CACHE_DIR: join(folder, 'cache'),
    };

    assert.match(
      await mustRun(restic, ['list', 'locks', '--no-lock'], { env }),
      /^[0-9a-f]{64}\n$/,
    );
    await mustRun(restic, ['unlock'], { env }); // the lock is old, so restic takes it for stale
    assert.equal(await mustRun(restic, ['list', 'locks', '--no-lock'], { env }), '');
    await mustRun(restic, ['check', '--read-data'], { env });
    const listing = await mustRun(restic, ['ls', 'latest', '--json'], { env });
    const [snapshot, ...nodes] = listing
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    assert.equal(snapshot?.['time'], '2023-11-15T03:43:20.123456789+05:30');
    assert.deepEqual(snapshot['tags'], ['a<b']);
    assert.deepEqual(
      nodes.map((node) => node['name']).sort(),
      names.map((name) => name.toWellFormed()).sort(),
    );
    for (const node of nodes) {
      assert.equal(node['size'], content.byteLength);
      assert.equal(node['permissions'], 'urw-r-----');
      assert.equal(Date.parse(String(node['mtime'])), Number(time.ns / 1_000_000n));
    }
  });
}

function writeRepository(path: string, version: RepositoryVersion): void {
  for (const folder of ['keys', 'snapshots', 'index', 'locks', 'data']) {
    mkdirSync(join(path, folder), { recursive: true });
  }
  const key = generateRepositoryKey(randomBytes);
  const owner = { username: 'ann', hostname: 'host' };
  const params = { cost: 1024, blockSize: 8, parallelization: 1 };
  const keyFile = createKeyFile({
    ...owner,
    password,
    masterKey: key,
    createdNs: time.ns,
    random: randomBytes,
    params,
  });
  writeFileSync(join(path, 'keys', storageId(keyFile)), keyFile);
  const chunkerPolynomial = parsePolynomial('284b0b9502ee9b');
  const id = randomBytes(32).toString('hex');
  writeFileSync(join(path, 'config'), seal(key, encodeConfig({ version, id, chunkerPolynomial })));

  const tree = encodeTree();
  const packs = [
    writePack(path, key, version, 'data', content),
    writePack(path, key, version, 'tree', tree),
  ];
  const save = (type: string, json: Uint8Array): void => {
    const { id: name, bytes } = sealUnpacked(key, version, json);
    writeFileSync(join(path, type, name), bytes);
  };
  save('index', encodeIndex({ packs }));
  const root = { ...owner, uid: 0, gid: 7, excludes: ['*.tmp'], tags: ['a<b'], paths: ['/src'] };
  save(
    'snapshots',
    encodeSnapshot({ ...root, time, tree: blobIdOf(tree), programVersion: 'sealift 0.1.0' }),
  );
  save(
    'locks',
    encodeLock({ ...owner, timeNs: time.ns, exclusive: true, pid: 1, uid: 1000, gid: 100 }),
  );
}

function encodeTree(): Uint8Array {
  const encoder = new TreeEncoder();
  for (const name of names.toSorted(compareByteStrings)) encoder.add(fileNode(name));
  return encoder.finish();
}

function fileNode(name: string): TreeNode {
  return {
    name,
    type: 'file',
    mode: goModeFromStat(0o104640),
    mtime: time.ns,
    atime: time.ns,
    ctime: time.ns + 1n,
    uid: 1000,
    gid: 100,
    user: 'ann',
    group: '',
    inode: 2n ** 64n - 1n,
    deviceId: 64n,
    size: BigInt(content.byteLength),
    links: 1n,
    extendedAttributes: [{ name: 'user.a', value: Uint8Array.of(0, 255) }],
    device: 0n,
    content: [blobIdOf(content)],
    error: '',
  };
}

function writePack(
  path: string,
  key: RepositoryKey,
  version: RepositoryVersion,
  type: BlobType,
  plaintext: Uint8Array,
): IndexedPack {
  const { sealed, uncompressedLength } = sealBlob(key, version, type, plaintext, 'auto');
  const entry: PackEntry = {
    type,
    id: blobIdOf(plaintext),
    offset: 0,
    length: sealed.byteLength,
    uncompressedLength,
  };
  const file = concatBytes(sealed, sealPackHeader(key, [entry]));
  const id = parsePackId(storageId(file));
  mkdirSync(join(path, 'data', id.slice(0, 2)), { recursive: true });
  writeFileSync(join(path, 'data', id.slice(0, 2), id), file);
  return { id, blobs: [entry] };
}
