/**
 * What this machine could do at most with any data: kernels at full speed on all cores, each in as many
 * threads as there are cores, on memory that is reused, in pieces of at most 1 MiB. What depends on the
 * data and its sizes is measured on the data (content-costs.ts).
 */

import { spawnSync } from 'node:child_process';
import { createCipheriv, hash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { releaseBytes } from '../../src/base/bytes.ts';
import { defaultScryptParams } from '../../src/repository/key.ts';
import { LaneMixer, laneBytes, usualCost } from '../../src/repository/lane-mixer.ts';
import { oneTimeKeyBytes, poly1305 } from '../../src/repository/poly1305.ts';
import { onAllCores, passSeconds, type Share } from './on-all-cores.ts';

export const kernels = [
  'SHA-256',
  'AES-256-CTR',
  'Poly1305',
  'reading a large file',
  'writing a new large file',
] as const;
export type Kernel = (typeof kernels)[number];

export interface Hardware {
  readonly cores: number;
  /** Bytes a second of all cores together. */
  readonly rates: Readonly<Record<Kernel, number>>;
  /** Processor time of one scrypt with the cost of Sealift's keys, all cores at it. */
  readonly scryptSeconds: number;
  /** From the start of a Node that has nothing to do to its end, by the clock. */
  readonly nodeSeconds: number;
}

const pieceBytes = 1024 ** 2;
const piecesInPass = 16;
/** Node hands out ciphertext in new memory, which is fastest in pieces that malloc need not map. */
const cipherPieceBytes = 64 * 1024;
/** The mixer takes two lanes at once. */
const lanesInPass = 2;
const nodeStarts = 7;

interface Task extends Share {
  readonly hardwareFolder: string;
}
type ThreadResult = Pick<Hardware, 'rates' | 'scryptSeconds'>;

if (!isMainThread && workerData?.hardwareFolder !== undefined) {
  parentPort?.postMessage(measureThread(workerData));
}

/** @param folder on the file system that is compared on; nothing is left in it */
export async function measureHardware(folder: string): Promise<Hardware> {
  const hardwareFolder = join(folder, 'hardware');
  mkdirSync(hardwareFolder);
  try {
    const threads = await onAllCores<ThreadResult>(import.meta.url, { hardwareFolder });
    const sum = (of: (thread: ThreadResult) => number): number =>
      threads.reduce((total, thread) => total + of(thread), 0);
    return {
      cores: availableParallelism(),
      rates: recordOf((kernel) => sum(({ rates }) => rates[kernel])),
      scryptSeconds: sum(({ scryptSeconds }) => scryptSeconds) / threads.length,
      nodeSeconds: Math.min(...Array.from({ length: nodeStarts }, startNode)),
    };
  } finally {
    rmSync(hardwareFolder, { recursive: true, force: true });
  }
}

function startNode(): number {
  const started = performance.now();
  spawnSync(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  return (performance.now() - started) / 1000;
}

function recordOf(rateOf: (kernel: Kernel) => number): Record<Kernel, number> {
  // Every key of the record is among the kernels.
  return Object.fromEntries(kernels.map((kernel) => [kernel, rateOf(kernel)])) as Record<
    Kernel,
    number
  >;
}

function measureThread({ hardwareFolder, thread }: Task): ThreadResult {
  const file = join(hardwareFolder, `${thread}`);
  return { rates: recordOf((kernel) => rateOf(kernel, file)), scryptSeconds: scryptTime() };
}

function scryptTime(): number {
  const mixer = new LaneMixer();
  const lanes = new Uint8Array(lanesInPass * laneBytes(usualCost));
  const seconds = passSeconds(() => mixer.mix(lanes, usualCost));
  return (seconds * defaultScryptParams.parallelization) / lanesInPass;
}

function rateOf(kernel: Kernel, file: string): number {
  const { pass, after } = passOf(kernel, file);
  return (piecesInPass * pieceBytes) / passSeconds(pass, after);
}

interface Pass {
  /** Handles as many pieces as belong to a pass. */
  readonly pass: () => void;
  readonly after?: () => void;
}

function passOf(kernel: Kernel, file: string): Pass {
  const random = randomBytes(pieceBytes);
  const repeated = (step: () => unknown): Pass => ({
    pass() {
      for (let i = 0; i < piecesInPass; i += 1) step();
    },
  });
  switch (kernel) {
    case 'SHA-256':
      return repeated(() => hash('sha256', random, 'buffer'));
    case 'AES-256-CTR': {
      const cipher = createCipheriv('aes-256-ctr', randomBytes(32), randomBytes(16));
      return repeated(() => {
        for (let at = 0; at < pieceBytes; at += cipherPieceBytes) {
          releaseBytes(cipher.update(random.subarray(at, at + cipherPieceBytes)));
        }
      });
    }
    case 'Poly1305': {
      const key = randomBytes(oneTimeKeyBytes);
      return repeated(() => poly1305(key, random));
    }
    case 'reading a large file':
      write(file, random);
      return { pass: () => read(file, random) };
    case 'writing a new large file':
      rmSync(file, { force: true });
      return { pass: () => write(file, random), after: () => rmSync(file) };
  }
}

function write(file: string, piece: Uint8Array): void {
  const handle = openSync(file, 'wx');
  for (let i = 0; i < piecesInPass; i += 1) writeSync(handle, piece);
  closeSync(handle);
}

function read(file: string, into: Uint8Array): void {
  const handle = openSync(file, 'r');
  for (let i = 0; i < piecesInPass; i += 1) readSync(handle, into);
  closeSync(handle);
}
