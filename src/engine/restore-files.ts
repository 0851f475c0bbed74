/** Files that a restore writes into, in any order: a bounded number of them is open at a time. */

import { closeSync } from 'node:fs';
import { openFile, setSize, writeFully, writeSparsely } from './restore-target.ts';

export interface WritableFile {
  /** Byte string. */
  readonly path: string;
  readonly size: number;
  /** The file that exists is written to; else one is created. */
  readonly reuse: boolean;
  /** The file was opened once, so that it exists and has its size. */
  isOpened: boolean;
}

const maxOpenFiles = 64;

/** The file that was written to longest ago is closed for the next. Close it all at the end. */
export class OpenFiles {
  readonly #open = new Map<WritableFile, number>();
  readonly #sparse: boolean;

  constructor(sparse: boolean) {
    this.#sparse = sparse;
  }

  write(file: WritableFile, bytes: Uint8Array, offset: number): void {
    const isWhole = !this.#sparse && !file.reuse && bytes.byteLength === file.size;
    const fd = this.open(file, isWhole);
    if (this.#sparse) writeSparsely(fd, bytes, offset);
    else if (bytes.byteLength > 0) writeFully(fd, bytes, offset);
  }

  /**
   * Makes the file if it is not there yet.
   * @param isWhole its whole content is written at once
   */
  open(file: WritableFile, isWhole = false): number {
    const known = this.#open.get(file);
    if (known !== undefined) {
      this.#open.delete(file);
      this.#open.set(file, known);
      return known;
    }
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= maxOpenFiles) this.close(oldest);
    const fd = openFile(file.path, file.reuse || file.isOpened);
    this.#open.set(file, fd);
    // The size comes first, so that a file with holes or with damage has the right one too.
    if (!file.isOpened && !isWhole) setSize(fd, file.size);
    file.isOpened = true;
    return fd;
  }

  close(file: WritableFile): void {
    const fd = this.#open.get(file);
    this.#open.delete(file);
    if (fd !== undefined) closeSync(fd);
  }

  closeAll(): void {
    for (const file of this.#open.keys()) this.close(file);
  }
}
