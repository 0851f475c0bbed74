/**
 * Looks for damage: keys, indexes, packs, snapshots and trees; on request the content of packs.
 * What is found is data ({@link CheckReport}); only a backend that cannot be reached, or an
 * interrupt, throws.
 */

import {
  checkIndexes,
  checkKeys,
  checkLocks,
  checkPackList,
  checkSnapshotFiles,
} from './check-files.ts';
import {
  checkPacks,
  choosePacks,
  type PackProgress,
  type PackSubset,
  parsePackSubset,
} from './check-packs.ts';
import { CheckFindings, type CheckReport, type Finding } from './check-report.ts';
import { checkTrees, findAffectedPaths } from './check-trees.ts';
import { type OpenRepository, withIndex } from './open.ts';
import { sideBySide } from './parallel.ts';

export type { CheckReport, Finding, FindingKind } from './check-report.ts';

export type CheckStep = 'keys' | 'indexes' | 'packs' | 'snapshots' | 'trees' | 'data' | 'affected';

export interface CheckOptions {
  /** Reads every pack in full. */
  readonly readData?: boolean;
  /** Reads some packs in full: `n/t`, `x%` or a size. */
  readonly readDataSubset?: string;
  readonly onStep?: (step: CheckStep) => void;
  readonly onProgress?: (progress: PackProgress) => void;
  /** Called for each finding at once; the report has them all again. */
  readonly onFinding?: (finding: Finding) => void;
  /** A number in [0, 1), for shares and sizes; `Math.random` when left out. */
  readonly random?: () => number;
}

/**
 * Checks the whole repository.
 * @throws SealiftError 'usage/invalid' for a subset that is none; of the backend when it is away
 */
export async function check(
  repo: OpenRepository,
  options: CheckOptions = {},
  signal?: AbortSignal,
): Promise<CheckReport> {
  const { onStep, onProgress, random = Math.random } = options;
  const subset = subsetOf(options);
  const findings = new CheckFindings(options.onFinding);
  onStep?.('keys');
  await checkKeys(repo, findings, signal);
  await checkLocks(repo, findings, signal);
  // Snapshots are listed before the index is read: one saved meanwhile may need a newer index.
  onStep?.('snapshots');
  const roots = await checkSnapshotFiles(repo, findings, signal);
  onStep?.('indexes');
  const index = await checkIndexes(repo, findings, signal);
  const indexed = withIndex(repo, index);
  onStep?.('packs');
  const sizes = await checkPackList(repo, index, findings, signal);
  onStep?.('trees');
  if (subset) onStep?.('data');
  const chosen = subset ? choosePacks(sizes, subset, random) : [];
  // Workers read packs while this thread walks the trees.
  const [treeCount, read] = await sideBySide(
    (stop) => checkTrees(indexed, roots, findings, stop),
    (stop) => checkPacks(indexed, chosen, { sizes, findings, onProgress, signal: stop }),
    signal,
  );
  if (findings.hasLosses) {
    onStep?.('affected');
    await findAffectedPaths(indexed, roots, findings, signal);
  }
  return findings.report({
    ...read,
    snapshotCount: roots.length,
    treeCount,
    packCount: index.packCount,
  });
}

function subsetOf({ readData, readDataSubset }: CheckOptions): PackSubset | undefined {
  if (readDataSubset !== undefined) return parsePackSubset(readDataSubset);
  return readData ? { kind: 'all' } : undefined;
}
