/**
 * Repositories as files, in the layout of restic's local repositories. Everything here takes names
 * that ./repository-path.ts has checked; who may do what is decided before.
 */

import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  unlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { systemCodeOf } from '../../base/errors.ts';
import { isLocalFileSystem } from '../../storage/local-file-system.ts';
import { privateFileMode, privateFolderMode, syncFolder } from '../data-folder.ts';
import { receiveBody } from './receive-body.ts';
import { fileTypes, isFileName, type StoredType } from './repository-path.ts';

/** Marks files that are still being written; no listing shows them, a sweep removes those left over. */
export const tempMark = '.sealift-temp-';

export type StoredFile =
  | { readonly folders: readonly string[]; readonly type: 'config' }
  | { readonly folders: readonly string[]; readonly type: StoredType; readonly name: string };

export interface ListedFile {
  readonly name: string;
  readonly size: number;
}

/** What became of an upload. */
export type SaveOutcome =
  /** It is on disk under its name, for good. */
  | { readonly kind: 'stored' }
  /** The same content was there before. */
  | { readonly kind: 'present' }
  /** What was there did not match its name any more; the upload, which does, took its place. */
  | { readonly kind: 'healed' }
  /** Something else was there and stays. */
  | { readonly kind: 'exists' }
  | { readonly kind: 'wrong-hash'; readonly found: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'short' };

export interface SaveLimits {
  readonly maxBytes: number;
  /** Bytes that the client announced, if it did. */
  readonly announcedBytes: number | undefined;
  /** Called when the body is complete and right, before it gets its name. */
  readonly beforePublish?: () => Promise<void>;
}

