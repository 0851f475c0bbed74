/**
 * From a backend to an open repository, to one whose index is in memory. What a job may do follows
 * from the type it asks for: an `OpenRepository` can list and lock, an `IndexedRepository` can read
 * and write blobs.
 */

import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { encodeHex } from '../base/bytes.ts';
import { isSealiftError, messageOf, SealiftError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { nsPerMs, systemClock } from '../base/time.ts';
import { BlobIndex } from '../repository/blob-index.ts';
import {
  encodeConfig,
  parseConfig,
  type RepositoryConfig,
  type RepositoryVersion,
} from '../repository/config.ts';
import {
  generateRepositoryKey,
  open,
  type Random,
  type RepositoryKey,
  seal,
} from '../repository/crypto.ts';
import { type KeyId, parseKeyId, storageId } from '../repository/ids.ts';
import { IndexColumns } from '../repository/index-columns.ts';
import { readIndex } from '../repository/index-file.ts';
import { createKeyFile, openKeyFile, type ScryptParams } from '../repository/key.ts';
import { generatePolynomial, type Polynomial } from '../repository/polynomial.ts';
import type { Backend, FileType } from '../storage/backend.ts';
import { deriveKey } from './derive-key.ts';
import { forEachParallel } from './parallel.ts';
import { TreeWindows } from './tree-windows.ts';
import { loadUnpacked, readDamage } from './unpacked.ts';

export { loadBlob } from './load-blob.ts';
export { loadUnpacked, removeUnpacked, saveUnpacked } from './unpacked.ts';

export interface OpenRepository {
  readonly backend: Backend;
  readonly key: RepositoryKey;
  /** The key file that the password opened. */
  readonly keyId: KeyId;
  readonly config: RepositoryConfig;
}

export interface IndexedRepository extends OpenRepository {
  readonly index: BlobIndex;
  readonly trees: TreeWindows;
}

/** The repository with its index. @param index to be added to, not replaced */
export function withIndex(repo: OpenRepository, index: BlobIndex): IndexedRepository {
  return { ...repo, index, trees: new TreeWindows(repo, index) };
}

export interface InitOptions {
  readonly password: Secret;
  readonly allowEmptyPassword?: boolean;
  /** 2 when left out. */
  readonly version?: RepositoryVersion;
  /** To deduplicate against another repository; random when left out. */
  readonly polynomial?: Polynomial;
  readonly username?: string;
  readonly hostname?: string;
  readonly random?: Random;
  readonly scrypt?: ScryptParams;
  readonly signal?: AbortSignal;
}

export interface OpenOptions {
  /** The beginning of the key file's name to try first. */
  readonly keyHint?: string;
  readonly signal?: AbortSignal;
}

/** A planted list of keys could otherwise cost a scrypt each for ever (restic's limit). */
const maxKeysTried = 20;

/**
 * Creates a repository. The key is stored before the config, so that a crash in between leaves a
 * place that counts as no repository, not one that nobody can open.
 * @throws SealiftError 'repository/exists' if a config, key or snapshot is there; 'password/empty'
 */
export async function initRepository(
  backend: Backend,
  options: InitOptions,
): Promise<OpenRepository> {
  const { signal, random = randomBytes, version = 2 } = options;
  await refuseExisting(backend, signal);
  await backend.create(signal);
  const key = generateRepositoryKey(random);
  const config: RepositoryConfig = {
    version,
    id: encodeHex(random(32)),
    chunkerPolynomial: options.polynomial ?? generatePolynomial(random),
  };
  const keyFile = createKeyFile({
    password: options.password.reveal(),
    allowEmptyPassword: options.allowEmptyPassword ?? false,
    masterKey: key,
    username: options.username ?? currentUser(),
    hostname: options.hostname ?? hostname(),
    createdNs: BigInt(systemClock.now()) * nsPerMs,
    random,
    ...(options.scrypt === undefined ? {} : { params: options.scrypt }),
  });
  const keyId = parseKeyId(storageId(keyFile));
  await backend.save({ type: 'keys', name: keyId }, [keyFile], signal);
  await backend.save({ type: 'config', name: '' }, [seal(key, encodeConfig(config))], signal);
  return { backend, key, keyId, config };
}

async function refuseExisting(backend: Backend, signal?: AbortSignal): Promise<void> {
  if (await hasConfig(backend, signal)) throw exists(backend, 'config');
  for (const type of ['keys', 'snapshots'] as const) {
    for await (const { name } of listIfAny(backend, type, signal)) {
      throw exists(backend, `${type}/${name}`);
    }
  }
}

async function hasConfig(backend: Backend, signal?: AbortSignal): Promise<boolean> {
  try {
    await backend.stat({ type: 'config', name: '' }, signal);
    return true;
  } catch (error) {
    if (isSealiftError(error, 'backend/not-found')) return false;
    throw error;
  }
}

/** A list in which a place that does not exist is empty. */
async function* listIfAny(
  backend: Backend,
  type: FileType,
  signal?: AbortSignal,
): AsyncGenerator<{ readonly name: string }> {
  try {
    yield* backend.list(type, signal);
  } catch (error) {
    if (!isSealiftError(error, 'backend/not-found')) throw error;
  }
}

function exists(backend: Backend, file: string): SealiftError {
  return new SealiftError(
    'repository/exists',
    `there is a repository at ${backend.location} already (${file})`,
    {
      hint: 'use it as it is, or choose another place',
      fields: { location: backend.location, file },
    },
  );
}

/**
 * Opens a repository with a password.
 * @throws SealiftError 'repository/missing' if no config or no key is there, 'password/wrong' if no
 *   key opens, 'format/key' if every key file is damaged, 'format/config'
 */
export async function openRepository(
  backend: Backend,
  password: Secret,
  options: OpenOptions = {},
): Promise<OpenRepository> {
  const { signal } = options;
  const sealedConfig = await loadConfig(backend, signal);
  const { key, keyId } = await findKey(backend, password, options);
  return { backend, key, keyId, config: openConfig(backend, key, sealedConfig) };
}

async function loadConfig(backend: Backend, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    return await backend.load({ type: 'config', name: '' }, undefined, signal);
  } catch (error) {
    if (!isSealiftError(error, 'backend/not-found')) throw error;
    throw missing(backend, 'config', error);
  }
}

