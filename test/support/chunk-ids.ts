import { createHash } from 'node:crypto';
import { Chunker } from '../../src/repository/chunker.ts';
import type { Polynomial } from '../../src/repository/polynomial.ts';

/** Ids of a content's chunks, in lower-case hexadecimal. */
export function chunkIds(content: Uint8Array, polynomial: Polynomial): string[] {
  const chunker = new Chunker(polynomial);
  const ids: string[] = [];
  for (let start = 0; start < content.length; ) {
    const cut = chunker.next(content.subarray(start));
    const end = cut < 0 ? content.length : start + cut;
    ids.push(createHash('sha256').update(content.subarray(start, end)).digest('hex'));
    start = end;
  }
  return ids;
}
