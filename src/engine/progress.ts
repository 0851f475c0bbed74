/** What a running backup tells its caller, and the scan ahead that gives the totals. */

import { lstatSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Excluder } from './exclude.ts';
import { absoluteTarget, joinPath, pathForSystem, readNames, type TargetNode } from './walk.ts';

export interface BackupProgress {
  readonly elapsedMs: number;
  /** Undefined until the scan is complete (`isScanned`), then what the backup will go through. */
  readonly totalFiles: number;
  readonly totalBytes: number;
  /** False while the totals still grow, and for ever without a scan. */
  readonly isScanned: boolean;
  readonly filesDone: number;
  readonly bytesDone: number;
  readonly errors: number;
  /** Files being read at this moment. */
  readonly currentFiles: readonly string[];
}

export interface ScanTotals {
  files: number;
  bytes: number;
  isComplete: boolean;
}

/** The scan works this long at a time, and then lets the backup go on. */
const sliceMs = 4;

/**
 * Counts files and bytes that the walk will meet, a little at a time. What cannot be read is left to
 * the walk to report.
 */
export async function scanAhead(
  layout: TargetNode,
  excluder: Excluder,
  totals: ScanTotals,
  isStopped: () => boolean,
): Promise<void> {
  const stack: { path: string; explicit: boolean }[] = [];
  const targets: TargetNode[] = [layout];
  for (let node = targets.pop(); node !== undefined; node = targets.pop()) {
    if (node.path !== undefined) stack.push({ path: node.path, explicit: true });
    targets.push(...node.entries.values());
  }
  let sliceStartMs = performance.now();
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (performance.now() - sliceStartMs > sliceMs) {
      await nextTurn();
      if (isStopped()) return;
      sliceStartMs = performance.now();
    }
    try {
      scanItem(item, excluder, totals, stack);
    } catch {
      // The walk meets the same entry and reports it.
    }
  }
  totals.isComplete = true;
}

function scanItem(
  { path, explicit }: { path: string; explicit: boolean },
  excluder: Excluder,
  totals: ScanTotals,
  stack: { path: string; explicit: boolean }[],
): void {
  if (!explicit && excluder.rejectsPath(absoluteTarget(path))) return;
  const stat = lstatSync(pathForSystem(path));
  if (stat.isFile()) {
    if (!explicit && excluder.rejectsSize(stat.size)) return;
    totals.files += 1;
    totals.bytes += stat.size;
    return;
  }
  if (!stat.isDirectory()) return;
  const names = readNames(path);
  const tag = excluder.findTag(path, names);
  for (const name of tag === undefined ? names : [tag]) {
    stack.push({ path: joinPath(path, name), explicit: false });
  }
}
