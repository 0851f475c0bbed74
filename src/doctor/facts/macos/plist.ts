/** Property lists, XML and binary, read as plain values; a damaged one is as if it were not there. */

import console from 'node:console';
import { parse } from 'plist';
import type { MachineFiles } from '../linux/machine-files.ts';

export interface PlistDict {
  readonly [key: string]: unknown;
}

/** A larger list is none of the system's. */
const maxPlistBytes = 1024 * 1024;

/** The dictionary in a file; undefined when there is none. */
export function readPlist(files: MachineFiles, path: string): PlistDict | undefined {
  const bytes = files.bytes(path, 0, maxPlistBytes + 1);
  if (bytes.length === 0 || bytes.length > maxPlistBytes) return undefined;
  return parsePlist(bytes);
}

export function parsePlist(bytes: Uint8Array): PlistDict | undefined {
  const isBinary = Buffer.from(bytes.subarray(0, 6)).toString('latin1') === 'bplist';
  const text = isBinary ? '' : Buffer.from(bytes).toString('utf8');
  // Entities have no place in a property list, and could be made to grow without end.
  if (!isBinary && (/<!ENTITY/i.test(text) || !/<plist[\s>]/.test(text))) return undefined;
  try {
    return dictOf(quietly(() => parse(isBinary ? bytes : text)));
  } catch {
    return undefined;
  }
}

/** The parser of XML beneath prints what it finds wrong, with pieces of the file, and takes no other place. */
function quietly<T>(work: () => T): T {
  const { warn, error } = console;
  console.warn = () => undefined;
  console.error = () => undefined;
  try {
    return work();
  } finally {
    console.warn = warn;
    console.error = error;
  }
}

export function dictOf(value: unknown): PlistDict | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // Any object that is no list has keys and values, whatever they are.
  return value as PlistDict;
}

/** The value behind a chain of keys. */
export function valueAt(dict: PlistDict | undefined, ...keys: readonly string[]): unknown {
  let value: unknown = dict;
  for (const key of keys) {
    const here = dictOf(value);
    value = here !== undefined && Object.hasOwn(here, key) ? here[key] : undefined;
  }
  return value;
}

export function textAt(
  dict: PlistDict | undefined,
  ...keys: readonly string[]
): string | undefined {
  const value = valueAt(dict, ...keys);
  return typeof value === 'string' && value !== '' ? value.slice(0, 1024) : undefined;
}
