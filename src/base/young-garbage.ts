/**
 * What TLS hands over comes in pieces of 16 KiB: tiny objects of V8's young generation, each with memory outside
 * of the heap, which counts against the limit at which V8 goes over the whole heap. A collection of the young
 * generation alone frees it in half a millisecond, but V8 begins one only once the objects fill it, which may be
 * too late (docs/decisions/013-the-first-limit-of-the-heap.md).
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'minor' }) => void;

/** A process with a heap of 36 MB and a first limit of 64 has room for twice as much. */
const bytesBetween = 16 * 1024 ** 2;

let collect: Collect | undefined;
let bytesSince = 0;

/** To be told of bytes that came in such pieces and are not needed any more; collects now and then. */
export function noteYoungGarbage(bytes: number): void {
  bytesSince += bytes;
  if (bytesSince < bytesBetween) return;
  bytesSince = 0;
  collect ??= exposeCollector();
  collect?.({ type: 'minor' });
}

/** Undefined in a runtime that has none: then memory is collected as V8 sees fit. */
function exposeCollector(): Collect | undefined {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('globalThis.gc');
  return typeof found === 'function' ? (found as Collect) : undefined;
}
