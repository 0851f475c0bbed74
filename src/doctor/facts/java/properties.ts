/** Java's properties format: java.util.Properties.load of Java 17. */

export interface Property {
  readonly key: string;
  readonly value: string;
  /** Of the first line of the entry, from 1. */
  readonly line: number;
}

const separatorPattern = /^((?:\\.|[^=:\s\\])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s;
const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/** Every entry in file order; of equal keys the last one counts. */
export function parseProperties(text: string): Property[] {
  const properties: Property[] = [];
  for (const { content, line } of logicalLines(text)) {
    const match = separatorPattern.exec(content);
    if (match === null) continue;
    const [, key = '', value = ''] = match;
    properties.push({ key: decodeEscapes(key), value: decodeEscapes(value), line });
  }
  return properties;
}

function* logicalLines(
  text: string,
): Generator<{ readonly content: string; readonly line: number }> {
  let pending: string | undefined;
  let first = 1;
  for (const [index, physical] of text.split(/\r\n|\n|\r/).entries()) {
    const trimmed = physical.replace(/^[ \t\f]+/, '');
    if (pending === undefined) {
      if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith('!')) continue;
      first = index + 1;
    }
    const content: string = (pending ?? '') + trimmed;
    const slashes = /\\*$/.exec(trimmed)?.[0].length ?? 0;
    if (slashes % 2 === 1) {
      pending = content.slice(0, -1);
      continue;
    }
    yield { content, line: first };
    pending = undefined;
  }
  if (pending !== undefined) yield { content: pending, line: first };
}

function decodeEscapes(text: string): string {
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|(.?))/gs, (_, hex?: string, char = '') =>
    hex === undefined ? (escapes[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
