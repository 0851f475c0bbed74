/**
 * What this machine could do at most: SHA-256, AES-256-CTR, zstd and a copy at full speed on all cores,
 * each in as many worker threads as there are cores, on memory that is reused.
 */

import { createCipheriv, hash, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { constants, zstdCompressSync } from 'node:zlib';

export const kernels = [
  'SHA-256',
  'AES-256-CTR',
  'zstd, incompressible',
  'zstd, mixed',
  'copy',
] as const;
export type Kernel = (typeof kernels)[number];

/** Bytes a second of all cores together. */
export type HardwareLimits = Readonly<Record<Kernel, number>>;

const pieceBytes = 1024 ** 2;
const durationMs = 1000;
/** The level that `auto` stands for. */
const zstdLevel = 3;

if (!isMainThread && workerData?.kernel !== undefined) {
  parentPort?.postMessage(rateOf(workerData.kernel));
}

export async function measureHardware(): Promise<HardwareLimits> {
  const rates: [Kernel, number][] = [];
  for (const kernel of kernels) rates.push([kernel, await onAllCores(kernel)]);
  // Every key of the record was just measured.
  return Object.fromEntries(rates) as Record<Kernel, number>;
}

async function onAllCores(kernel: Kernel): Promise<number> {
  const workers = Array.from({ length: availableParallelism() }, async () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { kernel } });
    return new Promise<number>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  });
  return (await Promise.all(workers)).reduce((sum, rate) => sum + rate, 0);
}

function rateOf(kernel: Kernel): number {
  const step = stepOf(kernel);
  for (let i = 0; i < 20; i += 1) step();
  const started = performance.now();
  let bytes = 0;
  while (performance.now() - started < durationMs) {
    step();
    bytes += pieceBytes;
  }
  return (bytes * 1000) / (performance.now() - started);
}

function stepOf(kernel: Kernel): () => unknown {
  const random = randomBytes(pieceBytes);
  const target = Buffer.alloc(pieceBytes);
  const params = { [constants.ZSTD_c_compressionLevel]: zstdLevel };
  switch (kernel) {
    case 'SHA-256':
      return () => hash('sha256', random, 'buffer');
    case 'AES-256-CTR': {
      const cipher = createCipheriv('aes-256-ctr', randomBytes(32), randomBytes(16));
      return () => cipher.update(random);
    }
    case 'zstd, incompressible':
      return () => zstdCompressSync(random, { params, chunkSize: pieceBytes * 2 });
    case 'zstd, mixed': {
      const mixed = Buffer.from(random);
      // Letters of a small alphabet in half of it.
      for (let i = 0; i < pieceBytes / 2; i += 1) mixed[i] = 97 + ((mixed[i] ?? 0) % 16);
      return () => zstdCompressSync(mixed, { params, chunkSize: pieceBytes * 2 });
    }
    case 'copy':
      return () => random.copy(target);
  }
}

/**
 * The rate at which incompressible data could pass if all cores did nothing but hash it twice (blob and
 * pack) and encrypt it once: what no program that writes this format on this machine can exceed.
 */
export function passLimit(limits: HardwareLimits): number {
  return 1 / (2 / limits['SHA-256'] + 1 / limits['AES-256-CTR']);
}
