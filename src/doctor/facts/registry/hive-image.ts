/**
 * A hive file's bytes as the running system would see them: the transaction logs replayed in memory.
 *
 * | offset | size | field of the base block (4096 bytes, little-endian) |
 * | --- | --- | --- |
 * | 0 | 4 | `regf` |
 * | 4, 8 | 4, 4 | primary and secondary sequence number, equal when clean |
 * | 12 | 8 | last written, FILETIME |
 * | 20, 24 | 4, 4 | major, minor version |
 * | 28 | 4 | file type: 0 hive, 1 or 2 old log, 6 new log |
 * | 36 | 4 | offset of the root cell, from the end of the base block |
 * | 40 | 4 | size of the hive bins |
 * | 508 | 4 | XOR of the 32-bit words before it |
 *
 * The input is only read. Source: the regf format as described by M. Suhanov.
 */

import { marvin32 } from './marvin32.ts';

export const baseBlockBytes = 4096;
const checksumOffset = 508;
const sectorBytes = 512;
const newLogType = 6;
/** A hive larger than this is refused: Windows itself stops at 2 GiB, and we hold it in memory. */
export const maxHiveBytes = 1024 ** 3;

export interface HiveImage {
  /** Base block and hive bins, logs replayed. */
  readonly bytes: Uint8Array;
  readonly rootOffset: number;
  readonly minorVersion: number;
  /** What was found wrong or noteworthy, in the order found. */
  readonly notes: readonly HiveNote[];
}

export type HiveNote =
  | { readonly kind: 'replayed'; readonly entries: number }
  | { readonly kind: 'dirty-without-log' }
  | { readonly kind: 'bad-checksum' }
  | { readonly kind: 'shorter-than-declared'; readonly declared: number; readonly found: number }
  | { readonly kind: 'log-ignored'; readonly log: number; readonly why: string };

export type HiveProblem =
  | { readonly kind: 'not-a-hive' }
  | { readonly kind: 'too-short'; readonly size: number }
  | { readonly kind: 'too-large'; readonly size: number }
  | { readonly kind: 'is-a-log' };

interface BaseBlock {
  readonly primary: number;
  readonly secondary: number;
  readonly writtenLow: number;
  readonly writtenHigh: number;
  readonly minor: number;
  readonly fileType: number;
  readonly root: number;
  readonly binsSize: number;
  readonly clustering: number;
  readonly checksumRight: boolean;
}

/** True when the bytes begin like a hive; says nothing about the rest. */
export function looksLikeHive(bytes: Uint8Array): boolean {
  return (
    bytes.length >= sectorBytes &&
    bytes[0] === 0x72 &&
    bytes[1] === 0x65 &&
    bytes[2] === 0x67 &&
    bytes[3] === 0x66
  );
}

/**
 * @param primary the hive file; borrowed, never changed
 * @param logs its `.LOG`, `.LOG1`, `.LOG2`, those that exist; borrowed
 */
export function openHiveImage(
  primary: Uint8Array,
  logs: readonly Uint8Array[] = [],
): HiveImage | HiveProblem {
  if (primary.length > maxHiveBytes) return { kind: 'too-large', size: primary.length };
  if (!looksLikeHive(primary)) {
    return primary.length < sectorBytes
      ? { kind: 'too-short', size: primary.length }
      : { kind: 'not-a-hive' };
  }
  const base = readBaseBlock(primary);
  if (base.fileType !== 0) return { kind: 'is-a-log' };
  if (primary.length < baseBlockBytes) return { kind: 'too-short', size: primary.length };
  const notes: HiveNote[] = [];
  if (!base.checksumRight) notes.push({ kind: 'bad-checksum' });
  const dirty = !base.checksumRight || base.primary !== base.secondary;
  const replayed = dirty ? replay(primary, base, logs, notes) : undefined;
  if (dirty && replayed === undefined) notes.push({ kind: 'dirty-without-log' });
  const bytes = replayed ?? primary;
  const final = readBaseBlock(bytes);
  const declared = baseBlockBytes + final.binsSize;
  if (bytes.length < declared) {
    notes.push({ kind: 'shorter-than-declared', declared, found: bytes.length });
  }
  return {
    bytes: bytes.subarray(0, Math.min(bytes.length, declared)),
    rootOffset: final.root,
    minorVersion: final.minor,
    notes,
  };
}

