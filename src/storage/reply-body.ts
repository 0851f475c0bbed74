/** Reading the body of an HTTP reply, never more of it than asked for. */
import { concatBytes } from '../base/bytes.ts';

/** `length` bytes after `skip` others, or fewer if the body ends before. */
export async function readPart(
  body: AsyncIterable<Uint8Array>,
  { skip, length }: { readonly skip: number; readonly length: number },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let toSkip = skip;
  let filled = 0;
  for await (const chunk of body) {
    const useful = chunk.subarray(Math.min(toSkip, chunk.byteLength));
    toSkip -= chunk.byteLength - useful.byteLength;
    const piece = useful.subarray(0, length - filled);
    bytes.set(piece, filled);
    filled += piece.byteLength;
    // What comes after is of no use; to stop here gives up the connection.
    if (piece.byteLength < useful.byteLength) break;
  }
  return filled === length ? bytes : bytes.slice(0, filled);
}

/** The whole body, or undefined if it is longer than the limit. */
export async function readWhole(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return concatBytes(...chunks);
}

/** The first bytes of the body; a body that is longer is given up with its connection. */
export async function readStart(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > maxBytes) break;
  }
  return concatBytes(...chunks).subarray(0, maxBytes);
}
