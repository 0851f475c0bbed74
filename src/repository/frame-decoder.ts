/**
 * Unfolds one zstd frame after the other with one decoder. Node makes a decoder and a stream around it
 * for each call of `zstdDecompressSync`, which takes several times as long as a small frame itself.
 *
 * The decoder of a stream is no public part of Node: it is used only in the versions of Node that the
 * tests of this file were run with, where it has the shape that is known and unfolds a frame correctly;
 * after anything unexpected it is dropped. Whoever gets no answer calls `decompress`, which also says
 * what is wrong.
 */

import { constants, createZstdDecompress, zstdCompressSync } from 'node:zlib';
import { equalBytes } from '../base/bytes.ts';

/** What Node's JavaScript calls itself, since 22.15. */
interface Decoder {
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

export class FrameDecoder {
  #decoder: Decoder | undefined;

  /**
   * @param frame borrowed
   * @param target has room for `size` bytes and one more
   * @param size that the frame must unfold to
   * @returns false when it did not, or when this Node has no such decoder
   */
  unfold(frame: Uint8Array, target: Uint8Array, size: number): boolean {
    usable ??= triedVersions.test(process.versions.node) && passesTest();
    if (!usable) return false;
    this.#decoder ??= makeDecoder();
    const isDone = this.#decoder !== undefined && write(this.#decoder, frame, target, size);
    if (!isDone) this.#decoder = undefined;
    return isDone;
  }
}

/** The room for one byte more shows a frame that is too long, and lets the decoder reach the end. */
function write(decoder: Decoder, frame: Uint8Array, target: Uint8Array, size: number): boolean {
  try {
    const { length } = frame;
    // After an error it does not say what is left; a stream that had one has closed its decoder.
    decoder.left.fill(unknown);
    decoder.writeSync(constants.ZSTD_e_end, frame, 0, length, target, 0, size + 1);
    return decoder.left[0] === 1 && decoder.left[1] === 0;
  } catch {
    return false;
  }
}

function makeDecoder(): Decoder | undefined {
  const stream: object = createZstdDecompress();
  const handle: unknown = Reflect.get(stream, '_handle');
  const left: unknown = Reflect.get(stream, '_writeState');
  if (typeof handle !== 'object' || handle === null || !(left instanceof Uint32Array)) {
    return undefined;
  }
  if (!('writeSync' in handle) || typeof handle.writeSync !== 'function') return undefined;
  // A frame that it cannot read is reported to the stream, where nobody listens.
  if ('on' in stream && typeof stream.on === 'function') stream.on('error', () => {});
  // Checked above; the stream must live as long as its handle.
  const decode = handle.writeSync.bind(handle) as Decoder['writeSync'];
  return Object.assign({ writeSync: decode, left }, { stream });
}

/** A frame twice, then one that is longer than it should be. */
function passesTest(): boolean {
  const decoder = makeDecoder();
  if (decoder === undefined) return false;
  const text = Buffer.from('sealift '.repeat(100));
  const frame = zstdCompressSync(text);
  const target = new Uint8Array(text.length + 1);
  const isRight = (): boolean =>
    write(decoder, frame, target.fill(0), text.length) &&
    equalBytes(target.subarray(0, text.length), text);
  return isRight() && isRight() && !write(decoder, frame, target, text.length - 1);
}
