/** Verifies every stored file against its name. It needs no key, so the vault can do it alone. */

import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { findRepositories, readFolder } from './find-repositories.ts';
import { fileTypes, isFileName } from './repository-path.ts';
import { hashFile, RepositoryStore } from './repository-store.ts';

export interface DamagedFile {
  /** Path below the repositories' folder. */
  readonly path: string;
  /** SHA-256 of what is there, or undefined if it cannot be read. */
  readonly found: string | undefined;
  readonly problem: string;
}

export interface ScrubReport {
  readonly repositories: number;
  readonly files: number;
  readonly bytes: number;
  readonly damaged: readonly DamagedFile[];
}

export interface ScrubOptions {
  readonly onProgress?: (done: { files: number; bytes: number }) => void;
  readonly signal?: AbortSignal;
}

/** @param root the repositories' folder */
export async function scrub(root: string, options: ScrubOptions = {}): Promise<ScrubReport> {
  const store = new RepositoryStore(root);
  const damaged: DamagedFile[] = [];
  let repositories = 0;
  let files = 0;
  let bytes = 0;
  for await (const folders of findRepositories(root)) {
    repositories += 1;
    if ((await store.size({ folders, type: 'config' })) === 0) {
      damaged.push({ path: [...folders, 'config'].join('/'), found: undefined, problem: 'empty' });
    }
    for await (const { place, name } of storedFiles(join(root, ...folders))) {
      options.signal?.throwIfAborted();
      const result = await verify(join(root, ...folders, place, name), name);
      files += 1;
      bytes += result.bytes;
      if (result.problem !== undefined) {
        const path = [...folders, ...place.split(/[/\\]/), name].join('/');
        damaged.push({ path, found: result.found, problem: result.problem });
      }
      options.onProgress?.({ files, bytes });
    }
  }
  return { repositories, files, bytes, damaged };
}

async function* storedFiles(base: string): AsyncGenerator<{ place: string; name: string }> {
  for (const type of fileTypes) {
    const prefixes = (await readFolder(join(base, 'data'))).filter((name) =>
      /^[0-9a-f]{2}$/.test(name),
    );
    const places = type === 'data' ? prefixes.map((prefix) => join('data', prefix)) : [type];
    for (const place of places) {
      for (const name of (await readFolder(join(base, place))).filter(isFileName))
        yield { place, name };
    }
  }
}

async function verify(
  path: string,
  name: string,
): Promise<{ bytes: number; found: string | undefined; problem: string | undefined }> {
  try {
    const { size, hash } = await hashFile(path);
    const problem = hash === name ? undefined : 'its content does not match its name';
    return { bytes: size, found: hash, problem };
  } catch (error) {
    return { bytes: 0, found: undefined, problem: messageOf(error) };
  }
}
