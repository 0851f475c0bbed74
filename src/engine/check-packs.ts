/** Reads packs in full: name, every blob, header, and that header and index agree. */

import { messageOf, SealiftError } from '../base/errors.ts';
import { parseSize } from '../base/units.ts';
import { type PackId, storageId } from '../repository/ids.ts';
import { openBlob, type PackEntry, readPackHeader } from '../repository/pack.ts';
import type { CheckFindings } from './check-report.ts';
import { isDamage } from './load-blob.ts';
import type { IndexedRepository } from './open.ts';
import { forEachParallel } from './parallel.ts';

/** Which packs to read. */
export type PackSubset =
  | { readonly kind: 'all' }
  /** Packs whose first byte of the id modulo `total` is `part` - 1. */
  | { readonly kind: 'part'; readonly part: number; readonly total: number }
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'bytes'; readonly bytes: number };

const maxParts = 256;

/**
 * Reads `n/t`, `x%` or a size.
 * @throws SealiftError 'usage/invalid'
 */
export function parsePackSubset(text: string): PackSubset {
  const [, part, total] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (part !== undefined && total !== undefined) {
    const subset = { kind: 'part', part: Number(part), total: Number(total) } as const;
    const isValid = subset.part >= 1 && subset.part <= subset.total && subset.total <= maxParts;
    if (isValid) return subset;
  }
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  if (percent !== undefined && Number(percent) > 0 && Number(percent) <= 100) {
    return { kind: 'percent', percent: Number(percent) };
  }
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes > 0) return { kind: 'bytes', bytes };
  throw new SealiftError('usage/invalid', `'${text}' names no subset of packs`, {
    hint: 'use n/t (up to 256 parts), a share such as 2.5%, or a size such as 500M',
    fields: { value: text },
  });
}

/**
 * The packs of a subset. Shares and sizes take packs at random, at least one.
 * @param random a number in [0, 1)
 */
export function choosePacks(
  sizes: ReadonlyMap<PackId, number>,
  subset: PackSubset,
  random: () => number,
): PackId[] {
  const ids = [...sizes.keys()].sort();
  switch (subset.kind) {
    case 'all':
      return ids;
    case 'part':
      return ids.filter(
        (id) => Number.parseInt(id.slice(0, 2), 16) % subset.total === subset.part - 1,
      );
    case 'percent':
      return shuffle(ids, random).slice(0, Math.max(1, (ids.length * subset.percent) / 100));
    case 'bytes': {
      let left = subset.bytes;
      return shuffle(ids, random).filter((id) => {
        if (left <= 0) return false;
        left -= sizes.get(id) ?? 0;
        return true;
      });
    }
  }
}

/** Fisher–Yates. */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [shuffled[last], shuffled[other]];
    if (a === undefined || b === undefined) continue;
    shuffled[last] = b;
    shuffled[other] = a;
  }
  return shuffled;
}

/** Packs are held whole while they are checked. */
const maxBytesInFlight = 128 * 1024 * 1024;

export interface PackProgress {
  readonly packsDone: number;
  readonly packsTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** @returns how many packs and bytes were read */
export async function checkPacks(
  repo: IndexedRepository,
  chosen: readonly PackId[],
  options: {
    readonly sizes: ReadonlyMap<PackId, number>;
    readonly findings: CheckFindings;
    readonly onProgress: ((progress: PackProgress) => void) | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<{ packsRead: number; bytesRead: number }> {
  const { sizes, findings, onProgress, signal } = options;
  const sizeOf = (id: PackId): number => sizes.get(id) ?? 0;
  const bytesTotal = chosen.reduce((sum, id) => sum + sizeOf(id), 0);
  const largest = chosen.reduce((max, id) => Math.max(max, sizeOf(id)), 1);
  const atOnce = Math.floor(maxBytesInFlight / largest);
  let packsRead = 0;
  let bytesRead = 0;
  await forEachParallel(
    chosen,
    Math.max(1, Math.min(repo.backend.connections, atOnce)),
    async (id) => {
      await checkPack(repo, id, findings, signal);
      packsRead += 1;
      bytesRead += sizeOf(id);
      onProgress?.({
        packsDone: packsRead,
        packsTotal: chosen.length,
        bytesDone: bytesRead,
        bytesTotal,
      });
    },
    signal,
  );
  return { packsRead, bytesRead };
}

interface PackFaults {
  readonly faults: string[];
  readonly lost: PackEntry[];
}

/** A pack with a fault is read a second time, because the transfer may be at fault. */
async function checkPack(
  repo: IndexedRepository,
  id: PackId,
  findings: CheckFindings,
  signal: AbortSignal | undefined,
): Promise<void> {
  let result = await readAndCheck(repo, id, signal);
  if (result.faults.length > 0) result = await readAndCheck(repo, id, signal);
  if (result.faults.length === 0) return;
  findings.addBrokenPack(id);
  for (const blob of result.lost) findings.addLostCopy(id, blob.id);
  const [first = '', ...more] = result.faults;
  const rest = more.length > 0 ? ` (and ${more.length} more faults)` : '';
  findings.add('pack-damaged', 'pack', id, `pack ${id} is damaged: ${first}${rest}`);
}

async function readAndCheck(
  repo: IndexedRepository,
  id: PackId,
  signal: AbortSignal | undefined,
): Promise<PackFaults> {
  const indexed = repo.index.blobsOf(id);
  try {
    const bytes = await repo.backend.load({ type: 'data', name: id }, undefined, signal);
    return await checkBytes(repo, id, bytes, indexed);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { faults: [messageOf(error)], lost: indexed };
  }
}

async function checkBytes(
  repo: IndexedRepository,
  id: PackId,
  bytes: Uint8Array,
  indexed: readonly PackEntry[],
): Promise<PackFaults> {
  const faults: string[] = [];
  const lost: PackEntry[] = [];
  const found = storageId(bytes);
  if (found !== id) faults.push(`its content has the SHA-256 ${found}`);
  for (const blob of indexed) {
    try {
      openBlob(repo.key, bytes.subarray(blob.offset, blob.offset + blob.length), blob);
    } catch (error) {
      if (!isDamage(error)) throw error;
      lost.push(blob);
      faults.push(`${blob.type} blob ${blob.id}: ${messageOf(error)}`);
    }
  }
  try {
    const header = await readPackHeader(repo.key, bytes.byteLength, async (offset, length) =>
      bytes.subarray(offset, offset + length),
    );
    faults.push(...compareHeader(header, indexed));
  } catch (error) {
    if (!isDamage(error)) throw error;
    faults.push(`its header: ${messageOf(error)}`);
  }
  return { faults, lost };
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
