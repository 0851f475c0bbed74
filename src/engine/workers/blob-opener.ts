/** Opens sealed blobs on memory that is used again for the next one. */

import { createHash, hash } from 'node:crypto';
import { SealiftError } from '../../base/errors.ts';
import { decompress } from '../../repository/compression.ts';
import {
  openInPlace,
  openPieces,
  overheadBytes,
  type RepositoryKey,
} from '../../repository/crypto.ts';
import { idBytes } from '../../repository/ids.ts';
import { maxBatchedBytes } from '../../repository/key-streams.ts';
import { OpenBatch } from '../../repository/open-batch.ts';
import { FrameDecoder } from '../../repository/zstd-streams.ts';
import { type BlobTable, idOf } from './pack-protocol.ts';
import type { SealedRange } from './sealed-range.ts';

const firstBufferBytes = 1 << 20;
/** Chunks are smaller; what is larger is a tree. */
const maxKeptBytes = 8 << 20;
/** Of a pack that is looked at for one batch. */
const maxStretchBytes = 256 * 1024;
const hexDigits = Buffer.from('0123456789abcdef');
/** Below it a running hash costs more than it saves. */
const onePieceBytes = 32 * 1024;

export class BlobOpener {
  readonly #key: RepositoryKey;
  readonly #batch: OpenBatch;
  readonly #frames = new FrameDecoder();
  #content = new Uint8Array(firstBufferBytes);
  #plaintext = new Uint8Array(firstBufferBytes);

  constructor(key: RepositoryKey) {
    this.#key = key;
    this.#batch = new OpenBatch(key);
  }

