/**
 * A file's way through one worker: open, read, cut, hash, and seal what is new into the worker's
 * pack. All calls are synchronous, on memory that the worker owns. What to do with a full pack is
 * handed in.
 */

import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { messageOf, systemCodeOf } from '../../base/errors.ts';
import { Chunker, maxChunkBytes } from '../../repository/chunker.ts';
import { type BlobId, idBytes, parseBlobId } from '../../repository/ids.ts';
import type { Polynomial } from '../../repository/polynomial.ts';
import type { PackBuilder } from '../pack-builder.ts';
import { pathForSystem } from '../walk.ts';
import type { KnownBlobs } from './known-blobs.ts';
import { type BatchResult, costFields, type FileFailure, statFields } from './protocol.ts';

export interface FileSealerSetup {
  readonly polynomial: Polynomial;
  readonly known: KnownBlobs;
  readonly builder: PackBuilder;
  /** Called when the builder is full; must empty it. */
  readonly onFull: () => void;
  /** Called after each read with its size; throws to stop the run. */
  readonly onRead: (size: number) => void;
}

const readSize = 1 << 20;
/** A whole chunk and one more read fit. */
const bufferSize = maxChunkBytes + readSize;
/** What is done with is moved out of the way from here on: the rest of the buffer costs memory once touched. */
const compactFrom = 2 * readSize;

const openFlags =
  constants.O_RDONLY |
  (constants.O_NOFOLLOW ?? 0) |
  // Without it a FIFO put in the file's place would block the worker for ever.
  (constants.O_NONBLOCK ?? 0);
const quietFlags = openFlags | (constants.O_NOATIME ?? 0);

export class FileSealer {
  readonly #setup: FileSealerSetup;
  readonly #chunker: Chunker;
  readonly #buffer = new Uint8Array(bufferSize);
  #newBlobs = 0;
  #added = 0;
  #addedPacked = 0;
  #content = Buffer.alloc(1 << 14);
  #contentSize = 0;

  constructor(setup: FileSealerSetup) {
    this.#setup = setup;
    this.#chunker = new Chunker(setup.polynomial);
  }

  /** Reads and stores the files; one that cannot be read is a failure in the result. */
  sealBatch(paths: readonly string[], onFile: (index: number) => void): BatchResult {
    const width = statFields.length;
    const stats = new BigInt64Array(paths.length * width);
    const counts = new Uint32Array(paths.length);
    const costs = new Float64Array(paths.length * costFields.length);
    const failures: FileFailure[] = [];
    this.#contentSize = 0;
    this.#newBlobs = 0;
    for (const [index, path] of paths.entries()) {
      onFile(index);
      const startMs = performance.now();
      const before = this.#contentSize;
      this.#added = 0;
      this.#addedPacked = 0;
      try {
        this.#sealPath(path, stats.subarray(index * width, (index + 1) * width));
        counts[index] = (this.#contentSize - before) / 32;
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        failures.push({ index, code: error.code, message: error.message });
        this.#contentSize = before;
      }
      const seconds = (performance.now() - startMs) / 1000;
      costs.set([this.#added, this.#addedPacked, seconds], index * costFields.length);
    }
    const content = new Uint8Array(this.#content.subarray(0, this.#contentSize));
    return { stats, counts, content, costs, newBlobs: this.#newBlobs, failures };
  }

  #sealPath(path: string, stat: BigInt64Array): void {
    const handle = fromSource(() => openFile(pathForSystem(path)));
    try {
      const found = fromSource(() => fstatSync(handle, { bigint: true }));
      if (!found.isFile()) throw new SourceError(undefined, 'it is no longer a regular file');
      for (const [index, field] of statFields.entries()) stat[index] = found[field];
      stat[statFields.indexOf('size')] = BigInt(this.#sealContent(handle));
    } finally {
      closeSync(handle);
    }
  }

  /** Returns the count of bytes read. */
  #sealContent(handle: number): number {
    const buffer = this.#buffer;
    this.#chunker.reset();
    let total = 0;
    let start = 0;
    let filled = 0;
    for (;;) {
      if (start >= compactFrom || buffer.length - filled < readSize) {
        buffer.copyWithin(0, start, filled);
        filled -= start;
        start = 0;
      }
      const size = fromSource(() => readSync(handle, buffer, filled, readSize, null));
      if (size === 0) break;
      total += size;
      this.#setup.onRead(size);
      const end = filled + size;
      let scanned = filled;
      for (;;) {
        const cut = this.#chunker.next(buffer.subarray(scanned, end));
        if (cut < 0) break;
        scanned += cut;
        this.#store(buffer.subarray(start, scanned));
        start = scanned;
      }
      filled = end;
      if (start === filled) {
        start = 0;
        filled = 0;
      }
      // A regular file gives less than asked for at its end only.
      if (size < readSize) break;
    }
    if (filled > start) this.#store(buffer.subarray(start, filled));
    return total;
  }

  #store(chunk: Uint8Array): void {
    // As text it costs less than as a Buffer, which the garbage collector must keep account of.
    const id = parseBlobId(hash('sha256', chunk));
    const digest = this.#note(id);
    if (!this.#setup.known.claim(digest)) return;
    this.#newBlobs += 1;
    this.#added += chunk.length;
    this.#addedPacked += this.#setup.builder.add('data', id, chunk);
    if (this.#setup.builder.isFull) this.#setup.onFull();
  }

  /** Returns the id's bytes, a view for the moment. */
  #note(id: BlobId): Uint8Array {
    const start = this.#contentSize;
    if (start + idBytes > this.#content.length) {
      const grown = Buffer.alloc(this.#content.length * 2);
      grown.set(this.#content);
      this.#content = grown;
    }
    this.#content.write(id, start, 'hex');
    this.#contentSize += idBytes;
    return this.#content.subarray(start, start + idBytes);
  }
}

/** The file could not be read; other errors stop the run. */
class SourceError extends Error {
  readonly code: string | undefined;

  constructor(code: string | undefined, message: string) {
    super(message);
    this.code = code;
  }
}

function fromSource<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw new SourceError(systemCodeOf(error), messageOf(error));
  }
}

/** Leaves the access time alone where the system allows it (owner or root, Linux). */
function openFile(path: string | Buffer): number {
  if (quietFlags !== openFlags) {
    try {
      return openSync(path, quietFlags);
    } catch (error) {
      if (systemCodeOf(error) !== 'EPERM') throw error;
    }
  }
  return openSync(path, openFlags);
}
