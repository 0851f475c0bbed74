/**
 * Poly1305 one-time authenticator (RFC 8439 §2.5). Node's own MAC is the fastest on long messages but
 * is missing from older versions and takes one to two microseconds to set up; the kernel does the rest.
 */

import * as crypto from 'node:crypto';
import { copyBytes } from '../base/bytes.ts';
import { type Kernels, kernels } from './kernels.ts';

export const tagBytes = 16;
export const oneTimeKeyBytes = 32;
/** Up to about here the objects that Node's MAC leaves to the garbage collector cost more than its speed gains. */
const nativeFromBytes = 4097;

interface Mac {
  update(bytes: Uint8Array): Mac;
  final(): Uint8Array;
}
type CreateMac = (algorithm: 'poly1305', key: Uint8Array) => Mac;

const createMac = findCreateMac();

/**
 * @param key 32 bytes: `r` (clamped at use) and `s`; used for one message only
 * @returns 16 bytes
 */
export function poly1305(key: Uint8Array, message: Uint8Array): Uint8Array {
  return message.length < nativeFromBytes
    ? poly1305Portable(key, message)
    : (poly1305Native(key, message) ?? poly1305Portable(key, message));
}

/** By Node's MAC; undefined where this Node has none. */
export function poly1305Native(key: Uint8Array, message: Uint8Array): Uint8Array | undefined {
  return createMac?.('poly1305', key).update(message).final();
}

/** By the WebAssembly kernel. */
export function poly1305Portable(
  key: Uint8Array,
  message: Uint8Array,
  code: Kernels = kernels(),
): Uint8Array {
  const { block, poly1305Key, poly1305Start, poly1305Update, poly1305Finish } = code;
  poly1305Key.set(key);
  poly1305Start();
  for (let start = 0; start < message.length; start += block.length) {
    const isWhole = message.length <= block.length;
    const part = isWhole ? message : message.subarray(start, start + block.length);
    copyBytes(part, block);
    poly1305Update(part.length);
  }
  poly1305Finish();
  return poly1305Key.slice(0, tagBytes);
}

/** Looked up by name, since the oldest Node that we support lacks it; OpenSSL's build decides too. */
function findCreateMac(): CreateMac | undefined {
  const { createMac: found } = crypto as unknown as { createMac?: CreateMac };
  if (typeof found !== 'function') return undefined;
  try {
    found('poly1305', new Uint8Array(oneTimeKeyBytes)).update(new Uint8Array(1)).final();
    return found;
  } catch {
    return undefined;
  }
}
