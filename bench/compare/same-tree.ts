/** Whether a restored tree is the one that was backed up: names, types, sizes, bytes, and more if asked. */

import {
  type BigIntStats,
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';

const pieceBytes = 1024 ** 2;
const left = Buffer.alloc(pieceBytes);
const right = Buffer.alloc(pieceBytes);

/**
 * @param options.metadata also modes, owners and the modification times to the nanosecond
 * @throws Error that names the first difference
 */
export function assertSameTree(
  original: string,
  restored: string,
  options: { readonly metadata: boolean },
): void {
  const one = lstatSync(original, { bigint: true });
  const two = lstatSync(restored, { bigint: true, throwIfNoEntry: false });
  if (two === undefined) throw new Error(`${restored} was not restored`);
  const difference = differenceOf(one, two, options.metadata);
  if (difference !== undefined) throw new Error(`${restored} differs in its ${difference}`);
  if (one.isSymbolicLink() && readlinkSync(original) !== readlinkSync(restored)) {
    throw new Error(`${restored} points elsewhere`);
  }
  if (one.isFile() && !sameBytes(original, restored)) {
    throw new Error(`${restored} differs in its content`);
  }
  if (!one.isDirectory()) return;
  const names = readdirSync(original).toSorted();
  const known = new Set(names);
  const odd = readdirSync(restored).find((name) => !known.has(name));
  if (odd !== undefined) {
    throw new Error(`${join(restored, odd)} is not in the original`);
  }
  for (const name of names) assertSameTree(join(original, name), join(restored, name), options);
}

function differenceOf(one: BigIntStats, two: BigIntStats, metadata: boolean): string | undefined {
  const typeBits = 0o170000n;
  if ((one.mode & typeBits) !== (two.mode & typeBits)) return 'type';
  if (one.isFile() && one.size !== two.size) return 'size';
  if (!metadata) return undefined;
  if (!one.isSymbolicLink() && one.mode !== two.mode) return 'mode';
  if (one.uid !== two.uid || one.gid !== two.gid) return 'owner';
  if (one.mtimeNs !== two.mtimeNs) return 'modification time';
  return undefined;
}

function sameBytes(original: string, restored: string): boolean {
  const one = openSync(original, 'r');
  try {
    const two = openSync(restored, 'r');
    try {
      for (;;) {
        const length = readSync(one, left);
        const other = readSync(two, right);
        if (length !== other) return false;
        if (length === 0) return true;
        if (!left.subarray(0, length).equals(right.subarray(0, length))) return false;
      }
    } finally {
      closeSync(two);
    }
  } finally {
    closeSync(one);
  }
}
