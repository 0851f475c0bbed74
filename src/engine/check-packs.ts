/** Reads packs in full: name, every blob, header, and that header and index agree. */

import { messageOf, SealiftError } from '../base/errors.ts';
import { parseSize } from '../base/units.ts';
import type { PackId } from '../repository/ids.ts';
import { tableOfPack } from './blob-table.ts';
import type { CheckFindings } from './check-report.ts';
import { isDamage } from './load-blob.ts';
import type { IndexedRepository } from './open.ts';
import { forEachParallel } from './parallel.ts';
import { PackPool } from './workers/pack-pool.ts';
import { type BlobTable, type CheckAnswer, idOf } from './workers/pack-protocol.ts';

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

/** Of packs that are fetched for the workers; those of a local repository are not held. */
const maxBytesInFlight = 64 * 1024 * 1024;

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
  const numbers = new Map(Array.from(repo.index.packIds(), (id, number) => [id, number]));
  const largest = chosen.reduce((max, id) => Math.max(max, sizeOf(id)), 1);
  const pool = new PackPool(repo);
  const atOnce = repo.backend.pathOf ? pool.concurrency : Math.floor(maxBytesInFlight / largest);
  let packsRead = 0;
  let bytesRead = 0;
  try {
    await forEachParallel(
      chosen,
      Math.max(1, Math.min(pool.concurrency, atOnce)),
      async (id) => {
        const number = numbers.get(id);
        if (number === undefined) throw new RangeError(`pack ${id} is in no index`);
        await checkPack(repo, pool, { id, number, size: sizeOf(id) }, findings, signal);
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
  } finally {
    await pool.close();
  }
  return { packsRead, bytesRead };
}

interface StoredPack {
  readonly id: PackId;
  /** In the index. */
  readonly number: number;
  /** Of the file. */
  readonly size: number;
}

/** A pack with a fault is read a second time, because the transfer may be at fault. */
async function checkPack(
  repo: IndexedRepository,
  pool: PackPool,
  pack: StoredPack,
  findings: CheckFindings,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { id, number } = pack;
  const blobs = tableOfPack(repo.index, number);
  let { faults, lost } = await readAndCheck(pool, pack, blobs, signal);
  if (faults.length > 0) ({ faults, lost } = await readAndCheck(pool, pack, blobs, signal));
  if (faults.length === 0) return;
  findings.addBrokenPack(id);
  for (const at of lost) findings.addLostCopy(id, idOf(blobs, at));
  const [first = '', ...more] = faults;
  const rest = more.length > 0 ? ` (and ${more.length} more faults)` : '';
  findings.add('pack-damaged', 'pack', id, `pack ${id} is damaged: ${first}${rest}`);
}

async function readAndCheck(
  pool: PackPool,
  { id, size }: StoredPack,
  blobs: BlobTable,
  signal: AbortSignal | undefined,
): Promise<CheckAnswer> {
  try {
    const whole = { offset: 0, length: size };
    return await pool.run({ kind: 'check', packId: id, blobs }, id, whole, signal);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { faults: [messageOf(error)], lost: Array.from({ length: blobs.count }, (_, at) => at) };
  }
}
