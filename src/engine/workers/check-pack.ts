/** Verifies one pack in full: its name, every blob that the index knows, and its header. */

import { encodeHex } from '../../base/bytes.ts';
import { messageOf } from '../../base/errors.ts';
import type { RepositoryKey } from '../../repository/crypto.ts';
import { type PackEntry, readPackHeader } from '../../repository/pack.ts';
import { isDamage } from '../load-blob.ts';
import type { BlobOpener } from './blob-opener.ts';
import {
  type BlobTable,
  type CheckAnswer,
  entryOf,
  idOf,
  type PackJobOf,
} from './pack-protocol.ts';
import type { SealedRange } from './sealed-range.ts';

/** @param range of the whole pack, with its hash */
export async function checkPack(
  { packId, blobs }: PackJobOf<'check'>,
  range: SealedRange,
  opener: BlobOpener,
  key: RepositoryKey,
): Promise<CheckAnswer> {
  const faults: string[] = [];
  const lost: number[] = [];
  opener.verifyAll(range, blobs, (at, error) => {
    if (!isDamage(error)) throw error;
    const type = blobs.trees[at] === 1 ? 'tree' : 'data';
    lost.push(at);
    faults.push(`${type} blob ${idOf(blobs, at)}: ${messageOf(error)}`);
  });
  const found = range.digest();
  if (found !== packId) faults.unshift(`its content has the SHA-256 ${found}`);
  try {
    const header = await readPackHeader(key, range.size, async (offset, length) =>
      range.peek(offset, length),
    );
    if (!isSameInOrder(header, blobs)) {
      const indexed = Array.from({ length: blobs.count }, (_, at) => entryOf(blobs, at));
      faults.push(...compareHeader(header, indexed));
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    faults.push(`its header: ${messageOf(error)}`);
  }
  return { faults, lost };
}

/** The usual case, told without a text for each blob. */
function isSameInOrder(header: readonly PackEntry[], blobs: BlobTable): boolean {
  if (header.length !== blobs.count) return false;
  const ids = encodeHex(blobs.ids);
  return header.every(
    ({ type, id, offset, length, uncompressedLength }, at) =>
      ids.startsWith(id, at * id.length) &&
      offset === blobs.offsets[at] &&
      length === blobs.lengths[at] &&
      uncompressedLength === blobs.uncompressedLengths[at] &&
      (type === 'tree' ? 1 : 0) === blobs.trees[at],
  );
}

function compareHeader(header: readonly PackEntry[], indexed: readonly PackEntry[]): string[] {
  const keyOf = ({ type, id, offset, length, uncompressedLength }: PackEntry): string =>
    `${type} blob ${id} at ${offset}, ${length} bytes (${uncompressedLength} before compression)`;
  const inHeader = new Set(header.map(keyOf));
  const inIndex = new Set(indexed.map(keyOf));
  return [
    ...[...inHeader].filter((key) => !inIndex.has(key)).map((key) => `not in the index: ${key}`),
    ...[...inIndex].filter((key) => !inHeader.has(key)).map((key) => `not in the header: ${key}`),
  ];
}
