/** JSON read byte by byte, for whoever knows its usual spelling. */

const zero = 0x30;
const nine = 0x39;

/** True where this text stands at a position. */
export function standsAt(json: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (json[at + i] !== text[i]) return false;
  }
  return true;
}

/** The number that two digits are; NaN, which no number equals, where there are none. */
export function twoDigits(json: Uint8Array, at: number): number {
  const [high, low] = [json[at], json[at + 1]];
  if (!isDigit(high) || !isDigit(low)) return Number.NaN;
  return (high - zero) * 10 + low - zero;
}

export function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= zero && byte <= nine;
}
