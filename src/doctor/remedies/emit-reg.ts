/** Operations as a `.reg` file, version 5, which regedit and reg.exe import. */

import { formatRegValue, regHeader } from '../facts/registry/reg-text.ts';
import { type RegistryValue, registryTypes } from '../facts/registry/registry-value.ts';
import type { Operation, ValueData } from './operations.ts';

const longRoots: Readonly<Record<string, string>> = {
  HKLM: 'HKEY_LOCAL_MACHINE',
  HKCU: 'HKEY_CURRENT_USER',
  HKU: 'HKEY_USERS',
};

/** The bytes of the file: UTF-16 with a mark, as regedit writes it. */
export function encodeRegFile(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));
}

/** @param comments lines for the head of the file */
export function emitReg(
  operations: readonly Operation[],
  comments: readonly string[] = [],
): string {
  const lines: string[] = [];
  let section: string | undefined;
  for (const operation of operations) {
    const path = longPath(operation.path);
    if (operation.kind === 'delete-key') {
      lines.push('', `[-${path}]`);
      section = undefined;
      continue;
    }
    if (section !== path) {
      lines.push('', `[${path}]`);
      section = path;
    }
    lines.push(lineOf(operation));
  }
  const head = comments.map((comment) => `; ${comment.replace(/[\r\n]+/g, ' ')}`);
  return [regHeader.trimEnd(), '', ...head, ...lines, ''].join('\r\n');
}

function lineOf(operation: Exclude<Operation, { kind: 'delete-key' }>): string {
  switch (operation.kind) {
    case 'set':
      return formatRegValue(toRegistryValue(operation.name, operation.value));
    case 'delete-value':
      return `${quotedName(operation.name)}=-`;
    case 'unknown':
      return `; ${quotedName(operation.name)} was not read: what stood there is unknown`;
  }
}

function quotedName(name: string): string {
  return name === '' ? '@' : `"${name.replace(/["\\]/g, '\\$&')}"`;
}

function longPath(path: string): string {
  const [root = '', ...rest] = path.split('\\');
  return [longRoots[root] ?? root, ...rest].join('\\');
}

/** A fact's value as the bytes that stand in the registry. */
export function toRegistryValue(name: string, { type, data }: ValueData): RegistryValue {
  return { name, type: typeNumber(type), data: bytesOf(type, data) };
}

export function typeNumber(type: string): number {
  const known: Readonly<Record<string, number>> = registryTypes;
  return known[type] ?? Number.parseInt(type, 16);
}

function bytesOf(type: string, data: ValueData['data']): Uint8Array {
  if (typeof data === 'number') {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, data, type !== 'REG_DWORD_BIG_ENDIAN');
    return bytes;
  }
  if (typeof data === 'string') return utf16(`${data}\0`);
  if ('hex' in data) return new Uint8Array(Buffer.from(data.hex, 'hex'));
  return utf16(`${data.map((text) => `${text}\0`).join('')}\0`);
}

function utf16(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf16le'));
}