function readBaseBlock(bytes: Uint8Array): BaseBlock {
  const view = viewOf(bytes);
  return {
    primary: view.getUint32(4, true),
    secondary: view.getUint32(8, true),
    writtenLow: view.getUint32(12, true),
    writtenHigh: view.getUint32(16, true),
    minor: view.getUint32(24, true),
    fileType: view.getUint32(28, true),
    root: view.getUint32(36, true),
    binsSize: view.getUint32(40, true),
    clustering: view.getUint32(44, true),
    checksumRight: view.getUint32(checksumOffset, true) === checksum(view),
  };
}

function checksum(view: DataView): number {
  let sum = 0;
  for (let offset = 0; offset < checksumOffset; offset += 4) sum ^= view.getUint32(offset, true);
  sum >>>= 0;
  return sum === 0xffffffff ? 0xfffffffe : sum === 0 ? 1 : sum;
}

interface Log {
  readonly bytes: Uint8Array;
  readonly base: BaseBlock;
}

/** The hive with its logs applied, or undefined when no log has anything to apply. */
function replay(
  primary: Uint8Array,
  base: BaseBlock,
  files: readonly Uint8Array[],
  notes: HiveNote[],
): Uint8Array | undefined {
  const logs: Log[] = [];
  files.forEach((bytes, log) => {
    if (bytes.length < sectorBytes) return; // An empty log is usual.
    if (!looksLikeHive(bytes)) {
      notes.push({ kind: 'log-ignored', log, why: 'no regf signature' });
      return;
    }
    const logBase = readBaseBlock(bytes);
    if (!logBase.checksumRight) notes.push({ kind: 'log-ignored', log, why: 'wrong checksum' });
    else logs.push({ bytes, base: logBase });
  });
  const newLogs = logs.filter((log) => log.base.fileType === newLogType);
  if (newLogs.length > 0) return replayNew(primary, base, newLogs, notes);
  for (const log of logs) {
    const image = replayOld(primary, base, log, notes);
    if (image !== undefined) return image;
  }
  return undefined;
}

interface Entry {
  readonly sequence: number;
  readonly binsSize: number;
  readonly pages: readonly { readonly offset: number; readonly content: Uint8Array }[];
}

function replayNew(
  primary: Uint8Array,
  base: BaseBlock,
  logs: readonly Log[],
  notes: HiveNote[],
): Uint8Array | undefined {
  const chains = logs
    .map((log) => ({ log, entries: [...readEntries(log.bytes, log.base.primary)] }))
    .filter((chain) => chain.entries.length > 0)
    .sort((a, b) => a.log.base.primary - b.log.base.primary);
  // With a torn base block only the log with the latest entries can be trusted to fit.
  const usable = base.checksumRight ? chains : chains.slice(-1);
  const image = new GrowingImage(primary);
  let applied = 0;
  let next: number | undefined;
  for (const { entries } of usable) {
    const [first] = entries;
    if (first === undefined) continue;
    if (base.checksumRight && first.sequence < base.secondary && !covers(entries, base.secondary))
      continue;
    if (next !== undefined && first.sequence !== next) break;
    for (const entry of entries) {
      if (base.checksumRight && entry.sequence < base.secondary) continue;
      image.apply(entry);
      applied += 1;
      next = entry.sequence + 1;
    }
  }
  if (applied === 0) return undefined;
  const baseOfLog = base.checksumRight ? undefined : usable[0]?.log.bytes.subarray(0, sectorBytes);
  notes.push({ kind: 'replayed', entries: applied });
  return image.finish(baseOfLog);
}

function covers(entries: readonly Entry[], sequence: number): boolean {
  return entries.some((entry) => entry.sequence >= sequence);
}

