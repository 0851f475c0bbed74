/** The key files of a repository: each opens it with a password of its own. */

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { isSealiftError, SealiftError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { type Clock, nsPerMs, systemClock } from '../base/time.ts';
import { type KeyId, parseKeyId, storageId } from '../repository/ids.ts';
import { createKeyFile, openKeyFile, parseKeyFile, type ScryptParams } from '../repository/key.ts';
import { currentUser, damagedKey, type OpenRepository } from './open.ts';
import { namesWithPrefix } from './unpacked.ts';

export interface ListedKey {
  readonly id: KeyId;
  /** The one that opened the repository. */
  readonly current: boolean;
  readonly username: string;
  readonly hostname: string;
  readonly createdNs: bigint;
}

export interface NewKey {
  readonly password: Secret;
  readonly allowEmptyPassword?: boolean;
  readonly username?: string;
  readonly hostname?: string;
  readonly clock?: Clock;
  readonly scrypt?: ScryptParams;
  readonly signal?: AbortSignal;
}

/**
 * The keys, oldest first.
 * @param options.onError takes damaged key files; without it the first one ends the list
 */
export async function listKeys(
  repo: OpenRepository,
  options: { onError?: (error: SealiftError) => void; signal?: AbortSignal } = {},
): Promise<ListedKey[]> {
  const keys: ListedKey[] = [];
  for await (const { name } of repo.backend.list('keys', options.signal)) {
    try {
      const id = parseKeyId(name);
      const { username, hostname, createdNs } = await loadKey(repo, id, options.signal);
      keys.push({ id, current: id === repo.keyId, username, hostname, createdNs });
    } catch (error) {
      if (!isSealiftError(error, 'format/key') || !options.onError) throw error;
      options.onError(error);
    }
  }
  return keys.sort((a, b) => Number(a.createdNs > b.createdNs) - Number(a.createdNs < b.createdNs));
}

async function loadKey(
  repo: OpenRepository,
  id: KeyId,
  signal?: AbortSignal,
): Promise<ReturnType<typeof parseKeyFile>> {
  const bytes = await repo.backend.load({ type: 'keys', name: id }, undefined, signal);
  if (storageId(bytes) !== id) throw damagedKey(id);
  try {
    return parseKeyFile(bytes);
  } catch (error) {
    if (isSealiftError(error, 'format/key')) throw damagedKey(id, error.message);
    throw error;
  }
}

/**
 * Adds a password: the same master key, sealed once more. What was made is opened before it counts.
 * @throws SealiftError 'password/empty'
 */
export async function addKey(repo: OpenRepository, options: NewKey): Promise<KeyId> {
  const { clock = systemClock } = options;
  const bytes = createKeyFile({
    password: options.password.reveal(),
    allowEmptyPassword: options.allowEmptyPassword ?? false,
    masterKey: repo.key,
    username: options.username ?? currentUser(),
    hostname: options.hostname ?? hostname(),
    createdNs: BigInt(clock.now()) * nsPerMs,
    random: randomBytes,
    ...(options.scrypt === undefined ? {} : { params: options.scrypt }),
  });
  await openKeyFile(bytes, options.password.reveal());
  const id = parseKeyId(storageId(bytes));
  await repo.backend.save({ type: 'keys', name: id }, [bytes], options.signal);
  return id;
}

/**
 * Replaces the password in use. The new key is stored and read back before the old one goes.
 * @returns the new key, which the repository is to be opened with from now on
 */
export async function changeKey(repo: OpenRepository, options: NewKey): Promise<KeyId> {
  const id = await addKey(repo, options);
  const stored = await repo.backend.load({ type: 'keys', name: id }, undefined, options.signal);
  await openKeyFile(stored, options.password.reveal());
  await repo.backend.remove({ type: 'keys', name: repo.keyId }, options.signal);
  return id;
}

/**
 * Removes a key by its id or the beginning of it.
 * @throws SealiftError 'usage/invalid' for the key in use, an unknown or an ambiguous beginning
 */
export async function removeKey(
  repo: OpenRepository,
  prefix: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<KeyId> {
  const found = prefix === '' ? [] : await namesWithPrefix(repo, 'keys', prefix, signal);
  const [name] = found;
  if (name === undefined || found.length > 1) {
    throw new SealiftError('usage/invalid', `${found.length} keys begin with '${prefix}'`, {
      hint: 'give the id of one key; `sealift key list` shows them',
      fields: { id: prefix },
    });
  }
  if (name === repo.keyId) {
    throw new SealiftError('usage/invalid', `key ${name.slice(0, 8)} is the one in use`, {
      hint: 'open the repository with another password to remove this key',
      fields: { id: name },
    });
  }
  await repo.backend.stat({ type: 'keys', name }, signal);
  await repo.backend.remove({ type: 'keys', name }, signal);
  return parseKeyId(name);
}
