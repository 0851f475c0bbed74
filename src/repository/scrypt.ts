/** scrypt (RFC 7914) in steps, so that the lanes can be mixed elsewhere (lane-mixer.ts). */

import { pbkdf2Sync } from 'node:crypto';
import type { ScryptParams } from './key.ts';
import { laneBytes } from './lane-mixer.ts';

/**
 * The first step of scrypt: the lanes, one behind the other, in memory that threads can share.
 * Mix each, then call {@link finishScrypt}.
 */
export function startScrypt(
  password: string,
  salt: Uint8Array,
  params: ScryptParams,
): Uint8Array<SharedArrayBuffer> {
  const size = params.parallelization * laneBytes(params);
  const lanes = new Uint8Array(new SharedArrayBuffer(size));
  const made = pbkdf2Sync(password, salt, 1, size, 'sha256');
  lanes.set(made);
  made.fill(0);
  return lanes;
}

/** The last step: `length` bytes from the mixed lanes. */
export function finishScrypt(password: string, lanes: Uint8Array, length: number): Buffer {
  return pbkdf2Sync(password, lanes, 1, length, 'sha256');
}
