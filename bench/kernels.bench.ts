/**
 * Question: what do kernels that work in vectors gain over the scalar ones?
 *
 *     node bench/kernels.bench.ts [--rounds 31]
 *
 * The whole path is measured, copies into the kernels' memory included. Contenders take turns within
 * each round; what counts is processor time, and the ratio is the median of the rounds' ratios.
 */

import { execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Chunker } from '../src/repository/chunker.ts';
import { type Kernels, loadScalarKernels, loadVectorKernels } from '../src/repository/kernels.ts';
import { poly1305Native, poly1305Portable } from '../src/repository/poly1305.ts';
import { parsePolynomial } from '../src/repository/polynomial.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '31' } } });
const mib = 1024 ** 2;

interface Contender {
  readonly name: string;
  /** Handles `bytes` bytes. */
  readonly run: () => void;
}

/** The first contender is what the others are compared with. */
function compare(question: string, bytes: number, contenders: readonly Contender[]): void {
  const times = contenders.map((): number[] => []);
  for (const { run } of contenders) run();
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [index, { run }] of contenders.entries()) {
      const before = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(before);
      times[index]?.push(user + system);
    }
  }
  for (const [index, { name }] of contenders.entries()) {
    const own = times[index] ?? [];
    const ratios = own.map((time, round) => (times[0]?.[round] ?? Number.NaN) / time);
    const rate = (bytes / median(own)).toFixed(0).padStart(6);
    console.log(
      `${question.padEnd(24)} ${name.padEnd(10)} ${rate} MB/s  ratio ${median(ratios).toFixed(2)}` +
        ` (${spread(ratios)})`,
    );
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

function spread(numbers: readonly number[]): string {
  return [Math.min(...numbers), Math.max(...numbers)].map((each) => each.toFixed(2)).join('–');
}

const polynomial = parsePolynomial('284b0b9502ee9b');
const random = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(
  Buffer.alloc(32 * mib),
);

function chunking(code: Kernels): void {
  const chunker = new Chunker(polynomial, code);
  for (let at = 0; at < random.length; at += mib) {
    let rest = random.subarray(at, at + mib);
    for (let cut = chunker.next(rest); cut >= 0; cut = chunker.next(rest))
      rest = rest.subarray(cut);
  }
}

function authenticating(size: number, mac: (key: Uint8Array, message: Uint8Array) => unknown) {
  const key = random.subarray(0, 32);
  return () => {
    for (let at = 0; at + size <= 8 * mib; at += size) mac(key, random.subarray(at, at + size));
  };
}

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
  cwd: resolve(import.meta.dirname, '..'),
  encoding: 'utf8',
});
console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}, commit ${commit.trim()}`,
);
const scalar = loadScalarKernels();
const vectors = loadVectorKernels();
if (vectors === undefined) throw new Error('this Node has no relaxed vectors in WebAssembly');
compare('chunk 32 MiB', random.length, [
  { name: 'scalar', run: () => chunking(scalar) },
  { name: 'vectors', run: () => chunking(vectors) },
]);
for (const size of [512, 4096, 65536]) {
  const contenders = [
    {
      name: 'scalar',
      run: authenticating(size, (key, message) => poly1305Portable(key, message, scalar)),
    },
    {
      name: 'vectors',
      run: authenticating(size, (key, message) => poly1305Portable(key, message, vectors)),
    },
    { name: "Node's own", run: authenticating(size, poly1305Native) },
  ];
  compare(`Poly1305 of ${size} bytes`, 8 * mib, contenders);
}
