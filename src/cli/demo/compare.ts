/** Compares two folders entry by entry: bytes, modes, owners, times to the nanosecond, link targets. */

import { type BigIntStats, createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { compareByteStrings, decodeByteString, encodeByteString } from '../../base/byte-string.ts';

export interface Comparison {
  readonly files: number;
  readonly folders: number;
  readonly links: number;
  readonly otherEntries: number;
  /** Bytes of all files. */
  readonly bytes: bigint;
  /** One sentence for each difference; at most {@link maxEntries}. */
  readonly differences: readonly string[];
  /** Entries that somebody changed while they were being backed up, which proves nothing. */
  readonly changed: readonly string[];
}

const maxEntries = 100;

interface Tally {
  files: number;
  folders: number;
  links: number;
  otherEntries: number;
  bytes: bigint;
  differences: string[];
  changed: string[];
}

export interface CompareOptions {
  /** Leaves out an entry of both sides, by its path from the folder compared, with `/`. */
  readonly isExcluded: (relativePath: string) => boolean;
  /** Moment before the backup, ns since 1970: an entry whose status changed later is set apart. */
  readonly changedSinceNs: bigint;
  readonly signal: AbortSignal;
}

/**
 * @param source the folder that was backed up
 * @param copy the folder that was restored; nothing may be missing and nothing more may be there
 */
export async function compareFolders(
  source: string,
  copy: string,
  options: CompareOptions,
): Promise<Comparison> {
  const tally: Tally = {
    files: 0,
    folders: 0,
    links: 0,
    otherEntries: 0,
    bytes: 0n,
    differences: [],
    changed: [],
  };
  await compareEntry(
    { source: Buffer.from(source), copy: Buffer.from(copy), name: '' },
    tally,
    options,
  );
  return tally;
}

/** The same entry on both sides; paths are bytes, since names need not be UTF-8. */
interface Pair {
  readonly source: Buffer;
  readonly copy: Buffer;
  /** Path from the folder compared. */
  readonly name: string;
}

async function compareEntry(pair: Pair, tally: Tally, options: CompareOptions): Promise<void> {
  options.signal.throwIfAborted();
  const [wanted, found] = await Promise.all([
    lstat(pair.source, { bigint: true }).catch(() => undefined),
    lstat(pair.copy, { bigint: true }).catch(() => undefined),
  ]);
  const changed = wanted === undefined || wanted.ctimeNs >= options.changedSinceNs;
  if (changed) note(tally.changed, pair.name === '' ? '.' : pair.name);
  if (wanted === undefined) return;
  if (changed && !wanted.isDirectory()) return;
  if (found === undefined) {
    if (!changed) report(tally, pair, 'was not restored');
    return;
  }
  if (!changed) compareStats(pair, wanted, found, tally);
  if ((wanted.mode & typeMask) !== (found.mode & typeMask)) return;
  if (wanted.isDirectory()) return compareChildren(pair, tally, { ...options, changed });
  if (wanted.isSymbolicLink()) return compareLinks(pair, tally);
  if (!wanted.isFile()) {
    tally.otherEntries += 1;
    return;
  }
  tally.files += 1;
  tally.bytes += wanted.size;
  if (wanted.size === found.size) await compareContents(pair, tally);
}

const typeMask = 0o170000n;

function compareStats(pair: Pair, wanted: BigIntStats, found: BigIntStats, tally: Tally): void {
  const octal = (mode: bigint): string => mode.toString(8);
  if (wanted.mode !== found.mode) {
    report(tally, pair, `mode ${octal(found.mode)} instead of ${octal(wanted.mode)}`);
  }
  if (wanted.mtimeNs !== found.mtimeNs) {
    report(tally, pair, `mtime ${found.mtimeNs} ns instead of ${wanted.mtimeNs} ns`);
  }
  if (wanted.isFile() && wanted.size !== found.size) {
    report(tally, pair, `${found.size} bytes instead of ${wanted.size}`);
  }
  // Only the superuser may give files away; anybody else's copy belongs to whoever restored it.
  if (process.getuid?.() === 0 && (wanted.uid !== found.uid || wanted.gid !== found.gid)) {
    report(tally, pair, `owner ${found.uid}:${found.gid} instead of ${wanted.uid}:${wanted.gid}`);
  }
}

async function compareChildren(
  pair: Pair,
  tally: Tally,
  options: CompareOptions & { readonly changed: boolean },
): Promise<void> {
  tally.folders += 1;
  const [wanted, found] = await Promise.all([namesIn(pair.source), namesIn(pair.copy)]);
  const pathOf = (name: string): string => (pair.name === '' ? name : `${pair.name}/${name}`);
  const kept = wanted.filter((name) => !options.isExcluded(pathOf(name)));
  const keptNames = new Set(kept);
  for (const name of options.changed ? [] : found) {
    if (!keptNames.has(name))
      report(tally, { ...pair, name: pathOf(name) }, 'is not in the source');
  }
  for (const name of kept) {
    const suffix = Buffer.concat([Buffer.from('/'), encodeByteString(name)]);
    await compareEntry(
      {
        source: Buffer.concat([pair.source, suffix]),
        copy: Buffer.concat([pair.copy, suffix]),
        name: pathOf(name),
      },
      tally,
      options,
    );
  }
}

async function namesIn(folder: Buffer): Promise<string[]> {
  const names = await readdir(folder, { encoding: 'buffer' });
  return names.map(decodeByteString).sort(compareByteStrings);
}

async function compareLinks(pair: Pair, tally: Tally): Promise<void> {
  tally.links += 1;
  const [wanted, found] = await Promise.all([
    readlink(pair.source, 'buffer'),
    readlink(pair.copy, 'buffer'),
  ]);
  if (!wanted.equals(found)) report(tally, pair, `points to ${found} instead of ${wanted}`);
}

async function compareContents(pair: Pair, tally: Tally): Promise<void> {
  const copy = createReadStream(pair.copy)[Symbol.asyncIterator]();
  let offset = 0;
  let rest = Buffer.alloc(0);
  for await (const part of createReadStream(pair.source)) {
    let wanted = part as Buffer;
    while (wanted.length > 0) {
      if (rest.length === 0) {
        const next = await copy.next();
        if (next.done === true) return report(tally, pair, `ends at byte ${offset}`);
        rest = next.value as Buffer<ArrayBuffer>;
      }
      const size = Math.min(wanted.length, rest.length);
      if (wanted.compare(rest, 0, size, 0, size) !== 0) {
        await copy.return?.();
        return report(tally, pair, `differs between bytes ${offset} and ${offset + size}`);
      }
      offset += size;
      wanted = wanted.subarray(size);
      rest = rest.subarray(size);
    }
  }
  await copy.return?.();
}

function report(tally: Tally, pair: Pair, what: string): void {
  note(tally.differences, `${pair.name === '' ? '.' : pair.name}: ${what}`);
}

function note(list: string[], text: string): void {
  if (list.length < maxEntries) list.push(text);
}
