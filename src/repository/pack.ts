/**
 * Pack files: sealed blobs one after another, a sealed header, the header's size. docs/format.md#packs
 *
 * | offset in entry | size | field |
 * |---|---|---|
 * | 0 | 1 | kind: 0 data, 1 tree, 2 compressed data, 3 compressed tree |
 * | 1 | 4 | sealed size of the blob, little-endian |
 * | 5 | 4 | size before compression, little-endian; kinds 2 and 3 only |
 * | 5 or 9 | 32 | blob id |
 *
 * The file ends with the sealed header's size in 4 bytes, little-endian. Offsets are implied: blobs
 * stand without gaps from offset 0 in the order of the entries.
 */

import {
  ByteReader,
  concatBytes,
  equalBytes,
  releaseBytes,
  ShortInputError,
} from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { type CompressionMode, compress, decompress, looksRandom } from './compression.ts';
import type { RepositoryVersion } from './config.ts';
import { open, overheadBytes, type RepositoryKey, seal } from './crypto.ts';
import { type BlobId, type BlobType, blobIdFromBytes, blobIdOf } from './ids.ts';
import type { FrameDecoder } from './zstd-streams.ts';

export interface PackEntry {
  readonly type: BlobType;
  readonly id: BlobId;
  /** Position of the sealed blob in the pack. */
  readonly offset: number;
  /** Sealed size in the pack. */
  readonly length: number;
  /** Size of the blob itself if it is compressed, 0 if it is not. */
  readonly uncompressedLength: number;
}

const idBytes = 32;
const plainEntryBytes = 1 + 4 + idBytes;
const compressedEntryBytes = plainEntryBytes + 4;
/** Largest size of an entry in the header. */
export const maxPackEntryBytes = compressedEntryBytes;
const headerLengthBytes = 4;
const compressedFlag = 2;
const treeFlag = 1;
const maxKind = compressedFlag | treeFlag;
const maxUint32 = 2 ** 32 - 1;

/** Largest sealed header, without its length field; restic refuses larger ones. */
export const maxPackHeaderBytes = 16 * 1024 * 1024;
/** Read with the first request: most headers fit, so most packs take one. */
const eagerEntries = 15;
const eagerBytes = eagerEntries * compressedEntryBytes + overheadBytes + headerLengthBytes;

assert(plainEntryBytes === 37 && compressedEntryBytes === 41, 'entry sizes of the format');
assert(overheadBytes === 32, 'an IV and a MAC');

/** Size of an entry in the header. */
export function packEntrySize(entry: { readonly uncompressedLength: number }): number {
  return entry.uncompressedLength === 0 ? plainEntryBytes : compressedEntryBytes;
}

/** Size of a sealed header with its length field. */
export function packHeaderSize(entries: Iterable<Pick<PackEntry, 'uncompressedLength'>>): number {
  let size = overheadBytes + headerLengthBytes;
  for (const entry of entries) size += packEntrySize(entry);
  return size;
}

/** Size of the whole pack file that holds exactly these blobs. */
export function packSize(
  entries: readonly Pick<PackEntry, 'length' | 'uncompressedLength'>[],
): number {
  return entries.reduce((size, entry) => size + entry.length, packHeaderSize(entries));
}

/**
 * The plain header. Entries stand in file order, without gaps from offset 0; a caller that breaks
 * this has a bug.
 */
export function encodePackHeader(entries: readonly PackEntry[]): Uint8Array {
  const header = new Uint8Array(packHeaderSize(entries) - overheadBytes - headerLengthBytes);
  const writer = Buffer.from(header.buffer);
  let position = 0;
  let offset = 0;
  for (const entry of entries) {
    assert(entry.offset === offset, 'the blobs of a pack stand without gaps');
    offset += entry.length;
    position += writePackEntry(writer, position, entry);
  }
  return header;
}

/** Writes the next entry of a plain header. Returns its size. */
export function writePackEntry(
  header: Buffer,
  position: number,
  { type, id, length, uncompressedLength }: Omit<PackEntry, 'offset'>,
): number {
  assert(length >= overheadBytes && length <= maxUint32, 'a sealed blob has a size');
  const isCompressed = uncompressedLength !== 0;
  const kind = (type === 'tree' ? treeFlag : 0) | (isCompressed ? compressedFlag : 0);
  header.writeUInt8(kind, position);
  header.writeUInt32LE(length, position + 1);
  if (isCompressed) header.writeUInt32LE(uncompressedLength, position + 5);
  const written = header.write(id, position + (isCompressed ? 9 : 5), idBytes, 'hex');
  assert(written === idBytes, 'an id has 32 bytes');
  return isCompressed ? compressedEntryBytes : plainEntryBytes;
}

