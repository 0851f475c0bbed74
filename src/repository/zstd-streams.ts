/**
 * Makes and unfolds one zstd frame after the other with one encoder or decoder. Node makes a new one,
 * with a stream around it, for each call of `zstdCompressSync` and `zstdDecompressSync`, which takes
 * several times as long as a small frame itself.
 *
 * The native half of a stream is no public part of Node: it is used only in the versions of Node that
 * the tests of this file were run with, where it has the shape that is known and brings a frame there
 * and back; after anything unexpected it is dropped. Whoever gets no answer calls `compress` or
 * `decompress`, which also say what is wrong.
 */

import { constants, createZstdCompress, createZstdDecompress, zstdDecompressSync } from 'node:zlib';
import { equalBytes } from '../base/bytes.ts';
import { Scratch } from '../base/scratch.ts';
import {
  type CompressionMode,
  type EncoderParams,
  encoderParams,
  frameBound,
} from './compression.ts';

/** What Node's JavaScript calls itself, since 22.15. */
interface Coder {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputSize: number,
    output: Uint8Array,
    outputOffset: number,
    outputSize: number,
  ): void;
  /** Bytes of the output and of the input that are left after a write. */
  readonly left: Uint32Array;
}

/** A wrong call into Node's native code would end the process, which no test at the start can catch. */
const triedVersions = /^(?:22|26)\./;
const unknown = 2 ** 32 - 1;
let usable: boolean | undefined;

function isUsable(): boolean {
  usable ??= triedVersions.test(process.versions.node) && passesTest();
  return usable;
}

export class FrameEncoder {
  /** What a mode asks of zstd is a matter of the encoder. */
  readonly #coders = new Map<EncoderParams, Coder>();
  readonly #frames = new Scratch();

  /**
   * @param plaintext borrowed
   * @returns one frame, which may be larger than the plaintext; valid until the next call; undefined when
   *   this Node has no such encoder
   */
  fold(plaintext: Uint8Array, mode: CompressionMode): Uint8Array | undefined {
    if (!isUsable()) return undefined;
    const bound = frameBound(plaintext.length);
    const frame = this.#frames.take(bound);
    const params = encoderParams(mode, plaintext.length);
    const coder = this.#coders.get(params) ?? makeEncoder(params);
    const size = coder === undefined ? 0 : foldWith(coder, plaintext, frame, bound);
    if (coder === undefined || size === 0) {
      this.#coders.delete(params);
      return undefined;
    }
    this.#coders.set(params, coder);
    return frame.subarray(0, size);
  }
}

export class FrameDecoder {
  #coder: Coder | undefined;

  /**
   * @param frame borrowed
   * @param target has room for `size` bytes and one more
   * @param size that the frame must unfold to
   * @returns false when it did not, or when this Node has no such decoder
   */
  unfold(frame: Uint8Array, target: Uint8Array, size: number): boolean {
    if (!isUsable()) return false;
    this.#coder ??= makeDecoder();
    const isDone = this.#coder !== undefined && unfoldWith(this.#coder, frame, target, size);
    if (!isDone) this.#coder = undefined;
    return isDone;
  }
}

/** Returns the frame's size; 0 when there is none, and the encoder is of no further use. */
function foldWith(coder: Coder, plaintext: Uint8Array, frame: Uint8Array, room: number): number {
  if (!write(coder, plaintext, frame, room)) return 0;
  const roomLeft = coder.left[0] ?? 0;
  // Without room left the frame might go on; one that began must not be the front of the next.
  if (coder.left[1] !== 0 || roomLeft === 0 || roomLeft >= room) return 0;
  return room - roomLeft;
}

/** The room for one byte more shows a frame that is too long, and lets the decoder reach the end. */
function unfoldWith(coder: Coder, frame: Uint8Array, target: Uint8Array, size: number): boolean {
  return write(coder, frame, target, size + 1) && coder.left[0] === 1 && coder.left[1] === 0;
}

function write(coder: Coder, input: Uint8Array, output: Uint8Array, room: number): boolean {
  try {
    // After an error it does not say what is left; a stream that had one has closed its coder.
    coder.left.fill(unknown);
    coder.writeSync(constants.ZSTD_e_end, input, 0, input.length, output, 0, room);
    return coder.left[0] !== unknown;
  } catch {
    return false;
  }
}

function makeEncoder(params: EncoderParams): Coder | undefined {
  return coderOf(createZstdCompress({ params }));
}

function makeDecoder(): Coder | undefined {
  return coderOf(createZstdDecompress());
}

function coderOf(stream: object): Coder | undefined {
  const handle: unknown = Reflect.get(stream, '_handle');
  const left: unknown = Reflect.get(stream, '_writeState');
  if (typeof handle !== 'object' || handle === null || !(left instanceof Uint32Array)) {
    return undefined;
  }
  if (!('writeSync' in handle) || typeof handle.writeSync !== 'function') return undefined;
  // A frame that it cannot read is reported to the stream, where nobody listens.
  if ('on' in stream && typeof stream.on === 'function') stream.on('error', () => {});
  // Checked above; the stream must live as long as its handle.
  const writeSync = handle.writeSync.bind(handle) as Coder['writeSync'];
  return Object.assign({ writeSync, left }, { stream });
}

/** Two frames there and back, then one that is longer than it should be. */
function passesTest(): boolean {
  const text = Buffer.from('sealift '.repeat(100));
  const encoder = makeEncoder(encoderParams('auto', text.length));
  const decoder = makeDecoder();
  if (encoder === undefined || decoder === undefined) return false;
  const room = frameBound(text.length);
  const frame = new Uint8Array(room);
  const target = new Uint8Array(text.length + 1);
  let size = 0;
  const isRight = (): boolean => {
    if (!write(encoder, text, frame, room)) return false;
    size = room - (encoder.left[0] ?? 0);
    return (
      equalBytes(zstdDecompressSync(frame.subarray(0, size)), text) &&
      unfoldWith(decoder, frame.subarray(0, size), target.fill(0), text.length) &&
      equalBytes(target.subarray(0, text.length), text)
    );
  };
  return (
    isRight() && isRight() && !unfoldWith(decoder, frame.subarray(0, size), target, text.length - 1)
  );
}
