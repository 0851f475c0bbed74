/**
 * `.reg` text: what `regedit` and `reg.exe` export, versions 4 and 5, in any encoding they write.
 *
 * Reading is lenient as regedit is (LF or CRLF, sections in file order, later values win) and never
 * loses a line silently: what is not understood is told with its line number. Writing gives version 5
 * as regedit writes it. Source: Microsoft KB310516.
 */

import { foldName, type RegistryValue, registryTypes } from './registry-value.ts';

export type RegOperation =
  | { readonly kind: 'create-key'; readonly path: string; readonly line: number }
  | { readonly kind: 'delete-key'; readonly path: string; readonly line: number }
  | {
      readonly kind: 'set-value';
      readonly path: string;
      readonly value: RegistryValue;
      readonly line: number;
    }
  | {
      readonly kind: 'delete-value';
      readonly path: string;
      readonly name: string;
      readonly line: number;
    };

export interface RegText {
  readonly version: 4 | 5;
  readonly operations: readonly RegOperation[];
  /** Lines that say nothing this reader knows; 1 is the first line of the file. */
  readonly problems: readonly { readonly line: number; readonly text: string }[];
}

/** A text file larger than this is no export of anything the doctor reads. */
export const maxRegTextBytes = 512 * 1024 * 1024;

const headers = new Map([
  ['windows registry editor version 5.00', 5 as const],
  ['regedit4', 4 as const],
]);
const rootAliases = new Map([
  ['HKLM', 'HKEY_LOCAL_MACHINE'],
  ['HKCU', 'HKEY_CURRENT_USER'],
  ['HKU', 'HKEY_USERS'],
  ['HKCR', 'HKEY_CLASSES_ROOT'],
  ['HKCC', 'HKEY_CURRENT_CONFIG'],
]);

/** The text of a file in UTF-16 (either order, with or without a mark), UTF-8, or an 8-bit code page. */
export function decodeRegFile(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return buffer.toString('utf16le', 2);
  if (buffer[0] === 0xfe && buffer[1] === 0xff) {
    return Buffer.from(buffer.subarray(2, buffer.length & ~1))
      .swap16()
      .toString('utf16le');
  }
  if (buffer[1] === 0 && buffer[0] !== 0) return buffer.toString('utf16le');
  const text = buffer.toString('utf8');
  // Bytes that are not UTF-8 come from an ANSI code page, of which Latin-1 keeps every byte apart.
  const decoded = text.includes('\ufffd') ? buffer.toString('latin1') : text;
  return decoded.replace(/^\ufeff/, '');
}

/** @returns undefined if the text does not begin as a `.reg` file must */
export function parseRegText(text: string): RegText | undefined {
  const lines = text.split(/\r\n|\n|\r/);
  const firstLine = lines.findIndex((line) => line.trim() !== '');
  const version = headers.get((lines[firstLine] ?? '').trim().toLowerCase());
  if (version === undefined) return undefined;
  const operations: RegOperation[] = [];
  const problems: { line: number; text: string }[] = [];
  let path: string | undefined;
  for (let i = firstLine + 1; i < lines.length; i += 1) {
    const line = i + 1;
    let content = (lines[i] ?? '').trim();
    if (content === '' || content.startsWith(';')) continue;
    const section = /^\[(-?)(.*)\]/.exec(content);
    if (section) {
      const name = normalizeRoot(section[2] ?? '');
      path = section[1] === '-' ? undefined : name;
      operations.push({ kind: section[1] === '-' ? 'delete-key' : 'create-key', path: name, line });
      continue;
    }
    const entry = joinLines(lines, i);
    content = entry.content;
    i = entry.last;
    const operation = path === undefined ? undefined : parseValueLine(content, path, version, line);
    if (operation === undefined) problems.push({ line, text: content.slice(0, 200) });
    else operations.push(operation);
  }
  return { version, operations, problems };
}

function normalizeRoot(path: string): string {
  const [root = '', ...rest] = path.split('\\');
  const upper = root.toUpperCase();
  return [rootAliases.get(upper) ?? upper, ...rest].join('\\');
}

/**
 * A string may run over lines until its closing quote; a byte list until it stops ending in a backslash.
 * Each line is looked at once, since an unclosed quote can swallow the rest of a large file.
 */
function joinLines(
  lines: readonly string[],
  first: number,
): { readonly content: string; readonly last: number } {
  const parts: string[] = [];
  let last = first;
  let line = (lines[first] ?? '').trim();
  let open = false;
  let isHex = false;
  for (;;) {
    open = endsInString(line, open);
    isHex ||= /=\s*hex/i.test(line);
    const goesOn = !open && isHex && line.endsWith('\\');
    parts.push(goesOn ? line.slice(0, -1) : line);
    if (!(open || goesOn) || last + 1 >= lines.length) return { content: parts.join(''), last };
    last += 1;
    const next = lines[last] ?? '';
    if (open) parts.push('\n');
    line = open ? next : next.trim();
  }
}

/** True when a quote is open at the end of the line. */
function endsInString(line: string, openBefore: boolean): boolean {
  let open = openBefore;
  for (let i = 0; i < line.length; i += 1) {
    if (open && line[i] === '\\') i += 1;
    else if (line[i] === '"') open = !open;
    else if (!open && line[i] === ';') return false;
  }
  return open;
}

