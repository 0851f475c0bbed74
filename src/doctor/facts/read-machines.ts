/**
 * The machines at the paths that a person names: a facts document, exports and hives, a mounted disk
 * of Windows, Linux or macOS, a folder of many machines; and the machine itself.
 *
 * Exports and hives that lie together are parts of one machine, unless two of them hold the same key:
 * then each is a machine of its own.
 */

import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { readCollected } from './collected/read-collected.ts';
import type { Facts } from './facts.ts';
import { type LinuxOptions, readLinuxFacts } from './linux/linux-facts.ts';
import { readMacosFacts } from './macos/macos-facts.ts';
import { mustBeOneMachine } from './parse-facts.ts';
import { type FilePart, type RegistryPart, readFactsFile, unreadable } from './read-file.ts';
import { isBelow, mergeTrees } from './registry-tree.ts';
import { windowsFacts } from './windows-facts.ts';
import { withFileVersions } from './windows-files/file-versions.ts';
import { folderDisk } from './windows-files/windows-disk.ts';
import { readWindowsLive, windowsTools } from './windows-live.ts';

export interface MachineFacts {
  /** The machine's own name, else that of the file or the folder. */
  readonly name: string;
  /** What was named or found. */
  readonly path: string;
  readonly facts: Facts;
}

export interface MachineFailure {
  readonly name: string;
  readonly path: string;
  readonly error: unknown;
}

export type MachineReading = MachineFacts | MachineFailure;

const maxDepth = 8;

/**
 * Reads machine by machine. A file that cannot be read is a failure of its machine, not of the others.
 * @throws SealiftError `facts/unreadable` for a path that is not there or holds nothing
 */
export async function* readMachines(paths: readonly string[]): AsyncGenerator<MachineReading> {
  const files: string[] = [];
  for (const path of paths) {
    const info = await stat(path).catch((error: unknown) => {
      throw unreadable(path, messageOf(error), error);
    });
    if (!info.isDirectory()) {
      files.push(path);
      continue;
    }
    let count = 0;
    for await (const machine of readFolder(path, 0)) {
      count += 1;
      yield machine;
    }
    if (count === 0) throw unreadable(path, 'the folder holds no facts');
  }
  yield* readFiles(files, { strict: true });
}

/**
 * The machine that runs this program, where it is a Linux or a macOS. Nothing is run, only files are read.
 * @returns undefined on another system
 */
export function readThisMachine(
  environment: NonNullable<LinuxOptions['environment']>,
): MachineFacts | undefined {
  const readers: Readonly<Record<string, (options: LinuxOptions) => Facts | undefined>> = {
    linux: readLinuxFacts,
    darwin: readMacosFacts,
  };
  const facts = readers[process.platform]?.({ environment });
  return facts === undefined ? undefined : { name: facts.host ?? 'localhost', path: '/', facts };
}

/** The same also for a Windows, which is asked by its own tools. */
export async function readLiveMachine(
  environment: NonNullable<LinuxOptions['environment']>,
): Promise<MachineFacts | undefined> {
  if (process.platform !== 'win32') return readThisMachine(environment);
  const facts = await readWindowsLive(windowsTools(environment));
  return { name: facts.host ?? 'localhost', path: '/', facts };
}

async function* readFolder(folder: string, depth: number): AsyncGenerator<MachineReading> {
  const config = await findConfigFolder(folder);
  if (config !== undefined) {
    const disk = folderDisk(folder);
    const readings = readFiles(await hiveFiles(config), { name: basename(folder), strict: false });
    for await (const reading of readings) {
      if ('error' in reading) yield reading;
      else yield { ...reading, facts: await withFileVersions(reading.facts, disk) };
    }
    return;
  }
  const collected = await readCollected(folder);
  if (collected !== undefined) {
    yield { name: collected.host ?? basename(folder), path: folder, facts: collected };
    return;
  }
  const unix = readMacosFacts({ root: folder }) ?? readLinuxFacts({ root: folder });
  if (unix !== undefined) {
    yield { name: unix.host ?? basename(folder), path: folder, facts: unix };
    return;
  }
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(folder, entry.name));
  const usable = files.filter((file) => !/\.(?:log\d?|blf|regtrans-ms|sav)$/i.test(file));
  yield* readFiles(usable, { name: basename(folder), strict: false });
  if (depth >= maxDepth) return;
  for (const entry of entries) {
    if (entry.isDirectory()) yield* readFolder(join(folder, entry.name), depth + 1);
  }
}