/** The valid entries of a new-format log, in order, up to the first one that is not. */
function* readEntries(log: Uint8Array, firstSequence: number): Generator<Entry> {
  const view = viewOf(log);
  let offset = sectorBytes;
  let sequence = firstSequence;
  while (offset + 40 <= log.length && view.getUint32(offset, false) === 0x48764c45 /* HvLE */) {
    const size = view.getUint32(offset + 4, true);
    if (size < sectorBytes || size % sectorBytes !== 0 || offset + size > log.length) return;
    const entry = log.subarray(offset, offset + size);
    if (view.getUint32(offset + 12, true) !== sequence) return;
    if (view.getBigUint64(offset + 24, true) !== marvin32(entry.subarray(40))) return;
    if (view.getBigUint64(offset + 32, true) !== marvin32(entry.subarray(0, 32))) return;
    const pages = readPages(entry);
    if (pages === undefined) return;
    yield { sequence, binsSize: view.getUint32(offset + 16, true), pages };
    sequence = (sequence + 1) >>> 0;
    offset += size;
  }
}

function readPages(entry: Uint8Array): Entry['pages'] | undefined {
  const view = viewOf(entry);
  const count = view.getUint32(20, true);
  if (40 + count * 8 > entry.length) return undefined;
  const pages: { offset: number; content: Uint8Array }[] = [];
  let at = 40 + count * 8;
  for (let i = 0; i < count; i += 1) {
    const offset = view.getUint32(40 + i * 8, true);
    const size = view.getUint32(44 + i * 8, true);
    if (at + size > entry.length || offset + size > maxHiveBytes) return undefined;
    pages.push({ offset, content: entry.subarray(at, at + size) });
    at += size;
  }
  return pages;
}

/** Vista to 8 (and `.LOG` of XP): a bitmap of dirty 512-byte pages, then the pages. */
function replayOld(
  primary: Uint8Array,
  base: BaseBlock,
  log: Log,
  notes: HiveNote[],
): Uint8Array | undefined {
  const { bytes, base: logBase } = log;
  if (logBase.primary !== logBase.secondary) return undefined;
  const sameTime =
    logBase.writtenLow === base.writtenLow && logBase.writtenHigh === base.writtenHigh;
  if (base.checksumRight && !sameTime) return undefined;
  const start = Math.max(1, logBase.clustering) * sectorBytes;
  const bitmapBytes = Math.ceil(logBase.binsSize / sectorBytes / 8);
  const view = viewOf(bytes);
  if (start + 4 + bitmapBytes > bytes.length || view.getUint32(start, false) !== 0x44495254) {
    return undefined; // no DIRT
  }
  let at = Math.ceil((start + 4 + bitmapBytes) / sectorBytes) * sectorBytes;
  const image = new GrowingImage(primary);
  const pages: { offset: number; content: Uint8Array }[] = [];
  for (let page = 0; page < bitmapBytes * 8; page += 1) {
    const bits = bytes[start + 4 + (page >>> 3)] ?? 0;
    if ((bits & (1 << (page & 7))) === 0) continue;
    if (at + sectorBytes > bytes.length) return undefined;
    pages.push({ offset: page * sectorBytes, content: bytes.subarray(at, at + sectorBytes) });
    at += sectorBytes;
  }
  if (pages.length === 0) return undefined;
  image.apply({ sequence: logBase.primary, binsSize: logBase.binsSize, pages });
  notes.push({ kind: 'replayed', entries: 1 });
  return image.finish(bytes.subarray(0, sectorBytes));
}

/** A copy of the hive that entries are applied to; the primary's own bytes stay as they are. */
class GrowingImage {
  #bytes: Uint8Array;
  #binsSize: number;

  constructor(primary: Uint8Array) {
    this.#bytes = primary.slice();
    this.#binsSize = viewOf(primary).getUint32(40, true);
  }

  apply(entry: Entry): void {
    this.#binsSize = Math.min(entry.binsSize, maxHiveBytes);
    for (const { offset, content } of entry.pages) {
      this.#reserve(baseBlockBytes + offset + content.length);
      this.#bytes.set(content, baseBlockBytes + offset);
    }
  }

  /** @param base the 512 bytes that take the base block's place, when it was torn or is older */
  finish(base: Uint8Array | undefined): Uint8Array {
    if (base !== undefined) {
      const minorAndRoot = base.slice();
      viewOf(minorAndRoot).setUint32(28, 0, true);
      this.#bytes.set(minorAndRoot, 0);
    }
    viewOf(this.#bytes).setUint32(40, this.#binsSize, true);
    return this.#bytes.subarray(0, Math.min(this.#bytes.length, baseBlockBytes + this.#binsSize));
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(size, baseBlockBytes + this.#binsSize));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
