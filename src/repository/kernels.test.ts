import assert from 'node:assert/strict';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { renderKernels } from '../../scripts/kernels-source.ts';
import { chunkAsWritten } from '../../test/support/chunker.ts';
import { sumOfSquares } from '../../test/support/histogram.ts';
import vectors from '../../test/vectors/chunker.json' with { type: 'json' };
import { Chunker, maxChunkBytes, minChunkBytes } from './chunker.ts';
import {
  type Kernels,
  kernels,
  loadScalarKernels,
  loadVectorKernels,
  windowBytes,
} from './kernels.ts';
import { generatePolynomial, modulo, parsePolynomial } from './polynomial.ts';

const polynomial = parsePolynomial(vectors.polynomial);
const mib = 1024 * 1024;

function keyStream(size: number): Uint8Array {
  return createCipheriv('aes-256-ctr', Buffer.alloc(32), Buffer.alloc(16)).update(
    Buffer.alloc(size),
  );
}

/** Sizes of the chunks, the input fed in the pieces given. */
function chunkSizes(chunker: Chunker, pieces: Iterable<Uint8Array>): number[] {
  const sizes: number[] = [];
  let size = 0;
  chunker.reset();
  for (const piece of pieces) {
    let rest = piece;
    for (let cut = chunker.next(rest); cut >= 0; cut = chunker.next(rest)) {
      sizes.push(size + cut);
      size = 0;
      rest = rest.subarray(cut);
    }
    size += rest.length;
  }
  return size > 0 ? [...sizes, size] : sizes;
}

function* cutAt(data: Uint8Array, places: readonly number[]): Generator<Uint8Array> {
  let start = 0;
  for (const place of [...places, data.length].sort((a, b) => a - b)) {
    yield data.subarray(start, place);
    start = place;
  }
}

test('the committed kernels are what the sources compile to', async () => {
  const committed = readFileSync(new URL('kernels-wasm.ts', import.meta.url), 'utf8');
  assert.ok(committed === (await renderKernels()), 'run `npm run kernels` and commit the result');
});

/** Where a runtime has no vectors, the scalar module is tested twice: once by this name. */
const variants: readonly (readonly [string, Kernels])[] = [
  ['scalar', loadScalarKernels()],
  ['in use', kernels()],
];

test('this Node runs the kernels that work in vectors', () => {
  assert.ok(loadVectorKernels() !== undefined, 'every Node from 22 on has them');
});

for (const [name, code] of variants) {
  describe(`the chunker kernel, ${name}`, () => testChunker(code));
}

