/**
 * What a data set's own content costs at least, by kernels that depend on what it is and on how it is
 * spread over files. They are measured on a sample of it, on all cores at once; each thread has a share.
 */

import { hash, randomBytes } from 'node:crypto';
import { closeSync, lstatSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { compress, decompress } from '../../src/repository/compression.ts';
import { compressBlob } from '../../src/repository/pack.ts';
import { oneTimeKeyBytes, poly1305 } from '../../src/repository/poly1305.ts';
import { FrameDecoder, FrameEncoder } from '../../src/repository/zstd-streams.ts';
import { choosePieces, type Piece, pieceBytes } from './content-sample.ts';
import { filesBelow } from './data-sets.ts';
import { onAllCores, passSeconds, type Share } from './on-all-cores.ts';

export const contentKernels = ['lstat', 'read', 'hash', 'fold', 'mac', 'unfold', 'write'] as const;
export type ContentKernel = (typeof contentKernels)[number];

export interface ContentCosts {
  /** Of regular files with one name; of the rest the bound says nothing. */
  readonly files: number;
  readonly bytes: number;
  readonly sample: ContentSample;
}

export interface ContentSample {
  readonly files: number;
  readonly bytes: number;
  /** Without pieces that are there twice. */
  readonly uniqueBytes: number;
  /** What `uniqueBytes` come to once folded. */
  readonly storedBytes: number;
  /** Of the unique ones: those that zstd makes smaller. */
  readonly foldedBytes: number;
  /** Processor time of one pass over the sample. */
  readonly seconds: Readonly<Record<ContentKernel, number>>;
}

const sampleBytes = 64 * 1024 ** 2;

interface Task extends Share {
  readonly pieces: readonly Piece[];
  readonly contentFolder: string;
}

if (!isMainThread && workerData?.contentFolder !== undefined) {
  parentPort?.postMessage(measureThread(workerData));
}

/** @param folder for what is written, on the file system that is compared on; nothing is left in it */
export async function measureContent(source: string, folder: string): Promise<ContentCosts> {
  const files = filesBelow(source).map((path) => ({ path, bytes: lstatSync(path).size }));
  const contentFolder = join(folder, 'content');
  mkdirSync(contentFolder);
  try {
    const pieces = choosePieces(files, sampleBytes);
    const shares = await onAllCores<ContentSample>(import.meta.url, { pieces, contentFolder });
    return {
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      sample: addSamples(shares),
    };
  } finally {
    rmSync(contentFolder, { recursive: true, force: true });
  }
}

/** The sample that the threads have shared among them. */
export function addSamples(shares: readonly ContentSample[]): ContentSample {
  const sum = (of: (share: ContentSample) => number): number =>
    shares.reduce((total, share) => total + of(share), 0);
  return {
    files: sum(({ files }) => files),
    bytes: sum(({ bytes }) => bytes),
    uniqueBytes: sum(({ uniqueBytes }) => uniqueBytes),
    storedBytes: sum(({ storedBytes }) => storedBytes),
    foldedBytes: sum(({ foldedBytes }) => foldedBytes),
    seconds: recordOf((kernel) => sum(({ seconds }) => seconds[kernel])),
  };
}

function recordOf(secondsOf: (kernel: ContentKernel) => number): Record<ContentKernel, number> {
  // Every key of the record is among the kernels.
  return Object.fromEntries(contentKernels.map((kernel) => [kernel, secondsOf(kernel)])) as Record<
    ContentKernel,
    number
  >;
}

/** A piece in memory: what is stored of it is the plaintext itself where zstd saves nothing. */
interface Loaded {
  readonly plaintext: Uint8Array;
  readonly stored: Uint8Array;
  readonly isFolded: boolean;
}

function measureThread({ pieces, contentFolder, thread, threads }: Task): ContentSample {
  const own = pieces.filter((_, index) => index % threads === thread);
  const files = Map.groupBy(own, ({ path }) => path);
  const contents = own.map(contentOf);
  const unique = new Map(contents.map((content) => [hash('sha256', content), content]));
  const loaded = [...unique.values()].map(load);
  const folded = loaded.filter(({ isFolded }) => isFolded);
  const folder = join(contentFolder, `${thread}`);
  const passes = passesOf({ files, contents, loaded, folded, folder });
  return {
    files: files.size,
    bytes: sizeOf(contents),
    uniqueBytes: sizeOf(loaded.map(({ plaintext }) => plaintext)),
    storedBytes: sizeOf(loaded.map(({ stored }) => stored)),
    foldedBytes: sizeOf(folded.map(({ plaintext }) => plaintext)),
    seconds: recordOf((kernel) => {
      if (kernel !== 'write') return passSeconds(passes[kernel]);
      mkdirSync(folder);
      return passSeconds(passes.write, () => {
        rmSync(folder, { recursive: true });
        mkdirSync(folder);
      });
    }),
  };
}

interface ShareOfSample {
  readonly files: ReadonlyMap<string, readonly Piece[]>;
  readonly contents: readonly Uint8Array[];
  readonly loaded: readonly Loaded[];
  readonly folded: readonly Loaded[];
  readonly folder: string;
}

function passesOf(share: ShareOfSample): Record<ContentKernel, () => void> {
  const { files, contents, loaded, folded, folder } = share;
  const encoder = new FrameEncoder();
  const decoder = new FrameDecoder();
  const room = new Uint8Array(pieceBytes + 1);
  const key = randomBytes(oneTimeKeyBytes);
  const names = [...files].map(([, pieces], index) => ({ pieces, name: join(folder, `${index}`) }));
  return {
    lstat() {
      for (const path of files.keys()) lstatSync(path);
    },
    read() {
      for (const [path, pieces] of files) {
        const handle = openSync(path, 'r');
        for (const { offset, bytes } of pieces) readSync(handle, room, 0, bytes, offset);
        closeSync(handle);
      }
    },
    hash() {
      for (const content of contents) hash('sha256', content, 'buffer');
    },
    fold() {
      for (const { plaintext } of folded) {
        if (encoder.fold(plaintext, 'auto') === undefined) compress(plaintext, 'auto');
      }
    },
    mac() {
      for (const { stored } of loaded) poly1305(key, stored);
    },
    unfold() {
      for (const { plaintext, stored } of folded) {
        if (!decoder.unfold(stored, room, plaintext.length)) decompress(stored, plaintext.length);
      }
    },
    write() {
      for (const { pieces, name } of names) {
        const handle = openSync(name, 'wx');
        for (const { bytes } of pieces) writeSync(handle, room, 0, bytes);
        closeSync(handle);
      }
    },
  };
}

function contentOf({ path, offset, bytes }: Piece): Uint8Array {
  const content = new Uint8Array(bytes);
  const handle = openSync(path, 'r');
  try {
    readSync(handle, content, 0, bytes, offset);
  } finally {
    closeSync(handle);
  }
  return content;
}

function load(plaintext: Uint8Array): Loaded {
  const { content: stored, uncompressedLength } = compressBlob(2, 'data', plaintext, 'auto');
  return { plaintext, stored, isFolded: uncompressedLength > 0 };
}

function sizeOf(arrays: readonly Uint8Array[]): number {
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
