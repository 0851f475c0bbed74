/**
 * Lines of a log in whatever encoding it was written: UTF-8, UTF-16 of Windows tools (with a mark or
 * without), or a code page. Memory is bounded: a file without line ends comes in pieces.
 */

/** Enough to see what the bytes are; a log in a code page may begin with pages of plain ASCII. */
const sampleSize = 256 * 1024;
/** A longer line is cut into pieces of this many characters. */
const maxLineLength = 64 * 1024;
/** Of a sample of UTF-16 text, at least this share of one half of the bytes is zero. */
const utf16Share = 0.4;

export type LogEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030' | 'windows-1252';

/** Lines without their ends. @param chunks borrowed until the next one is asked for */
export async function* readLogLines(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const text of decode(chunks)) {
    const lines = `${rest}${text}`.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    yield* lines;
    while (rest.length > maxLineLength) {
      yield rest.slice(0, maxLineLength);
      rest = rest.slice(maxLineLength);
    }
  }
  if (rest !== '') yield rest.replace(/\r$/, '');
}

async function* decode(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const sample: Uint8Array[] = [];
  let sampled = 0;
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    if (decoder !== undefined) {
      yield decoder.decode(chunk, { stream: true });
      continue;
    }
    sample.push(chunk.slice());
    sampled += chunk.byteLength;
    if (sampled < sampleSize) continue;
    const start = Buffer.concat(sample.splice(0));
    decoder = new TextDecoder(guessEncoding(start));
    yield decoder.decode(start, { stream: true });
  }
  if (decoder === undefined) {
    const all = Buffer.concat(sample);
    yield new TextDecoder(guessEncoding(all)).decode(all);
  } else {
    yield decoder.decode();
  }
}

/** The encoding that the first bytes of a text speak for. */
export function guessEncoding(start: Uint8Array): LogEncoding {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  for (const [index, byte] of start.entries())
    if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const half = start.byteLength / 2;
  const [even = 0, odd = 0] = zeros;
  // The upper byte of Latin text is zero: the second of each pair when the lower one comes first.
  if (half > 0 && odd / half > utf16Share && odd > even * 4) return 'utf-16le';
  if (half > 0 && even / half > utf16Share && even > odd * 4) return 'utf-16be';
  if (decodes('utf-8', start)) return 'utf-8';
  return looksChinese(start) ? 'gb18030' : 'windows-1252';
}

/** True when the bytes are valid, apart from a character that the end of the sample cuts. */
function decodes(encoding: string, bytes: Uint8Array): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Western text in GB 18030 gives rare characters, Chinese text common ones, mostly in runs. */
function looksChinese(bytes: Uint8Array): boolean {
  if (!decodes('gb18030', bytes)) return false;
  const text = new TextDecoder('gb18030').decode(bytes);
  return /[\u4e00-\u9fff]{3}/.test(text);
}