function missing(backend: Backend, what: string, cause?: unknown): SealiftError {
  return new SealiftError(
    'repository/missing',
    `there is no repository at ${backend.location}: no ${what} was found`,
    {
      hint: 'check the location, or create a repository there with `sealift init`',
      cause,
      fields: { location: backend.location, missing: what },
    },
  );
}

function openConfig(backend: Backend, key: RepositoryKey, sealed: Uint8Array): RepositoryConfig {
  let json: Uint8Array;
  try {
    json = open(key, sealed);
  } catch (cause) {
    throw new SealiftError(
      'format/config',
      `the config of ${backend.location} is damaged: ${messageOf(cause)}`,
      {
        hint: 'restore the file `config` from a copy of the repository',
        cause,
        fields: { file: 'config', location: backend.location },
      },
    );
  }
  return parseConfig(json);
}

type TriedKey =
  | { readonly kind: 'opened'; readonly key: RepositoryKey }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'damaged'; readonly error: SealiftError };

/**
 * Unlike restic, a damaged key file does not end the search: another one may open the repository,
 * and `check` can then name the damaged one.
 */
async function findKey(
  backend: Backend,
  password: Secret,
  { keyHint, signal }: OpenOptions,
): Promise<{ key: RepositoryKey; keyId: KeyId }> {
  const names = await listKeyNames(backend, signal);
  if (names.length === 0) throw missing(backend, 'key');
  if (keyHint) names.sort((a, b) => Number(b.startsWith(keyHint)) - Number(a.startsWith(keyHint)));
  const damaged: SealiftError[] = [];
  const tried = names.slice(0, maxKeysTried);
  for (const name of tried) {
    const result = await tryKey(backend, name, password, signal);
    if (result.kind === 'opened') return { key: result.key, keyId: parseKeyId(name) };
    if (result.kind === 'damaged') damaged.push(result.error);
  }
  const [first] = damaged;
  if (first && damaged.length === tried.length) throw first;
  throw wrongPassword(backend, tried.length, names.length, first);
}

async function listKeyNames(backend: Backend, signal?: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of listIfAny(backend, 'keys', signal)) names.push(name);
  return names;
}

async function tryKey(
  backend: Backend,
  name: string,
  password: Secret,
  signal?: AbortSignal,
): Promise<TriedKey> {
  const bytes = await backend.load({ type: 'keys', name }, undefined, signal);
  signal?.throwIfAborted();
  try {
    return { kind: 'opened', key: await openKeyFile(bytes, password.reveal(), deriveKey) };
  } catch (error) {
    if (!isSealiftError(error)) throw error;
    const intact = storageId(bytes) === name;
    if (intact && error.code === 'password/wrong') return { kind: 'wrong' };
    return { kind: 'damaged', error: damagedKey(name, intact ? messageOf(error) : undefined) };
  }
}

/** A key file that cannot be used, whatever the password. */
export function damagedKey(
  name: string,
  why = 'its content does not match its name',
): SealiftError {
  return new SealiftError('format/key', `keys/${name} is damaged: ${why}`, {
    hint: 'restore the file from a copy of the repository, or open it with another key',
    fields: { file: `keys/${name}`, id: name },
  });
}

function wrongPassword(
  backend: Backend,
  tried: number,
  total: number,
  damaged?: SealiftError,
): SealiftError {
  const rest = total > tried ? `; ${total - tried} more were not tried` : '';
  const broken = damaged ? `; ${damaged.message}` : '';
  return new SealiftError(
    'password/wrong',
    `wrong password for ${backend.location}: none of ${tried} keys opens${rest}${broken}`,
    {
      hint:
        total > tried
          ? 'check the password, or name the key with --key-hint'
          : 'check the password; `sealift key list` shows the keys to who has one',
      fields: { location: backend.location, tried, total },
    },
  );
}

/** Name of the user for keys and locks; a user without an entry in the system has a number only. */
export function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}

export interface LoadIndexOptions {
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** @param columns what the file lists, borrowed for the call */
  readonly onFile?: (name: string, columns: IndexColumns) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads every index file, several at once.
 * @throws SealiftError 'format/index' that names the file which is damaged
 */
export async function loadIndex(
  repo: OpenRepository,
  { onProgress, onFile, signal }: LoadIndexOptions = {},
): Promise<IndexedRepository> {
  const names: string[] = [];
  for await (const { name } of repo.backend.list('index', signal)) names.push(name);
  const index = new BlobIndex();
  const columns = new IndexColumns();
  let done = 0;
  await forEachParallel(
    names,
    repo.backend.connections,
    async (name) => {
      const json = await loadUnpacked(repo, 'index', name, signal);
      readDamage('index', name, () => readIndex(json, columns));
      onFile?.(name, columns);
      index.addPacks(columns);
      done += 1;
      onProgress?.({ done, total: names.length });
    },
    signal,
  );
  return withIndex(repo, index);
}
