import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { isSealiftError } from '../base/errors.ts';
import { compress, compressionModes, decompress, looksRandom } from './compression.ts';

/** Text with some repetition, as logs and sources have it. */
function text(size: number): Uint8Array {
  const words = Array.from(
    { length: size / 4 },
    (_, i) => `${((i * 7919) % 1013).toString(36)} ${i % 97} `,
  );
  return Buffer.from(words.join('')).subarray(0, size);
}

describe('zstd frames', () => {
  test('any bytes come back, and the exact size is limit enough', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 5000 }),
        fc.constantFrom(...compressionModes),
        (bytes, mode) => {
          const back = decompress(compress(bytes, mode), bytes.length);
          assert.deepEqual(Buffer.from(back), Buffer.from(bytes));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('come back at the sizes of pieces: 64 KiB, 8 MiB, 20 MiB of zeros', () => {
    for (const size of [1 << 16, (1 << 16) + 1, 8 << 20, 20 << 20]) {
      const back = decompress(compress(new Uint8Array(size), 'auto'), size);
      assert.equal(back.length, size);
      assert.ok(Buffer.from(back.buffer, back.byteOffset, size).equals(Buffer.alloc(size)));
    }
  });

  test('random bytes grow by less than a tenth of a per cent', () => {
    for (const mode of compressionModes) {
      assert.ok(compress(randomBytes(1 << 20), mode).length < (1 << 20) * 1.001);
    }
  });

  test('a mode that takes longer makes no larger frame', () => {
    const bytes = readFileSync(new URL('tree.ts', import.meta.url));
    const sizes = (['fastest', 'auto', 'better', 'max'] as const).map(
      (mode) => compress(bytes, mode).length,
    );
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => b - a),
    );
  });

  test('carry no checksum, since blobs have a MAC and a hash', () => {
    const checksumFlag = 4; // RFC 8878 §3.1.1.1.1
    for (const mode of compressionModes) {
      assert.equal((compress(text(10_000), mode)[4] ?? checksumFlag) & checksumFlag, 0);
    }
  });

  test('that say nothing of their size are read all the same', () => {
    const bytes = text(300_000);
    const frame = zstdCompressSync(bytes, {
      params: { [constants.ZSTD_c_contentSizeFlag]: 0, [constants.ZSTD_c_checksumFlag]: 1 },
    });
    assert.ok(Buffer.from(decompress(frame, 1 << 30)).equals(bytes));
  });

  test('a small frame with a large limit takes little memory', () => {
    const back = decompress(compress(Buffer.from('{"a lock":true}'), 'auto'), 1 << 30);
    assert.ok(back.buffer.byteLength <= 128 * 1024);
  });

  test('a bomb is refused at the limit', () => {
    const bomb = compress(new Uint8Array(64 << 20), 'auto');
    assert.ok(bomb.length < 10_000);
    for (const limit of [0, 1, 1000, 1 << 20]) {
      assert.throws(
        () => decompress(bomb, limit),
        (error) => isSealiftError(error, 'format/compression'),
      );
    }
  });

  // Frames whose blocks are compressed, raw, one byte repeated; of several blocks; with all fields.
  const params = { [constants.ZSTD_c_contentSizeFlag]: 0, [constants.ZSTD_c_checksumFlag]: 1 };
  const frames = {
    compressed: compress(text(2000), 'auto'),
    raw: compress(randomBytes(300), 'auto'),
    repeated: compress(new Uint8Array(200_000), 'auto'),
    'of several blocks': compress(text(400_000), 'max'),
    'without a size and with a checksum': zstdCompressSync(text(2000), { params }),
    empty: compress(new Uint8Array(0), 'auto'),
  };
  for (const [name, frame] of Object.entries(frames)) {
    test(`a frame (${name}) cut anywhere is refused`, () => {
      const step = Math.ceil(frame.length / 1000);
      assert.doesNotThrow(() => decompress(frame, 1 << 20));
      for (let size = frame.length - 1; size >= 0; size -= size > 20 ? step : 1) {
        assert.throws(
          () => decompress(frame.subarray(0, size), 1 << 20),
          (error) => isSealiftError(error, 'format/compression'),
          `${size} of ${frame.length} bytes`,
        );
      }
    });
  }

  test('bytes changed at random give an error of ours or other bytes, never another failure', () => {
    const frame = frames.compressed;
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = frame.slice();
        changed[at] = (changed[at] ?? 0) ^ change;
        try {
          decompress(changed, 1 << 20);
        } catch (error) {
          assert.ok(isSealiftError(error, 'format/compression'));
        }
      }),
    );
  });
});

describe('content that cannot be compressed', () => {
  const sizes = [512, 4096, 16_384, 16_385, 1_000_000];

  test('is told by its byte values, seldom wrongly', () => {
    for (const size of sizes) {
      const found = Array.from({ length: 200 }, () => looksRandom(randomBytes(size)));
      // 98.5 of 100 are expected; 170 of 200 would be eleven deviations away.
      assert.ok(found.filter(Boolean).length > 170, `${size} bytes`);
    }
  });

  test('is nothing that zstd makes smaller by a tenth', () => {
    const mixed = (size: number): Uint8Array =>
      Buffer.concat([randomBytes((size * 3) / 4), text(size / 4)]);
    const repeated = (size: number): Uint8Array => {
      const half = randomBytes(size / 2);
      return Buffer.concat([half, half]);
    };
    for (const size of [4096, 16_384]) {
      for (const make of [text, mixed, repeated]) assert.ok(!looksRandom(make(size)), make.name);
      assert.ok(!looksRandom(new Uint8Array(size)));
      assert.ok(!looksRandom(Uint8Array.from({ length: size }, (_, i) => i)));
      assert.ok(!looksRandom(Buffer.from(randomBytes(size / 4).toString('base64'))));
    }
    assert.ok(!looksRandom(mixed(1_000_000)));
    assert.ok(!looksRandom(new Uint8Array(0)));
  });
});
