/** Memory for one use after another. */

import { releaseBytes } from './bytes.ts';

/** What was larger than this is let go of before the next use: few uses are, and each thread has its own. */
const keptScratchBytes = 2 * 2 ** 20;
const leastBytes = 64 * 1024;

export class Scratch {
  #bytes = new Uint8Array(0);

  /**
   * @returns at least so many bytes, whatever is in them; those taken before may be gone
   */
  take(size: number): Uint8Array<ArrayBuffer> {
    const held = this.#bytes.length;
    const isKept = size <= keptScratchBytes;
    if (size <= held && (held <= keptScratchBytes || !isKept)) return this.#bytes;
    releaseBytes(this.#bytes);
    const usual = Math.min(keptScratchBytes, Math.max(leastBytes, size * 2));
    this.#bytes = new Uint8Array(isKept ? usual : size);
    return this.#bytes;
  }
}
