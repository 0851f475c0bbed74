/**
 * A file's way through one worker: open, read, cut, hash, and hand on what is new. All calls are
 * synchronous, on memory that the worker owns.
 */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { releaseBytes } from '../../base/bytes.ts';
import { messageOf, systemCodeOf } from '../../base/errors.ts';
import { Chunker } from '../../repository/chunker.ts';
import { type BlobId, blobIdOf, idBytes } from '../../repository/ids.ts';
import type { Polynomial } from '../../repository/polynomial.ts';
import { statFields } from '../stat-rows.ts';
import { pathForSystem } from '../walk.ts';
import { type ChunkRing, RingWriter } from './chunk-ring.ts';
import type { KnownBlobs } from './known-blobs.ts';
import type { PackFiller } from './pack-filler.ts';
import { type BatchResult, costFields, type FileFailure } from './protocol.ts';
import { largestReadBytes, readBytes } from './read-sizes.ts';
import type { SharedFile } from './shared-file.ts';

export interface FileSealerSetup {
  readonly polynomial: Polynomial;
  readonly known: KnownBlobs;
  readonly filler: PackFiller;
  /** For shared files. */
  readonly ring: ChunkRing;
  /** Called with the size after each read; of a shared file, after each chunk. */
  readonly onRead: (size: number) => void;
  /** Called often; throws to stop the run. */
  readonly check: () => void;
}

/** Seven of eight chunks and one more read fit; each worker keeps so much. */
const usualBufferSize = 5 * readBytes;
/** Chunks of a shared file that are cut before the one who cuts seals some itself. */
const chunksAhead = 8;

const openFlags =
  constants.O_RDONLY |
  (constants.O_NOFOLLOW ?? 0) |
  // Without it a FIFO put in the file's place would block the worker for ever.
  (constants.O_NONBLOCK ?? 0);
const quietFlags = openFlags | (constants.O_NOATIME ?? 0);

export class FileSealer {
  readonly #setup: FileSealerSetup;
  readonly #chunker: Chunker;
  #buffer = new Uint8Array(usualBufferSize);
  #newBlobs = 0;
  #added = 0;
  #addedPacked = 0;
  #content = Buffer.alloc(1 << 14);
  #contentSize = 0;
  readonly #idScratch = Buffer.alloc(idBytes);

  constructor(setup: FileSealerSetup) {
    this.#setup = setup;
    this.#chunker = new Chunker(setup.polynomial);
  }

