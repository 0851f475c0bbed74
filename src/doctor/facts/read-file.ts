/** One file that a person names: what it is, and the part of the registry or the facts in it. */

import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, SealiftError } from '../../base/errors.ts';
import { formatSize } from '../../base/units.ts';
import type { FactProblem, Facts } from './facts.ts';
import { type HiveKind, hiveKind, makeHiveTree, problemsOfNotes } from './hive-tree.ts';
import { parseFacts } from './parse-facts.ts';
import { makeRegTree } from './reg-tree.ts';
import { Hive } from './registry/hive.ts';
import { looksLikeHive, maxHiveBytes, openHiveImage } from './registry/hive-image.ts';
import { decodeRegFile, maxRegTextBytes, parseRegText } from './registry/reg-text.ts';
import type { RegistryTree } from './registry-tree.ts';

/** A facts document larger than this is none. */
const maxFactsBytes = 64 * 1024 * 1024;
const headBytes = 4096;

/** Part of one machine's registry. */
export interface RegistryPart {
  readonly kind: 'registry';
  readonly file: string;
  readonly tree: RegistryTree;
  readonly sources: Facts['sources'];
  readonly problems: () => readonly FactProblem[];
}

export type FilePart =
  | RegistryPart
  | { readonly kind: 'facts'; readonly file: string; readonly facts: Facts };

/** @returns undefined for a file that holds no facts and is none of a machine's */
export async function readFactsFile(file: string): Promise<FilePart | undefined> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw unreadable(file, messageOf(error), error);
  });
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(Math.min(headBytes, size));
    await handle.read(head, 0, head.length, 0);
    const kind = kindOf(head);
    if (kind === undefined && size > maxRegTextBytes) throw tooLarge(file, size, maxRegTextBytes);
    if (kind === undefined) return undefined;
    const limit = limits[kind];
    if (size > limit) throw tooLarge(file, size, limit);
    const bytes = await readWhole(handle, size);
    switch (kind) {
      case 'facts':
        return { kind: 'facts', file, facts: parseFacts(bytes.toString('utf8'), file) };
      case 'reg':
        return regPart(file, bytes);
      case 'hive':
        return await hivePart(file, bytes);
    }
  } finally {
    await handle.close();
  }
}

/**
 * The same for bytes that a person handed over, such as an upload.
 * @param logs of a hive, where they came along
 * @returns undefined for what holds no facts
 */
export function partOfBytes(
  file: string,
  bytes: Uint8Array,
  logs: readonly Uint8Array[] = [],
): FilePart | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = kindOf(buffer.subarray(0, headBytes));
  if (kind === undefined) return undefined;
  if (buffer.length > limits[kind]) throw tooLarge(file, buffer.length, limits[kind]);
  switch (kind) {
    case 'facts':
      return { kind: 'facts', file, facts: parseFacts(buffer.toString('utf8'), file) };
    case 'reg':
      return regPart(file, buffer);
    case 'hive':
      return hivePartOf(file, buffer, logs);
  }
}

const limits = { facts: maxFactsBytes, reg: maxRegTextBytes, hive: maxHiveBytes } as const;

/** What a file is, by its beginning, so that a disk image given by mistake is never read. */
function kindOf(head: Buffer): keyof typeof limits | undefined {
  if (looksLikeHive(head)) return 'hive';
  const text = decodeRegFile(head.subarray(0, head.length & ~1)).trimStart();
  if (/^(?:Windows Registry Editor Version 5\.00|REGEDIT4)/i.test(text)) return 'reg';
  return text.startsWith('{') ? 'facts' : undefined;
}

