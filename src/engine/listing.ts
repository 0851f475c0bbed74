/**
 * A folder's entries as the walk of a backup wants them: names in the order of the format, and what
 * `lstat` says of each, in parts, so that the largest folder takes little memory. Excluded entries are
 * not looked at, for to look at what was excluded may be what the user wants to avoid.
 */

import { messageOf, systemCodeOf } from '../base/errors.ts';
import type { Excluder } from './exclude.ts';
import { StatRows } from './stat-rows.ts';
import { absoluteTarget, joinPath, readNames } from './walk.ts';

/** Entries of one part. */
const partEntries = 1024;

/** Plain data, so that one thread can hand it to another. */
export interface Listing {
  readonly folder: string;
  /** Byte strings, ascending; of a folder with a tag file only the tag. */
  readonly names: readonly string[];
  readonly first: ListingPart;
}

/** Entries from number `start` of the names up to, and without, `end`. */
export interface ListingPart {
  readonly start: number;
  readonly end: number;
  /** {@link StatRows}, one for each name; not set where it is excluded or could not be looked at. */
  readonly numbers: BigInt64Array<ArrayBuffer>;
  readonly failures: readonly EntryFailure[];
}

/** An entry that `lstat` refused. */
export interface EntryFailure {
  readonly row: number;
  /** The system's, such as `ENOENT`. */
  readonly code: string | undefined;
  readonly message: string;
}

/** @throws the system's error when the folder cannot be read */
export function listFolder(folder: string, excluder: Excluder): Listing {
  const present = readNames(folder);
  const tag = excluder.findTag(folder, present);
  const names = tag === undefined ? present : [tag];
  return { folder, names, first: lookAt(folder, names, 0, excluder) };
}

/** Looks at the entries from number `start` on, as many as make a part. */
export function lookAt(
  folder: string,
  names: readonly string[],
  start: number,
  excluder: Excluder,
): ListingPart {
  const end = Math.min(names.length, start + partEntries);
  const rows = StatRows.of(end - start);
  const failures: EntryFailure[] = [];
  for (let row = 0; row < end - start; row += 1) {
    const path = joinPath(folder, names[start + row] ?? '');
    if (excluder.hasPatterns && excluder.rejectsPath(absoluteTarget(path))) continue;
    try {
      rows.look(row, path);
    } catch (error) {
      failures.push({ row, code: systemCodeOf(error), message: messageOf(error) });
    }
  }
  return { start, end, numbers: rows.numbers, failures };
}
