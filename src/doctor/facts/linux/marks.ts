/** Version marks inside programs and libraries, which tell what is installed without running anything. */

import type { MachineFiles } from './machine-files.ts';

export interface MarkPattern {
  /** ASCII that stands before the wanted text or is its beginning. */
  readonly begin: string;
  /** Tried on the text from there on, up to 512 characters of printable ASCII. */
  readonly pattern: RegExp;
}

const maxMarkSize = 512;

/** The first match of each pattern, by name; reads no further once all are found. */
export function findMarks<K extends string>(
  files: MachineFiles,
  path: string,
  patterns: Readonly<Record<K, MarkPattern>>,
): Partial<Record<K, RegExpExecArray>> {
  const found: Partial<Record<K, RegExpExecArray>> = {};
  // The keys of the record are exactly K.
  const names = Object.keys(patterns) as K[];
  files.scan(path, (piece) => {
    const buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    for (const name of names) {
      found[name] ??= findMark(buffer, patterns[name]);
    }
    return names.every((name) => found[name] !== undefined);
  });
  return found;
}

function findMark(buffer: Buffer, { begin, pattern }: MarkPattern): RegExpExecArray | undefined {
  for (let at = buffer.indexOf(begin); at >= 0; at = buffer.indexOf(begin, at + 1)) {
    const text = buffer.toString('latin1', at, Math.min(at + maxMarkSize, buffer.length));
    const end = text.search(/[^\x20-\x7e]/);
    const match = pattern.exec(end < 0 ? text : text.slice(0, end));
    if (match !== null) return match;
  }
  return undefined;
}