  /**
   * Opens the blobs of a table in its order.
   * @param onBlob gets the plaintext, verified and valid until the next; false ends it
   * @param onError gets what {@link open} and the range throw for a blob, and may throw it on
   */
  openAll(
    range: SealedRange,
    table: BlobTable,
    onBlob: (at: number, plaintext: Uint8Array) => boolean,
    onError: (at: number, error: unknown) => void,
  ): void {
    this.#forEach(range, table, (at, content) => {
      let plaintext: Uint8Array;
      try {
        plaintext =
          content === undefined
            ? this.#openOnce(sealedAt(range, table, at), table, at)
            : this.#verified(content, table, at);
      } catch (error) {
        onError(at, error);
        return true;
      }
      return onBlob(at, plaintext);
    });
  }

  /** As {@link openAll}, without keeping the plaintexts. */
  verifyAll(
    range: SealedRange,
    table: BlobTable,
    onError: (at: number, error: unknown) => void,
  ): void {
    this.#forEach(range, table, (at, content) => {
      try {
        if (content === undefined) this.#verify(sealedAt(range, table, at), table, at);
        else this.#verified(content, table, at);
      } catch (error) {
        onError(at, error);
      }
      return true;
    });
  }

  /**
   * Calls back for each position of the table, with the blob's content where a batch has opened it, until
   * the answer is false.
   */
  #forEach(
    range: SealedRange,
    table: BlobTable,
    onContent: (at: number, content: Uint8Array | undefined) => boolean,
  ): void {
    for (let at = 0; at < table.count; ) {
      const contents = this.#openBatch(range, table, at);
      if (contents.length === 0) {
        if (!onContent(at, undefined)) return;
        at += 1;
      }
      for (const content of contents) {
        if (!onContent(at, content)) return;
        at += 1;
      }
    }
  }

  /** Contents of the small blobs from a position on; undefined for what must be opened alone. */
  #openBatch(range: SealedRange, table: BlobTable, first: number): (Uint8Array | undefined)[] {
    const start = table.offsets[first] ?? 0;
    const limit = start + maxStretchBytes;
    let end = start;
    let last = first;
    while (last < table.count) {
      const next = (table.offsets[last] ?? 0) + (table.lengths[last] ?? 0);
      if ((table.lengths[last] ?? 0) > maxBatchedBytes || next > limit) break;
      end = Math.max(end, next);
      last += 1;
    }
    const count = OpenBatch.fitting(table.lengths.subarray(first, last));
    if (count < 2) return [];
    try {
      const stretch = range.blob(start, end - start);
      const sealed = Array.from({ length: count }, (_, index) => {
        const offset = (table.offsets[first + index] ?? 0) - start;
        return stretch.subarray(offset, offset + (table.lengths[first + index] ?? 0));
      });
      return this.#batch.open(sealed);
    } catch {
      // Each blob alone says what is wrong with it.
      return [];
    }
  }

  /**
   * The plaintext, verified against its id; valid until the next call.
   * @throws SealiftError `format/mac`, `format/compression`, `format/unexpected-hash`
   */
  open(sealed: Uint8Array, table: BlobTable, at: number): Uint8Array {
    return this.#verified(this.#decrypt(sealed), table, at);
  }

  /** {@link open} that uses the sealed bytes up, unless the table says that another blob shares them. */
  #openOnce(sealed: Uint8Array, table: BlobTable, at: number): Uint8Array {
    const end = (table.offsets[at] ?? 0) + (table.lengths[at] ?? 0);
    const isAlone = at + 1 >= table.count || end <= (table.offsets[at + 1] ?? 0);
    return isAlone
      ? this.#verified(openInPlace(this.#key, sealed), table, at)
      : this.open(sealed, table, at);
  }

  /** As {@link open}, with what was sealed: a zstd frame, or the plaintext itself. */
  openContent(
    sealed: Uint8Array,
    table: BlobTable,
    at: number,
  ): { content: Uint8Array; plaintext: Uint8Array } {
    const content = this.#decrypt(sealed);
    return { content, plaintext: this.#verified(content, table, at) };
  }

  #verified(content: Uint8Array, table: BlobTable, at: number): Uint8Array {
    const size = table.uncompressedLengths[at] ?? 0;
    const plaintext = size === 0 ? content : this.#unfold(content, size);
    requireId(hash('sha256', plaintext), table, at);
    return plaintext;
  }

  #verify(sealed: Uint8Array, table: BlobTable, at: number): void {
    if (table.uncompressedLengths[at] !== 0 || sealed.length < onePieceBytes) {
      this.#openOnce(sealed, table, at);
      return;
    }
    const digest = createHash('sha256');
    openPieces(this.#key, sealed, (piece) => digest.update(piece));
    requireId(digest.digest('hex'), table, at);
  }

  /** A sealed document; valid until the next call. */
  openHeader(sealed: Uint8Array): Uint8Array {
    return this.#decrypt(sealed);
  }

  #decrypt(sealed: Uint8Array): Uint8Array {
    const size = Math.max(0, sealed.length - overheadBytes);
    if (size > this.#content.length) this.#content = new Uint8Array(size);
    let filled = 0;
    openPieces(this.#key, sealed, (piece) => {
      this.#content.set(piece, filled);
      filled += piece.length;
    });
    return this.#content.subarray(0, filled);
  }

  #unfold(frame: Uint8Array, size: number): Uint8Array {
    if (size <= maxKeptBytes) {
      if (size >= this.#plaintext.length) this.#plaintext = new Uint8Array(size + 1);
      if (this.#frames.unfold(frame, this.#plaintext, size))
        return this.#plaintext.subarray(0, size);
    }
    return unfold(frame, size);
  }
}

function sealedAt(range: SealedRange, table: BlobTable, at: number): Uint8Array {
  return range.blob(table.offsets[at] ?? 0, table.lengths[at] ?? 0);
}

function unfold(frame: Uint8Array, size: number): Uint8Array {
  const plaintext = decompress(frame, size);
  if (plaintext.length === size) return plaintext;
  throw new SealiftError('format/compression', 'a blob has another size than its pack says', {
    fields: { expected: size, found: plaintext.length },
  });
}

function requireId(digest: string, table: BlobTable, at: number): void {
  if (isHexOf(digest, table.ids, at * idBytes)) return;
  const expected = idOf(table, at);
  const type = table.trees[at] === 1 ? 'tree' : 'data';
  throw new SealiftError('format/unexpected-hash', `${type} blob ${expected} has another hash`, {
    fields: { expected, found: digest },
  });
}

/** Compares digit by digit: a text of each id would be one more to make and to collect. */
function isHexOf(digest: string, ids: Uint8Array, start: number): boolean {
  for (let byte = 0; byte < idBytes; byte += 1) {
    const id = ids[start + byte] ?? 0;
    const isSame =
      digest.charCodeAt(2 * byte) === hexDigits[id >>> 4] &&
      digest.charCodeAt(2 * byte + 1) === hexDigits[id & 15];
    if (!isSame) return false;
  }
  return true;
}
