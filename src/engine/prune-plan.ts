/**
 * What a prune does with each pack: keep it, move what is in use to new packs, or remove it. Pure: it
 * decides by the index, the blobs in use and the sizes of the packs. The rules are restic's.
 */

import { SealiftError } from '../base/errors.ts';
import { parseSize } from '../base/units.ts';
import type { BlobIndex } from '../repository/blob-index.ts';
import type { RepositoryVersion } from '../repository/config.ts';
import type { PackId } from '../repository/ids.ts';
import { packEntrySize, packHeaderSize } from '../repository/pack.ts';

export interface PruneLimits {
  /** Unused bytes that may stay, given those in use. */
  readonly maxUnusedBytes: (usedBytes: number) => number;
  /** Bytes of packs to read and write anew; none or a limit. */
  readonly maxRepackBytes?: number | undefined;
  /** Packs of data stay as they are unless nothing in them is in use. */
  readonly cacheableOnly?: boolean | undefined;
  /** Packs below this size count as small; by the sizes that are there when left out. */
  readonly smallerThanBytes?: number | undefined;
  /** Packs with data that is not compressed are written anew. */
  readonly uncompressed?: boolean | undefined;
}

export interface PruneInput {
  readonly index: BlobIndex;
  /** As {@link References.used}. */
  readonly used: Uint8Array;
  /** The pack files that are there, with their sizes. */
  readonly packSizes: ReadonlyMap<PackId, number>;
  readonly version: RepositoryVersion;
  readonly limits: PruneLimits;
}

export interface PrunePlan {
  /** In no index: they can go first. */
  readonly unindexed: readonly PackId[];
  /** Nothing in them is in use. */
  readonly unused: readonly PackId[];
  /** In the index but not there; nothing in them is in use. */
  readonly missing: readonly PackId[];
  /** Their blobs in use go to new packs. By number in the index. */
  readonly repacked: readonly number[];
  /** By location number: 1 for what goes to a new pack. Each blob is moved from one place. */
  readonly moved: Uint8Array;
  readonly counts: PruneCounts;
}

export interface PruneAmount {
  readonly blobs: number;
  /** In the packs; for whole packs with their headers. */
  readonly bytes: number;
}

export interface PruneCounts {
  readonly used: PruneAmount;
  /** Further copies of blobs in use. */
  readonly duplicate: PruneAmount;
  readonly unused: PruneAmount;
  /** In packs that are written anew. */
  readonly repacked: PruneAmount;
  /** Of these, what is left out. */
  readonly repackRemoved: PruneAmount;
  /** In packs that are removed as they are. */
  readonly removed: PruneAmount;
  /** Of packs in no index. */
  readonly unindexedBytes: number;
  /** Of kept packs with blobs that are not compressed; 0 in version 1. */
  readonly uncompressedBytes: number;
  readonly packs: {
    readonly kept: number;
    readonly repacked: number;
    readonly removed: number;
    readonly unindexed: number;
    readonly missing: number;
  };
}

/**
 * Reads `5%`, `200M` or `unlimited`.
 * @throws SealiftError 'usage/invalid'
 */
export function parseMaxUnused(text: string): PruneLimits['maxUnusedBytes'] {
  if (text === 'unlimited') return () => Number.POSITIVE_INFINITY;
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const share = Number(percent);
  // The share is of all that remains, so that 50 % is as much again as is in use.
  if (percent !== undefined && share < 100) return (used) => (share / (100 - share)) * used;
  const bytes = parseSize(text);
  if (percent === undefined && bytes !== undefined) return () => bytes;
  throw new SealiftError('usage/invalid', `'${text}' says not how much unused data may stay`, {
    hint: "give a share below 100 % such as 5%, a size such as 200M, or 'unlimited'",
    fields: { value: text },
  });
}

/** Fewer small packs than these are not worth the trouble, and a single one would be written for ever. */
const minSmallPacks = 10;
/** Smallest target size of packs. */
const minPackBytes = 4 * 1024 * 1024;
/** A pack may be so much smaller than others without counting as small. */
const smallShare = 0.8;
/** Of the packs by size: so few are small at most. */
const smallPercentile = 3;
/** Copies of a blob are counted up to here; more only make the choice less good. */
const maxCopies = 255;

const kinds = { empty: 0, data: 1, tree: 2, mixed: 3 } as const;

