/**
 * Sends part of a file as the body of a reply. Two buffers take turns, one being read into while the
 * other is on its way, and are kept for the next reply: fresh memory for each piece, as a stream of Node's
 * takes it, costs page faults and garbage collections that together outweigh the encryption.
 */

import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';

const pieceBytes = 256 * 1024;
/** Buffers kept while no reply needs them: two for each of eight replies. */
const maxSpares = 16;
const spares: Buffer[] = [];

export interface FilePart {
  readonly start: number;
  readonly length: number;
}

/**
 * @param target is not ended
 * @throws Error when the file is shorter than it was, and what reading and writing throw
 */
export async function sendFile(
  handle: FileHandle,
  { start, length }: FilePart,
  target: Writable,
): Promise<void> {
  const end = start + length;
  let current = takeBuffer();
  let other = takeBuffer();
  let position = start;
  let size = await readPiece(handle, current, position, end);
  while (size > 0) {
    position += size;
    const sending = write(target, current.subarray(0, size));
    // Both have to end, however the other one does, before a buffer may be used for anything else.
    const [sent, read] = await Promise.allSettled([
      sending,
      readPiece(handle, other, position, end),
    ]);
    if (sent.status === 'rejected') throw sent.reason;
    if (read.status === 'rejected') throw read.reason;
    size = read.value;
    [current, other] = [other, current];
  }
  // After a failure they are left to the garbage collector.
  giveBack(current);
  giveBack(other);
}

/** Returns bytes read, 0 at the end of the part. */
async function readPiece(
  handle: FileHandle,
  buffer: Buffer,
  position: number,
  end: number,
): Promise<number> {
  const wanted = Math.min(buffer.length, end - position);
  if (wanted === 0) return 0;
  const { bytesRead } = await handle.read(buffer, 0, wanted, position);
  if (bytesRead === 0) throw new Error(`the file ends at ${position} instead of ${end}`);
  return bytesRead;
}

/** Resolves when the piece's memory is free again. */
function write(target: Writable, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new Error('the connection was closed'));
    target.once('close', onClose);
    target.write(piece, (error) => {
      target.off('close', onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}

function takeBuffer(): Buffer {
  return spares.pop() ?? Buffer.allocUnsafeSlow(pieceBytes);
}

function giveBack(buffer: Buffer): void {
  if (spares.length < maxSpares) spares.push(buffer);
}
