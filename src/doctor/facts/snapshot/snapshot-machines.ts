/**
 * The machines inside a snapshot: every folder that is a Windows disk (or its `config` folder) and
 * every root of Linux or macOS, read from the blobs of the repository. Nothing is restored or written.
 */

import { SealiftError } from '../../../base/errors.ts';
import type { BlobId } from '../../../repository/ids.ts';
import type { TreeNode } from '../../../repository/tree.ts';
import { hivePartOf, type RegistryPart, tooLarge } from '../read-file.ts';
import type { MachineReading } from '../read-machines.ts';
import { machineOf } from '../read-machines.ts';
import { looksLikeHive, maxHiveBytes } from '../registry/hive-image.ts';
import { withFileVersions } from '../windows-files/file-versions.ts';
import type { WindowsDisk } from '../windows-files/windows-disk.ts';
import { entriesOf, readWholeFile, type SnapshotSource } from './snapshot-content.ts';
import { snapshotDisk } from './snapshot-disk.ts';
import { readSnapshotUnix } from './snapshot-unix.ts';

/** Folders between the root of the snapshot and a disk: `/mnt/restore/server01/C`. */
const maxDepth = 6;
/** A snapshot of a whole file server is not searched to its last folder. */
const maxFolders = 20_000;
/** One of them has every root of Linux or macOS. */
const unixFolders: readonly string[] = ['etc', 'usr', 'System'];
const hiveNames: readonly string[] = ['system', 'software', 'default'];

export interface SnapshotQuestion extends SnapshotSource {
  readonly tree: BlobId;
  /** What a machine is called that does not say its name: the snapshot's host. */
  readonly host: string;
}

/**
 * Machine by machine, those nearest the root first. What is damaged is a failure of its machine.
 * @throws SealiftError `facts/unreadable` when there is none
 */
export async function* readSnapshotMachines(
  question: SnapshotQuestion,
): AsyncGenerator<MachineReading> {
  const queue: { path: string; tree: BlobId; depth: number }[] = [
    { path: '', tree: question.tree, depth: 0 },
  ];
  let found = 0;
  for (let at = 0; at < queue.length && at < maxFolders; at += 1) {
    const folder = queue[at];
    if (folder === undefined) break;
    question.signal.throwIfAborted();
    const { path, tree, depth } = folder;
    const label = `${question.label}${path === '' ? '/' : path}`;
    let entries: readonly TreeNode[];
    try {
      entries = await entriesOf(question, tree);
      const readings = await readMachineAt(question, { label, tree, entries });
      found += readings.length;
      yield* readings;
      if (readings.length > 0) continue;
    } catch (error) {
      question.signal.throwIfAborted();
      found += 1;
      yield { name: question.host, path: label, error };
      continue;
    }
    if (depth === maxDepth) continue;
    for (const { name, type, subtree } of entries) {
      if (type !== 'dir' || subtree === undefined) continue;
      queue.push({ path: `${path}/${name.toWellFormed()}`, tree: subtree, depth: depth + 1 });
    }
  }
  if (found > 0) return;
  const file = question.label;
  const detail =
    'neither Windows\\System32\\config nor /etc/os-release nor a macOS is in the snapshot';
  throw new SealiftError('facts/unreadable', `${file} ${detail}`, {
    fields: { file, detail },
    hint: 'Back up the system disk, or name the folder of it as ID:folder.',
  });
}

interface Folder {
  readonly label: string;
  readonly tree: BlobId;
  readonly entries: readonly TreeNode[];
}

async function readMachineAt(
  question: SnapshotQuestion,
  { label, tree, entries }: Folder,
): Promise<MachineReading[]> {
  const config = await findConfig(question, entries);
  if (config !== undefined) {
    const at = `${label.replace(/\/$/, '')}${config.path}`;
    const readings = await readWindows(question, { label, folder: at, entries: config.entries });
    const disk = snapshotDisk(question, tree, label);
    return config.path === '' ? readings : withVersions(readings, disk);
  }
  if (!entries.some(({ name, type }) => type === 'dir' && unixFolders.includes(name))) {
    return [];
  }
  const facts = await readSnapshotUnix(question, tree, label);
  return facts === undefined ? [] : [{ name: facts.host ?? question.host, path: label, facts }];
}

