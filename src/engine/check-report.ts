/** What a check finds, as data: damage is a result, not an exception. */

import type { BlobId, BlobType, PackId, SnapshotId } from '../repository/ids.ts';

export type FindingKind =
  | 'blob-missing'
  | 'index-damaged'
  | 'key-damaged'
  | 'lock-damaged'
  | 'node-invalid'
  | 'pack-conflict'
  | 'pack-damaged'
  | 'pack-duplicate'
  | 'pack-missing'
  | 'pack-mixed'
  | 'pack-size'
  | 'pack-unindexed'
  | 'snapshot-affected'
  | 'snapshot-damaged'
  | 'tree-damaged';

export interface Finding {
  readonly kind: FindingKind;
  /** Hints alone leave the repository sound. */
  readonly severity: 'error' | 'hint';
  /** What is meant by {@link id}. */
  readonly what: 'blob' | 'index' | 'key' | 'lock' | 'pack' | 'snapshot' | 'tree';
  readonly id: string;
  /** One sentence with the file or blob, what is wrong, and numbers. */
  readonly message: string;
  /** The next step, an instruction. */
  readonly advice: string;
  /** Path in a snapshot, where one is meant. */
  readonly path?: string;
}

export interface CheckReport {
  readonly findings: readonly Finding[];
  readonly errorCount: number;
  readonly hintCount: number;
  readonly snapshotCount: number;
  readonly treeCount: number;
  readonly packCount: number;
  /** Packs that were read in full, and their bytes. */
  readonly packsRead: number;
  readonly bytesRead: number;
  /** Packs that are missing, cut short or altered. */
  readonly brokenPacks: readonly PackId[];
  readonly suggestRepairIndex: boolean;
  readonly suggestPrune: boolean;
}

const advices: Readonly<Record<FindingKind, string>> = {
  'blob-missing':
    'run `restic repair index`; if the blob stays missing, back the files up again, then `restic repair snapshots`',
  'index-damaged': 'run `restic repair index`',
  'key-damaged':
    'add a new key with `sealift key add`, then remove the damaged file from the folder `keys`',
  'lock-damaged': 'run `sealift unlock --remove-all` when no other process works on the repository',
  'node-invalid': 'run `restic repair snapshots --forget` after the files were backed up again',
  'pack-conflict': 'run `restic repair index`',
  'pack-damaged':
    'keep a copy of the pack, then run `restic repair packs` with its id and back the files up again',
  'pack-duplicate': 'run `restic repair index`; nothing is lost',
  'pack-missing':
    'restore the pack from a copy of the repository, or run `restic repair index` and back the files up again',
  'pack-mixed': 'run `sealift prune`; nothing is lost',
  'pack-size':
    'restore the pack from a copy of the repository, or run `restic repair index` and back the files up again',
  'pack-unindexed': 'run `sealift prune` to free the space; nothing is lost',
  'snapshot-affected': 'restore this path from another snapshot, or back it up again',
  'snapshot-damaged':
    'restore the file from a copy of the repository, or remove it; other snapshots are not affected',
  'tree-damaged': 'run `restic repair index`; if it stays, `restic repair snapshots --forget`',
};

const hintKinds: ReadonlySet<FindingKind> = new Set([
  'lock-damaged',
  'pack-duplicate',
  'pack-mixed',
  'pack-unindexed',
]);

const repairIndexKinds: ReadonlySet<FindingKind> = new Set([
  'blob-missing',
  'index-damaged',
  'pack-conflict',
  'pack-duplicate',
  'pack-missing',
  'pack-size',
]);

/** Findings in one damaged repository can be millions; beyond this many only counts grow. */
const maxFindings = 100_000;

/** Collects findings and knows which stored blobs are lost. */
export class CheckFindings {
  readonly #findings: Finding[] = [];
  readonly #onFinding: ((finding: Finding) => void) | undefined;
  readonly #brokenPacks = new Set<PackId>();
  /** `pack/id` of stored blobs that cannot be read. */
  readonly #lostCopies = new Set<string>();
  readonly #lostBlobs = new Set<string>();
  readonly #kinds = new Set<FindingKind>();
  #errorCount = 0;
  #hintCount = 0;

  constructor(onFinding?: (finding: Finding) => void) {
    this.#onFinding = onFinding;
  }

  add(kind: FindingKind, what: Finding['what'], id: string, message: string, path?: string): void {
    const severity = hintKinds.has(kind) ? 'hint' : 'error';
    const finding: Finding = {
      kind,
      severity,
      what,
      id,
      message,
      advice: advices[kind],
      ...(path === undefined ? {} : { path }),
    };
    this.#kinds.add(kind);
    if (severity === 'error') this.#errorCount += 1;
    else this.#hintCount += 1;
    if (this.#findings.length < maxFindings) this.#findings.push(finding);
    this.#onFinding?.(finding);
  }

  addBrokenPack(id: PackId): void {
    this.#brokenPacks.add(id);
  }

  /** One copy of a blob cannot be read; others may be. */
  addLostCopy(packId: PackId, blobId: BlobId): void {
    this.#lostCopies.add(`${packId}/${blobId}`);
  }

  isLostCopy(packId: PackId, blobId: BlobId): boolean {
    return this.#lostCopies.has(`${packId}/${blobId}`);
  }

  /** No copy of a blob is left. */
  addLostBlob(type: BlobType, id: BlobId): void {
    this.#lostBlobs.add(`${type}/${id}`);
  }

  isLostBlob(type: BlobType, id: BlobId): boolean {
    return this.#lostBlobs.has(`${type}/${id}`);
  }

  get hasLosses(): boolean {
    return this.#lostCopies.size > 0 || this.#lostBlobs.size > 0;
  }

  report(counts: {
    readonly snapshotCount: number;
    readonly treeCount: number;
    readonly packCount: number;
    readonly packsRead: number;
    readonly bytesRead: number;
  }): CheckReport {
    return {
      ...counts,
      findings: this.#findings,
      errorCount: this.#errorCount,
      hintCount: this.#hintCount,
      brokenPacks: [...this.#brokenPacks],
      suggestRepairIndex: [...this.#kinds].some((kind) => repairIndexKinds.has(kind)),
      suggestPrune: this.#kinds.has('pack-unindexed') || this.#kinds.has('pack-mixed'),
    };
  }
}

/** Where a finding is in a snapshot. */
export interface SnapshotRoot {
  readonly id: SnapshotId;
  readonly tree: BlobId;
}
