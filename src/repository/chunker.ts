/**
 * Content-defined chunking with a Rabin fingerprint, cutting exactly where restic cuts.
 *
 * restic starts each chunk with a window of its own, skips the first bytes without hashing and slides
 * 64 bytes before the first place that may be a cut. By then the window holds these 64 bytes and nothing
 * else, so at every place that counts the fingerprint is a function of the last 64 bytes. All that is
 * kept from one call to the next is therefore these bytes and a count; the kernel does the rest.
 *
 * Source: github.com/restic/chunker.
 */

import { copyBytes } from '../base/bytes.ts';
import { type Kernels, kernels, windowBytes } from './kernels.ts';
import type { Polynomial } from './polynomial.ts';

export const minChunkBytes = 512 * 1024;
export const maxChunkBytes = 8 * 1024 * 1024;

export class Chunker {
  readonly #polynomial: Polynomial;
  readonly #kernels: Kernels;
  /** The last bytes of the chunk; zeros stand for what is not there yet. */
  readonly #window = new Uint8Array(windowBytes);
  #count = 0;

  /** @param polynomial irreducible, of degree 53 */
  constructor(polynomial: Polynomial, code: Kernels = kernels()) {
    this.#polynomial = polynomial;
    this.#kernels = code;
  }

  /** Begins a new file. */
  reset(): void {
    this.#count = 0; // the window is filled before it counts
  }

  /**
   * Feeds the next bytes of the current file.
   * @param bytes borrowed for the call; any size, some hundred KiB at a time are fastest
   * @returns how many bytes belong to the chunk that ends here, or -1 when it goes on past the input;
   *   after a cut the chunker stands at the start of the next chunk
   */
  next(bytes: Uint8Array): number {
    const skipped = this.#skip(bytes);
    const most = Math.min(bytes.length - skipped, maxChunkBytes - this.#count);
    if (most === 0) return -1;
    const cut = this.#scan(bytes.subarray(skipped, skipped + most));
    if (cut > 0) {
      this.reset();
      return skipped + cut;
    }
    this.#count += most;
    if (this.#count < maxChunkBytes) return -1;
    this.reset();
    return skipped + most;
  }

  /** Passes over what cannot end a chunk, remembering the end of it. Returns its size. */
  #skip(bytes: Uint8Array): number {
    const size = Math.min(bytes.length, Math.max(0, minChunkBytes - 1 - this.#count));
    this.#count += size;
    if (this.#count < minChunkBytes - 1 - windowBytes || size === 0) return size;
    const kept = Math.min(size, windowBytes);
    this.#window.copyWithin(0, kept);
    this.#window.set(bytes.subarray(size - kept, size), windowBytes - kept);
    return size;
  }

  /** Returns the size up to and including the first cut, or 0. */
  #scan(bytes: Uint8Array): number {
    const { block, windowAndBlock, chunkerScan, useChunkerTables } = this.#kernels;
    useChunkerTables(this.#polynomial);
    windowAndBlock.set(this.#window);
    for (let start = 0; start < bytes.length; start += block.length) {
      const size = Math.min(block.length, bytes.length - start);
      copyBytes(bytes.subarray(start, start + size), block);
      const cut = chunkerScan(size);
      if (cut > 0) return start + cut;
      windowAndBlock.copyWithin(0, size, size + windowBytes);
    }
    this.#window.set(windowAndBlock.subarray(0, windowBytes));
    return 0;
  }
}
