/** Reads and writes the files that hold one document each: snapshots, indexes, locks. */

import { messageOf, SealiftError } from '../base/errors.ts';
import { isStorageId, storageId } from '../repository/ids.ts';
import { openUnpacked, sealUnpacked } from '../repository/unpacked.ts';
import type { OpenRepository } from './open.ts';

export type UnpackedType = 'index' | 'locks' | 'snapshots';

const damageCodes = {
  index: 'format/index',
  locks: 'format/lock',
  snapshots: 'format/snapshot',
} as const;

const damageHints = {
  index: 'run `sealift check`, then `restic repair index`',
  locks: 'run `sealift unlock --remove-all` if no other process works on the repository',
  snapshots: 'run `sealift check`; other snapshots are not affected',
} as const;

/**
 * The JSON of a stored document. A file whose bytes do not match its name is read a second time,
 * because the transfer may be at fault.
 * @throws SealiftError 'backend/not-found'; 'format/index', 'format/lock' or 'format/snapshot', with
 *   the file in the message, when it is damaged
 */
export async function loadUnpacked(
  repo: OpenRepository,
  type: UnpackedType,
  id: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const file = { type, name: id };
  let bytes = await repo.backend.load(file, undefined, signal);
  if (storageId(bytes) !== id) bytes = await repo.backend.load(file, undefined, signal);
  const found = storageId(bytes);
  if (found !== id) {
    const facts = `its content has the SHA-256 ${found.slice(0, 8)}…, ${bytes.byteLength} bytes`;
    throw damagedFile(type, id, new Error(facts));
  }
  return readDamage(type, id, () => openUnpacked(repo.key, bytes));
}

/** Runs a decoder; what it throws becomes an error that names the file. */
export function readDamage<T>(type: UnpackedType, id: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof SealiftError) throw damagedFile(type, id, error);
    throw error;
  }
}

function damagedFile(type: UnpackedType, id: string, cause: Error): SealiftError {
  return new SealiftError(damageCodes[type], `${type}/${id} is damaged: ${messageOf(cause)}`, {
    hint: damageHints[type],
    cause,
    fields: { file: `${type}/${id}`, id },
  });
}

/** Seals and stores a document; returns its name. */
export async function saveUnpacked(
  repo: OpenRepository,
  type: UnpackedType,
  json: Uint8Array,
  signal?: AbortSignal,
): Promise<string> {
  const { id, bytes } = sealUnpacked(repo.key, repo.config.version, json);
  await repo.backend.save({ type, name: id }, [bytes], signal);
  return id;
}

export async function removeUnpacked(
  repo: OpenRepository,
  type: UnpackedType,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  await repo.backend.remove({ type, name: id }, signal);
}

/**
 * The full name of a file of which the beginning is given.
 * @returns every name that begins so: one when it is unique
 */
export async function namesWithPrefix(
  repo: OpenRepository,
  type: UnpackedType | 'keys' | 'data',
  prefix: string,
  signal?: AbortSignal,
): Promise<string[]> {
  if (isStorageId(prefix)) return [prefix];
  const names: string[] = [];
  for await (const { name } of repo.backend.list(type, signal)) {
    if (name.startsWith(prefix)) names.push(name);
  }
  return names;
}
