/** A repository in a folder of this machine (restic-format.md, section 2). */
import { randomBytes } from 'node:crypto';
import {
  chmod,
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { concatBytes, equalBytes } from '../base/bytes.ts';
import { messageOf, SealiftError, systemCodeOf } from '../base/errors.ts';
import {
  alreadyExists,
  type Backend,
  describeFile,
  type FileEntry,
  type FileName,
  type FileType,
  fileTypes,
  isStorageName,
  notFound,
  outOfRange,
} from './backend.ts';
import { isLocalFileSystem } from './local-file-system.ts';

const folderMode = 0o700;
/** While it is being written; afterwards nobody may change it, only remove it. */
const temporaryFileMode = 0o600;
const storedFileMode = 0o400;
/** Files whose size is asked for at once while listing. */
const statBatch = 32;
/** Up to here a range gets its memory unseen; beyond, the file is asked first whether it is that long. */
const trustedBytes = 1024 * 1024;
const onWindows = process.platform === 'win32';

/** @param path folder of the repository; taken relative to the working folder at the time of the call */
export function localBackend(path: string): Backend {
  const root = resolve(path);

  const pathOf = (file: FileName): string => join(folderOf(root, file), file.name || file.type);

  /** The folder of locks decides: only there does it matter that nothing is found. */
  const listsAllSaved = (): Promise<boolean> => isLocalFileSystem(join(root, 'locks'));

  /** Runs a step and turns the system's errors into ours. */
  async function translated<T>(file: FileName | undefined, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      throw translateSystemError(error, root, file);
    }
  }

  return {
    location: root,
    connections: 2,

    listsAllSaved,

    create: (signal) => translated(undefined, () => createLayout(root, signal)),

    stat: (file, signal) =>
      translated(file, async () => {
        signal?.throwIfAborted();
        const found = await stat(pathOf(file));
        if (!found.isFile()) throw notFound(root, file);
        return { size: found.size };
      }),

    async *list(type, signal) {
      try {
        yield* listFolder(root, type, signal);
      } catch (error) {
        throw translateSystemError(error, root, undefined);
      }
    },

    load: (file, range, signal) =>
      translated(file, async () => {
        signal?.throwIfAborted();
        const handle = await open(pathOf(file), 'r');
        try {
          const isSmall = range !== undefined && range.length <= trustedBytes;
          const size = isSmall ? range.offset + range.length : (await handle.stat()).size;
          const wanted = range ?? { offset: 0, length: size };
          const bytes = new Uint8Array(Math.min(wanted.length, Math.max(0, size - wanted.offset)));
          const found = await readFully(handle, bytes, wanted.offset, signal);
          if (found !== wanted.length) throw outOfRange(root, file, wanted, found);
          return bytes;
        } finally {
          await handle.close();
        }
      }),

    save: (file, parts, signal) =>
      translated(file, async () => {
        signal?.throwIfAborted();
        // A lock need not outlive the machine, since the process that holds it does not.
        const durable = file.type !== 'locks' || !(await listsAllSaved());
        await saveFile(root, file, pathOf(file), parts, durable, signal);
      }),

    remove: (file, signal) =>
      translated(file, async () => {
        signal?.throwIfAborted();
        await removeFile(pathOf(file));
      }),

    pathOf,
    tls: () => undefined,
    close: async () => {},
  };
}

function folderOf(root: string, file: FileName): string {
  switch (file.type) {
    case 'config':
      return root;
    case 'data':
      return join(root, 'data', file.name.slice(0, 2));
    default:
      return join(root, file.type);
  }
}

async function createLayout(root: string, signal?: AbortSignal): Promise<void> {
  await mkdir(root, { recursive: true, mode: folderMode });
  for (const type of fileTypes) {
    signal?.throwIfAborted();
    if (type !== 'config') await makeFolder(join(root, type));
  }
  const data = join(root, 'data');
  for (const name of dataFolders()) {
    signal?.throwIfAborted();
    await makeFolder(join(data, name));
  }
  await syncFolder(data);
  await syncFolder(root);
}

function dataFolders(): string[] {
  return Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'));
}

