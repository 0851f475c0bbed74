/** Opens trees and names what they refer to. */

import { idBytes } from '../../repository/ids.ts';
import { ReferenceScanner } from '../../repository/reference-scanner.ts';
import { isDamage } from '../load-blob.ts';
import type { BlobOpener } from './blob-opener.ts';
import type { PackJobOf, ReferenceAnswer } from './pack-protocol.ts';
import type { SealedRange } from './sealed-range.ts';

export function findReferences(
  { blobs }: PackJobOf<'references'>,
  range: SealedRange,
  opener: BlobOpener,
): ReferenceAnswer {
  const trees = new IdList();
  const data = new IdList();
  const lost: number[] = [];
  for (let at = 0; at < blobs.count; at += 1) {
    try {
      const sealed = range.blob(blobs.offsets[at] ?? 0, blobs.lengths[at] ?? 0);
      const nodes = new ReferenceScanner(opener.open(sealed, blobs, at));
      while (nodes.next()) {
        if (nodes.subtree !== undefined) trees.add(nodes.subtree);
        for (let blob = 0; blob < nodes.contentCount; blob += 1) data.add(nodes.contentId(blob));
      }
    } catch (error) {
      // What was read of it until then is in use all the same.
      if (!isDamage(error)) throw error;
      lost.push(at);
    }
  }
  return { trees: trees.bytes(), data: data.bytes(), lost };
}

/** Ids one after the other in one buffer. */
class IdList {
  #bytes = new Uint8Array(64 * idBytes);
  #size = 0;

  add(id: Uint8Array): void {
    if (this.#size === this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(id, this.#size);
    this.#size += idBytes;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#size);
  }
}
