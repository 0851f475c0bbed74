/** Mixes the lanes of one scrypt in a thread, says so, and ends. */

import { parentPort, workerData } from 'node:worker_threads';
import { LaneMixer } from '../../repository/lane-mixer.ts';
import type { ScryptSetup } from '../derive-key.ts';

const { lanes, params } = workerData as ScryptSetup;
const mixer = new LaneMixer(params);
mixer.mix(lanes);
parentPort?.postMessage('mixed');
mixer.wipe();