  /**
   * Reads and stores the files; one that cannot be read is a failure in the result.
   * @param shared of the last file, when others help with it
   */
  sealBatch(
    paths: readonly string[],
    shared: SharedFile | undefined,
    onFile: (index: number) => void,
  ): BatchResult {
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
      const helped = index === paths.length - 1 ? shared : undefined;
      try {
        this.#sealPath(path, stats.subarray(index * width, (index + 1) * width), helped);
        counts[index] = (this.#contentSize - before) / 32;
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        failures.push({ index, code: error.code, message: error.message });
        this.#contentSize = before;
      } finally {
        // Nobody must wait for a file that could not be opened.
        helped?.end();
      }
      const seconds = (performance.now() - startMs) / 1000;
      const at = index * costFields.length;
      costs[at] = this.#added;
      costs[at + 1] = this.#addedPacked;
      costs[at + 2] = seconds;
    }
    const content = new Uint8Array(this.#content.subarray(0, this.#contentSize));
    return { stats, counts, content, costs, newBlobs: this.#newBlobs, failures };
  }

  /** Seals chunks of a file that another worker cuts, as long as there are some. */
  help(shared: SharedFile): void {
    for (;;) {
      const index = shared.claimNext(this.#setup.check);
      if (index === undefined) return;
      this.#sealClaimed(shared, index);
    }
  }

  #sealPath(path: string, stat: BigInt64Array, shared: SharedFile | undefined): void {
    const handle = fromSource(() => openFile(pathForSystem(path)));
    try {
      const found = fromSource(() => fstatSync(handle, { bigint: true }));
      if (!found.isFile()) throw new SourceError(undefined, 'it is no longer a regular file');
      for (const [index, field] of statFields.entries()) stat[index] = found[field];
      const size =
        shared === undefined ? this.#sealContent(handle, 0) : this.#sealShared(handle, shared);
      stat[statFields.indexOf('size')] = BigInt(size);
    } finally {
      closeSync(handle);
    }
  }

  /** Cuts the file, seals with the others what was cut, and puts it together. Returns its size. */
  #sealShared(handle: number, shared: SharedFile): number {
    const { ring, check } = this.#setup;
    ring.take(check);
    let rest: number | undefined;
    try {
      rest = this.#cutShared(handle, shared);
      while (this.#sealNext(shared));
    } finally {
      shared.end();
      shared.waitForOthers(check);
      ring.giveBack();
    }
    let size = 0;
    for (let index = 0; index < shared.published; index += 1) {
      this.#noteBytes(shared.idOf(index));
      size += shared.chunk(index).length;
    }
    const { added, addedPacked, newBlobs } = shared.costs();
    this.#added += added;
    this.#addedPacked += addedPacked;
    this.#newBlobs += newBlobs;
    return rest === undefined ? size : size + this.#sealContent(handle, rest);
  }

  /**
   * Reads the file and publishes its chunks. Seals some of them when the others do not keep up.
   * @returns where the file goes on, if it has grown beyond what can be published
   */
  #cutShared(handle: number, shared: SharedFile): number | undefined {
    const { ring, check } = this.#setup;
    const writer = new RingWriter(ring, shared);
    this.#chunker.reset();
    let start = 0;
    for (let position = 0; ; ) {
      check();
      const room = shared.waiting < chunksAhead ? writer.room(readBytes) : undefined;
      if (room === undefined) {
        if (!this.#sealNext(shared)) shared.waitForOne(check);
        continue;
      }
      const size = fromSource(() => readSync(handle, room, 0, readBytes, position));
      writer.advance(size);
      for (let scanned = 0; ; ) {
        const cut = this.#chunker.next(room.subarray(scanned, size));
        if (cut < 0) break;
        if (shared.isFull) return start;
        scanned += cut;
        writer.publish(position + scanned - start);
        start = position + scanned;
      }
      position += size;
      if (size === readBytes) continue;
      if (start === position) return undefined;
      if (shared.isFull) return start;
      writer.publish(position - start);
      return undefined;
    }
  }

  /** False when no chunk is waiting. */
  #sealNext(shared: SharedFile): boolean {
    const index = shared.claim();
    if (index === undefined) return false;
    this.#sealClaimed(shared, index);
    return true;
  }

  #sealClaimed(shared: SharedFile, index: number): void {
    try {
      const { place, length } = shared.chunk(index);
      const chunk = this.#setup.ring.bytes.subarray(place, place + length);
      const id = blobIdOf(chunk);
      this.#idScratch.write(id, 'hex');
      shared.noteSealed(index, this.#idScratch, this.#storeNew(id, this.#idScratch, chunk));
      this.#setup.onRead(length);
    } finally {
      shared.release();
    }
  }

  /** Reads from a place to the end. Returns the count of bytes read. */
  #sealContent(handle: number, from: number): number {
    this.#chunker.reset();
    let total = 0;
    let start = 0;
    let filled = 0;
    for (;;) {
      const isLarge = this.#buffer.length > usualBufferSize;
      if (this.#buffer.length - filled < readBytes || (isLarge && start > 0)) {
        filled = this.#moveToFront(start, filled, readBytes);
        start = 0;
      }
      const buffer = this.#buffer;
      const size = fromSource(() => readSync(handle, buffer, filled, readBytes, from + total));
      if (size === 0) break;
      total += size;
      this.#setup.onRead(size);
      this.#setup.check();
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
      if (size < readBytes) break;
    }
    if (filled > start) this.#store(this.#buffer.subarray(start, filled));
    return total;
  }

  /**
   * Moves a part of the buffer to the front, and makes the buffer as large as that and what is to follow
   * ask for. Returns the size of the part.
   */
  #moveToFront(start: number, end: number, room: number): number {
    const buffer = this.#buffer;
    const size = end - start;
    const wanted = size + room <= usualBufferSize ? usualBufferSize : largestReadBytes;
    if (wanted === buffer.length) buffer.copyWithin(0, start, end);
    else {
      this.#buffer = new Uint8Array(wanted);
      this.#buffer.set(buffer.subarray(start, end));
      releaseBytes(buffer);
    }
    return size;
  }

  #store(chunk: Uint8Array): void {
    // As text it costs less than as a Buffer, which the garbage collector must keep account of.
    const id = blobIdOf(chunk);
    const packed = this.#storeNew(id, this.#note(id), chunk);
    if (packed === undefined) return;
    this.#newBlobs += 1;
    this.#added += chunk.length;
    this.#addedPacked += packed;
  }

  /** Returns the size in the pack; undefined when the blob was known. */
  #storeNew(id: BlobId, digest: Uint8Array, chunk: Uint8Array): number | undefined {
    if (!this.#setup.known.claim(digest)) return undefined;
    return this.#setup.filler.add('data', id, chunk);
  }

  /** Returns the id's bytes, a view for the moment. */
  #note(id: BlobId): Uint8Array {
    this.#idScratch.write(id, 'hex');
    return this.#noteBytes(this.#idScratch);
  }

  #noteBytes(id: Uint8Array): Uint8Array {
    const start = this.#contentSize;
    if (start + idBytes > this.#content.length) {
      const grown = Buffer.alloc(this.#content.length * 2);
      grown.set(this.#content);
      this.#content = grown;
    }
    this.#content.set(id, start);
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
