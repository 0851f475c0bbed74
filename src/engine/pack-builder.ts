/**
 * One pack being filled: sealed blobs in one buffer, and their entries. Pure memory; who stores the
 * finished pack is `pack-writer.ts`. Used by the workers (data) and by the main thread (trees, stdin).
 */

import { createHash } from 'node:crypto';
import { equalBytes, releaseBytes } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { type CompressionMode, compress, decompress } from '../repository/compression.ts';
import { opensTo, type RepositoryKey, sealedSize, sealInto } from '../repository/crypto.ts';
import { type BlobId, type BlobType, type PackId, parsePackId } from '../repository/ids.ts';
import { maxBatchedBytes } from '../repository/key-streams.ts';
import { compressBlob, type PackEntry, sealPackHeader } from '../repository/pack.ts';
import { SealBatch } from '../repository/seal-batch.ts';
import { FrameDecoder, FrameEncoder } from '../repository/zstd-streams.ts';

/** A complete pack: its file is `content` followed by `header`. */
export interface FinishedPack {
  readonly id: PackId;
  readonly content: Uint8Array;
  readonly header: Uint8Array;
  readonly entries: readonly PackEntry[];
}

export interface SealSettings {
  readonly key: RepositoryKey;
  readonly version: 1 | 2;
  readonly compression: CompressionMode;
  readonly packSizeBytes: number;
}

/** Keeps header and index entries of one pack well below the format's limit of 16 MiB of header. */
const maxEntries = 100_000;

/** A larger blob (the tree of a folder of tens of thousands of files) is not unfolded again in memory. */
const maxReadBack = 16 * 2 ** 20;

/** Chunks are smaller: memory for larger blobs is not kept. */
const maxKeptBytes = 8 * 2 ** 20;

export class PackBuilder {
  readonly #settings: SealSettings;
  readonly #allocate: (size: number) => ArrayBuffer;
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  #size = 0;
  #entries: PackEntry[] = [];
  #batch: SealBatch | undefined;
  readonly #frames = new Frames();

  /** @param allocate gives a buffer of at least this size; called again when a larger one is needed */
  constructor(
    settings: SealSettings,
    allocate: (size: number) => ArrayBuffer = (size) => new ArrayBuffer(size),
  ) {
    this.#settings = settings;
    this.#allocate = allocate;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get isFull(): boolean {
    return this.#size >= this.#settings.packSizeBytes || this.#entries.length >= maxEntries;
  }

  /**
   * Seals a blob straight into the pack's memory, then opens it again and compares, so that a fault
   * of an encoder or of memory is found before the upload. Returns its size in the pack.
   */
  add(type: BlobType, id: BlobId, plaintext: Uint8Array): number {
    const { version, compression } = this.#settings;
    const blob = compressBlob(version, type, plaintext, compression, (bytes, mode) =>
      this.#frames.fold(bytes, mode),
    );
    const { content, uncompressedLength } = blob;
    if (uncompressedLength > 0) this.#frames.requireUnfolding(content, plaintext);
    return this.addContent({ type, id, uncompressedLength }, content);
  }

  /**
   * Seals what is compressed already, or shall stay as it is. That the content belongs to the id is the
   * caller's to know.
   */
  addContent(
    blob: Pick<PackEntry, 'type' | 'id' | 'uncompressedLength'>,
    content: Uint8Array,
  ): number {
    const { key } = this.#settings;
    const { type, id, uncompressedLength } = blob;
    const length = sealedSize(content.length);
    const bytes = this.#reserve(this.#size + length);
    if (content.length <= maxBatchedBytes) this.#addToBatch(content, bytes);
    else {
      sealInto(key, content, bytes, this.#size);
      const sealed = bytes.subarray(this.#size, this.#size + length);
      if (!opensTo(key, sealed, content)) throw readBackFailed();
    }
    this.#note({ type, id, length, uncompressedLength, offset: this.#size });
    return length;
  }

  /** Small blobs are sealed and read back together, at the latest when the pack is taken. */
  #addToBatch(content: Uint8Array, bytes: Uint8Array): void {
    this.#batch ??= new SealBatch(this.#settings.key);
    if (this.#batch.add(content, this.#size)) return;
    this.#batch.flush(bytes);
    this.#batch.add(content, this.#size);
  }

  /**
   * Goes on where another builder stopped, in its buffer. Only while this one is empty.
   * @param content what {@link takeUnfinished} gave; its buffer belongs to this builder from now on
   */
  resume(content: Uint8Array<ArrayBuffer>, entries: readonly PackEntry[]): void {
    this.#bytes = new Uint8Array(content.buffer);
    this.#size = content.byteLength;
    this.#entries = [...entries];
  }

  /** Adds a blob that another builder sealed; its offset is set anew. */
  addSealed(entry: PackEntry, sealed: Uint8Array): void {
    this.#reserve(this.#size + sealed.length).set(sealed, this.#size);
    this.#note({ ...entry, offset: this.#size });
  }

  /** Closes the pack and starts afresh. The result owns the buffer. */
  finish(): FinishedPack {
    const { content, entries } = this.takeUnfinished();
    const header = sealPackHeader(this.#settings.key, entries);
    const id = parsePackId(createHash('sha256').update(content).update(header).digest('hex'));
    return { id, content, header, entries };
  }

  /** The blobs as they are, without a header. The result owns the buffer. */
  takeUnfinished(): { content: Uint8Array<ArrayBuffer>; entries: readonly PackEntry[] } {
    const content = (this.#bytes ?? new Uint8Array(0)).subarray(0, this.#size);
    this.#batch?.flush(content);
    const entries = this.#entries;
    this.#bytes = undefined;
    this.#size = 0;
    this.#entries = [];
    return { content, entries };
  }

  #note(entry: PackEntry): void {
    this.#entries.push(entry);
    this.#size += entry.length;
  }

  #reserve(size: number): Uint8Array<ArrayBuffer> {
    const held = this.#bytes;
    if (held !== undefined && size <= held.length) return held;
    const grown = new Uint8Array(this.#allocate(Math.max(size, (held?.length ?? 0) * 2)));
    if (held !== undefined) {
      grown.set(held.subarray(0, this.#size));
      releaseBytes(held);
    }
    this.#bytes = grown;
    return grown;
  }
}

/** Makes frames and unfolds them again, in memory that is used for the next ones too. */
class Frames {
  readonly #encoder = new FrameEncoder();
  readonly #decoder = new FrameDecoder();
  #unfolded = new Uint8Array(0);

  /** Valid until the next call. */
  fold(plaintext: Uint8Array, mode: CompressionMode): Uint8Array {
    const kept = plaintext.length <= maxKeptBytes ? this.#encoder.fold(plaintext, mode) : undefined;
    return kept ?? compress(plaintext, mode);
  }

  /** The encoder's frame must unfold to what went into it. */
  requireUnfolding(frame: Uint8Array, plaintext: Uint8Array): void {
    const size = plaintext.length;
    if (size > maxReadBack) return;
    if (!equalBytes(this.#unfold(frame, size), plaintext)) throw readBackFailed();
  }

  #unfold(frame: Uint8Array, size: number): Uint8Array {
    if (size <= maxKeptBytes) {
      if (size >= this.#unfolded.length) this.#unfolded = new Uint8Array(size + 1);
      if (this.#decoder.unfold(frame, this.#unfolded, size))
        return this.#unfolded.subarray(0, size);
    }
    return decompress(frame, size);
  }
}

function readBackFailed(): SealiftError {
  return new SealiftError('format/unexpected-hash', 'a sealed blob did not read back as written');
}
