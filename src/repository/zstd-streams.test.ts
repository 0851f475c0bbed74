import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { compress, compressionModes } from './compression.ts';
import { FrameDecoder, FrameEncoder } from './zstd-streams.ts';

/** False on a Node whose coders have another shape; all then goes the other way. */
const isKnown = new FrameDecoder().unfold(
  zstdCompressSync(Buffer.from('text')),
  new Uint8Array(5),
  4,
);
const contents = [0, 1, 100, 4096, 300_000, 5_000_000].map((size) =>
  Buffer.concat([randomBytes(size >>> 1), Buffer.alloc(size - (size >>> 1), 'text ')]),
);

test('frames unfold one after the other', { skip: !isKnown }, () => {
  const decoder = new FrameDecoder();
  for (const content of [...contents, ...contents.toReversed()]) {
    const target = new Uint8Array(content.length + 1);
    assert.equal(decoder.unfold(zstdCompressSync(content), target, content.length), true);
    assert.deepEqual(Buffer.from(target.subarray(0, content.length)), content);
  }
});

test('after a frame that is damaged, cut short or of another size the next one unfolds', () => {
  const decoder = new FrameDecoder();
  const content = Buffer.concat([randomBytes(3000), Buffer.alloc(5000, 'text ')]);
  const frame = zstdCompressSync(content);
  const noFrame = Buffer.from(frame).fill(0, 0, 4);
  const wrong: [Uint8Array, number][] = [
    [noFrame, content.length],
    [frame.subarray(0, frame.length - 1), content.length],
    [frame.subarray(0, 2), content.length],
    [frame, content.length - 1],
    [frame, content.length + 1],
    [Buffer.concat([frame, Buffer.from([1])]), content.length],
    [new Uint8Array(), content.length],
  ];
  const target = new Uint8Array(content.length + 2);
  for (const [bytes, size] of wrong) {
    assert.equal(decoder.unfold(bytes, target, size), false);
    assert.equal(decoder.unfold(frame, target, content.length), isKnown);
    if (isKnown) assert.deepEqual(Buffer.from(target.subarray(0, content.length)), content);
  }
});

test('an encoder makes the frames that a new one would, one after the other', {
  skip: !isKnown,
}, () => {
  const encoder = new FrameEncoder();
  for (const content of [...contents, ...contents.toReversed()]) {
    for (const mode of content.length > 1_000_000 ? (['auto'] as const) : compressionModes) {
      const frame = encoder.fold(content, mode);
      assert.ok(frame);
      assert.deepEqual(zstdDecompressSync(frame), content);
      assert.deepEqual(Buffer.from(frame), compress(content, mode));
    }
  }
});
