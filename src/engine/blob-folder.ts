/**
 * What happens to a blob on its way into a pack: it is compressed where that is worth it and sealed, and
 * each step is undone and compared at once, so that a fault of an encoder or of memory is found before
 * the upload.
 */

import { equalBytes } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { Scratch } from '../base/scratch.ts';
import { type CompressionMode, compress, decompress } from '../repository/compression.ts';
import { opensTo, type RepositoryKey, sealInto } from '../repository/crypto.ts';
import type { BlobType } from '../repository/ids.ts';
import { compressBlob } from '../repository/pack.ts';
import { FrameDecoder, FrameEncoder } from '../repository/zstd-streams.ts';

/** A larger blob (the tree of a folder of tens of thousands of files) is not unfolded again in memory. */
const maxReadBack = 16 * 2 ** 20;

/** Chunks are smaller: memory for larger blobs is not kept. */
const maxKeptBytes = 8 * 2 ** 20;

export interface FolderSettings {
  readonly version: 1 | 2;
  readonly compression: CompressionMode;
}

/** Makes frames and unfolds them again, in memory that is used for the next ones too. */
export class BlobFolder {
  readonly #settings: FolderSettings;
  readonly #encoder = new FrameEncoder();
  readonly #decoder = new FrameDecoder();
  readonly #unfolded = new Scratch();

  constructor(settings: FolderSettings) {
    this.#settings = settings;
  }

  /**
   * @param plaintext borrowed
   * @returns `content` is a frame, valid until the next call, or the plaintext itself
   * @throws SealiftError 'format/unexpected-hash' when the frame does not unfold to the plaintext
   */
  fold(
    type: BlobType,
    plaintext: Uint8Array,
  ): { readonly content: Uint8Array; readonly uncompressedLength: number } {
    const { version, compression } = this.#settings;
    const blob = compressBlob(version, type, plaintext, compression, (bytes, mode) =>
      this.#compress(bytes, mode),
    );
    if (blob.uncompressedLength > 0) this.#requireUnfolding(blob.content, plaintext);
    return blob;
  }

  #compress(plaintext: Uint8Array, mode: CompressionMode): Uint8Array {
    const kept = plaintext.length <= maxKeptBytes ? this.#encoder.fold(plaintext, mode) : undefined;
    return kept ?? compress(plaintext, mode);
  }

  #requireUnfolding(frame: Uint8Array, plaintext: Uint8Array): void {
    const size = plaintext.length;
    if (size > maxReadBack) return;
    if (!equalBytes(this.#unfold(frame, size), plaintext)) throw readBackFailed();
  }

  #unfold(frame: Uint8Array, size: number): Uint8Array {
    if (size <= maxKeptBytes) {
      const target = this.#unfolded.take(size + 1);
      if (this.#decoder.unfold(frame, target, size)) return target.subarray(0, size);
    }
    return decompress(frame, size);
  }
}

/**
 * Seals one blob.
 * @param target of the sealed blob's size
 * @throws SealiftError 'format/unexpected-hash' when it does not open to the content again
 */
export function sealAndOpen(key: RepositoryKey, content: Uint8Array, target: Uint8Array): void {
  sealInto(key, content, target, 0);
  if (!opensTo(key, target, content)) throw readBackFailed();
}

function readBackFailed(): SealiftError {
  return new SealiftError('format/unexpected-hash', 'a sealed blob did not read back as written');
}
