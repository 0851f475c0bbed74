/** When somebody has to make room: of a quota, and of the storage itself. */

import type { ReadFacts } from './read-facts.ts';

const fullShare = 0.9;

export function isQuotaFull(usedBytes: number, quotaBytes: number): boolean {
  return usedBytes >= quotaBytes * fullShare;
}

/** What is free against what repositories hold and could hold; undefined while there is room. */
export function storageFull(
  storage: ReadFacts['storage'],
): { readonly usedBytes: number; readonly freeBytes: number } | undefined {
  if (storage === undefined) return undefined;
  const { usedBytes, freeBytes } = storage;
  return usedBytes >= (usedBytes + freeBytes) * fullShare ? { usedBytes, freeBytes } : undefined;
}