/** What is known of each pack, by number. */
interface Packs {
  readonly count: number;
  readonly kind: Uint8Array;
  readonly isUncompressed: Uint8Array;
  readonly usedBlobs: Uint32Array;
  readonly unusedBlobs: Uint32Array;
  readonly duplicateBlobs: Uint32Array;
  /** With the header, which stays as long as the pack does. */
  readonly usedBytes: Float64Array;
  readonly unusedBytes: Float64Array;
}

/**
 * @throws SealiftError 'prune/refused' when a pack with blobs in use is missing or has another size than
 *   the index says
 */
export function planPrune(input: PruneInput): PrunePlan {
  const firsts = firstLocations(input.index);
  const totals = new Totals();
  const packs = measurePacks(input, firsts, totals);
  const sorted = sortPacks(input, packs, totals);
  const repacked = chooseRepacked(input, packs, sorted, totals);
  const { unindexed, unused, missing } = sorted;
  const gone = new Uint8Array(packs.count);
  for (const pack of [...unused, ...missing, ...repacked]) gone[pack] = 1;
  const moved = chooseMoved(input, firsts, gone, repacked);
  const idOf = (pack: number): PackId => input.index.packIdOf(pack);
  return {
    unindexed,
    unused: unused.map(idOf),
    missing: missing.map(idOf),
    repacked,
    moved,
    counts: totals.counts({
      kept: packs.count - unused.length - missing.length - repacked.length,
      repacked: repacked.length,
      removed: unused.length,
      unindexed: unindexed.length,
      missing: missing.length,
    }),
  };
}

/** For each location the first one of the same blob. */
function firstLocations(index: BlobIndex): Uint32Array {
  const firsts = new Uint32Array(index.locationCount);
  for (let at = 0; at < firsts.length; at += 1) firsts[at] = index.firstNumber(at);
  return firsts;
}

class Amount {
  blobs = 0;
  bytes = 0;

  add(blobs: number, bytes: number): void {
    this.blobs += blobs;
    this.bytes += bytes;
  }

  plain(): PruneAmount {
    return { blobs: this.blobs, bytes: this.bytes };
  }
}

class Totals {
  readonly used = new Amount();
  readonly duplicate = new Amount();
  readonly unused = new Amount();
  readonly repacked = new Amount();
  readonly repackRemoved = new Amount();
  readonly removed = new Amount();
  unindexedBytes = 0;
  uncompressedBytes = 0;

  /** Of what stays if nothing more is done. */
  get unusedAfter(): number {
    const { duplicate, unused, removed, repackRemoved } = this;
    return duplicate.bytes + unused.bytes - removed.bytes - repackRemoved.bytes;
  }

  counts(packs: PruneCounts['packs']): PruneCounts {
    return {
      used: this.used.plain(),
      duplicate: this.duplicate.plain(),
      unused: this.unused.plain(),
      repacked: this.repacked.plain(),
      repackRemoved: this.repackRemoved.plain(),
      removed: this.removed.plain(),
      unindexedBytes: this.unindexedBytes,
      uncompressedBytes: this.uncompressedBytes,
      packs,
    };
  }
}

function measurePacks({ index, used }: PruneInput, firsts: Uint32Array, totals: Totals): Packs {
  const count = index.packCount;
  const packs: Packs = {
    count,
    kind: new Uint8Array(count),
    isUncompressed: new Uint8Array(count),
    usedBlobs: new Uint32Array(count),
    unusedBlobs: new Uint32Array(count),
    duplicateBlobs: new Uint32Array(count),
    usedBytes: new Float64Array(count).fill(packHeaderSize([])),
    unusedBytes: new Float64Array(count),
  };
  const copies = countCopies(used, firsts);
  let hasDuplicates = false;
  for (let at = 0; at < firsts.length; at += 1) {
    const pack = index.packNumber(at);
    const size = index.lengthOf(at);
    const uncompressedLength = index.uncompressedLengthOf(at);
    const kind = index.isTree(at) ? kinds.tree : kinds.data;
    if (packs.kind[pack] === kinds.empty) packs.kind[pack] = kind;
    else if (packs.kind[pack] !== kind) packs.kind[pack] = kinds.mixed;
    if (uncompressedLength === 0) packs.isUncompressed[pack] = 1;
    add(packs.usedBytes, pack, packEntrySize({ uncompressedLength }));
    const copy = copies[firsts[at] ?? 0] ?? 0;
    if (copy === 1) {
      add(packs.usedBlobs, pack, 1);
      add(packs.usedBytes, pack, size);
      totals.used.add(1, size);
      continue;
    }
    add(packs.unusedBlobs, pack, 1);
    add(packs.unusedBytes, pack, size);
    if (copy === 0) totals.unused.add(1, size);
    else {
      // Unused for now; below one copy of each is chosen.
      hasDuplicates = true;
      add(packs.duplicateBlobs, pack, 1);
      totals.duplicate.add(1, size);
    }
  }
  if (hasDuplicates) chooseCopies(index, firsts, copies, packs, totals);
  return packs;
}