export class RepositoryStore {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Makes the folders of a repository; those that exist stay. */
  async create(folders: readonly string[]): Promise<void> {
    const base = this.#folder(folders);
    for (const type of fileTypes)
      await mkdir(join(base, type), { recursive: true, mode: privateFolderMode });
    for (let prefix = 0; prefix < 256; prefix += 1) {
      const name = prefix.toString(16).padStart(2, '0');
      await mkdir(join(base, 'data', name), { recursive: true, mode: privateFolderMode });
    }
    await syncFolder(join(base, 'data'));
    for (let depth = folders.length; depth >= 0; depth -= 1)
      await syncFolder(this.#folder(folders.slice(0, depth)));
  }

  /** An open file and its size; the caller closes it. Undefined if there is none. */
  async open(file: StoredFile): Promise<{ handle: FileHandle; size: number } | undefined> {
    let handle: FileHandle;
    try {
      handle = await open(this.path(file), 'r');
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
    try {
      const stats = await handle.stat();
      if (stats.isFile()) return { handle, size: stats.size };
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return undefined;
  }

  /** Size of a file, undefined if there is none. */
  async size(file: StoredFile): Promise<number | undefined> {
    try {
      const stats = await stat(this.path(file));
      return stats.isFile() ? stats.size : undefined;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /**
   * Streams a body to disk: temp file in the same folder, hashed on the way, compared with its name,
   * fsync, its name, fsync of the folder. Whatever goes wrong leaves neither file nor descriptor.
   * @throws system errors of the disk (`ENOSPC`) and of the connection (`ECONNRESET`)
   */
  async save(file: StoredFile, body: Readable, limits: SaveLimits): Promise<SaveOutcome> {
    const path = this.path(file);
    const temp = `${path}${tempMark}${randomBytes(8).toString('hex')}`;
    try {
      const written = await this.#receive(temp, body, limits.maxBytes, file);
      if (written === undefined) return { kind: 'too-large' };
      const { size, hash } = written;
      if (limits.announcedBytes !== undefined && size !== limits.announcedBytes)
        return { kind: 'short' };
      if (file.type !== 'config' && hash !== file.name) {
        return (await this.size(file)) === undefined
          ? { kind: 'wrong-hash', found: hash }
          : { kind: 'exists' };
      }
      if (file.type === 'config') {
        if (size === 0) return { kind: 'short' };
        // No name says what a config must be, so what the disk took is read back and compared.
        if ((await hashFile(temp)).hash !== hash)
          throw new Error(`${path} was not written correctly`);
      }
      await limits.beforePublish?.();
      return await this.#publish(temp, path, { hash, healable: file.type !== 'config' });
    } finally {
      await rm(temp, { force: true });
    }
  }

  /** The files of one kind, in batches; undefined if the repository has no such folder. */
  async list(
    folders: readonly string[],
    type: StoredType,
  ): Promise<AsyncIterable<ListedFile[]> | undefined> {
    const base = join(this.#folder(folders), type);
    try {
      const entries = await readdir(base, { withFileTypes: true });
      if (type !== 'data') return listBatches([base]);
      const prefixes = entries.filter(({ name }) => /^[0-9a-f]{2}$/.test(name));
      return listBatches(prefixes.map(({ name }) => join(base, name)));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** True where a listing of locks shows each that was saved before the listing began (docs/decisions/011). */
  listsAllSaved(folders: readonly string[]): Promise<boolean> {
    return isLocalFileSystem(join(this.#folder(folders), 'locks'));
  }

  /** Removes a file for good; one that is absent is no error. */
  async remove(file: StoredFile): Promise<void> {
    const path = this.path(file);
    try {
      await unlink(path);
    } catch (error) {
      if (isAbsent(error)) return;
      throw error;
    }
    await syncFolder(join(path, '..'));
  }

  path(file: StoredFile): string {
    const base = this.#folder(file.folders);
    if (file.type === 'config') return join(base, 'config');
    if (file.type === 'data') return join(base, 'data', file.name.slice(0, 2), file.name);
    return join(base, file.type, file.name);
  }

  #folder(folders: readonly string[]): string {
    return join(this.root, ...folders);
  }

  async #receive(
    temp: string,
    body: Readable,
    maxBytes: number,
    file: StoredFile,
  ): Promise<{ size: number; hash: string } | undefined> {
    const handle = await this.#openTemp(temp, file);
    try {
      const received = await receiveBody(handle, body, maxBytes);
      if (received !== undefined) await handle.sync();
      return received;
    } finally {
      await handle.close();
    }
  }

  async #openTemp(temp: string, file: StoredFile): Promise<FileHandle> {
    try {
      return await open(temp, 'wx', privateFileMode);
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT' || file.type !== 'data') throw error;
      // Of a repository that exists, a folder below `data` may be made when it is first needed.
      await mkdir(join(temp, '..'), { mode: privateFolderMode });
      return await open(temp, 'wx', privateFileMode);
    }
  }

  /** Gives a complete temp file its name, unless the name is taken: the disk decides, atomically. */
  async #publish(
    temp: string,
    path: string,
    { hash, healable }: { hash: string; healable: boolean },
  ): Promise<SaveOutcome> {
    if (await linkNew(temp, path)) {
      await syncFolder(join(path, '..'));
      return { kind: 'stored' };
    }
    if ((await hashFile(path)).hash === hash) {
      // Perhaps it was linked by a vault that died before this was durable.
      await syncFolder(join(path, '..'));
      return { kind: 'present' };
    }
    if (!healable) return { kind: 'exists' };
    await rename(temp, path);
    await syncFolder(join(path, '..'));
    return { kind: 'healed' };
  }
}

/** Size in bytes and SHA-256 (lower-case hex) of a file's content. */
export async function hashFile(path: string): Promise<{ size: number; hash: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 ** 2 })) {
    const bytes = chunk as Buffer;
    hash.update(bytes);
    size += bytes.length;
  }
  return { size, hash: hash.digest('hex') };
}

/** True for the errors by which a file or one of its folders is not there. */
export function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '');
}

/** A second name for a file, false if that name is taken. */
async function linkNew(temp: string, path: string): Promise<boolean> {
  try {
    await link(temp, path);
    return true;
  } catch (error) {
    const code = systemCodeOf(error) ?? '';
    if (code === 'EEXIST') return false;
    // Some file systems (FAT, network shares) have no hard links. Then look and rename: between the
    // two, only another process could take the name.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK'].includes(code)) throw error;
  }
  try {
    await stat(path);
    return false;
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  await rename(temp, path);
  return true;
}

const statsAtOnce = 64;

async function* listBatches(paths: readonly string[]): AsyncGenerator<ListedFile[]> {
  for (const path of paths) {
    const names = (await readdir(path)).filter(isFileName);
    for (let start = 0; start < names.length; start += statsAtOnce) {
      const batch = names.slice(start, start + statsAtOnce);
      const listed = await Promise.all(batch.map((name) => listedFile(path, name)));
      yield listed.filter((file) => file !== undefined);
    }
  }
}

/** Undefined for what is no file, or went away since the folder was read. */
async function listedFile(path: string, name: string): Promise<ListedFile | undefined> {
  try {
    const stats = await stat(join(path, name));
    return stats.isFile() ? { name, size: stats.size } : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
