/**
 * Memory that parts of packs are fetched into, used again: fresh memory for 16 MiB costs the system as
 * many page faults as decrypting them takes time.
 */

import { releaseBytes } from '../../base/bytes.ts';

/** Sizes are rounded up to this, so that parts of about one size fit in each other's memory. */
const grainBytes = 2 ** 20;

export class DownloadMemory {
  #spare: ArrayBuffer[] = [];

  /** Memory for `size` bytes, whatever is in it: the smallest spare one, or new in the place of one. */
  take(size: number): Uint8Array<ArrayBuffer> {
    const ascending = this.#spare.toSorted((a, b) => a.byteLength - b.byteLength);
    const fitting = ascending.find(({ byteLength }) => byteLength >= size);
    const taken = fitting ?? ascending[0];
    this.#spare = this.#spare.filter((buffer) => buffer !== taken);
    if (fitting !== undefined) return new Uint8Array(fitting, 0, size);
    if (taken !== undefined) releaseBytes(new Uint8Array(taken));
    return new Uint8Array(new ArrayBuffer(Math.ceil(size / grainBytes) * grainBytes), 0, size);
  }

  /** @param buffer nobody else uses any more */
  giveBack(buffer: ArrayBuffer): void {
    this.#spare.push(buffer);
  }

  clear(): void {
    for (const buffer of this.#spare) releaseBytes(new Uint8Array(buffer));
    this.#spare = [];
  }
}
