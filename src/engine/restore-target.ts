/**
 * The folder that a restore writes into: entries are looked at without following symbolic links, and
 * what stands in the way is replaced. Paths are byte strings. Calls are synchronous: they are many,
 * small, and of the local disk.
 */

import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { SealiftError, systemCodeOf } from '../base/errors.ts';
import { statModeFromGo } from '../repository/file-mode.ts';
import { isNodeName, type TreeNode } from '../repository/tree.ts';
import type { Native } from './native.ts';
import { pathForSystem } from './walk.ts';

/** Nobody else reads a file before its owner and mode are set. */
const privateFile = 0o600;
const privateFolder = 0o700;
/** Not on Windows, where such an open of a link does not happen: links are removed before. */
const noFollow = constants.O_NOFOLLOW ?? 0;
const statTypes: Readonly<Record<string, number>> = {
  dev: 0o060000,
  chardev: 0o020000,
  fifo: 0o010000,
  socket: 0o140000,
};

/** Separators, streams, and what Win32 cuts off or reserves (Microsoft, Naming Files, Paths). */
const notOnWindows = /[\\/:*?"<>|\p{Cc}]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;

/** True for a name that stays in its folder on this system, whoever wrote the tree. */
export function isSafeName(name: string, platform: NodeJS.Platform = process.platform): boolean {
  return isNodeName(name) && (platform !== 'win32' || !notOnWindows.test(name));
}

/** Undefined if nothing is there. */
export function lookAt(path: string): BigIntStats | undefined {
  return lstatSync(pathForSystem(path), { bigint: true, throwIfNoEntry: false });
}

/**
 * Makes a folder, or takes the one that is there; anything else under the name is removed.
 * @returns true if it was there
 */
export function ensureFolder(path: string): boolean {
  const found = lookAt(path);
  if (found?.isDirectory()) {
    // Entries cannot be made in a folder that its owner may not write; its mode is set at the end.
    const mode = Number(found.mode) & 0o7777;
    if ((mode & privateFolder) !== privateFolder) tryChmod(path, mode | privateFolder);
    return true;
  }
  if (found) unlinkSync(pathForSystem(path));
  mkdirSync(pathForSystem(path), { mode: privateFolder });
  return false;
}

function tryChmod(path: string, mode: number): void {
  try {
    chmodSync(pathForSystem(path), mode);
  } catch (error) {
    if (systemCodeOf(error) !== 'EPERM') throw error;
  }
}

/**
 * Removes what is in the way of an entry. A folder goes only when it is empty, or when everything
 * that the snapshot does not know is to be deleted.
 */
export function clearWay(path: string, found: BigIntStats | undefined, recursive: boolean): void {
  if (found === undefined) return;
  const systemPath = pathForSystem(path);
  if (!found.isDirectory()) unlinkSync(systemPath);
  else if (recursive) rmSync(systemPath, { recursive: true });
  else rmdirSync(systemPath);
}

/** Removes a file or a folder with all in it; links in it are removed, not followed. */
export function removeAll(path: string): void {
  rmSync(pathForSystem(path), { recursive: true, force: true });
}

/**
 * Opens a file for writing. A new one must not exist; one to reuse must be a file, no link. A file
 * that its owner may not write is made writable first: its mode is set at the end anyway.
 */
export function openFile(path: string, reuse: boolean): number {
  const systemPath = pathForSystem(path);
  if (!reuse) {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow;
    return openSync(systemPath, flags, privateFile);
  }
  const flags = constants.O_WRONLY | noFollow;
  try {
    return openSync(systemPath, flags);
  } catch (error) {
    if (systemCodeOf(error) !== 'EACCES') throw error;
    const reader = openSync(systemPath, constants.O_RDONLY | noFollow);
    try {
      fchmodSync(reader, privateFile);
    } finally {
      closeSync(reader);
    }
    return openSync(systemPath, flags);
  }
}

/** Opens a file to compare its content. Undefined if it cannot be read. */
export function openToRead(path: string): number | undefined {
  try {
    return openSync(pathForSystem(path), constants.O_RDONLY | noFollow);
  } catch {
    return undefined;
  }
}

/** Fills the buffer from a position of the file; returns how many bytes were there. */
export function readFully(fd: number, buffer: Uint8Array, position: number): number {
  let done = 0;
  while (done < buffer.byteLength) {
    const count = readSync(fd, buffer, done, buffer.byteLength - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

export function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.byteLength) {
    done += writeSync(fd, bytes, done, bytes.byteLength - done, position + done);
  }
}

/** Smallest run of zeros that is left as a hole: the block size of common file systems. */
const holeBytes = 4096;

/** Writes what is not zero, in runs of whole blocks; the file has its size and holes already. */
export function writeSparsely(fd: number, bytes: Uint8Array, position: number): void {
  let start = -1;
  // Blocks are counted from the start of the file, else a hole would not cover whole ones.
  for (let at = 0; at < bytes.byteLength; ) {
    const end = Math.min(bytes.byteLength, at + holeBytes - ((position + at) % holeBytes));
    const isHole = isZero(bytes.subarray(at, end));
    if (isHole && start >= 0) {
      writeFully(fd, bytes.subarray(start, at), position + start);
      start = -1;
    } else if (!isHole && start < 0) start = at;
    at = end;
  }
  if (start >= 0) writeFully(fd, bytes.subarray(start), position + start);
}

const zeros = new Uint8Array(holeBytes);

function isZero(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, zeros.subarray(0, bytes.byteLength)) === 0;
}

export function setSize(fd: number, size: number): void {
  ftruncateSync(fd, size);
}

export function makeSymlink(path: string, target: string): void {
  symlinkSync(pathForSystem(target), pathForSystem(path));
}

/** True for the node types that {@link makeSpecial} makes. */
export function isSpecial(type: string): boolean {
  return statTypes[type] !== undefined;
}

/** A device, FIFO or socket. */
export function makeSpecial(path: string, node: TreeNode, native: Native): void {
  const mode = (statTypes[node.type] ?? 0) | (statModeFromGo(node.mode) & 0o600);
  if (node.type === 'fifo') native.makeFifo(path, mode & 0o777);
  else native.makeNode(path, mode, node.device);
}

/** True for errors after which no other file can be written either. */
export function endsRestore(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS' || code === 'EIO';
}

export function targetError(path: string, message: string, cause: unknown): SealiftError {
  const isFull = ['ENOSPC', 'EDQUOT'].includes(systemCodeOf(cause) ?? '');
  return new SealiftError('restore/target', `${path}: ${message}`, {
    cause,
    hint: isFull
      ? 'free space in the target, or restore to another place'
      : 'restore to a folder that you may write',
    fields: { path },
  });
}
