/** The first steps of a check: keys, indexes against packs, locks, snapshots as files. */

import { createHash } from 'node:crypto';
import { isSealiftError, messageOf } from '../base/errors.ts';
import { BlobIndex } from '../repository/blob-index.ts';
import {
  idBytes,
  type PackId,
  parsePackId,
  parseSnapshotId,
  storageId,
} from '../repository/ids.ts';
import { IndexColumns } from '../repository/index-columns.ts';
import { readIndex } from '../repository/index-file.ts';
import { parseKeyFile } from '../repository/key.ts';
import { type PackEntry, packSize } from '../repository/pack.ts';
import type { CheckFindings, SnapshotRoot } from './check-report.ts';
import { isDamage } from './load-blob.ts';
import { listLocks } from './lock.ts';
import type { OpenRepository } from './open.ts';
import { forEachParallel } from './parallel.ts';
import { loadSnapshot } from './snapshots.ts';
import { loadUnpacked, readDamage } from './unpacked.ts';

/** Every key file has the content its name says and is well formed. */
export async function checkKeys(
  repo: OpenRepository,
  findings: CheckFindings,
  signal?: AbortSignal,
): Promise<void> {
  for await (const { name } of repo.backend.list('keys', signal)) {
    const fail = (why: string): void =>
      findings.add('key-damaged', 'key', name, `keys/${name} is damaged: ${why}`);
    try {
      const bytes = await repo.backend.load({ type: 'keys', name }, undefined, signal);
      const found = storageId(bytes);
      if (found !== name) fail(`its content has the SHA-256 ${found}`);
      else parseKeyFile(bytes);
    } catch (error) {
      if (!isDamage(error)) throw error;
      fail(messageOf(error));
    }
  }
}

/** Locks that cannot be read. They hold up other jobs, not a restore. */
export async function checkLocks(
  repo: OpenRepository,
  findings: CheckFindings,
  signal?: AbortSignal,
): Promise<void> {
  try {
    for await (const _ of listLocks(repo, signal)) signal?.throwIfAborted();
  } catch (error) {
    if (!isSealiftError(error, 'format/lock')) throw error;
    findings.add('lock-damaged', 'lock', String(error.fields['id'] ?? ''), error.message);
  }
}

/** The index in memory, from all files that can be read. */
export async function checkIndexes(
  repo: OpenRepository,
  findings: CheckFindings,
  signal?: AbortSignal,
): Promise<BlobIndex> {
  const index = new BlobIndex();
  const columns = new IndexColumns();
  const seen = new Map<PackId, string>();
  await forEachParallel(
    repo.backend.list('index', signal),
    repo.backend.connections,
    async ({ name }) => {
      try {
        const json = await loadUnpacked(repo, 'index', name, signal);
        readDamage('index', name, () => readIndex(json, columns));
      } catch (error) {
        if (isSealiftError(error, 'backend/not-found')) return; // replaced since the listing
        if (!isDamage(error)) throw error;
        findings.add('index-damaged', 'index', name, error.message);
        return;
      }
      for (let pack = 0; pack < columns.packCount; pack += 1) {
        checkIndexedPack(repo, columns, pack, name, seen, findings);
      }
      index.addPacks(columns);
    },
    signal,
  );
  return index;
}

function checkIndexedPack(
  repo: OpenRepository,
  columns: IndexColumns,
  pack: number,
  indexName: string,
  seen: Map<PackId, string>,
  findings: CheckFindings,
): void {
  const id = columns.packId(pack);
  const content = fingerprint(columns, pack);
  const before = seen.get(id);
  if (before === undefined) seen.set(id, content);
  else if (before === content) {
    findings.add('pack-duplicate', 'pack', id, `pack ${id} is in several index files`);
  } else {
    const message = `pack ${id} has different content in several index files`;
    findings.add('pack-conflict', 'pack', id, message);
  }
  const [start, end] = [columns.start(pack), columns.end(pack)];
  const trees = columns.trees.subarray(start, end);
  if (trees.includes(0) && trees.includes(1)) {
    findings.add('pack-mixed', 'pack', id, `pack ${id} holds both data and trees`);
  }
  const sizes = columns.uncompressedLengths.subarray(start, end);
  if (repo.config.version === 1 && sizes.some((size) => size !== 0)) {
    const message = `index/${indexName} lists compressed blobs, which version 1 does not have`;
    findings.add('index-damaged', 'index', indexName, message);
  }
}

/** Tells packs with the same blobs from others, whatever the order; short, since there are many. */
function fingerprint(columns: IndexColumns, pack: number): string {
  const hash = createHash('sha256');
  const [start, end] = [columns.start(pack), columns.end(pack)];
  hash.update(columns.ids.subarray(start * idBytes, end * idBytes));
  for (const column of [columns.offsets, columns.lengths, columns.uncompressedLengths]) {
    hash.update(column.subarray(start, end));
  }
  hash.update(columns.trees.subarray(start, end));
  return hash.digest('base64').slice(0, 22);
}

/**
 * Compares the index with the packs that are there.
 * @returns indexed packs that are there, with their sizes
 */
export async function checkPackList(
  repo: OpenRepository,
  index: BlobIndex,
  findings: CheckFindings,
  signal?: AbortSignal,
): Promise<Map<PackId, number>> {
  const sizes = new Map<PackId, number>();
  for await (const { name, size } of repo.backend.list('data', signal)) {
    const id = parsePackId(name);
    if (index.hasPack(id)) sizes.set(id, size);
    else findings.add('pack-unindexed', 'pack', name, `pack ${name} is in no index`);
  }
  for (let pack = 0; pack < index.packCount; pack += 1) {
    const id = index.packIdOf(pack);
    const size = sizes.get(id);
    const expected = packSize(sizesIn(index, pack));
    if (size === expected) continue;
    findings.addBrokenPack(id);
    if (size === undefined) {
      findings.add('pack-missing', 'pack', id, `pack ${id} is missing (${expected} bytes)`);
    } else {
      const message = `pack ${id} has ${size} bytes, ${expected} expected`;
      findings.add('pack-size', 'pack', id, message);
    }
    for (const blob of index.blobsOf(id)) {
      if (blob.offset + blob.length > (size ?? 0)) findings.addLostCopy(id, blob.id);
    }
  }
  return sizes;
}

/** Of each blob of a pack. @param pack its number in the index */
function sizesIn(
  index: BlobIndex,
  pack: number,
): Pick<PackEntry, 'length' | 'uncompressedLength'>[] {
  return Array.from(index.numbersIn(pack), (location) => ({
    length: index.lengthOf(location),
    uncompressedLength: index.uncompressedLengthOf(location),
  }));
}

/** Snapshots that can be read. */
export async function checkSnapshotFiles(
  repo: OpenRepository,
  findings: CheckFindings,
  signal?: AbortSignal,
): Promise<SnapshotRoot[]> {
  const roots: SnapshotRoot[] = [];
  await forEachParallel(
    repo.backend.list('snapshots', signal),
    repo.backend.connections,
    async ({ name }) => {
      try {
        const id = parseSnapshotId(name);
        roots.push({ id, tree: (await loadSnapshot(repo, id, signal)).tree });
      } catch (error) {
        if (isSealiftError(error, 'backend/not-found')) return; // forgotten since the listing
        if (!isDamage(error)) throw error;
        findings.add('snapshot-damaged', 'snapshot', name, error.message);
      }
    },
    signal,
  );
  return roots.sort((a, b) => (a.id < b.id ? -1 : 1));
}