async function readWhole(handle: Awaited<ReturnType<typeof open>>, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function regPart(file: string, bytes: Uint8Array): RegistryPart {
  const text = parseRegText(decodeRegFile(bytes));
  if (text === undefined) throw unreadable(file, 'the first line is not that of a .reg file');
  const { tree, problems } = makeRegTree(text, file);
  return {
    ...{ kind: 'registry', file, tree, problems: () => problems },
    sources: [{ file, kind: 'reg-export', notes: [] }],
  };
}

/** Opens a hive with its logs. @throws SealiftError `facts/unreadable` */
export async function openHiveFile(file: string, bytes: Uint8Array) {
  return openHive(file, bytes, await readLogs(file));
}

function openHive(file: string, bytes: Uint8Array, logs: readonly Uint8Array[]) {
  const image = openHiveImage(bytes, logs);
  if ('kind' in image) {
    throw unreadable(file, `the hive cannot be opened (${image.kind})`);
  }
  return { image, hive: new Hive(image) };
}

/** Reads a hive file whole. @throws SealiftError `facts/too-large`, `facts/unreadable` */
export async function readHiveFile(file: string) {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw unreadable(file, messageOf(error), error);
  });
  try {
    const { size } = await handle.stat();
    if (size > maxHiveBytes) throw tooLarge(file, size, maxHiveBytes);
    return await openHiveFile(file, await readWhole(handle, size));
  } finally {
    await handle.close();
  }
}

async function hivePart(file: string, bytes: Uint8Array): Promise<RegistryPart | undefined> {
  return hivePartOf(file, bytes, await readLogs(file));
}

/**
 * The part in a hive's bytes, wherever they were read; undefined for one that holds nothing of use.
 * @throws SealiftError `facts/unreadable`
 */
export function hivePartOf(
  file: string,
  bytes: Uint8Array,
  logs: readonly Uint8Array[],
): RegistryPart | undefined {
  const { image, hive } = openHive(file, bytes, logs);
  const kind: HiveKind | undefined = hiveKind(hive);
  if (kind === undefined) {
    if (hive.problems.length > 0) throw unreadable(file, hive.problems[0]?.what ?? 'it is damaged');
    return undefined;
  }
  const userRoot = /^DEFAULT$/i.test(basename(file)) ? 'HKU\\.DEFAULT' : 'HKCU';
  const { tree, controlSet } = makeHiveTree(hive, { kind, file, userRoot });
  const fromNotes = problemsOfNotes(image.notes, file);
  if (kind === 'SYSTEM' && controlSet === undefined) {
    const detail = 'Select\\Current does not say which control set was in use';
    fromNotes.push({ what: 'no-control-set', detail, file });
  }
  return {
    ...{ kind: 'registry', file, tree },
    sources: [{ file, kind: 'hive', notes: image.notes.map((note) => JSON.stringify(note)) }],
    problems: () => [
      ...fromNotes,
      ...hive.problems.map(
        ({ what, fileOffset }): FactProblem => ({
          what: 'damaged-record',
          detail: what,
          file,
          offset: fileOffset,
        }),
      ),
    ],
  };
}

/** The transaction logs beside a hive, whatever the case of their names. */
async function readLogs(file: string): Promise<Uint8Array[]> {
  const folder = dirname(file);
  const names = await readdir(folder).catch(() => []);
  const wanted = ['.log', '.log1', '.log2'].map((end) => basename(file).toLowerCase() + end);
  const logs = names.filter((name) => wanted.includes(name.toLowerCase())).sort();
  const read: Uint8Array[] = [];
  for (const name of logs) {
    const handle = await open(join(folder, name), 'r').catch(() => undefined);
    if (handle === undefined) continue;
    try {
      const { size } = await handle.stat();
      if (size <= maxHiveBytes) read.push(await readWhole(handle, size));
    } finally {
      await handle.close();
    }
  }
  return read;
}

export function unreadable(file: string, detail: string, cause?: unknown): SealiftError {
  return new SealiftError('facts/unreadable', `${file}: ${detail}`, {
    fields: { file, detail },
    cause,
    hint: 'Name a .reg export, a hive, a facts file, or the folder of a mounted Windows disk.',
  });
}

export function tooLarge(file: string, size: number, limit: number): SealiftError {
  const fields = { file, size: formatSize(size), limit: formatSize(limit) };
  return new SealiftError(
    'facts/too-large',
    `${file} has ${fields.size}; a machine's facts have at most ${fields.limit}`,
    { fields, hint: 'Name a .reg export, a hive, a facts file or a folder with them.' },
  );
}
