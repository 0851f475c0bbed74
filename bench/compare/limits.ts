/**
 * The shortest time that a job can take on this machine, from what its kernels cost there; pure.
 *
 * Every job starts Node and, once that runs, derives the key by scrypt. Beside it,
 *
 * - a first backup looks at each file (lstat), opens and reads it, hashes its content for the blobs'
 *   names, folds by zstd what that makes smaller, encrypts (AES-256-CTR) and authenticates (Poly1305)
 *   what is stored, hashes that again for the packs' names and writes the packs;
 * - a backup of what has not changed looks at each file;
 * - a restore reads what is stored, authenticates, decrypts, unfolds and hashes it and writes each file;
 * - `check --read-data` reads what is stored, hashes it (packs), authenticates, decrypts, unfolds and
 *   hashes it again (blobs).
 *
 * Content that is there twice is stored, opened and hashed for a name once, but read and written twice.
 * Nothing of what Sealift could do otherwise is counted: chunking, looking for what is known, trees and
 * index, metadata, reading back what was sealed, the start of threads and handing over between them.
 */

import type { ContentCosts, ContentKernel } from './content-costs.ts';
import type { SpeedJob } from './goals.ts';
import type { Hardware, Kernel } from './hardware.ts';

export interface Part {
  readonly what: string;
  /** Processor time. */
  readonly seconds: number;
}

export interface Limit {
  /** Most expensive first. */
  readonly parts: readonly Part[];
  /** Processor time of all parts. */
  readonly busySeconds: number;
  /** By the clock: the start of Node, then the rest on all cores at once. */
  readonly seconds: number;
}

/** @param repositoryBytes of Sealift's repository after the first backup */
export function limitOf(
  job: SpeedJob,
  hardware: Hardware,
  content: ContentCosts,
  repositoryBytes: number,
): Limit {
  const parts = partsOf(job, costsOf(hardware, content, repositoryBytes));
  const spread = parts.reduce((sum, { seconds }) => sum + seconds, 0);
  const start = { what: 'start of Node', seconds: hardware.nodeSeconds };
  return {
    parts: [...parts, start].toSorted((a, b) => b.seconds - a.seconds),
    busySeconds: spread + start.seconds,
    seconds: spread / hardware.cores + start.seconds,
  };
}

interface Costs {
  readonly scrypt: Part;
  readonly lstat: Part;
  /** Of all content. */
  readonly all: (what: string, kernel: ContentKernel) => Part;
  /** Of content that is stored, each once. */
  readonly stored: (what: string, kernel: ContentKernel) => Part;
  /** Of the bytes in the packs. */
  readonly packed: (what: string, kernel: Kernel) => Part;
}

function costsOf(hardware: Hardware, content: ContentCosts, repositoryBytes: number): Costs {
  const { cores, rates, scryptSeconds } = hardware;
  const { files, bytes, sample } = content;
  const scale = ratio(bytes, sample.bytes);
  // A repository holds more than content, and less where content is there twice.
  const storedScale = Math.min(scale, ratio(repositoryBytes, sample.storedBytes));
  const uniqueShare = ratio(sample.uniqueBytes, sample.bytes);
  return {
    scrypt: { what: 'scrypt', seconds: scryptSeconds },
    lstat: { what: 'lstat', seconds: ratio(files, sample.files) * sample.seconds.lstat },
    all: (what, kernel) => ({ what, seconds: scale * sample.seconds[kernel] }),
    stored: (what, kernel) => {
      // Only hashing was measured on all of the sample; the other kernels left out what was there twice.
      const once = kernel === 'hash' ? uniqueShare : 1;
      return { what, seconds: storedScale * once * sample.seconds[kernel] };
    },
    packed: (what, kernel) => ({
      what,
      seconds: (storedScale * sample.storedBytes * cores) / rates[kernel],
    }),
  };
}

function partsOf(job: SpeedJob, { scrypt, lstat, all, stored, packed }: Costs): Part[] {
  const opening = (): Part[] => [
    packed('reading packs', 'reading a large file'),
    stored('Poly1305', 'mac'),
    packed('AES', 'AES-256-CTR'),
    stored('zstd', 'unfold'),
    stored('SHA-256 of blobs', 'hash'),
  ];
  switch (job) {
    case 'first':
      return [
        scrypt,
        lstat,
        all('reading files', 'read'),
        all('SHA-256 of blobs', 'hash'),
        stored('zstd', 'fold'),
        packed('AES', 'AES-256-CTR'),
        stored('Poly1305', 'mac'),
        packed('SHA-256 of packs', 'SHA-256'),
        packed('writing packs', 'writing a new large file'),
      ];
    case 'unchanged':
      return [scrypt, lstat];
    case 'restore':
      return [scrypt, ...opening(), all('writing files', 'write')];
    case 'check':
      return [scrypt, packed('SHA-256 of packs', 'SHA-256'), ...opening()];
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