/**
 * Splits an opened header into its entries.
 * @param header without the length field; borrowed
 * @throws SealiftError `format/pack` on an unknown kind, an impossible size, or leftover bytes
 */
export function parsePackHeader(header: Uint8Array): PackEntry[] {
  const reader = new ByteReader(header);
  const entries: PackEntry[] = [];
  let offset = 0;
  try {
    while (reader.left > 0) {
      const entry = readEntry(reader, offset);
      offset += entry.length;
      entries.push(entry);
    }
  } catch (cause) {
    if (!(cause instanceof ShortInputError)) throw cause;
    throw badPack(`header entry ${entries.length} is cut short`, { offset: cause.offset }, cause);
  }
  return entries;
}

/** The end of a pack file: sealed header and length field, read back before it counts. */
export function sealPackHeader(key: RepositoryKey, entries: readonly PackEntry[]): Uint8Array {
  return sealPlainHeader(key, encodePackHeader(entries));
}

/** {@link sealPackHeader} of a header that {@link writePackEntry} wrote. */
export function sealPlainHeader(key: RepositoryKey, header: Uint8Array): Uint8Array {
  const sealed = seal(key, header);
  assert(
    sealed.byteLength <= maxPackHeaderBytes,
    'a pack is closed before its header is too large',
  );
  if (!equalBytes(open(key, sealed), header)) {
    throw new SealiftError('format/pack', 'a sealed pack header did not read back as written');
  }
  const length = new Uint8Array(headerLengthBytes);
  new DataView(length.buffer).setUint32(0, sealed.byteLength, true);
  return concatBytes(sealed, length);
}

/**
 * Reads the header of a stored pack, in one request if it has at most 15 entries.
 * @param packBytes size of the pack file
 * @param readRange reads bytes of the pack; must give exactly `length` bytes
 * @throws SealiftError `format/pack`, also when the blobs listed do not fill the file; `format/mac`
 */
export async function readPackHeader(
  key: RepositoryKey,
  packBytes: number,
  readRange: (offset: number, length: number) => Promise<Uint8Array>,
): Promise<PackEntry[]> {
  if (packBytes < plainEntryBytes + overheadBytes + headerLengthBytes) {
    throw badPack('the file is too short', { found: packBytes });
  }
  const eagerSize = Math.min(eagerBytes, packBytes);
  const tail = await readRange(packBytes - eagerSize, eagerSize);
  if (tail.byteLength !== eagerSize)
    throw badPack('the end could not be read', { expected: eagerSize });
  const headerEnd = eagerSize - headerLengthBytes;
  const headerSize = new DataView(tail.buffer, tail.byteOffset).getUint32(headerEnd, true);
  const maxSize = Math.min(packBytes - headerLengthBytes, maxPackHeaderBytes);
  if (headerSize < overheadBytes + plainEntryBytes || headerSize > maxSize) {
    throw badPack('the header size is impossible', { found: headerSize });
  }
  const sealed =
    headerSize <= headerEnd
      ? tail.subarray(headerEnd - headerSize, headerEnd)
      : await readRange(packBytes - headerLengthBytes - headerSize, headerSize);
  const entries = parsePackHeader(open(key, sealed));
  const expected = packSize(entries);
  if (expected !== packBytes) {
    throw badPack('the blobs listed do not fill the file', { expected, found: packBytes });
  }
  return entries;
}

export interface SealedBlob {
  readonly sealed: Uint8Array;
  /** Size of the plaintext if it was compressed, 0 if it was not. */
  readonly uncompressedLength: number;
}

/**
 * Compresses where the format asks for it, and seals. Trees of version 2 are always compressed;
 * data is stored as it is when compression does not make it smaller; nothing is compressed in
 * version 1. What was sealed is opened again and compared.
 */
export function sealBlob(
  key: RepositoryKey,
  version: RepositoryVersion,
  type: BlobType,
  plaintext: Uint8Array,
  compression: CompressionMode,
): SealedBlob {
  const blob = compressBlob(version, type, plaintext, compression);
  const sealed = seal(key, blob.content);
  const content = open(key, sealed);
  const size = blob.uncompressedLength;
  if (!equalBytes(size === 0 ? content : unfold(content, size), plaintext)) {
    throw new SealiftError('format/unexpected-hash', 'a sealed blob did not read back as written');
  }
  return { sealed, uncompressedLength: size };
}

