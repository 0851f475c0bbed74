/** Bytes: hexadecimal, comparison, joining, and a cursor that checks bounds. */

const hexDigits = /^(?:[0-9a-f]{2})*$/;

/** Lower-case hexadecimal. */
export function encodeHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** @throws RangeError unless the text is an even number of lower-case hexadecimal digits */
export function decodeHex(text: string): Uint8Array {
  if (!hexDigits.test(text)) throw new RangeError('not lower-case hexadecimal');
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** @throws RangeError unless the text is canonical standard base64 with padding */
export function decodeBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new RangeError('not standard base64');
  return new Uint8Array(bytes);
}

/** Order of unsigned bytes; a prefix comes before what it begins. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0;
}

/** One new array with the content of all. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.byteLength;
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.byteLength;
  }
  return joined;
}

/**
 * As `target.set(source, offset)`. Where one of them is shared memory and they are not aligned alike, `set`
 * goes byte by byte, at a third of this speed; for a few bytes it is the faster one.
 */
export function copyBytes(source: Uint8Array, target: Uint8Array, offset = 0): void {
  const copied = Buffer.prototype.copy.call(source, target, offset);
  if (copied !== source.byteLength) throw new RangeError('the bytes do not fit in the target');
}

/** What is smaller costs the collector less than giving it back would. */
const releasedFromBytes = 8 * 1024;
/** Node cuts small results from buffers of its own, of a little more than 64 KiB. */
const releasedPartFromBytes = 128 * 1024;

/**
 * Gives the memory of a result that nobody needs any more back at once: the garbage collector would let
 * dozens of MiB gather in each thread. Leaves small arrays and views of something larger alone.
 * @param isPart the array may be part of a buffer, and nobody needs the rest of that either, unless it is
 *   as small as those that Node cuts small results from
 */
export function releaseBytes(bytes: Uint8Array, { isPart = false } = {}): void {
  const { buffer } = bytes;
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < releasedFromBytes) return;
  const isWhole = bytes.byteLength === buffer.byteLength;
  if (isWhole || (isPart && buffer.byteLength >= releasedPartFromBytes)) buffer.transfer(0);
}

/** Thrown by {@link ByteReader}; a codec turns it into its own error. */
export class ShortInputError extends Error {
  override readonly name = 'ShortInputError';
  readonly field: string;
  readonly offset: number;

  constructor(field: string, offset: number, wanted: number, left: number) {
    super(`${field}: ${wanted} bytes wanted at offset ${offset}, ${left} left`);
    this.field = field;
    this.offset = offset;
  }
}

/** Reads a byte array from front to back; each read names its field for the error. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  /** @param bytes borrowed for the life of the reader */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  get left(): number {
    return this.#bytes.byteLength - this.#offset;
  }

  /** A view of the next bytes, not a copy. */
  bytes(size: number, field: string): Uint8Array {
    const start = this.#advance(size, field);
    return this.#bytes.subarray(start, start + size);
  }

  uint8(field: string): number {
    return this.#view.getUint8(this.#advance(1, field));
  }

  uint16(field: string): number {
    return this.#view.getUint16(this.#advance(2, field));
  }

  uint24(field: string): number {
    const start = this.#advance(3, field);
    return (this.#view.getUint8(start) << 16) | this.#view.getUint16(start + 1);
  }

  uint32(field: string): number {
    return this.#view.getUint32(this.#advance(4, field));
  }

  uint16LittleEndian(field: string): number {
    return this.#view.getUint16(this.#advance(2, field), true);
  }

  uint32LittleEndian(field: string): number {
    return this.#view.getUint32(this.#advance(4, field), true);
  }

  #advance(size: number, field: string): number {
    const start = this.#offset;
    if (size > this.left) throw new ShortInputError(field, start, size, this.left);
    this.#offset = start + size;
    return start;
  }
}