function add(list: Uint32Array | Float64Array, at: number, amount: number): void {
  list[at] = (list[at] ?? 0) + amount;
}

/** By first location: how many copies the index has of a blob in use; 0 for one that is not in use. */
function countCopies(used: Uint8Array, firsts: Uint32Array): Uint8Array {
  const copies = new Uint8Array(firsts.length);
  for (const first of firsts) {
    if (used[first] === 1) copies[first] = Math.min(maxCopies, (copies[first] ?? 0) + 1);
  }
  return copies;
}

/**
 * One copy of each blob counts as in use: one in a pack with other blobs in use, or in a pack of nothing
 * but duplicates, which an interrupted prune leaves; else the last one.
 */
function chooseCopies(
  index: BlobIndex,
  firsts: Uint32Array,
  copies: Uint8Array,
  packs: Packs,
  totals: Totals,
): void {
  const isOpen = Uint8Array.from(copies, (count) => (count > 1 ? 1 : 0));
  for (let at = 0; at < firsts.length; at += 1) {
    const first = firsts[at] ?? 0;
    if (isOpen[first] !== 1) continue;
    const pack = index.packNumber(at);
    const left = copies[first] ?? 0;
    const isBeside = (packs.usedBlobs[pack] ?? 0) > 0;
    const isOnlyDuplicates = packs.duplicateBlobs[pack] === packs.unusedBlobs[pack];
    if (left > 1 && !isBeside && !isOnlyDuplicates) {
      copies[first] = left - 1;
      continue;
    }
    const size = index.lengthOf(at);
    isOpen[first] = 0;
    add(packs.usedBlobs, pack, 1);
    add(packs.usedBytes, pack, size);
    add(packs.unusedBlobs, pack, -1);
    add(packs.unusedBytes, pack, -size);
    totals.used.add(1, size);
    totals.duplicate.add(-1, -size);
  }
}

interface SortedPacks {
  readonly unindexed: readonly PackId[];
  /** By number, as the others. */
  readonly unused: readonly number[];
  readonly missing: readonly number[];
  /** They may be written anew; the first ones are worth it most. */
  readonly candidates: readonly number[];
  /** Smaller packs count as small. */
  readonly smallBytes: number;
}

function sortPacks(input: PruneInput, packs: Packs, totals: Totals): SortedPacks {
  const { index, packSizes, limits } = input;
  const smallBytes = limits.smallerThanBytes ?? usualSmallBytes(packs);
  const unindexed: PackId[] = [];
  for (const [id, size] of packSizes) {
    if (index.hasPack(id)) continue;
    unindexed.push(id);
    totals.unindexedBytes += size;
  }
  const unused: number[] = [];
  const missing: number[] = [];
  const small: number[] = [];
  const candidates: number[] = [];
  for (let pack = 0; pack < packs.count; pack += 1) {
    const size = packSizes.get(index.packIdOf(pack));
    if (packs.usedBlobs[pack] === 0) {
      (size === undefined ? missing : unused).push(pack);
      totals.removed.add(packs.unusedBlobs[pack] ?? 0, packs.unusedBytes[pack] ?? 0);
      continue;
    }
    requireSize(index.packIdOf(pack), sizeOf(packs, pack), size);
    if (packs.isUncompressed[pack] === 1 && input.version > 1) {
      totals.uncompressedBytes += sizeOf(packs, pack);
    }
    if (limits.cacheableOnly && packs.kind[pack] === kinds.data) continue;
    const isWhole = packs.unusedBlobs[pack] === 0 && packs.kind[pack] !== kinds.mixed;
    if (!isWhole || mustCompress(input, packs, pack)) candidates.push(pack);
    else if (sizeOf(packs, pack) < smallBytes) small.push(pack);
  }
  if (small.length >= minSmallPacks) candidates.push(...small);
  candidates.sort(
    (a, b) =>
      Number(packs.kind[a] === kinds.data) - Number(packs.kind[b] === kinds.data) ||
      Number(sizeOf(packs, a) >= smallBytes) - Number(sizeOf(packs, b) >= smallBytes) ||
      unusedShare(packs, b) - unusedShare(packs, a) ||
      a - b,
  );
  return { unindexed, unused, missing, candidates, smallBytes };
}