/** Makes one folder level; returns false if it was there. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: folderMode });
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function* listFolder(
  root: string,
  type: FileType,
  signal?: AbortSignal,
): AsyncGenerator<FileEntry> {
  if (type === 'config') return;
  const base = join(root, type);
  if (type !== 'data') {
    yield* listFiles(base, '', signal);
    return;
  }
  for (const folder of await namesIn(base)) {
    if (/^[0-9a-f]{2}$/.test(folder)) yield* listFiles(join(base, folder), folder, signal);
  }
}

async function* listFiles(
  folder: string,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<FileEntry> {
  const names = (await namesIn(folder)).filter(
    (name) => isStorageName(name) && name.startsWith(prefix),
  );
  for (let start = 0; start < names.length; start += statBatch) {
    signal?.throwIfAborted();
    const batch = names.slice(start, start + statBatch);
    const entries = await Promise.all(batch.map((name) => entryOf(folder, name)));
    for (const entry of entries) if (entry) yield entry;
  }
}

/** Undefined for what is no file, or was removed since the folder was read. */
async function entryOf(folder: string, name: string): Promise<FileEntry | undefined> {
  try {
    const found = await stat(join(folder, name));
    return found.isFile() ? { name, size: found.size } : undefined;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Fills the array from the offset on; returns how many bytes there were. */
async function readFully(
  handle: FileHandle,
  bytes: Uint8Array,
  offset: number,
  signal?: AbortSignal,
): Promise<number> {
  let filled = 0;
  while (filled < bytes.byteLength) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(
      bytes,
      filled,
      bytes.byteLength - filled,
      offset + filled,
    );
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

async function saveFile(
  root: string,
  file: FileName,
  path: string,
  parts: readonly Uint8Array[],
  durable: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const temporary = `${path}-tmp-${randomBytes(8).toString('hex')}`;
  const handle = await openTemporary(root, file, temporary);
  try {
    try {
      await writeFully(handle, parts, signal);
      await dropWritePermission(handle);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
    // The last moment at which nothing is visible yet.
    signal?.throwIfAborted();
    if (file.type === 'config') await publishConfig(root, file, temporary, path, parts);
    else await replaceFile(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (durable) await syncFolder(dirname(path));
}

async function openTemporary(root: string, file: FileName, path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', temporaryFileMode);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT' || file.type === 'config') throw error;
  }
  // Folders below the root are made on demand; the root is not, because a missing one is most
  // likely a drive that is not mounted, and the backup would fill the disk below the mount point.
  const typeFolder = join(root, file.type);
  if (await makeFolder(typeFolder)) await syncFolder(root);
  if (dirname(path) !== typeFolder && (await makeFolder(dirname(path)))) {
    await syncFolder(typeFolder);
  }
  return await open(path, 'wx', temporaryFileMode);
}

async function writeFully(
  handle: FileHandle,
  parts: readonly Uint8Array[],
  signal?: AbortSignal,
): Promise<void> {
  for (const part of parts) {
    let written = 0;
    while (written < part.byteLength) {
      signal?.throwIfAborted();
      const { bytesWritten } = await handle.write(part, written, part.byteLength - written);
      written += bytesWritten;
    }
  }
}

/** Some network file systems have no modes; the file is no worse there than any other. */
async function dropWritePermission(handle: FileHandle): Promise<void> {
  try {
    await handle.chmod(storedFileMode);
  } catch (error) {
    if (!isOneOf(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL')) throw error;
  }
}

async function replaceFile(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path);
  } catch (error) {
    // Windows does not replace a read-only file. What stands there has the same name and so the
    // same content, unless it is damaged, and then it should go.
    if (!onWindows || !isOneOf(error, 'EPERM', 'EACCES')) throw error;
    await chmod(path, temporaryFileMode);
    await rename(temporary, path);
  }
}

/** Makes the config visible unless there is one: a hard link fails where a rename would replace. */
async function publishConfig(
  root: string,
  file: FileName,
  temporary: string,
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST' || (await exists(path))) {
      const same = equalBytes(await readFile(path), concatBytes(...parts));
      if (!same) throw alreadyExists(root, file);
    } else if (isOneOf(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EISDIR')) {
      // No hard links on this file system (FAT, some network shares).
      await rename(temporary, path);
      return;
    } else {
      throw error;
    }
  }
  await removeFile(temporary);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

async function removeFile(path: string): Promise<void> {
  if (onWindows) await chmod(path, temporaryFileMode).catch(ignoreMissing);
  await rm(path).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): void {
  if (systemCodeOf(error) !== 'ENOENT') throw error;
}

/** Windows cannot open a folder to sync it, and its file systems log the rename by themselves. */
async function syncFolder(path: string): Promise<void> {
  if (onWindows) return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Network file systems without the notion answer so.
    if (!isOneOf(error, 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EACCES')) {
      throw error;
    }
  } finally {
    await handle.close();
  }
}

function isOneOf(error: unknown, ...codes: string[]): boolean {
  return codes.includes(systemCodeOf(error) ?? '');
}

/** Our error for a system error; any other error (an abort's reason, one of ours) as it is. */
export function translateSystemError(
  error: unknown,
  root: string,
  file: FileName | undefined,
): unknown {
  const code = systemCodeOf(error);
  if (error instanceof SealiftError || code === undefined || !/^E[A-Z0-9]+$/.test(code)) {
    return error;
  }
  const subject = file ? `${describeFile(file)} in ${root}` : root;
  const detail = {
    cause: error,
    fields: { location: root, reason: code, ...(file ? { file: describeFile(file) } : {}) },
  };
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return file
        ? notFound(root, file, error)
        : new SealiftError('backend/not-found', `there is no folder ${root}`, detail);
    case 'ENOSPC':
    case 'EDQUOT':
      return new SealiftError('backend/full', `no space left for ${subject}`, {
        ...detail,
        hint: 'free space on that disk, or remove old snapshots with `sealift forget --prune`',
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new SealiftError('backend/forbidden', `no permission for ${subject} (${code})`, {
        ...detail,
        hint: 'run as the user that owns the repository folder, or change its permissions',
      });
    default:
      return new SealiftError('backend/io', `${subject}: ${messageOf(error)}`, {
        ...detail,
        retryable: ['EAGAIN', 'EBUSY', 'EMFILE', 'ENFILE', 'ETIMEDOUT', 'ESTALE'].includes(code),
      });
  }
}