/**
 * The first half of {@link sealBlob}, for callers that seal into a pack's own memory.
 * @param fold makes the frame
 * @returns `content` is the plaintext itself when nothing was compressed, else what `fold` gave
 */
export function compressBlob(
  version: RepositoryVersion,
  type: BlobType,
  plaintext: Uint8Array,
  compression: CompressionMode,
  fold: typeof compress = compress,
): { content: Uint8Array; uncompressedLength: number } {
  const plain = { content: plaintext, uncompressedLength: 0 };
  // Size 0 marks "not compressed", so an empty blob cannot be compressed.
  if (version === 1 || plaintext.byteLength === 0) return plain;
  if (type === 'data' && compression === 'off') return plain;
  // Who asks for more than the usual gets every byte that zstd can save.
  const isProbed = type === 'data' && (compression === 'auto' || compression === 'fastest');
  if (isProbed && looksRandom(plaintext)) return plain;
  const frame = fold(plaintext, compression === 'off' ? 'auto' : compression);
  if (type === 'data' && frame.byteLength >= plaintext.byteLength) return plain;
  return { content: frame, uncompressedLength: plaintext.byteLength };
}

/**
 * The plaintext of a sealed blob; its hash is checked.
 * @param entry where the blob was found
 * @param frames to use again for other blobs
 * @throws SealiftError `format/mac`, `format/compression`, `format/unexpected-hash`
 */
export function openBlob(
  key: RepositoryKey,
  sealed: Uint8Array,
  entry: Pick<PackEntry, 'id' | 'type' | 'uncompressedLength'>,
  frames?: FrameDecoder,
): Uint8Array {
  const content = open(key, sealed);
  const plaintext = unfoldBlob(content, entry, frames);
  // Of a large tree it is many megabytes, beside several times as many.
  if (plaintext !== content) releaseBytes(content);
  return plaintext;
}

/**
 * {@link openBlob} of what was deciphered already.
 * @param content borrowed; it is the plaintext itself where it was not compressed
 */
export function unfoldBlob(
  content: Uint8Array,
  { id, type, uncompressedLength }: Pick<PackEntry, 'id' | 'type' | 'uncompressedLength'>,
  frames?: FrameDecoder,
): Uint8Array {
  const plaintext =
    uncompressedLength === 0 ? content : unfold(content, uncompressedLength, frames);
  const found = blobIdOf(plaintext);
  if (found !== id) {
    throw new SealiftError('format/unexpected-hash', `${type} blob ${id} has another hash`, {
      fields: { expected: id, found },
    });
  }
  return plaintext;
}

/** Larger blobs need not be quick. */
const maxDecodedBytes = 16 * 2 ** 20;

function unfold(frame: Uint8Array, size: number, frames?: FrameDecoder): Uint8Array {
  if (frames !== undefined && size <= maxDecodedBytes) {
    const target = new Uint8Array(size + 1);
    if (frames.unfold(frame, target, size)) return target.subarray(0, size);
  }
  const plaintext = decompress(frame, size);
  if (plaintext.byteLength !== size) {
    throw new SealiftError('format/compression', 'a blob has another size than its pack says', {
      fields: { expected: size, found: plaintext.byteLength },
    });
  }
  return plaintext;
}

function readEntry(reader: ByteReader, offset: number): PackEntry {
  const kind = reader.uint8('kind');
  if (kind > maxKind) throw badPack(`blob kind ${kind} is unknown`, { found: kind });
  const isCompressed = (kind & compressedFlag) !== 0;
  const length = reader.uint32LittleEndian('length');
  const uncompressedLength = isCompressed ? reader.uint32LittleEndian('uncompressed length') : 0;
  const id = blobIdFromBytes(reader.bytes(idBytes, 'id'));
  if (length < overheadBytes) throw badPack(`blob ${id} has an impossible size`, { found: length });
  if (isCompressed && uncompressedLength === 0) {
    throw badPack(`blob ${id} is compressed but has no size`, { id });
  }
  return {
    type: (kind & treeFlag) === 0 ? 'data' : 'tree',
    id,
    offset,
    length,
    uncompressedLength,
  };
}

/** node:assert would pull in the outside; this room is pure. */
function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${invariant}`);
}

function badPack(
  fault: string,
  fields: Readonly<Record<string, string | number>>,
  cause?: unknown,
): SealiftError {
  return new SealiftError('format/pack', `pack: ${fault}`, {
    fields,
    ...(cause === undefined ? {} : { cause }),
  });
}