function sizeOf({ usedBytes, unusedBytes }: Packs, pack: number): number {
  return (usedBytes[pack] ?? 0) + (unusedBytes[pack] ?? 0);
}

function unusedShare(packs: Packs, pack: number): number {
  return (packs.unusedBytes[pack] ?? 0) / sizeOf(packs, pack);
}

function usualSmallBytes(packs: Packs): number {
  const sizes = Float64Array.from({ length: packs.count }, (_, pack) => sizeOf(packs, pack)).sort();
  const at = Math.floor((packs.count * smallPercentile) / 100);
  return Math.max(minPackBytes, sizes[at] ?? 0) * smallShare;
}

/** Version 2 wants its trees compressed; data is a matter of choice. */
function mustCompress({ version, limits }: PruneInput, packs: Packs, pack: number): boolean {
  if (version < 2 || packs.isUncompressed[pack] === 0) return false;
  return packs.kind[pack] === kinds.tree || limits.uncompressed === true;
}

function requireSize(id: PackId, expected: number, found: number | undefined): void {
  if (found === expected) return;
  const fault =
    found === undefined
      ? `pack ${id}, in which data is in use, is missing`
      : `pack ${id}, in which data is in use, has ${found} bytes, ${expected} expected`;
  throw new SealiftError('prune/refused', `${fault}; nothing was changed`, {
    hint: 'run `sealift check` to see what is affected, then `restic repair index`; prune again after that',
    fields: { pack: id, expected, ...(found === undefined ? {} : { found }) },
  });
}

/** Packs are taken until the unused data that stays is within its limit. */
function chooseRepacked(
  input: PruneInput,
  packs: Packs,
  { candidates, smallBytes }: SortedPacks,
  totals: Totals,
): number[] {
  const { maxUnusedBytes, maxRepackBytes = Number.POSITIVE_INFINITY } = input.limits;
  const limit = maxUnusedBytes(totals.used.bytes);
  const chosen: number[] = [];
  for (const pack of candidates) {
    const size = sizeOf(packs, pack);
    if (totals.repacked.bytes + size >= maxRepackBytes) continue;
    // Trees, mixed packs, small ones and what must be compressed are not a matter of unused data.
    const isOnlyForSpace =
      packs.kind[pack] === kinds.data && !mustCompress(input, packs, pack) && size >= smallBytes;
    if (isOnlyForSpace && totals.unusedAfter < limit) continue;
    chosen.push(pack);
    const unusedBlobs = packs.unusedBlobs[pack] ?? 0;
    totals.repacked.add((packs.usedBlobs[pack] ?? 0) + unusedBlobs, size);
    totals.repackRemoved.add(unusedBlobs, packs.unusedBytes[pack] ?? 0);
    if (packs.isUncompressed[pack] === 1 && input.version > 1) totals.uncompressedBytes -= size;
  }
  return chosen;
}

/**
 * One location for each blob in use that no kept pack holds.
 * @param gone by pack number: 1 if the pack does not stay
 */
function chooseMoved(
  { index, used }: PruneInput,
  firsts: Uint32Array,
  gone: Uint8Array,
  repacked: readonly number[],
): Uint8Array {
  const isPlaced = new Uint8Array(firsts.length);
  for (let at = 0; at < firsts.length; at += 1) {
    if (gone[index.packNumber(at)] === 0) isPlaced[firsts[at] ?? 0] = 1;
  }
  const moved = new Uint8Array(firsts.length);
  for (const pack of repacked) {
    for (const at of index.numbersIn(pack)) {
      const first = firsts[at] ?? 0;
      if (used[first] !== 1 || isPlaced[first] === 1) continue;
      isPlaced[first] = 1;
      moved[at] = 1;
    }
  }
  return moved;
}
