/**
 * The mixing of scrypt by a kernel (kernels/scrypt.ts), two lanes at once, in less than half of the
 * processor time that OpenSSL takes for it. Apart from scrypt.ts, so that a thread that mixes loads
 * nothing else.
 */

import { decodeBase64 } from '../base/bytes.ts';
import type { ScryptParams } from './key.ts';
import { scryptWasm } from './scrypt-wasm.ts';

/** The little we use of the global; its types come with TypeScript's browser library only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface ScryptExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  lanesOffset(): number;
  romix(cost: number, blockSize: number): void;
}

const wasmPageBytes = 65536;

/** What a table of the mixer depends on: N and r. */
export type MixCost = Pick<ScryptParams, 'cost' | 'blockSize'>;

/** N and r of restic's keys and of ours. */
export const usualCost: MixCost = { cost: 32768, blockSize: 8 };

/** Bytes of one lane. */
export function laneBytes({ blockSize }: Pick<ScryptParams, 'blockSize'>): number {
  return 128 * blockSize;
}

/** Memory that {@link LaneMixer} takes, in bytes, however many lanes there are. */
export function mixerBytes(params: MixCost): number {
  return 2 * laneBytes(params) * (params.cost + 2);
}

/** Mixes lanes in memory of its own, which is as secret as they are: wipe it, then let go of it. */
export class LaneMixer {
  readonly #code: ScryptExports;

  /** @throws WebAssembly.CompileError without SIMD */
  constructor() {
    const module = new WebAssembly.Module(decodeBase64(scryptWasm));
    // The names and types are those of kernels/scrypt.ts, which a test compiles anew and compares.
    this.#code = new WebAssembly.Instance(module).exports as ScryptExports;
  }

  /** Gets the memory, and from the system each page of it. @throws RangeError if it is not to be had */
  reserve(params: MixCost): void {
    const { memory, lanesOffset } = this.#code;
    const missing = lanesOffset() + mixerBytes(params) - memory.buffer.byteLength;
    if (missing <= 0) return;
    memory.grow(Math.ceil(missing / wasmPageBytes));
    this.wipe();
  }

  /**
   * ROMix (RFC 7914 §5) of each lane, in place.
   * @throws RangeError if the memory is not to be had
   */
  mix(lanes: Uint8Array, params: MixCost): void {
    this.reserve(params);
    const pairBytes = 2 * laneBytes(params);
    const room = new Uint8Array(this.#code.memory.buffer, this.#code.lanesOffset(), pairBytes);
    for (let at = 0; at < lanes.byteLength; at += pairBytes) {
      // A last lane without a partner mixes beside what is left of the one before.
      const pair = lanes.subarray(at, at + pairBytes);
      room.set(pair);
      this.#code.romix(params.cost, params.blockSize);
      pair.set(room.subarray(0, pair.byteLength));
    }
  }

  wipe(): void {
    new Uint8Array(this.#code.memory.buffer).fill(0);
  }
}
