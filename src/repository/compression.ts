/** zstd frames of blobs and unpacked files: self-contained, no dictionary, no checksum. */

import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { ByteReader, copyBytes } from '../base/bytes.ts';
import { messageOf, SealiftError } from '../base/errors.ts';
import { kernels } from './kernels.ts';

export const compressionModes = ['auto', 'off', 'fastest', 'better', 'max'] as const;
export type CompressionMode = (typeof compressionModes)[number];

/**
 * What each mode asks of zstd; `off` still compresses trees and unpacked files, as the format demands.
 *
 * The usual mode is level 3 with tables small enough for a processor's own cache and matches from four
 * bytes on. Measured on chunks of up to 1 MiB, one core, speed and size against plain level 3: programs
 * of /usr/lib 1.5 times and +2 %, texts of /usr/share 1.15 times and +0.1 %; level 2 1.8 and 1.4 times,
 * +5 % and +2 %. Slower levels, on 60 MB of /usr: 7 0.4 times, -6 %; 12 0.13, -7 %; 15 0.07, -9 %.
 */
const usual = paramsOf({
  [constants.ZSTD_c_compressionLevel]: 3,
  [constants.ZSTD_c_hashLog]: 15,
  [constants.ZSTD_c_chainLog]: 13,
  [constants.ZSTD_c_minMatch]: 4,
});
/**
 * For few bytes matches begin at five: telling of one of four takes the encoder longer than it saves
 * where matches are chance. 4 KiB of hexadecimal digits: 1.4 times the speed, -0.3 %; files of up to
 * 16 KiB in /usr/share and /usr/lib: 1.05 times, +0.7 %.
 */
const usualForFew = paramsOf({ ...usual, [constants.ZSTD_c_minMatch]: 5 });
const fewBytes = 16 * 1024;
const modes: Readonly<Record<CompressionMode, EncoderParams>> = {
  off: usual,
  fastest: paramsOf({ [constants.ZSTD_c_compressionLevel]: 1 }),
  auto: usual,
  better: paramsOf({ [constants.ZSTD_c_compressionLevel]: 7 }),
  max: paramsOf({ [constants.ZSTD_c_compressionLevel]: 15 }),
};
/** zlib hands the output over in pieces of a given size; one that holds everything is twice as fast. */
const minPieceBytes = 64;
const maxPieceBytes = 16 * 1024 * 1024;
/** Room for output where only its limit is known: most frames unfold to less than this times their size. */
const usualRatio = 8;
const usualPieceBytes = 64 * 1024;

/** Room that the frame of so many bytes may take. */
export function frameBound(size: number): number {
  return size + (size >>> 8) + 1024;
}

/** Numbers by zstd's parameters, which are numbers themselves. */
export type EncoderParams = Readonly<Record<number, number>>;

function paramsOf(params: EncoderParams): EncoderParams {
  return { ...params, [constants.ZSTD_c_checksumFlag]: 0 };
}

/** What a mode means to zstd for a plaintext of so many bytes: one of a few objects, always the same. */
export function encoderParams(mode: CompressionMode, size: number): EncoderParams {
  const params = modes[mode];
  return params === usual && size <= fewBytes ? usualForFew : params;
}

/**
 * @param plaintext borrowed
 * @returns one zstd frame, which may be larger than the plaintext
 */
export function compress(plaintext: Uint8Array, mode: CompressionMode): Uint8Array {
  return zstdCompressSync(plaintext, {
    chunkSize: clampPiece(frameBound(plaintext.byteLength)),
    params: encoderParams(mode, plaintext.byteLength),
  });
}

/**
 * @param frame borrowed
 * @param maxSize most bytes the frame may unfold to; a frame that wants more is refused
 * @returns the plaintext; whether it has the size that was recorded is the caller's to check
 * @throws SealiftError `format/compression`
 */
export function decompress(frame: Uint8Array, maxSize: number): Uint8Array {
  const expected = Math.max(frame.byteLength * usualRatio, usualPieceBytes);
  try {
    requireWholeFrame(frame);
    return zstdDecompressSync(frame, {
      chunkSize: clampPiece(Math.min(expected, maxSize)),
      maxOutputLength: Math.max(1, maxSize),
    });
  } catch (cause) {
    throw new SealiftError(
      'format/compression',
      `a zstd frame of ${frame.byteLength} bytes cannot be read: ${messageOf(cause)}`,
      { cause, fields: { size: frame.byteLength } },
    );
  }
}

