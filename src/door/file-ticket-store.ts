/** Ticket keys in a file that only its owner can read. */

import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCodeOf } from '../base/errors.ts';
import type { TicketStore } from './ticket-keys.ts';

const privateMode = 0o600;

export function fileTicketStore(path: string): TicketStore {
  return {
    async load() {
      try {
        return await readFile(path);
      } catch (error) {
        if (systemCodeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    /** Whole or not at all; not forced to disk, because a key that is lost costs a few handshakes. */
    async save(bytes) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const temporary = `${path}.${process.pid}.${performance.now()}`;
      const file = await open(temporary, 'wx', privateMode);
      try {
        await file.writeFile(bytes);
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    },
  };
}
