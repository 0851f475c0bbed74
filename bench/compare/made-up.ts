/** A machine and a data set that were made up, with round figures, for tests. */

import type { ContentCosts } from './content-costs.ts';
import type { Hardware } from './hardware.ts';

export const hardware: Hardware = {
  cores: 2,
  rates: {
    'SHA-256': 4e9,
    'AES-256-CTR': 2e9,
    Poly1305: 4e9,
    'reading a large file': 10e9,
    'writing a new large file': 5e9,
  },
  scryptSeconds: 0.2,
  nodeSeconds: 0.05,
};

/** A GB in 1000 files, of which a hundredth was measured; it is stored as it is. */
export const content: ContentCosts = {
  files: 1000,
  bytes: 1e9,
  sample: {
    files: 10,
    bytes: 1e7,
    uniqueBytes: 1e7,
    storedBytes: 1e7,
    foldedBytes: 0,
    seconds: {
      lstat: 0.0001,
      read: 0.002,
      hash: 0.005,
      fold: 0,
      mac: 0.003,
      unfold: 0,
      write: 0.004,
    },
  },
};
