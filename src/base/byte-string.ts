/**
 * Names that need not be UTF-8 (file names, link targets) as JavaScript strings.
 *
 * Valid UTF-8 is an ordinary string. Each byte that is not part of valid UTF-8 becomes one lone
 * surrogate, U+DC80 to U+DCFF, so that nothing is lost and such strings compare, join and serve as
 * keys like any other. The same convention is Python's `surrogateescape` (PEP 383).
 */

import { isUtf8 } from 'node:buffer';

const escapeBase = 0xdc00;
const notAscii = /[\u0080-\uffff]/;
const loneEscape = /[\udc80-\udcff]/;
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The string for raw bytes; {@link encodeByteString} gives the same bytes back. */
export function decodeByteString(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return strictDecoder.decode(bytes);
  let text = '';
  let offset = 0;
  while (offset < bytes.length) {
    const size = sequenceSize(bytes, offset);
    if (size === 0) {
      text += String.fromCharCode(escapeBase + (bytes[offset] ?? 0));
      offset += 1;
    } else {
      text += strictDecoder.decode(bytes.subarray(offset, offset + size));
      offset += size;
    }
  }
  return text;
}

/** The raw bytes of a string made by {@link decodeByteString}. */
export function encodeByteString(text: string): Uint8Array {
  if (!hasEscapedBytes(text)) return Buffer.from(text, 'utf8');
  const parts: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) parts.push(code - escapeBase);
    else parts.push(...Buffer.from(character, 'utf8'));
  }
  return Uint8Array.from(parts);
}

/** True when some byte of the name is not part of valid UTF-8. */
export function hasEscapedBytes(text: string): boolean {
  return loneEscape.test(text) && !text.isWellFormed();
}

/** Order of the raw bytes (`Z` before `a` before `é`), which is neither UTF-16's nor a locale's. */
export function compareByteStrings(a: string, b: string): number {
  if (a === b) return 0;
  if (!notAscii.test(a) && !notAscii.test(b)) return a < b ? -1 : 1;
  return Buffer.compare(encodeByteString(a), encodeByteString(b));
}

/** Size of the valid UTF-8 sequence at an offset, 0 if there is none (RFC 3629 §4). */
function sequenceSize(bytes: Uint8Array, offset: number): number {
  const lead = bytes[offset] ?? 0;
  const size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (size === 0 || lead > 0xf4 || offset + size > bytes.length) return 0;
  return isUtf8(bytes.subarray(offset, offset + size)) ? size : 0;
}