/** `Windows\System32\config` of a mounted disk, whatever the case; that folder itself, too. */
async function findConfigFolder(folder: string): Promise<string | undefined> {
  let path = folder;
  for (const part of ['windows', 'system32', 'config']) {
    const names = await readdir(path).catch(() => []);
    const found = names.find((name) => name.toLowerCase() === part);
    if (found === undefined) return undefined;
    path = join(path, found);
  }
  return path;
}

async function hiveFiles(config: string): Promise<string[]> {
  const names = await readdir(config);
  return names
    .filter((name) => /^(?:SYSTEM|SOFTWARE|DEFAULT)$/i.test(name))
    .map((name) => join(config, name));
}

interface FilesOptions {
  /** What a machine is called that does not say its name. */
  readonly name?: string;
  /** A file that is of no known kind is a failure; else it is passed over. */
  readonly strict: boolean;
}

async function* readFiles(
  files: readonly string[],
  { name, strict }: FilesOptions,
): AsyncGenerator<MachineReading> {
  const parts: RegistryPart[] = [];
  for (const file of files) {
    let part: FilePart | undefined;
    try {
      part = await readFactsFile(file);
      if (part === undefined && strict) {
        throw unreadable(file, 'it is neither a .reg export nor a hive nor a facts document');
      }
    } catch (error) {
      // A stray JSON file in a folder is not a machine that failed.
      yield { name: basename(file), path: file, error };
      continue;
    }
    if (part?.kind === 'registry') parts.push(part);
    else if (part !== undefined) {
      const { facts } = part;
      yield { name: facts.host ?? basename(file).replace(/\.json$/i, ''), path: file, facts };
    }
  }
  for (const group of groupParts(parts)) {
    try {
      yield machineOf(group, name);
    } catch (error) {
      yield { name: name ?? basename(group[0]?.file ?? ''), path: group[0]?.file ?? '', error };
    }
  }
}

/** All parts as one machine, or each as its own when two hold the same keys. */
export function groupParts(parts: readonly RegistryPart[]): RegistryPart[][] {
  if (parts.length === 0) return [];
  const overlap = parts.some((part, i) =>
    parts.slice(i + 1).some((other) => holdSameKeys(part, other)),
  );
  return overlap ? parts.map((part) => [part]) : [[...parts]];
}

function holdSameKeys(a: RegistryPart, b: RegistryPart): boolean {
  return a.tree.covered.some((above) =>
    b.tree.covered.some((below) => isBelow(below, above) || isBelow(above, below)),
  );
}

/**
 * @param name of a machine that does not say its own
 * @throws SealiftError `facts/contradictory` for parts of two machines
 */
export function machineOf(group: readonly RegistryPart[], name: string | undefined): MachineFacts {
  const [first] = group;
  const path = first?.file ?? '';
  const facts = windowsFacts({
    tree: mergeTrees(group.map(({ tree }) => tree)),
    sources: group.flatMap(({ sources }) => sources),
    problems: () => group.flatMap(({ problems }) => problems()),
  });
  if (group.length > 1)
    mustBeOneMachine(
      facts,
      group.map(({ file }) => file),
    );
  const own = group.length === 1 ? basename(path).replace(/\.reg$/i, '') : (name ?? basename(path));
  return { name: facts.host ?? own, path, facts };
}
