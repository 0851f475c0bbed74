/** Reading the body of an HTTP reply, never more of it than asked for. */
import { concatBytes } from '../base/bytes.ts';

/**
 * Hands a body over as it comes; each piece belongs to the one who gets it.
 * @param onPiece false when no more is wanted, which gives up the connection if more comes
 */
export type ReadBody = (onPiece: (piece: Uint8Array) => boolean) => Promise<void>;

export interface PartOfBody {
  readonly skip: number;
  readonly length: number;
  /** To be used, if it is of this length. */
  readonly memory?: Uint8Array | undefined;
}

/** `length` bytes after `skip` others, or fewer if the body ends before. */
export async function readPart(
  read: ReadBody,
  { skip, length, memory }: PartOfBody,
): Promise<Uint8Array> {
  const bytes = memory?.byteLength === length ? memory : new Uint8Array(length);
  let toSkip = skip;
  let filled = 0;
  await read((chunk) => {
    const useful = chunk.subarray(Math.min(toSkip, chunk.byteLength));
    toSkip -= chunk.byteLength - useful.byteLength;
    const piece = useful.subarray(0, length - filled);
    bytes.set(piece, filled);
    filled += piece.byteLength;
    // What comes after is of no use.
    return piece.byteLength === useful.byteLength;
  });
  return filled === length ? bytes : bytes.slice(0, filled);
}

/** The whole body, or undefined if it is longer than the limit. */
export async function readWhole(read: ReadBody, maxBytes: number): Promise<Uint8Array | undefined> {
  const { chunks, size } = await readUpTo(read, maxBytes);
  return size > maxBytes ? undefined : concatBytes(...chunks);
}

/** The first bytes of the body; a body that is longer is given up with its connection. */
export async function readStart(read: ReadBody, maxBytes: number): Promise<Uint8Array> {
  const { chunks } = await readUpTo(read, maxBytes);
  return concatBytes(...chunks).subarray(0, maxBytes);
}

async function readUpTo(
  read: ReadBody,
  maxBytes: number,
): Promise<{ chunks: Uint8Array[]; size: number }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  await read((chunk) => {
    chunks.push(chunk);
    size += chunk.byteLength;
    return size <= maxBytes;
  });
  return { chunks, size };
}
