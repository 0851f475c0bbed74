/** Opens sealed blobs on memory that is used again for the next one. */

import { createHash, hash } from 'node:crypto';
import { SealiftError } from '../../base/errors.ts';
import { decompress } from '../../repository/compression.ts';
import { openPieces, overheadBytes, type RepositoryKey } from '../../repository/crypto.ts';
import { blobIdFromBytes, idBytes } from '../../repository/ids.ts';
import type { BlobTable } from './pack-protocol.ts';

export class BlobOpener {
  readonly #key: RepositoryKey;
  #plaintext = new Uint8Array(1 << 20);

  constructor(key: RepositoryKey) {
    this.#key = key;
  }

  /**
   * The plaintext, verified against its id; valid until the next call.
   * @throws SealiftError `format/mac`, `format/compression`, `format/unexpected-hash`
   */
  open(sealed: Uint8Array, table: BlobTable, at: number): Uint8Array {
    return this.openContent(sealed, table, at).plaintext;
  }

  /** As {@link open}, with what was sealed: a zstd frame, or the plaintext itself. */
  openContent(
    sealed: Uint8Array,
    table: BlobTable,
    at: number,
  ): { content: Uint8Array; plaintext: Uint8Array } {
    const content = this.#decrypt(sealed);
    const size = table.uncompressedLengths[at] ?? 0;
    const plaintext = size === 0 ? content : unfold(content, size);
    requireId(hash('sha256', plaintext, 'buffer'), table, at);
    return { content, plaintext };
  }

  /** As {@link open}, without keeping the plaintext. */
  verify(sealed: Uint8Array, table: BlobTable, at: number): void {
    if (table.uncompressedLengths[at] !== 0 || sealed.length < onePieceBytes) {
      this.open(sealed, table, at);
      return;
    }
    const digest = createHash('sha256');
    openPieces(this.#key, sealed, (piece) => digest.update(piece));
    requireId(digest.digest(), table, at);
  }

  /** A sealed document; valid until the next call. */
  openHeader(sealed: Uint8Array): Uint8Array {
    return this.#decrypt(sealed);
  }

  #decrypt(sealed: Uint8Array): Uint8Array {
    const size = Math.max(0, sealed.length - overheadBytes);
    if (size > this.#plaintext.length) this.#plaintext = new Uint8Array(size);
    let filled = 0;
    openPieces(this.#key, sealed, (piece) => {
      this.#plaintext.set(piece, filled);
      filled += piece.length;
    });
    return this.#plaintext.subarray(0, filled);
  }
}

/** Below it a running hash costs more than it saves. */
const onePieceBytes = 32 * 1024;

function unfold(frame: Uint8Array, size: number): Uint8Array {
  const plaintext = decompress(frame, size);
  if (plaintext.length === size) return plaintext;
  throw new SealiftError('format/compression', 'a blob has another size than its pack says', {
    fields: { expected: size, found: plaintext.length },
  });
}

function requireId(digest: Uint8Array, table: BlobTable, at: number): void {
  const start = at * idBytes;
  for (let index = 0; index < idBytes; index += 1) {
    if (digest[index] === table.ids[start + index]) continue;
    const expected = blobIdFromBytes(table.ids.subarray(start, start + idBytes));
    const type = table.trees[at] === 1 ? 'tree' : 'data';
    throw new SealiftError('format/unexpected-hash', `${type} blob ${expected} has another hash`, {
      fields: { expected, found: blobIdFromBytes(digest) },
    });
  }
}
