/**
 * JSON text exactly as Go's `encoding/json` writes it, since trees are named by the hash of their
 * bytes, and checked reading of what others wrote. Go 1.22's rules; docs/format.md#json.
 */

import { encodeBase64 } from '../base/bytes.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const needsEscape = /["\\\u0000-\u001f<>&\u2028\u2029\ud800-\udfff]/;
// With the u flag a surrogate pair is one character, so the class finds lone surrogates only.
const escaped = /["\\\p{Cc}<>&\u2028\u2029\p{Cs}]/gu;
const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const firstPrintableControl = 0x7f;
const firstSurrogate = 0xd800;
const lastSurrogate = 0xdfff;

/**
 * A quoted JSON string. Each byte that is not UTF-8 (a lone surrogate, see base/byte-string.ts)
 * becomes `\ufffd`, as in Go; the byte is lost.
 */
export function encodeJsonString(text: string): string {
  if (!needsEscape.test(text)) return `"${text}"`;
  return `"${text.replace(escaped, escapeCharacter)}"`;
}

/** Standard base64 in quotes; Go's nil byte slice is `null`. */
export function encodeJsonBytes(bytes: Uint8Array | null): string {
  return bytes === null ? 'null' : `"${encodeBase64(bytes)}"`;
}

/** A list of strings; `[]` when empty (Go's nil list would be `null`). */
export function encodeJsonStrings(texts: readonly string[]): string {
  return `[${texts.map(encodeJsonString).join(',')}]`;
}

/**
 * JSON text as Go embeds a `json.RawMessage`: no white space between tokens, and `<`, `>`, `&`,
 * U+2028, U+2029 escaped inside strings. Everything else keeps its spelling.
 * @param text valid JSON
 */
export function compactJson(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|[ \t\r\n]+/g, (token) =>
    token.startsWith('"') ? token.replace(/[<>&\u2028\u2029]/g, escapeCharacter) : '',
  );
}

/**
 * The members of one JSON object as raw text, in order.
 * @param text one valid JSON object (checked by `JSON.parse` before)
 */
export function* jsonMembers(text: string): Generator<{ key: string; raw: string }> {
  let offset = skipSpace(text, text.indexOf('{') + 1);
  while (text[offset] === '"') {
    const keyEnd = skipValue(text, offset);
    const key: unknown = JSON.parse(text.slice(offset, keyEnd));
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = skipValue(text, start);
    yield { key: String(key), raw: text.slice(start, end) };
    offset = skipSpace(text, end);
    if (text[offset] !== ',') return;
    offset = skipSpace(text, offset + 1);
  }
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  // \p{Cc} also holds 0x7f to 0x9f, which Go writes as they are.
  if (code >= firstPrintableControl && code < 0xa0) return character;
  if (code >= firstSurrogate && code <= lastSurrogate) return '\\ufffd';
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

function skipSpace(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && text.charCodeAt(end) <= 0x20) end += 1;
  return end;
}

/** Offset after the value that starts at an offset. */
function skipValue(text: string, offset: number): number {
  let depth = 0;
  let end = offset;
  while (end < text.length) {
    const character = text[end];
    if (character === '"') {
      end = skipString(text, end);
      if (depth === 0) return end;
      continue;
    }
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      if (depth === 0) return end;
      depth -= 1;
      if (depth === 0) return end + 1;
    } else if (depth === 0 && (character === ',' || text.charCodeAt(end) <= 0x20)) return end;
    end += 1;
  }
  return end;
}

function skipString(text: string, offset: number): number {
  let end = offset + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}
