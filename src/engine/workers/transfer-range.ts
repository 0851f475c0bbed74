/** Opens the blobs of a range and seals them for new packs, of the same repository or of another. */

import type { RepositoryKey } from '../../repository/crypto.ts';
import { isDamage } from '../load-blob.ts';
import { PackBuilder } from '../pack-builder.ts';
import type { BlobOpener } from './blob-opener.ts';
import { entryOf, type PackJobOf, type TransferAnswer } from './pack-protocol.ts';
import type { SealedRange } from './sealed-range.ts';

/**
 * Every blob is verified on the way. Under the same key its sealed bytes pass as they are; under
 * another one a compressed blob keeps its zstd frame.
 * @param key of the packs that are read
 */
export function transferRange(
  { blobs, target }: PackJobOf<'transfer'>,
  range: SealedRange,
  opener: BlobOpener,
  key: RepositoryKey,
): TransferAnswer {
  const size = blobs.lengths.reduce((sum, length) => sum + length, 0);
  const settings = { ...target, key: target.key ?? key, packSizeBytes: Number.POSITIVE_INFINITY };
  const builder = new PackBuilder(settings, (needed) => new ArrayBuffer(Math.max(needed, size)));
  const lost: number[] = [];
  const moved: number[] = [];
  for (let at = 0; at < blobs.count; at += 1) {
    try {
      const entry = entryOf(blobs, at);
      const sealed = range.blob(entry.offset, entry.length);
      const { content, plaintext } = opener.openContent(sealed, blobs, at);
      const isCompressed = entry.uncompressedLength !== 0;
      const mayCompress = target.version === 2 && (target.compressesData || entry.type === 'tree');
      const isKept = isCompressed
        ? target.version === 2 && !target.recompresses
        : !mayCompress || plaintext.length === 0;
      if (!isKept) builder.add(entry.type, entry.id, plaintext);
      else if (target.key === undefined) builder.addSealed(entry, sealed);
      else builder.addContent(entry, content);
      moved.push(at);
    } catch (error) {
      if (!isDamage(error)) throw error;
      lost.push(at);
    }
  }
  const { content, entries } = builder.takeUnfinished();
  return {
    content,
    moved: Uint32Array.from(moved),
    lengths: Uint32Array.from(entries, ({ length }) => length),
    uncompressedLengths: Uint32Array.from(entries, ({ uncompressedLength }) => uncompressedLength),
    lost,
  };
}