const magic = 0xfd2fb528;
/** Bits of the frame header's first byte. */
const contentSizeShift = 6;
const singleSegmentFlag = 0x20;
const checksumFlag = 0x04;
const dictionaryMask = 0x03;
const contentSizeBytes = [0, 2, 4, 8] as const;
const dictionaryBytes = [0, 1, 2, 4] as const;
const checksumBytes = 4;
/** Bits of a block header, 24 bits little-endian. */
const lastBlockFlag = 1;
const blockTypeMask = 0x06;
const repeatedByte = 0x02;
const blockSizeShift = 3;

/**
 * Walks the headers of a frame (RFC 8878 §3.1.1), since zlib of Node 22.18 takes a frame that was cut
 * short for a shorter plaintext. What a complete frame holds is for zstd to judge.
 * @throws Error when the frame does not begin as one or ends too early
 */
function requireWholeFrame(frame: Uint8Array): void {
  const reader = new ByteReader(frame);
  if (reader.uint32LittleEndian('magic') !== magic) throw new Error('not a zstd frame');
  const descriptor = reader.uint8('frame header');
  const isSingleSegment = (descriptor & singleSegmentFlag) !== 0;
  if (!isSingleSegment) reader.uint8('window');
  reader.bytes(dictionaryBytes[descriptor & dictionaryMask] ?? 0, 'dictionary');
  const sizeBytes = contentSizeBytes[descriptor >>> contentSizeShift] ?? 0;
  reader.bytes(sizeBytes === 0 && isSingleSegment ? 1 : sizeBytes, 'content size');
  for (let isLast = false; !isLast; ) {
    const header = reader.uint16LittleEndian('block header') | (reader.uint8('block header') << 16);
    const isRepeated = (header & blockTypeMask) === repeatedByte;
    reader.bytes(isRepeated ? 1 : header >>> blockSizeShift, 'block');
    isLast = (header & lastBlockFlag) !== 0;
  }
  if ((descriptor & checksumFlag) !== 0) reader.bytes(checksumBytes, 'checksum');
}

function clampPiece(size: number): number {
  return Math.min(Math.max(size, minPieceBytes), maxPieceBytes);
}

/** Fewer bytes say too little. */
const minProbedBytes = 512;
/** All of a blob up to this size, else this many bytes from all over it. */
const probedBytes = 16 * 1024;
const probedPieces = 16;
/** Chi-squared of random bytes has 255 degrees of freedom and this standard deviation. */
const degrees = 255;
const deviation = Math.sqrt(2 * degrees);
/** 99 of 100 random blobs are within; a hundredth of a bit saved a byte is not. */
const maxDeviations = 2.5;
/** Of a small blob this many bytes in its middle are looked at first: text shows there already. */
const firstProbedBytes = 512;
/** As far from random as these must be to stand for the rest. */
const farDeviations = 20;

/**
 * True when byte values are spread as in random data, so that zstd would find nothing to save: content
 * that is encrypted or well compressed already. Repetition shows too, as counts that vary too much or,
 * in sequences, too little. Costs a fraction of what zstd takes to find out.
 */
export function looksRandom(bytes: Uint8Array): boolean {
  const size = bytes.byteLength;
  if (size < minProbedBytes) return false;
  const { histogramStart } = kernels();
  histogramStart();
  if (size <= probedBytes) {
    const middle = (size - firstProbedBytes) >>> 1;
    countBytes(bytes.subarray(middle, middle + firstProbedBytes));
    if (deviations(firstProbedBytes) > farDeviations) return false;
    histogramStart();
    countBytes(bytes);
    return deviations(size) <= maxDeviations;
  }
  const piece = probedBytes / probedPieces;
  for (let index = 0; index < probedPieces; index += 1) {
    const start = Math.floor(((size - piece) * index) / (probedPieces - 1));
    countBytes(bytes.subarray(start, start + piece));
  }
  return deviations(probedBytes) <= maxDeviations;
}

/** How far the spread of so many bytes counted is from that of random ones, in standard deviations. */
function deviations(probed: number): number {
  const chiSquared = (kernels().histogramSquares() * (degrees + 1)) / probed - probed;
  return Math.abs(chiSquared - degrees) / deviation;
}

/** @param bytes fit in a kernel's block */
function countBytes(bytes: Uint8Array): void {
  const { block, histogramUpdate } = kernels();
  copyBytes(bytes, block);
  histogramUpdate(bytes.byteLength);
}
