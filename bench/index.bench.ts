/**
 * Question: what does a blob of the index cost in memory and time, up to ten million blobs?
 *
 *     node --expose-gc bench/index.bench.ts [--blobs 10000000] [--file-blobs 50000]
 *
 * Blobs come in packs of small files. Loading is measured on one index file, by JSON.parse and by the
 * scanner; merging is `addPack` and the making of the hash table, so that the memory told is the index and
 * nothing else.
 */

import { execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KnownBlobs } from '../src/engine/workers/known-blobs.ts';
import { BlobIndex } from '../src/repository/blob-index.ts';
import {
  type BlobId,
  blobIdFromBytes,
  blobIdToBytes,
  idBytes,
  parsePackId,
} from '../src/repository/ids.ts';
import { IndexColumns } from '../src/repository/index-columns.ts';
import {
  encodeIndex,
  type IndexedPack,
  parseIndex,
  readIndex,
} from '../src/repository/index-file.ts';

const { values } = parseArgs({
  options: {
    blobs: { type: 'string', default: '10000000' },
    'file-blobs': { type: 'string', default: '50000' },
  },
});
const blobsPerPack = 4000;
const lookups = 1_000_000;
const rounds = 9;
const sizes = [1000, 1_000_000, Number(values.blobs)];

/** Ids as SHA-256 would give them, the same in every run. */
const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 'index'), Buffer.alloc(16));
const nextId = (): BlobId => blobIdFromBytes(cipher.update(Buffer.alloc(idBytes)));

function makePack(number: number, count: number): IndexedPack {
  const id = parsePackId(number.toString(16).padStart(64, '0'));
  const ids = cipher.update(Buffer.alloc(count * idBytes));
  const blobs = Array.from({ length: count }, (_, at) => ({
    type: 'data' as const,
    id: blobIdFromBytes(ids.subarray(at * idBytes, (at + 1) * idBytes)),
    offset: at * 3000,
    length: 3000,
    uncompressedLength: 4096,
  }));
  return { id, blobs };
}

const usPer = (started: number, count: number): string =>
  (((performance.now() - started) * 1000) / count).toFixed(2);

/** Bytes of arrays and of objects. */
function memory(): number {
  // The second one frees the memory of arrays that the first found to be garbage.
  globalThis.gc?.();
  globalThis.gc?.();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

/** Both ways from an index file to the index, in turn, by processor time. */
function measureLoading(count: number): void {
  const packs = Array.from({ length: Math.ceil(count / blobsPerPack) }, (_, number) =>
    makePack(number, blobsPerPack),
  );
  const json = encodeIndex({ packs });
  const scratch = new IndexColumns();
  const ways = {
    parsed: (index: BlobIndex) => {
      for (const pack of parseIndex(json).packs) index.addPack(pack.id, pack.blobs);
    },
    scanned: (index: BlobIndex) => {
      readIndex(json, scratch);
      index.addPacks(scratch);
    },
  };
  const times = { parsed: [] as number[], scanned: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of ['parsed', 'scanned'] as const) {
      const before = process.cpuUsage();
      ways[name](new BlobIndex());
      const { user, system } = process.cpuUsage(before);
      times[name].push(user + system);
    }
  }
  const blobs = packs.length * blobsPerPack;
  for (const name of ['parsed', 'scanned'] as const) {
    const ratios = times[name].map((time, at) => (times.parsed[at] ?? Number.NaN) / time);
    console.log(
      `load an index file, ${name.padEnd(8)} ${(median(times[name]) / blobs).toFixed(2)} µs a blob, ` +
        `ratio ${median(ratios).toFixed(2)}`,
    );
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

function measureIndex(count: number): void {
  const before = memory();
  const index = new BlobIndex();
  const known: BlobId[] = [];
  let adding = 0;
  for (let pack = 0; pack * blobsPerPack < count; pack += 1) {
    const made = makePack(pack, Math.min(blobsPerPack, count - pack * blobsPerPack));
    known.push(...made.blobs.filter((_, at) => at % 1000 === 0).map(({ id }) => id));
    const started = performance.now();
    index.addPack(made.id, made.blobs);
    adding += performance.now() - started;
  }
  const started = performance.now();
  // The first question makes the hash table.
  if (index.size !== count) throw new Error(`${index.size} blobs`);
  adding += performance.now() - started;
  const absent = Array.from(known, nextId);
  const beforeSharing = memory();
  const shared = KnownBlobs.create(index.share());
  const sharedBytes = memory() - beforeSharing;
  const bytes = memory() - before - sharedBytes - known.length * 2 * 80;
  const look = (ids: readonly BlobId[], expected: boolean): string => {
    const lookStarted = performance.now();
    for (let at = 0; at < lookups; at += 1) {
      const id = ids[at % ids.length];
      if (id === undefined || index.has('data', id) !== expected) throw new Error(`blob ${id}`);
    }
    return usPer(lookStarted, lookups);
  };
  const rawIds = known.map(blobIdToBytes);
  const claimed = performance.now();
  for (let at = 0; at < lookups; at += 1) {
    const id = rawIds[at % rawIds.length];
    if (id === undefined || shared.claim(id)) throw new Error('a stored blob was claimed');
  }
  const claim = usPer(claimed, lookups);
  console.log(
    `${String(index.size).padStart(8)} blobs: ${(bytes / index.size).toFixed(1)} bytes a blob, ` +
      `merge ${((adding * 1000) / index.size).toFixed(2)} µs, ` +
      `find ${look(known, true)} µs, miss ${look(absent, false)} µs, ` +
      `for workers ${(sharedBytes / 2 ** 20).toFixed(1)} MiB more, ${claim} µs, ` +
      `peak of the process ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
  );
}

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
  cwd: resolve(import.meta.dirname, '..'),
  encoding: 'utf8',
});
console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}, commit ${commit.trim()}`,
);
if (globalThis.gc === undefined) console.log('without --expose-gc the memory counts garbage, too');
measureLoading(Number(values['file-blobs']));
for (const size of sizes) measureIndex(size);
