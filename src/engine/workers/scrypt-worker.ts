/** Mixes the lanes of one scrypt, says so, wipes its memory and ends. */

import { parentPort } from 'node:worker_threads';
import { LaneMixer, usualCost } from '../../repository/lane-mixer.ts';
import type { MixTask } from '../scrypt-thread.ts';

const mixer = new LaneMixer();
mixer.reserve(usualCost);

parentPort?.once('message', ({ lanes, params }: MixTask) => {
  mixer.mix(lanes, params);
  parentPort?.postMessage('mixed');
  mixer.wipe();
});
