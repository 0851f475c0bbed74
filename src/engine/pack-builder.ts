/**
 * One pack being filled by one thread: sealed blobs in one buffer, and their entries. Pure memory; who
 * stores the finished pack is `pack-writer.ts`. For trees, streams and what moves from pack to pack; the
 * content of files goes into packs that threads share (`workers/shared-packs.ts`).
 */

import { createHash } from 'node:crypto';
import { releaseBytes } from '../base/bytes.ts';
import type { CompressionMode } from '../repository/compression.ts';
import { type RepositoryKey, sealedSize } from '../repository/crypto.ts';
import { type BlobId, type BlobType, type PackId, parsePackId } from '../repository/ids.ts';
import { maxBatchedBytes } from '../repository/key-streams.ts';
import { type PackEntry, sealPackHeader } from '../repository/pack.ts';
import { SealBatch } from '../repository/seal-batch.ts';
import { BlobFolder, sealAndOpen } from './blob-folder.ts';

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
export const maxEntries = 100_000;

export function isPackFull(size: number, entries: number, packSizeBytes: number): boolean {
  return size >= packSizeBytes || entries >= maxEntries;
}

export class PackBuilder {
  readonly #settings: SealSettings;
  readonly #allocate: (size: number) => ArrayBuffer;
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  #size = 0;
  #entries: PackEntry[] = [];
  #batch: SealBatch | undefined;
  readonly #folder: BlobFolder;

  /** @param allocate gives a buffer of at least this size; called again when a larger one is needed */
  constructor(
    settings: SealSettings,
    allocate: (size: number) => ArrayBuffer = (size) => new ArrayBuffer(size),
  ) {
    this.#settings = settings;
    this.#allocate = allocate;
    this.#folder = new BlobFolder(settings);
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get isFull(): boolean {
    return isPackFull(this.#size, this.#entries.length, this.#settings.packSizeBytes);
  }

  /**
   * Seals a blob straight into the pack's memory, then opens it again and compares, so that a fault
   * of an encoder or of memory is found before the upload. Returns its size in the pack.
   */
  add(type: BlobType, id: BlobId, plaintext: Uint8Array): number {
    const { content, uncompressedLength } = this.#folder.fold(type, plaintext);
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
    else sealAndOpen(key, content, bytes.subarray(this.#size, this.#size + length));
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

  /** Adds a blob that another builder sealed; its offset is set anew. */
  addSealed(entry: PackEntry, sealed: Uint8Array): void {
    this.#reserve(this.#size + sealed.length).set(sealed, this.#size);
    this.#note({ ...entry, offset: this.#size });
  }

  /** Closes the pack and starts afresh. The result owns the buffer. */
  finish(): FinishedPack {
    const { content, entries } = this.takeUnfinished();
    const header = sealPackHeader(this.#settings.key, entries);
    return { id: packIdOf(content, header), content, header, entries };
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

/** The name of the pack file that consists of these. */
export function packIdOf(content: Uint8Array, header: Uint8Array): PackId {
  return parsePackId(createHash('sha256').update(content).update(header).digest('hex'));
}
