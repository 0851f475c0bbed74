/**
 * The WebAssembly kernels (kernels/, compiled into kernels-wasm.ts): one instance a thread, made at
 * first use, with 128 KiB of memory that never grows. Calls are synchronous and leave nothing behind
 * that a later call relies on, except the chunker's tables, whose owner is remembered here.
 *
 * There are two modules with the same exports and results: one that works in vectors, used where this
 * runtime accepts it, and one that runs everywhere.
 */

import { decodeBase64 } from '../base/bytes.ts';
import { scalarWasm, vectorWasm } from './kernels-wasm.ts';
import type { Polynomial } from './polynomial.ts';

/** The little we use of the global; its types come with TypeScript's browser library only. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  blockBytes(): number;
  blockOffset(): number;
  windowOffset(): number;
  chunkerTables(polynomial: bigint): void;
  chunkerScan(size: number): number;
  histogramStart(): void;
  histogramUpdate(size: number): void;
  histogramSquares(): number;
  poly1305KeyOffset(): number;
  poly1305Start(): void;
  poly1305Update(size: number): void;
  poly1305Finish(): void;
}

/** Size of the window in front of a block, in bytes. */
export const windowBytes = 64;

export interface Kernels extends KernelExports {
  /** Input of a kernel: the host copies what it hands over to the front. */
  readonly block: Uint8Array;
  /** The chunker's 64 bytes before the block, and the block. */
  readonly windowAndBlock: Uint8Array;
  /** 32 bytes: Poly1305's one-time key, later the tag in the first 16. */
  readonly poly1305Key: Uint8Array;
  /** Puts this polynomial's tables in place unless they are there. */
  useChunkerTables(polynomial: Polynomial): void;
}

let loaded: Kernels | undefined;

/** The kernels of this thread. */
export function kernels(): Kernels {
  loaded ??= loadVectorKernels() ?? loadScalarKernels();
  return loaded;
}

/** Undefined where this runtime lacks the instructions. */
export function loadVectorKernels(): Kernels | undefined {
  const bytes = decodeBase64(vectorWasm);
  return WebAssembly.validate(bytes) ? load(bytes) : undefined;
}

export function loadScalarKernels(): Kernels {
  return load(decodeBase64(scalarWasm));
}

function load(bytes: Uint8Array): Kernels {
  const module = new WebAssembly.Module(bytes);
  // The names and types are those of kernels/index.ts, which a test compiles anew and compares.
  const code = new WebAssembly.Instance(module).exports as KernelExports;
  const view = (offset: number, size: number) => new Uint8Array(code.memory.buffer, offset, size);
  let polynomialInPlace: Polynomial | undefined;
  return {
    ...code,
    block: view(code.blockOffset(), code.blockBytes()),
    windowAndBlock: view(code.windowOffset(), windowBytes + code.blockBytes()),
    poly1305Key: view(code.poly1305KeyOffset(), 32),
    useChunkerTables(polynomial) {
      if (polynomial === polynomialInPlace) return;
      code.chunkerTables(polynomial);
      polynomialInPlace = polynomial;
    },
  };
}
