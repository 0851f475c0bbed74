/**
 * Names as restic stores them: Go's `strconv.Quote` without the outer quotes. In memory names are
 * byte strings (base/byte-string.ts); each byte that is not UTF-8 is `\xNN` here.
 */

import { decodeByteString } from '../base/byte-string.ts';
import { SealiftError } from '../base/errors.ts';

const plainAscii = /^[ !#-[\]-~]*$/;
/*
 * Go's strconv.IsPrint. The set follows the Unicode version of the running Node, Go's that of its
 * own release: a character that only one of them knows gives another tree hash, never a wrong name.
 */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
const shortBytes: Readonly<Record<string, number>> = {
  a: 0x07,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b,
  '\\': 0x5c,
  '"': 0x22,
};
const hexSizes: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const maxCodePoint = 0x10ffff;

/** The quoted form of a byte string, without outer quotes. */
export function quoteName(name: string): string {
  if (plainAscii.test(name)) return name;
  let quoted = '';
  for (const character of name) quoted += quoteCharacter(character);
  return quoted;
}

/**
 * The byte string of a quoted form; any escape that Go's `strconv.Unquote` knows is accepted.
 * @param quoted without outer quotes, well-formed
 * @throws SealiftError `format/tree` on a raw newline, an unescaped quote or an unknown escape
 */
export function unquoteName(quoted: string): string {
  if (plainAscii.test(quoted)) return quoted;
  if (/[\n"]/.test(quoted.replace(/\\./gs, ''))) throw badName(quoted);
  if (!quoted.includes('\\')) return quoted;
  const parts: Uint8Array[] = [];
  let offset = 0;
  while (offset < quoted.length) {
    const backslash = quoted.indexOf('\\', offset);
    const plainEnd = backslash === -1 ? quoted.length : backslash;
    if (plainEnd > offset) parts.push(Buffer.from(quoted.slice(offset, plainEnd), 'utf8'));
    if (backslash === -1) break;
    const { bytes, end } = readEscape(quoted, backslash);
    parts.push(bytes);
    offset = end;
  }
  // Joined before decoding: several \xNN together may spell valid UTF-8.
  return decodeByteString(Buffer.concat(parts));
}

function quoteCharacter(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd'; // no byte string holds these
  if (printable.test(character)) return character;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** The bytes of the escape that starts at a backslash, and the offset after it. */
function readEscape(quoted: string, start: number): { bytes: Uint8Array; end: number } {
  const kind = quoted[start + 1] ?? '';
  const short = Object.hasOwn(shortBytes, kind) ? shortBytes[kind] : undefined;
  if (short !== undefined) return { bytes: Uint8Array.of(short), end: start + 2 };
  if (/[0-7]/.test(kind)) {
    const value = readDigits(quoted, start + 1, 3, 8);
    if (value > 0xff) throw badName(quoted);
    return { bytes: Uint8Array.of(value), end: start + 4 };
  }
  const size = Object.hasOwn(hexSizes, kind) ? hexSizes[kind] : undefined;
  if (size === undefined) throw badName(quoted);
  const value = readDigits(quoted, start + 2, size, 16);
  const end = start + 2 + size;
  if (kind === 'x') return { bytes: Uint8Array.of(value), end };
  if (value > maxCodePoint || (value >= 0xd800 && value <= 0xdfff)) throw badName(quoted);
  return { bytes: Buffer.from(String.fromCodePoint(value), 'utf8'), end };
}

function readDigits(quoted: string, start: number, size: number, base: 8 | 16): number {
  const digits = quoted.slice(start, start + size);
  const allowed = base === 8 ? /^[0-7]+$/ : /^[0-9a-fA-F]+$/;
  if (digits.length !== size || !allowed.test(digits)) throw badName(quoted);
  return Number.parseInt(digits, base);
}

function badName(quoted: string): SealiftError {
  return new SealiftError(
    'format/tree',
    `tree: the quoted name ${JSON.stringify(quoted)} is invalid`,
  );
}
