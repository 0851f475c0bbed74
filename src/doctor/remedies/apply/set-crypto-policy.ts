/** The system-wide policy of Red Hat's family, by its own tool. */

import { spawn } from 'node:child_process';

/** @returns false when the tool is missing or refuses */
export function setCryptoPolicy(name: string): Promise<boolean> {
  return new Promise((done) => {
    const child = spawn('update-crypto-policies', ['--set', name], {
      stdio: 'ignore',
      timeout: 120_000,
    });
    child.on('error', () => done(false));
    child.on('close', (code) => done(code === 0));
  });
}