async function withVersions(
  readings: readonly MachineReading[],
  disk: WindowsDisk,
): Promise<MachineReading[]> {
  const read: MachineReading[] = [];
  for (const reading of readings) {
    if ('error' in reading) read.push(reading);
    else read.push({ ...reading, facts: await withFileVersions(reading.facts, disk) });
  }
  return read;
}

interface ConfigFolder {
  readonly label: string;
  /** Path of the folder `config`, for evidence. */
  readonly folder: string;
  readonly entries: readonly TreeNode[];
}

/** The machine of the hives that can be read, and a failure for each that cannot. */
async function readWindows(
  question: SnapshotQuestion,
  { label, folder, entries }: ConfigFolder,
): Promise<MachineReading[]> {
  const parts: RegistryPart[] = [];
  const failures: MachineReading[] = [];
  for (const node of hivesOf(entries)) {
    try {
      const part = await readHive(question, node, { folder, entries });
      if (part !== undefined) parts.push(part);
    } catch (error) {
      question.signal.throwIfAborted();
      failures.push({ name: question.host, path: `${folder}/${node.name}`, error });
    }
  }
  if (parts.length === 0) return failures;
  try {
    const { facts } = machineOf(parts, question.host);
    return [...failures, { name: facts.host ?? question.host, path: label, facts }];
  } catch (error) {
    return [...failures, { name: question.host, path: label, error }];
  }
}

interface Config {
  /** Below the folder: `/Windows/System32/config`, empty when it is that folder itself. */
  readonly path: string;
  readonly entries: readonly TreeNode[];
}

/** Whatever the case of the names. */
async function findConfig(
  source: SnapshotSource,
  entries: readonly TreeNode[],
): Promise<Config | undefined> {
  if (isConfig(entries)) return { path: '', entries };
  let path = '';
  let here = entries;
  for (const part of ['windows', 'system32', 'config']) {
    const node = here.find(({ name, type }) => type === 'dir' && name.toLowerCase() === part);
    if (node?.subtree === undefined) return undefined;
    path += `/${node.name}`;
    here = await entriesOf(source, node.subtree);
  }
  return hivesOf(here).length === 0 ? undefined : { path, entries: here };
}

/** The folder `config` was backed up itself: both hives lie in it. */
function isConfig(entries: readonly TreeNode[]): boolean {
  const names = hivesOf(entries).map(({ name }) => name.toLowerCase());
  return names.includes('system') && names.includes('software');
}

function hivesOf(entries: readonly TreeNode[]): TreeNode[] {
  return entries.filter(
    ({ name, type }) => type === 'file' && hiveNames.includes(name.toLowerCase()),
  );
}

async function readHive(
  source: SnapshotSource,
  node: TreeNode,
  { folder, entries }: { readonly folder: string; readonly entries: readonly TreeNode[] },
): Promise<RegistryPart | undefined> {
  const file = `${folder}/${node.name}`;
  const bytes = await readWholeFile(source, node, maxHiveBytes);
  if (bytes === undefined) throw tooLarge(file, Number(node.size), maxHiveBytes);
  if (!looksLikeHive(bytes)) return undefined;
  const wanted = ['.log', '.log1', '.log2'].map((end) => node.name.toLowerCase() + end);
  const logs: Buffer[] = [];
  for (const log of entries.filter(({ name }) => wanted.includes(name.toLowerCase()))) {
    const content = await readWholeFile(source, log, maxHiveBytes);
    if (content !== undefined) logs.push(content);
  }
  return hivePartOf(file, bytes, logs);
}
