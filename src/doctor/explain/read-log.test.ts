import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { explainLines } from './explain.ts';
import { guessEncoding, readLogLines } from './read-log.ts';

async function linesOf(bytes: Uint8Array, pieceSize = 7): Promise<string[]> {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; at += pieceSize)
    pieces.push(bytes.subarray(at, at + pieceSize));
  const lines: string[] = [];
  for await (const line of readLogLines(pieces)) lines.push(line);
  return lines;
}

const text = 'first line\r\nsecond: 10054\n\nlast';
const lines = ['first line', 'second: 10054', '', 'last'];

function utf16(of: string, { mark, big }: { mark: boolean; big: boolean }): Buffer {
  const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${of}`, 'utf16le');
  return big ? bytes.swap16() : bytes;
}

test('a log is read in each encoding that Windows tools write, in pieces of any size', async () => {
  const forms = [
    Buffer.from(text),
    Buffer.from(`\ufeff${text}`),
    ...[true, false].flatMap((mark) => [true, false].map((big) => utf16(text, { mark, big }))),
  ];
  for (const bytes of forms) {
    for (const size of [1, 2, 3, 1000]) {
      assert.deepEqual(await linesOf(bytes, size), lines, `${guessEncoding(bytes)} by ${size}`);
    }
  }
});

test('Chinese messages are found in UTF-8, UTF-16 and the code page of Chinese Windows', async () => {
  // "远程主机强迫关闭了一个现有的连接。" in GBK, as ipconfig and older agents write it.
  const gbk = Buffer.from(
    'd4b6b3ccd6f7bbfac7bfc6c8b9d8b1d5c1cbd2bbb8f6cfd6d3d0b5c4c1acbdd3a1a3',
    'hex',
  );
  const message = '远程主机强迫关闭了一个现有的连接。';
  for (const bytes of [gbk, Buffer.from(message), utf16(message, { mark: true, big: false })]) {
    const { failures } = await explainLines(readLogLines([bytes]));
    assert.equal(failures[0]?.causes[0]?.id, 'client-too-old', guessEncoding(bytes));
  }
});

test('western text of a code page stays readable', async () => {
  const bytes = Buffer.from('Zertifikat ungültig für Müller: error 10054', 'latin1');
  assert.equal(guessEncoding(bytes), 'windows-1252');
  assert.deepEqual(await linesOf(bytes), ['Zertifikat ungültig für Müller: error 10054']);
});

test('a file without line ends comes in bounded pieces', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 64; count += 1) yield Buffer.alloc(64 * 1024, 'x');
  }
  let longest = 0;
  for await (const line of readLogLines(endless())) longest = Math.max(longest, line.length);
  assert.ok(longest <= 64 * 1024 * 6, `${longest} characters`);
});

test('any bytes at all are read without a failure', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      await explainLines(readLogLines([bytes]));
    }),
    { numRuns: 300 },
  );
});

test('lines come out as they went in, whatever the pieces', async () => {
  const line = fc.string({ unit: 'grapheme-ascii', maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1 }),
      fc.integer({ min: 1, max: 9 }),
      async (all, size) => {
        assert.deepEqual(await linesOf(Buffer.from(`${all.join('\r\n')}\r\n`), size), all);
      },
    ),
  );
});
