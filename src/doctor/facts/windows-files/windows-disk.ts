/** Files of a Windows disk that is not the running one: a mounted folder here, a snapshot elsewhere. */

import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadAt } from './pe-version.ts';

export interface DiskFile {
  /** As the reader names it, for evidence. */
  readonly path: string;
  readonly read: ReadAt;
  close(): Promise<void>;
}

export interface WindowsDisk {
  /** @param parts folders and name below the root of the disk, whatever their case */
  open(parts: readonly string[]): Promise<DiskFile | undefined>;
}

/** @param root the folder that holds `Windows` */
export function folderDisk(root: string): WindowsDisk {
  const listings = new Map<string, Promise<readonly string[]>>();
  const list = (folder: string): Promise<readonly string[]> => {
    const known = listings.get(folder) ?? readdir(folder).catch(() => []);
    listings.set(folder, known);
    return known;
  };
  return {
    async open(parts) {
      let path = root;
      for (const part of parts) {
        const name = (await list(path)).find((one) => one.toLowerCase() === part.toLowerCase());
        if (name === undefined) return undefined;
        path = join(path, name);
      }
      return openFile(path);
    },
  };
}

async function openFile(path: string): Promise<DiskFile | undefined> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return undefined;
  const info = await handle.stat().catch(() => undefined);
  if (info?.isFile() !== true) {
    await handle.close();
    return undefined;
  }
  return {
    path,
    close: () => handle.close(),
    async read(offset, size) {
      // Sizes come out of the file: no more is held than it has.
      const buffer = new Uint8Array(Math.max(0, Math.min(size, info.size - offset)));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
      return buffer.subarray(0, bytesRead);
    },
  };
}

/**
 * A path of the registry as folders below the root of its drive: `"C:\Program Files\x.exe" -a` is
 * `Program Files`, `x.exe`. undefined for a path of another kind.
 */
export function diskParts(path: string): string[] | undefined {
  const windows = /^(?:%SystemRoot%|%windir%|\\SystemRoot)(?=\\)/i;
  const expanded = path
    .trim()
    .replace(/^"([^"]*)".*$/, '$1')
    .replace(windows, 'C:\\Windows')
    .replace(/^%ProgramFiles%(?=\\)/i, 'C:\\Program Files');
  const plain = /^[a-z]:\\(.+)$/i.exec(expanded)?.[1];
  // What follows the program's name are its arguments.
  const program = plain?.replace(/(\.(?:exe|dll))\s.*$/i, '$1');
  const parts = program?.split('\\').filter(Boolean);
  return parts === undefined || parts.includes('..') ? undefined : parts;
}
