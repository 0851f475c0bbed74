/**
 * The data sets, the same bytes for the same seed. Each has two halves, `a` and `b`, so that a snapshot
 * of one half can be what remains after forgetting the rest.
 */

import { execFileSync } from 'node:child_process';
import { createCipheriv, hash } from 'node:crypto';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import type { SetName } from './samples.ts';

const kib = 1024;
const mib = 1024 ** 2;
const gib = 1024 ** 3;
const halves = ['a', 'b'] as const;
/** Written at once, and the grain in which the image's kinds of content alternate. */
const pieceBytes = 4 * mib;
/** What changes of a large file changes in runs of this size, as the blocks of a virtual disk do. */
const changedRunBytes = 256 * kib;

export interface SetOptions {
  /** 1 for the full size. */
  readonly scale: number;
  /** The folder that `tree` copies. */
  readonly tree: string;
}

export const setTitles: Record<SetName, string> = {
  random: 'incompressible, 16 files',
  tree: 'a copy of a real tree',
  small: 'small files of 4 KiB',
  image: 'one file like the image of a virtual machine',
};

/** Bytes and files that a set comes to, for the estimate of time and room. */
export function expectedSize(set: SetName, scale: number): { bytes: number; files: number } {
  switch (set) {
    case 'random':
      return { bytes: 4 * gib * scale, files: 16 };
    case 'tree':
      return { bytes: 3 * gib * scale, files: 60_000 * scale };
    case 'small':
      return { bytes: 200_000 * 4 * kib * scale, files: 200_000 * scale };
    case 'image':
      return { bytes: 4 * gib * scale, files: 1 };
  }
}

export function makeSet(set: SetName, folder: string, { scale, tree }: SetOptions): void {
  for (const half of halves) mkdirSync(join(folder, half), { recursive: true });
  switch (set) {
    case 'random':
      makeRandom(folder, scale);
      break;
    case 'tree':
      copyTree(folder, tree, expectedSize(set, scale).bytes);
      break;
    case 'small':
      makeSmall(folder, expectedSize(set, scale).files);
      break;
    case 'image':
      makeImage(folder, expectedSize(set, scale).bytes);
      break;
  }
}

/** Changes 1 % of the files, or of the bytes where files are few and large. */
export function changeSet(set: SetName, folder: string, round: number): void {
  const random = new SeededBytes(`change ${set} ${round}`);
  const files = filesBelow(folder);
  if (set === 'random' || set === 'image') {
    for (const file of files) changeRuns(file, random);
    return;
  }
  const count = Math.max(1, Math.round(files.length / 100));
  for (let i = 0; i < count; i += 1) {
    const file = files[random.below(files.length)];
    if (file !== undefined) changeRun(file, random, 4 * kib);
  }
}

function changeRuns(file: string, random: SeededBytes): void {
  const runs = Math.max(1, Math.round(lstatSync(file).size / 100 / changedRunBytes));
  for (let i = 0; i < runs; i += 1) changeRun(file, random, changedRunBytes);
}

function changeRun(file: string, random: SeededBytes, bytes: number): void {
  const { size } = lstatSync(file);
  const length = Math.min(size, bytes);
  const handle = openSync(file, 'r+');
  try {
    writeSync(handle, random.next(length), 0, length, random.below(size - length + 1));
  } finally {
    closeSync(handle);
  }
}

/**
 * Regular files with one name, in byte order. A hard link would change two files at once. Links are not
 * followed, as `readdirSync` does of its own when it is recursive: they may lead out of the data set.
 */
export function filesBelow(folder: string): string[] {
  const found: string[] = [];
  const walk = (inside: string): void => {
    for (const entry of readdirSync(inside, { withFileTypes: true })) {
      const path = join(inside, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile() && lstatSync(path).nlink === 1) found.push(path);
    }
  };
  walk(folder);
  return found.toSorted();
}

