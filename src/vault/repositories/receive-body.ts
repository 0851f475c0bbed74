/**
 * Writes a request's body to a file and hashes it on the way. TLS hands over 16 KiB at a time, and a call
 * to the disk for each would cost several times what it writes: while one call is under way, what comes
 * is gathered for the next.
 */

import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { finished, type Readable, Writable } from 'node:stream';
import { finished as whenFinished } from 'node:stream/promises';
import { noteYoungGarbage } from '../../base/young-garbage.ts';

/** Gathered before the client has to wait. */
const maxGatheredBytes = 1024 ** 2;

class TooLarge extends Error {}

/**
 * @param body is not destroyed when it is too large: its connection must last for the answer
 * @returns size in bytes and SHA-256 (lower-case hex); undefined when the body is larger than allowed
 * @throws system errors of the disk (`ENOSPC`) and of the connection (`ECONNRESET`)
 */
export async function receiveBody(
  handle: FileHandle,
  body: Readable,
  maxBytes: number,
): Promise<{ size: number; hash: string } | undefined> {
  const hash = createHash('sha256');
  let size = 0;
  const write = async (pieces: readonly Buffer[]): Promise<void> => {
    const before = size;
    for (const piece of pieces) {
      size += piece.length;
      if (size > maxBytes) throw new TooLarge();
      hash.update(piece);
    }
    await writeFully(handle, pieces);
    noteYoungGarbage(size - before);
  };
  const file = new Writable({
    highWaterMark: maxGatheredBytes,
    write: (piece: Buffer, _encoding, done) => {
      write([piece]).then(() => done(), done);
    },
    writev: (pieces, done) => {
      write(pieces.map(({ chunk }: { chunk: Buffer }) => chunk)).then(() => done(), done);
    },
  });
  finished(body, { writable: false }, (error) => {
    if (error) file.destroy(error);
  });
  body.pipe(file);
  try {
    await whenFinished(file);
  } catch (error) {
    body.unpipe(file);
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
  return { size, hash: hash.digest('hex') };
}

async function writeFully(handle: FileHandle, pieces: readonly Buffer[]): Promise<void> {
  let rest = pieces;
  while (rest.length > 0) {
    let { bytesWritten: written } = await handle.writev(rest);
    const next = rest.findIndex(({ length }) => {
      if (length > written) return true;
      written -= length;
      return false;
    });
    const [first, ...others] = next < 0 ? [] : rest.slice(next);
    rest = first === undefined ? [] : [first.subarray(written), ...others];
  }
}
