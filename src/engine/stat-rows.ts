/** What `lstat` says of many entries, in one array that another thread can hand over at little cost. */

import { type BigIntStats, lstatSync } from 'node:fs';
import { endianness } from 'node:os';
import { type Moment, splitTime } from '../base/time.ts';
import { statTypeMask } from '../repository/file-mode.ts';
import type { WholeNumber } from '../repository/node-head.ts';
import type { NodeStat, SourceType } from './metadata.ts';
import { pathForSystem } from './walk.ts';

export const statFields = [
  'mode',
  'mtimeNs',
  'atimeNs',
  'ctimeNs',
  'uid',
  'gid',
  'ino',
  'dev',
  'size',
  'nlink',
  'rdev',
] as const;
type StatField = (typeof statFields)[number];
export type TimeField = 'mtimeNs' | 'atimeNs' | 'ctimeNs';

const wholeNumbers = { bigint: true } as const;
const width = statFields.length;
const at: Readonly<Record<StatField, number>> = Object.fromEntries(
  statFields.map((field, place) => [field, place]),
) as Record<StatField, number>; // each field has its place
const low = endianness() === 'LE' ? 0 : 1;
const high = 1 - low;

const nanosPerSecond = 1_000_000_000;
/** Numbers with a smaller upper half are exact as doubles. */
const exactUpper = 2 ** 21;
/** The sign of a bigint is the first bit of its upper half. */
const negativeUpper = 2 ** 31;

/** By the type bits of `st_mode`; no node can describe another one. */
const types: ReadonlyMap<number, SourceType> = new Map([
  [0o100000, 'file'],
  [0o040000, 'dir'],
  [0o120000, 'symlink'],
  [0o060000, 'dev'],
  [0o020000, 'chardev'],
  [0o010000, 'fifo'],
  [0o140000, 'socket'],
]);

export class StatRows {
  /** `statFields.length` numbers for each row. */
  readonly numbers: BigInt64Array<ArrayBuffer>;
  /** The same memory in halves: to read a bigint makes an object, to read a number does not. */
  readonly #words: Uint32Array;

  constructor(numbers: BigInt64Array<ArrayBuffer>) {
    this.numbers = numbers;
    this.#words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length * 2);
  }

  static of(count: number): StatRows {
    return new StatRows(new BigInt64Array(count * width));
  }

  set(row: number, stat: BigIntStats): void {
    const start = row * width;
    for (let place = 0; place < width; place += 1) {
      const field = statFields[place];
      if (field !== undefined) this.numbers[start + place] = stat[field];
    }
  }

  /** Sets a row to what `lstat` says of a path. @throws the system's error */
  look(row: number, path: string): void {
    this.set(row, lstatSync(pathForSystem(path), wholeNumbers));
  }

  /** Type and permissions; 0 for a row that was not set. */
  mode(row: number): number {
    return this.#low(row, at.mode);
  }

  /** Undefined for a type that no node can describe. */
  type(row: number): SourceType | undefined {
    return types.get(this.mode(row) & statTypeMask);
  }

  uid(row: number): number {
    return this.#low(row, at.uid);
  }

  gid(row: number): number {
    return this.#low(row, at.gid);
  }

  bigint(row: number, field: StatField): bigint {
    return this.numbers[row * width + at[field]] ?? 0n;
  }

  /** An unsigned number. */
  whole(row: number, field: StatField): WholeNumber {
    const place = (row * width + at[field]) * 2;
    const upper = this.#words[place + high] ?? 0;
    if (upper >= exactUpper) return String(BigInt.asUintN(64, this.bigint(row, field)));
    return upper * 2 ** 32 + (this.#words[place + low] ?? 0);
  }

  /** @param target gets the time */
  moment(row: number, field: TimeField, target: Moment): void {
    const place = (row * width + at[field]) * 2;
    const upper = this.#words[place + high] ?? 0;
    if (upper >= negativeUpper) {
      Object.assign(target, splitTime(this.bigint(row, field)));
      return;
    }
    // Divided digit by digit, in base 2^16, where doubles are exact.
    const lower = this.#words[place + low] ?? 0;
    const middle = (upper % nanosPerSecond) * 2 ** 16 + (lower >>> 16);
    const last = (middle % nanosPerSecond) * 2 ** 16 + (lower & 0xffff);
    target.seconds =
      Math.floor(upper / nanosPerSecond) * 2 ** 32 +
      Math.floor(middle / nanosPerSecond) * 2 ** 16 +
      Math.floor(last / nanosPerSecond);
    target.nanos = last % nanosPerSecond;
  }

  stat(row: number): NodeStat {
    return {
      mode: this.bigint(row, 'mode'),
      mtimeNs: this.bigint(row, 'mtimeNs'),
      atimeNs: this.bigint(row, 'atimeNs'),
      ctimeNs: this.bigint(row, 'ctimeNs'),
      uid: this.bigint(row, 'uid'),
      gid: this.bigint(row, 'gid'),
      ino: this.bigint(row, 'ino'),
      dev: this.bigint(row, 'dev'),
      size: this.bigint(row, 'size'),
      nlink: this.bigint(row, 'nlink'),
      rdev: this.bigint(row, 'rdev'),
    };
  }

  #low(row: number, place: number): number {
    return this.#words[(row * width + place) * 2 + low] ?? 0;
  }
}