function parseValueLine(
  content: string,
  path: string,
  version: 4 | 5,
  line: number,
): RegOperation | undefined {
  const quoted = content.startsWith('@') ? { text: '', end: 1 } : readQuoted(content);
  if (quoted === undefined) return undefined;
  const { text: name } = quoted;
  const rest = content.slice(quoted.end).trimStart();
  if (!rest.startsWith('=')) return undefined;
  const right = rest.slice(1).trim();
  if (/^-\s*(?:;.*)?$/.test(right)) return { kind: 'delete-value', path, name, line };
  const value = parseData(right, version);
  if (value === undefined) return undefined;
  return { kind: 'set-value', path, value: { name, ...value }, line };
}

function parseData(text: string, version: 4 | 5): Omit<RegistryValue, 'name'> | undefined {
  if (text.startsWith('"')) {
    const string = readQuoted(text);
    if (string === undefined || !/^\s*(?:;|$)/.test(text.slice(string.end))) return undefined;
    return { type: registryTypes.REG_SZ, data: utf16(`${string.text}\0`) };
  }
  const dword = /^dword:\s*([0-9a-f]{1,8})\s*(?:;.*)?$/i.exec(text);
  if (dword) {
    const data = new Uint8Array(4);
    new DataView(data.buffer).setUint32(0, Number.parseInt(dword[1] ?? '', 16), true);
    return { type: registryTypes.REG_DWORD, data };
  }
  const hex = /^hex(?:\(([0-9a-f]{1,8})\))?:/i.exec(text);
  if (!hex) return undefined;
  const type = hex[1] === undefined ? registryTypes.REG_BINARY : Number.parseInt(hex[1], 16);
  const [list = ''] = text.slice(hex[0].length).split(';', 1);
  const digits = list.replace(/\s+/g, '').replace(/,$/, '');
  const pairs = digits === '' ? [] : digits.split(',');
  if (!pairs.every((pair) => /^[0-9a-f]{1,2}$/i.test(pair))) return undefined;
  const bytes = Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
  const isText = type === 1 || type === 2 || type === 7;
  return {
    type,
    data: version === 4 && isText ? utf16(Buffer.from(bytes).toString('latin1')) : bytes,
  };
}

/**
 * The quoted text at the beginning, and where it ends behind its closing quote. By hand, since a
 * pattern with a choice for each character exhausts the stack on a text of some megabytes.
 */
function readQuoted(text: string): { readonly text: string; readonly end: number } | undefined {
  if (!text.startsWith('"')) return undefined;
  let end = 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  if (end >= text.length) return undefined;
  return { text: unescapeText(text.slice(1, end)), end: end + 1 };
}

function unescapeText(text: string): string {
  return text.replace(/\\(["\\])/g, '$1');
}

function utf16(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf16le'));
}

/** Keys with the values that reading the operations in order leaves, by folded path. */
export interface RegistryKeyValues {
  readonly path: string;
  readonly values: ReadonlyMap<string, { readonly value: RegistryValue; readonly line: number }>;
}

/** What stands in the registry after the file is imported into an empty one. */
export function applyRegText(text: RegText): ReadonlyMap<string, RegistryKeyValues> {
  const keys = new Map<
    string,
    { path: string; values: Map<string, { value: RegistryValue; line: number }> }
  >();
  const keyAt = (path: string) => {
    const folded = foldName(path);
    const key = keys.get(folded) ?? { path, values: new Map() };
    keys.set(folded, key);
    return key;
  };
  for (const operation of text.operations) {
    const folded = foldName(operation.path);
    switch (operation.kind) {
      case 'create-key':
        keyAt(operation.path);
        break;
      case 'delete-key':
        for (const path of keys.keys()) {
          if (path === folded || path.startsWith(`${folded}\\`)) keys.delete(path);
        }
        break;
      case 'set-value':
        keyAt(operation.path).values.set(foldName(operation.value.name), {
          value: operation.value,
          line: operation.line,
        });
        break;
      case 'delete-value':
        keys.get(folded)?.values.delete(foldName(operation.name));
        break;
    }
  }
  return keys;
}

export const regHeader = 'Windows Registry Editor Version 5.00\r\n';

/** One value as a line of version 5, without its line end. */
export function formatRegValue(value: RegistryValue): string {
  const name = value.name === '' ? '@' : `"${escapeText(value.name)}"`;
  return `${name}=${formatRegData(value)}`;
}

function formatRegData({ type, data }: RegistryValue): string {
  if (type === registryTypes.REG_DWORD && data.length === 4) {
    const number = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
    return `dword:${number.toString(16).padStart(8, '0')}`;
  }
  if (type === registryTypes.REG_SZ) {
    const text = plainText(data);
    if (text !== undefined) return `"${escapeText(text)}"`;
  }
  const prefix = type === registryTypes.REG_BINARY ? 'hex:' : `hex(${type.toString(16)}):`;
  return prefix + [...data].map((byte) => byte.toString(16).padStart(2, '0')).join(',');
}

/** The text of a well-formed, terminated string that a quoted line can carry; else undefined. */
function plainText(data: Uint8Array): string | undefined {
  if (data.length < 2 || data.length % 2 !== 0) return undefined;
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf16le');
  if (!text.endsWith('\0') || !text.isWellFormed()) return undefined;
  const content = text.slice(0, -1);
  return /[\0\r\n]/.test(content) ? undefined : content;
}

function escapeText(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}
