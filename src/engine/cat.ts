/** Stored objects as they are, opened. */

import { encodeBase64 } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { encodeConfig } from '../repository/config.ts';
import { type BlobId, parseBlobId, parsePackId, storageId } from '../repository/ids.ts';
import { parseKeyFile } from '../repository/key.ts';
import { loadBlob } from './load-blob.ts';
import type { IndexedRepository, OpenRepository } from './open.ts';
import { findSnapshot, findSnapshotId, type SnapshotFilter } from './snapshots.ts';
import { loadUnpacked, namesWithPrefix } from './unpacked.ts';
import { findFolder } from './walk-trees.ts';

export type CatType =
  | 'blob'
  | 'config'
  | 'index'
  | 'key'
  | 'lock'
  | 'masterkey'
  | 'pack'
  | 'snapshot'
  | 'tree';

/** True for the types that are found through the index. */
export function catNeedsIndex(type: CatType): boolean {
  return type === 'blob' || type === 'tree';
}

export interface CatOptions {
  /** For `latest` of type `snapshot` or `tree`. */
  readonly filter?: SnapshotFilter;
  readonly signal?: AbortSignal;
}

/**
 * The bytes of an object: JSON for documents, plaintext for blobs, the stored file for packs.
 * @param id beginning of the name; a whole id for blobs; a snapshot (with `:folder`) for trees;
 *   ignored for config and masterkey
 * @throws SealiftError 'usage/invalid' for an id that is unknown or ambiguous, 'format/pack' for a
 *   pack that does not match its name, and what loading throws
 */
export async function cat(
  repo: OpenRepository | IndexedRepository,
  type: CatType,
  id = '',
  { filter, signal }: CatOptions = {},
): Promise<Uint8Array> {
  switch (type) {
    case 'config':
      return encodeConfig(repo.config);
    case 'masterkey':
      return encodeMasterKey(repo);
    case 'index':
      return loadUnpacked(repo, 'index', await findName(repo, 'index', id, signal), signal);
    case 'lock':
      return loadUnpacked(repo, 'locks', await findName(repo, 'locks', id, signal), signal);
    case 'snapshot':
      return catSnapshot(repo, id, filter, signal);
    case 'key':
      return catKey(repo, await findName(repo, 'keys', id, signal), signal);
    case 'pack':
      return catPack(repo, await findName(repo, 'data', id, signal), signal);
    case 'blob':
      return catBlob(indexed(repo), parseBlobId(id), signal);
    case 'tree':
      return catTree(indexed(repo), id, filter, signal);
  }
}

function indexed(repo: OpenRepository | IndexedRepository): IndexedRepository {
  if ('index' in repo) return repo;
  throw new TypeError('blobs and trees are found through the index: load it first');
}

async function catSnapshot(
  repo: OpenRepository,
  id: string,
  filter: SnapshotFilter | undefined,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const name =
    id === 'latest'
      ? (await findSnapshot(repo, id, filter, signal ? { signal } : {})).id
      : await findSnapshotId(repo, id, signal);
  return loadUnpacked(repo, 'snapshots', name, signal);
}

async function catKey(
  repo: OpenRepository,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = await repo.backend.load({ type: 'keys', name }, undefined, signal);
  parseKeyFile(bytes);
  return bytes;
}

async function catPack(
  repo: OpenRepository,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = await repo.backend.load({ type: 'data', name }, undefined, signal);
  const found = storageId(bytes);
  if (found !== name) {
    throw new SealiftError('format/pack', `pack ${parsePackId(name)} has the SHA-256 ${found}`, {
      hint: 'run `sealift check --read-data` to see what is damaged',
      fields: { id: name, found },
    });
  }
  return bytes;
}

async function catBlob(
  repo: IndexedRepository,
  id: BlobId,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const type = repo.index.has('data', id) || !repo.index.has('tree', id) ? 'data' : 'tree';
  return loadBlob(repo, type, id, signal);
}

async function catTree(
  repo: IndexedRepository,
  name: string,
  filter: SnapshotFilter | undefined,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const options = signal ? { signal } : {};
  const { snapshot, subfolder = '' } = await findSnapshot(repo, name, filter, options);
  const tree = await findFolder(repo, snapshot.tree, subfolder, signal);
  return loadBlob(repo, 'tree', tree, signal);
}

async function findName(
  repo: OpenRepository,
  type: 'data' | 'index' | 'keys' | 'locks',
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const names = prefix === '' ? [] : await namesWithPrefix(repo, type, prefix, signal);
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  throw new SealiftError(
    'usage/invalid',
    `${names.length} files in ${type}/ begin with '${prefix}'`,
    { hint: 'give the id of one file; `sealift list` shows them', fields: { id: prefix } },
  );
}

/** As restic prints it. This is the key to all data: the user asked for it by name. */
function encodeMasterKey({ key }: OpenRepository): Uint8Array {
  const mac = { k: encodeBase64(key.macK), r: encodeBase64(key.macR) };
  return Buffer.from(JSON.stringify({ mac, encrypt: encodeBase64(key.encrypt) }));
}
