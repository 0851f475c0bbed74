/**
 * The files of a machine: the one that runs this program, or a folder that is its root (a mounted disk,
 * a container's file system). Links are followed inside the root, so that an absolute one never leads
 * to the files of the machine that reads.
 */

import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { join, posix } from 'node:path';

export interface MachineFiles {
  /** `/` for the machine itself. */
  readonly root: string;
  /** The text of a file; undefined when it is not there, cannot be read or is larger than 4 MiB. */
  text(path: string): string | undefined;
  /** Names in a folder, sorted; empty when it is not there. */
  list(path: string): readonly string[];
  /** The path without links, seen from the root; undefined when a part is not there. */
  resolve(path: string): string | undefined;
  /** Bytes of a file from an offset on; fewer at its end, none when it cannot be read. */
  bytes(path: string, offset: number, size: number): Uint8Array;
  /** Hands the bytes of a file over in overlapping pieces until `visit` has seen enough. */
  scan(path: string, visit: (piece: Uint8Array, offset: number) => boolean): void;
}

const maxTextSize = 4 * 1024 * 1024;
const maxLinks = 40;
const pieceSize = 1024 * 1024;
/** What may be cut by the end of a piece is whole in the next. */
const overlap = 4096;

export function machineFiles(root = '/'): MachineFiles {
  const resolve = (path: string): string | undefined => resolveInside(root, path);
  const real = (path: string): string | undefined => {
    const inside = resolve(path);
    return inside === undefined ? undefined : join(root, inside);
  };
  return {
    root,
    resolve,
    text(path) {
      const file = real(path);
      return file === undefined ? undefined : readText(file);
    },
    list(path) {
      const folder = real(path);
      try {
        return folder === undefined ? [] : readdirSync(folder).sort();
      } catch {
        return [];
      }
    },
    bytes(path, offset, size) {
      const file = real(path);
      return file === undefined ? new Uint8Array(0) : readBytes(file, offset, size);
    },
    scan(path, visit) {
      const file = real(path);
      if (file !== undefined) scanFile(file, visit);
    },
  };
}

function resolveInside(root: string, path: string): string | undefined {
  let parts = posix.normalize(`/${path}`).split('/').filter(Boolean);
  let done: string[] = [];
  let links = 0;
  while (parts.length > 0) {
    const [part = '', ...rest] = parts;
    parts = rest;
    if (part === '..') {
      done = done.slice(0, -1);
      continue;
    }
    if (part === '.') continue;
    const target = linkTarget(join(root, ...done, part));
    if (target === undefined) return undefined;
    if (target === false) {
      done = [...done, part];
      continue;
    }
    links += 1;
    if (links > maxLinks) return undefined;
    if (target.startsWith('/')) done = [];
    parts = [...target.split('/').filter(Boolean), ...parts];
  }
  return `/${done.join('/')}`;
}

/** Where a link points; false for what is not a link, undefined for what is not there. */
function linkTarget(path: string): string | false | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    // EINVAL: it is there and no link. The codes are Node's own.
    return (error as NodeJS.ErrnoException).code === 'EINVAL' ? false : undefined;
  }
}

function readText(file: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const info = fstatSync(descriptor);
    // A pipe or a device would block or never end.
    if (!info.isFile() || info.size > maxTextSize) return undefined;
    return readFileSync(descriptor, 'utf8');
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function readBytes(file: string, offset: number, size: number): Uint8Array {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    if (!fstatSync(descriptor).isFile()) return new Uint8Array(0);
    const buffer = new Uint8Array(size);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, size, offset));
  } catch {
    return new Uint8Array(0);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function scanFile(file: string, visit: (piece: Uint8Array, offset: number) => boolean): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    if (!fstatSync(descriptor).isFile()) return;
    const buffer = Buffer.alloc(pieceSize);
    for (let offset = 0; ; offset += pieceSize - overlap) {
      const size = readSync(descriptor, buffer, 0, pieceSize, offset);
      if (size === 0 || visit(buffer.subarray(0, size), offset)) return;
      if (size < pieceSize) return;
    }
  } catch {
    // Not readable: as if it were not there.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
