import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes } from '../base/bytes.ts';
import { generateRepositoryKey, seal } from './crypto.ts';
import { type BlobType, blobIdOf, parseBlobId } from './ids.ts';
import {
  encodePackHeader,
  openBlob,
  type PackEntry,
  packSize,
  parsePackHeader,
  readPackHeader,
  sealBlob,
  sealPackHeader,
} from './pack.ts';

const key = generateRepositoryKey(randomBytes);
const id = parseBlobId('ab'.repeat(32));

/** Lays entries out one after another. */
function layOut(parts: readonly Omit<PackEntry, 'offset'>[]): PackEntry[] {
  let offset = 0;
  return parts.map((part) => {
    const entry = { ...part, offset };
    offset += part.length;
    return entry;
  });
}

function makePack(blobCount: number): { file: Uint8Array; entries: PackEntry[] } {
  const sealed = Array.from({ length: blobCount }, (_, i) => {
    const plaintext = Buffer.from(`${i} `.repeat(20));
    const blob = sealBlob(key, 2, 'data', plaintext, i % 2 === 0 ? 'auto' : 'off');
    return { ...blob, id: blobIdOf(plaintext) };
  });
  const entries = layOut(
    sealed.map((blob) => ({
      type: 'data',
      id: blob.id,
      length: blob.sealed.byteLength,
      uncompressedLength: blob.uncompressedLength,
    })),
  );
  const blobs = sealed.map((blob) => blob.sealed);
  return { file: concatBytes(...blobs, sealPackHeader(key, entries)), entries };
}

function reader(file: Uint8Array): {
  requests: number[];
  read: (offset: number, length: number) => Promise<Uint8Array>;
} {
  const requests: number[] = [];
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    requests.push(length);
    return file.subarray(offset, offset + length);
  };
  return { requests, read };
}

test('a header has restic’s bytes for each of the four kinds', () => {
  const entries = layOut([
    { type: 'data', id, length: 0x104, uncompressedLength: 0 },
    { type: 'tree', id, length: 33, uncompressedLength: 0 },
    { type: 'data', id, length: 34, uncompressedLength: 0x0203 },
    { type: 'tree', id, length: 35, uncompressedLength: 2 ** 32 - 1 },
  ]);
  assert.equal(
    Buffer.from(encodePackHeader(entries)).toString('hex'),
    `0004010000${id}` + `0121000000${id}` + `022200000003020000${id}` + `0323000000ffffffff${id}`,
  );
});

test('any header reads back as it was', () => {
  const part = fc.record(
    {
      type: fc.constantFrom<BlobType>('data', 'tree'),
      id: fc
        .uint8Array({ minLength: 32, maxLength: 32 })
        .map((bytes) => parseBlobId(Buffer.from(bytes).toString('hex'))),
      length: fc.integer({ min: 32, max: 2 ** 32 - 1 }),
      uncompressedLength: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 32 - 1 })),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const entries = layOut(parts);
      assert.deepEqual(parsePackHeader(encodePackHeader(entries)), entries);
    }),
  );
});

test('a header cut anywhere but between entries is refused', () => {
  const header = encodePackHeader(
    layOut([
      { type: 'data', id, length: 40, uncompressedLength: 0 },
      { type: 'data', id, length: 40, uncompressedLength: 9 },
    ]),
  );
  for (let size = 0; size < header.length; size += 1) {
    if (size === 0 || size === 37) continue;
    assert.throws(() => parsePackHeader(header.subarray(0, size)), { code: 'format/pack' });
  }
});

test('an unknown kind and impossible sizes are refused', () => {
  const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
  for (const text of [`0428000000${id}`, `ff28000000${id}`, `001f000000${id}`]) {
    assert.throws(() => parsePackHeader(hex(text)), { code: 'format/pack' }, text);
  }
  assert.throws(() => parsePackHeader(hex(`022800000000000000${id}`)), { code: 'format/pack' });
});

test('entries with a gap between them are a bug of the caller', () => {
  const entry = { type: 'data' as const, id, offset: 1, length: 40, uncompressedLength: 0 };
  assert.throws(() => encodePackHeader([entry]), /broken invariant/);
});

