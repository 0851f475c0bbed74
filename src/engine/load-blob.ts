/** Loads one blob, from wherever an intact copy is. */

import { isSealiftError, messageOf, SealiftError } from '../base/errors.ts';
import type { BlobLocation } from '../repository/blob-index.ts';
import type { BlobId, BlobType } from '../repository/ids.ts';
import { openBlob } from '../repository/pack.ts';
import type { IndexedRepository } from './open.ts';

/**
 * The plaintext of a blob, verified against its id. Every copy that the index knows is tried, the
 * first one twice, because a transfer may be at fault. Trees are read with their neighbours first.
 * @throws SealiftError 'snapshot/blob-missing' if no index lists the blob or no copy is intact
 */
export async function loadBlob(
  repo: IndexedRepository,
  type: BlobType,
  id: BlobId,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const near = type === 'tree' ? await repo.trees.load(id, signal) : undefined;
  if (near !== undefined) return near;
  const locations = repo.index.findAll(type, id);
  const [first] = locations;
  if (first === undefined) {
    throw blobMissing(type, id, 'no index lists it');
  }
  let failure: unknown;
  for (const location of [...locations, first]) {
    try {
      return await loadBlobAt(repo, location, signal);
    } catch (error) {
      if (!isDamage(error)) throw error;
      failure ??= error;
    }
  }
  throw blobMissing(type, id, `pack ${first.packId}: ${messageOf(failure)}`, failure, first.packId);
}

/** The blob at one place. @throws SealiftError what the backend and `openBlob` throw */
export async function loadBlobAt(
  repo: IndexedRepository,
  location: BlobLocation,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { offset, length, packId } = location;
  const sealed = await repo.backend.load(
    { type: 'data', name: packId },
    { offset, length },
    signal,
  );
  return openBlob(repo.key, sealed, location);
}

/** True for errors that mean that the stored bytes are wrong or gone, not that the way is blocked. */
export function isDamage(error: unknown): error is SealiftError {
  return (
    isSealiftError(error) &&
    (error.code.startsWith('format/') ||
      error.code === 'backend/not-found' ||
      error.code === 'backend/range' ||
      error.code === 'backend/corrupt' ||
      error.code === 'snapshot/blob-missing')
  );
}

function blobMissing(
  type: BlobType,
  id: BlobId,
  why: string,
  cause?: unknown,
  packId?: string,
): SealiftError {
  return new SealiftError('snapshot/blob-missing', `${type} blob ${id} cannot be read: ${why}`, {
    hint: 'run `sealift check --read-data` to see what is damaged',
    cause,
    fields: { type, id, ...(packId === undefined ? {} : { pack: packId }) },
  });
}
