/** Goes through the targets of a backup in the order of the walk and lists their folders. */

import { workerData } from 'node:worker_threads';
import { compileExcludes } from '../exclude.ts';
import { type Listing, listFolder } from '../listing.ts';
import { type FromLookAhead, type LookAheadSetup, maxAhead } from '../look-ahead.ts';
import { StatRows } from '../stat-rows.ts';
import { joinPath } from '../walk.ts';

// Whoever starts this file hands it a LookAheadSetup.
const { targets, excludes, oneFileSystem, ahead, port }: LookAheadSetup = workerData;
const excluder = compileExcludes(excludes);

for (const [target, path] of targets.entries()) {
  const rows = StatRows.of(1);
  if (!isLookedAt(rows, path) || rows.type(0) !== 'dir') continue;
  listAll(target, path, oneFileSystem ? rows.bigint(0, 'dev') : undefined);
}
port.postMessage(undefined);

/** Lists a folder, then each in it. @param device if only folders on this device are wanted */
function listAll(target: number, folder: string, device: bigint | undefined): void {
  waitForRoom();
  const listing = tryToList(folder);
  if (listing === undefined) return;
  const { names, first } = listing;
  // Copied: what this thread still needs it cannot give away.
  const message: FromLookAhead = { target, listing };
  Atomics.add(ahead, 0, names.length);
  port.postMessage(message);
  const rows = new StatRows(first.numbers);
  for (let row = 0; row < first.end; row += 1) {
    if (rows.type(row) !== 'dir') continue;
    if (device !== undefined && rows.bigint(row, 'dev') !== device) continue;
    listAll(target, joinPath(folder, names[row] ?? ''), device);
  }
}

function waitForRoom(): void {
  for (;;) {
    const count = Atomics.load(ahead, 0);
    if (count < maxAhead) return;
    Atomics.wait(ahead, 0, count);
  }
}

/** What is wrong with a folder or a target is said when the walk meets it. */
function tryToList(folder: string): Listing | undefined {
  try {
    return listFolder(folder, excluder);
  } catch {
    return undefined;
  }
}

function isLookedAt(rows: StatRows, path: string): boolean {
  try {
    rows.look(0, path);
    return true;
  } catch {
    return false;
  }
}
