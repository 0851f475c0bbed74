/** scrypt in a thread, so that a command prepares its work while the password becomes a key. */

import { type DeriveKey, deriveByNode, type ScryptParams } from '../repository/key.ts';
import { mixerBytes } from '../repository/lane-mixer.ts';
import { finishScrypt, startScrypt } from '../repository/scrypt.ts';
import { mixInThread } from './scrypt-thread.ts';

/** N·r·p from which on the start of a thread pays off: half of what restic's keys have. */
const minWork = 2 ** 19;
/** Two lanes with restic's N and r, and their two blocks more. */
const maxMixerBytes = 65 * 2 ** 20;

/** The kernel's scrypt where it is the faster one, else Node's. */
export const deriveKey: DeriveKey = async (password, salt, length, params) => {
  if (!isFaster(params)) return deriveByNode(password, salt, length, params);
  const lanes = startScrypt(password, salt, params);
  try {
    await mixInThread({ lanes, params });
    return finishScrypt(password, lanes, length);
  } catch {
    // No memory, no thread or no SIMD on this machine: the data must be reachable all the same.
    return await deriveByNode(password, salt, length, params);
  } finally {
    lanes.fill(0);
  }
};

function isFaster(params: ScryptParams): boolean {
  const { cost, blockSize, parallelization } = params;
  return (
    parallelization > 1 &&
    cost * blockSize * parallelization >= minWork &&
    mixerBytes(params) <= maxMixerBytes
  );
}