test('the header of a pack is read in one request, or two beyond 15 entries', async () => {
  for (const [blobCount, requestCount] of [
    [1, 1],
    [15, 1],
    [16, 2],
    [40, 2],
  ] as const) {
    const { file, entries } = makePack(blobCount);
    assert.equal(packSize(entries), file.byteLength);
    const { requests, read } = reader(file);
    assert.deepEqual(await readPackHeader(key, file.byteLength, read), entries);
    assert.equal(requests.length, requestCount, `${blobCount} blobs`);
  }
});

test('a damaged end of a pack is refused', async () => {
  const { file } = makePack(3);
  const lengths = [0, 31, 32, file.byteLength, 2 ** 32 - 1];
  for (const length of lengths) {
    const damaged = new Uint8Array(file);
    new DataView(damaged.buffer).setUint32(file.byteLength - 4, length, true);
    const { read } = reader(damaged);
    await assert.rejects(readPackHeader(key, file.byteLength, read), { code: 'format/pack' });
  }
  for (const size of [0, 4, 72]) {
    const { read } = reader(file);
    await assert.rejects(readPackHeader(key, size, read), { code: 'format/pack' });
  }
  const flipped = new Uint8Array(file);
  flipped[file.byteLength - 10] = (flipped[file.byteLength - 10] ?? 0) ^ 1;
  await assert.rejects(readPackHeader(key, file.byteLength, reader(flipped).read), {
    code: 'format/mac',
  });
});

test('a pack that lost bytes before its header is refused', async () => {
  const { file } = makePack(3);
  const shortened = file.subarray(1);
  await assert.rejects(readPackHeader(key, shortened.byteLength, reader(shortened).read), {
    code: 'format/pack',
  });
});

test('a pack in memory that is part of a larger buffer is read like any other', async () => {
  const { file, entries } = makePack(2);
  const larger = concatBytes(randomBytes(13), file, randomBytes(5)).subarray(
    13,
    13 + file.byteLength,
  );
  assert.deepEqual(await readPackHeader(key, file.byteLength, reader(larger).read), entries);
});

test('blobs are compressed where the format says so', () => {
  const text = Buffer.from('text '.repeat(100));
  const noise = randomBytes(500);
  const isCompressed = (...args: [1 | 2, BlobType, Uint8Array, 'auto' | 'off']): boolean =>
    sealBlob(key, ...args).uncompressedLength !== 0;
  assert.equal(isCompressed(1, 'data', text, 'auto'), false);
  assert.equal(isCompressed(1, 'tree', text, 'auto'), false);
  assert.equal(isCompressed(2, 'data', text, 'auto'), true);
  assert.equal(isCompressed(2, 'data', text, 'off'), false);
  assert.equal(isCompressed(2, 'tree', text, 'off'), true);
  assert.equal(isCompressed(2, 'tree', noise, 'off'), true);
  assert.equal(isCompressed(2, 'data', noise, 'auto'), false);
  assert.equal(isCompressed(2, 'data', new Uint8Array(), 'auto'), false);
});

test('any blob opens to what was sealed', () => {
  const version = fc.constantFrom<1 | 2>(1, 2);
  const type = fc.constantFrom<BlobType>('data', 'tree');
  fc.assert(
    fc.property(version, type, fc.uint8Array(), (v, t, plaintext) => {
      const { sealed, uncompressedLength } = sealBlob(key, v, t, plaintext, 'auto');
      const entry = { type: t, id: blobIdOf(plaintext), uncompressedLength };
      assert.deepEqual(new Uint8Array(openBlob(key, sealed, entry)), plaintext);
    }),
    { numRuns: 50 },
  );
});

test('a blob that is not what its entry says does not open', () => {
  const plaintext = Buffer.from('text '.repeat(100));
  const entry = { type: 'data' as const, id: blobIdOf(plaintext), uncompressedLength: 500 };
  const { sealed } = sealBlob(key, 2, 'data', plaintext, 'auto');
  assert.throws(() => openBlob(key, sealed, { ...entry, id }), { code: 'format/unexpected-hash' });
  for (const uncompressedLength of [1, 499, 501]) {
    assert.throws(() => openBlob(key, sealed, { ...entry, uncompressedLength }), {
      code: 'format/compression',
    });
  }
  assert.throws(() => openBlob(key, seal(key, plaintext), entry), { code: 'format/compression' });
  assert.throws(() => openBlob(key, sealed.subarray(1), entry), { code: 'format/mac' });
});