/** Bytes that look random and depend on the seed alone: a key stream of AES-128-CTR. */
export class SeededBytes {
  readonly #cipher;

  constructor(seed: string) {
    const key = hash('sha256', seed, 'buffer');
    this.#cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
  }

  next(length: number): Buffer {
    return this.#cipher.update(Buffer.alloc(length));
  }

  /** A whole number from 0 to `limit` - 1; 48 bits make the bias of the remainder negligible. */
  below(limit: number): number {
    return this.next(6).readUIntBE(0, 6) % limit;
  }
}

function makeRandom(folder: string, scale: number): void {
  const random = new SeededBytes('random');
  const each = Math.round((4 * gib * scale) / 16);
  for (let i = 0; i < 16; i += 1) {
    writeInPieces(join(folder, halves[i % 2] ?? 'a', `random-${i}`), each, (length) =>
      random.next(length),
    );
  }
}

function makeSmall(folder: string, count: number): void {
  const random = new SeededBytes('small');
  for (let i = 0; i < count; i += 1) {
    const inside = join(folder, halves[i % 2] ?? 'a', `folder-${Math.floor(i / 500)}`);
    if (i % 500 < 2) mkdirSync(inside, { recursive: true });
    // Half of each file is text of a small alphabet, so that compression has something to do.
    const bytes = random.next(4 * kib);
    for (let at = 0; at < 2 * kib; at += 1) bytes[at] = 97 + ((bytes[at] ?? 0) % 16);
    writeFileSync(join(inside, `file-${i}`), bytes);
  }
}

/** A third of zeros, a third of files of the running Node's program, a third that is incompressible. */
function makeImage(folder: string, size: number): void {
  const random = new SeededBytes('image');
  const program = readFileSync(process.execPath);
  writeInPieces(join(folder, 'a', 'disk.img'), size, (length) => {
    const kind = random.below(3);
    if (kind === 0) return Buffer.alloc(length);
    if (kind === 1) return random.next(length);
    const at = random.below(program.length - length);
    // A piece of a program, never the same piece twice, with a mark that keeps it from being one.
    const piece = Buffer.from(program.subarray(at, at + length));
    for (let mark = 0; mark < length; mark += 64 * kib) random.next(16).copy(piece, mark);
    return piece;
  });
}

function writeInPieces(file: string, size: number, make: (length: number) => Buffer): void {
  const handle = openSync(file, 'w');
  try {
    for (let at = 0; at < size; at += pieceBytes) {
      writeSync(handle, make(Math.min(pieceBytes, size - at)));
    }
  } finally {
    closeSync(handle);
  }
}

/** Copies entries of the tree, each to the half that is smaller so far, until the limit is reached. */
function copyTree(folder: string, tree: string, limit: number): void {
  const sizes = [0, 0];
  const offer = (path: string): void => {
    const room = limit - (sizes[0] ?? 0) - (sizes[1] ?? 0);
    // Near enough: what is left would be looked for file by file.
    if (room < limit / 50) return;
    const bytes = bytesBelow(path);
    const isFolder = lstatSync(path).isDirectory();
    if (bytes > room || (isFolder && bytes > limit / 4)) {
      if (isFolder) for (const name of readdirSync(path).toSorted()) offer(join(path, name));
      return;
    }
    const half = (sizes[0] ?? 0) <= (sizes[1] ?? 0) ? 0 : 1;
    const target = join(folder, halves[half] ?? 'a', relative(tree, join(path, '..')));
    mkdirSync(target, { recursive: true });
    execFileSync('cp', ['-a', path, target]);
    sizes[half] = (sizes[half] ?? 0) + bytes;
  };
  for (const name of readdirSync(tree).toSorted()) offer(join(tree, name));
}

/** Bytes of all regular files at and below a path; a hard link counts as often as it stands there. */
export function bytesBelow(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.isFile() ? stat.size : 0;
  let total = 0;
  for (const name of readdirSync(path)) total += bytesBelow(join(path, name));
  return total;
}