function testChunker(code: Kernels): void {
  test("gives restic's chunks, by size and by hash", () => {
    const data = keyStream(32 * mib);
    const sizes = chunkSizes(new Chunker(polynomial, code), [data]);
    assert.deepEqual(sizes, vectors.sizes);
    for (const [index, hash] of Object.entries(vectors.hashes)) {
      const start = sizes.slice(0, Number(index)).reduce((sum, size) => sum + size, 0);
      const chunk = data.subarray(start, start + (sizes[Number(index)] ?? 0));
      assert.equal(createHash('sha256').update(chunk).digest('hex'), hash);
    }
  });

  test("does as restic's steps do from the first byte to the last, under any polynomial", () => {
    const inputs = [
      randomBytes(1_300_000),
      Buffer.alloc(1_100_000),
      Buffer.concat([randomBytes(600_000), Buffer.alloc(1_000_000), randomBytes(10)]),
      Buffer.alloc(1_200_000, 'a file that repeats itself, '),
      randomBytes(minChunkBytes - 1),
      randomBytes(minChunkBytes),
      Buffer.alloc(minChunkBytes + 1),
      randomBytes(1),
      Buffer.alloc(0),
    ];
    for (const data of inputs) {
      const other = generatePolynomial(randomBytes);
      assert.deepEqual(chunkSizes(new Chunker(other, code), [data]), chunkAsWritten(data, other));
    }
  });

  test('cuts the same where the input is split around the minimum and around a cut', () => {
    const data = keyStream(1_200_000);
    const near = (place: number) => fc.integer({ min: place - 150, max: place + 150 });
    const place = fc.oneof(near(minChunkBytes), near(vectors.sizes[0] ?? 0), fc.nat(data.length));
    fc.assert(
      fc.property(fc.array(place, { maxLength: 40 }), (places) => {
        const sizes = chunkSizes(new Chunker(polynomial, code), cutAt(data, places));
        assert.deepEqual(sizes, [vectors.sizes[0], data.length - (vectors.sizes[0] ?? 0)]);
      }),
      { numRuns: 40 },
    );
  });

  test('cuts the same when every byte comes alone', () => {
    const data = keyStream(1_000_000);
    const bytes = Array.from(data, (_, i) => data.subarray(i, i + 1));
    assert.deepEqual(chunkSizes(new Chunker(polynomial, code), bytes), [999374, 626]);
  });

  test('an empty piece changes nothing, not even at the largest size', () => {
    const chunker = new Chunker(polynomial, code);
    const data = Buffer.alloc(maxChunkBytes, 0x5a);
    assert.equal(chunker.next(data.subarray(0, maxChunkBytes - 1)), -1);
    assert.equal(chunker.next(data.subarray(0, 0)), -1);
    assert.equal(chunker.next(data.subarray(0, 1)), 1);
    assert.equal(chunker.next(data.subarray(0, 0)), -1);
  });

  test('finds the first of several cuts in a block, wherever they lie', () => {
    const { windowAndBlock, block, chunkerScan, useChunkerTables } = code;
    useChunkerTables(polynomial);
    const cut = vectors.sizes[0] ?? 0;
    const bytesBeforeCut = keyStream(cut).subarray(cut - windowBytes);
    const lengths = [block.length, block.length - 1, 2047, 2048, 2051, 8191, 8192, 9217];
    const edge = fc.constantFrom(...lengths).chain((end) => fc.integer({ min: end - 3, max: end }));
    const place = fc.oneof(fc.integer({ min: 1, max: block.length }), edge);
    fc.assert(
      fc.property(fc.array(place, { maxLength: 40 }), fc.integer(), (drawn, seed) => {
        // Two planted windows must not overwrite one another.
        const places = drawn.filter((a, i) =>
          drawn.slice(0, i).every((b) => Math.abs(a - b) >= windowBytes),
        );
        windowAndBlock.set(noise(windowAndBlock.length, seed));
        for (const end of places) windowAndBlock.set(bytesBeforeCut, end);
        for (const size of lengths) {
          const expected = places.filter((end) => end <= size).sort((a, b) => a - b)[0] ?? 0;
          const found = chunkerScan(size);
          // Noise cuts by chance once in 2^20 bytes; planted cuts are never passed over.
          assert.ok(found === expected || (found > 0 && isCut(code, found)), `${found}`);
          if (expected > 0) assert.ok(found <= expected);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('finds the first of many cuts after noise, as in a run of zeros', () => {
    const { windowAndBlock, block, chunkerScan, useChunkerTables } = code;
    useChunkerTables(polynomial);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: block.length }), fc.integer(), (zeros, seed) => {
        windowAndBlock.set(noise(windowAndBlock.length, seed));
        windowAndBlock.fill(0, windowAndBlock.length - zeros);
        // A window of zeros cuts; noise, or the edge of both, once in 2^20 bytes.
        const expected = zeros < windowBytes ? 0 : block.length - zeros + windowBytes;
        const found = chunkerScan(block.length);
        assert.ok(found === expected || isCut(code, found), `${found}`);
        if (expected > 0) assert.ok(found > 0 && found <= expected);
      }),
    );
  });

  test('two chunkers with different polynomials do not disturb each other', () => {
    const other = generatePolynomial(randomBytes);
    const data = keyStream(3 * mib);
    const chunkers = [polynomial, other].map((each) => new Chunker(each, code));
    const sizes: number[][] = [[], []];
    const starts = [0, 0];
    for (let end = 100_000; end < data.length; end += 100_000) {
      for (const [i, chunker] of chunkers.entries()) {
        for (let at = end - 100_000; ; ) {
          const cut = chunker.next(data.subarray(at, end));
          if (cut < 0) break;
          at += cut;
          sizes[i]?.push(at - (starts[i] ?? 0));
          starts[i] = at;
        }
      }
    }
    for (const [i, each] of [polynomial, other].entries()) {
      const alone = chunkSizes(new Chunker(each, code), [data]);
      assert.deepEqual(sizes[i], alone.slice(0, sizes[i]?.length));
      assert.ok((sizes[i]?.length ?? 0) >= alone.length - 2);
    }
  });
}

/** Bytes that look random and are the same for the same seed. */
function noise(size: number, seed: number): Uint8Array {
  const key = createHash('sha256').update(String(seed)).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** Whether the 64 bytes that end with this one of the kernel's block have a fingerprint that cuts. */
function isCut({ windowAndBlock }: Kernels, end: number): boolean {
  let digest = 0n;
  for (const byte of windowAndBlock.subarray(end, end + windowBytes)) {
    digest = (digest << 8n) | BigInt(byte);
  }
  return (modulo(digest, polynomial) & 0xfffffn) === 0n;
}

test('the histogram kernel counts as its twin does, at any size and over several blocks', () => {
  const { block, histogramStart, histogramUpdate, histogramSquares } = kernels();
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 1000 }),
    fc.tuple(fc.nat(255), fc.nat(65536)).map(([value, size]) => new Uint8Array(size).fill(value)),
  );
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 3 }), (parts) => {
      histogramStart();
      for (const part of parts) {
        block.set(part);
        histogramUpdate(part.length);
      }
      assert.equal(histogramSquares(), sumOfSquares(Buffer.concat(parts)));
    }),
  );
});
