/**
 * Takes a lock again and again, and looks for others while it has it. Each holder puts a mark into a
 * folder and then lists that folder, so of two that hold conflicting locks at least one finds the other.
 *
 * Arguments: repository (a folder, or rest:https://…), folder for marks, number of attempts, share of exclusive
 * ones in percent, file with the authority of the server.
 * Prints one JSON object.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSealiftError } from '../../src/base/errors.ts';
import { withLock } from '../../src/engine/lock.ts';
import { openRepository } from '../../src/engine/open.ts';
import { localBackend } from '../../src/storage/local.ts';
import { parseLocation } from '../../src/storage/location.ts';
import { restBackend } from '../../src/storage/rest.ts';
import { tinyPassword } from './tiny-repository.ts';

const [repository = '', marks = '', attempts = '', percentExclusive = '', caFile = ''] =
  process.argv.slice(2);
const location = parseLocation(repository);
const backend =
  location.kind === 'rest'
    ? restBackend(location.url, { ca: readFileSync(caFile, 'utf8') })
    : localBackend(repository);
const repo = await openRepository(backend, tinyPassword);
const held = { exclusive: 0, shared: 0 };
let refused = 0;
const intruders: string[] = [];

for (let attempt = 0; attempt < Number(attempts); attempt += 1) {
  const exclusive = Math.random() * 100 < Number(percentExclusive);
  const kind = exclusive ? 'exclusive' : 'shared';
  try {
    await withLock(repo, { exclusive }, async () => {
      held[kind] += 1;
      const mine = `${kind}-${process.pid}-${attempt}`;
      writeFileSync(join(marks, mine), '');
      const conflicts = (name: string): boolean =>
        name !== mine && (exclusive || name.startsWith('exclusive'));
      // More than one look: others get a chance to come in.
      for (let look = 0; look < 5; look += 1) {
        intruders.push(...readdirSync(marks).filter(conflicts));
        await new Promise((resolve) => setImmediate(resolve));
      }
      rmSync(join(marks, mine));
    });
  } catch (error) {
    if (!isSealiftError(error, 'repository/locked')) throw error;
    refused += 1;
  }
}
await backend.close();
process.stdout.write(JSON.stringify({ held, refused, intruders }));
