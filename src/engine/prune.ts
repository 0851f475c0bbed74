/**
 * Removes data that no snapshot refers to. First a plan (`prune-plan.ts`), then the work in an order in
 * which a crash leaves nothing but data too much: packs that no index names go; blobs in use move to new
 * packs, which are indexed; old index files make way for new ones without the packs that go; and only
 * then do these packs go.
 */

import { randomBytes } from 'node:crypto';
import { encodeHex } from '../base/bytes.ts';
import { isSealiftError, SealiftError } from '../base/errors.ts';
import type { CompressionMode } from '../repository/compression.ts';
import { type BlobId, type PackId, parsePackId, parseSnapshotId } from '../repository/ids.ts';
import { encodeIndex, type IndexedPack } from '../repository/index-file.ts';
import { asAppendOnly } from './forget.ts';
import { isDamage } from './load-blob.ts';
import { type IndexedRepository, loadIndex, type OpenRepository } from './open.ts';
import { indexBlobs } from './pack-writer.ts';
import { forEachParallel } from './parallel.ts';
import { type PruneCounts, type PruneLimits, type PrunePlan, planPrune } from './prune-plan.ts';
import { References } from './references.ts';
import { loadSnapshot } from './snapshots.ts';
import { type PackPart, transferBlobs } from './transfer.ts';
import { removeUnpacked, saveUnpacked } from './unpacked.ts';
import { PackPool } from './workers/pack-pool.ts';

export type PruneStep = 'index' | 'references' | 'repack' | 'rewriteIndex' | 'remove';

export interface PruneProgress {
  readonly step: PruneStep;
  readonly done: number;
  /** Undefined while nobody knows. */
  readonly total: number | undefined;
}

export interface PruneOptions {
  readonly limits: PruneLimits;
  readonly compression: CompressionMode;
  readonly packSizeBytes: number;
  /** Plans only. */
  readonly dryRun?: boolean;
  /** These count as forgotten already. */
  readonly withoutSnapshots?: ReadonlySet<string>;
  /** Called with the plan before anything is changed. */
  readonly onPlan?: (counts: PruneCounts) => void;
  readonly onProgress?: (progress: PruneProgress) => void;
}

export interface PruneOutcome {
  readonly counts: PruneCounts;
  /** Packs that nothing refers to any more but that could not be removed. */
  readonly failed: readonly { readonly pack: PackId; readonly error: SealiftError }[];
}

/**
 * Prunes the repository. The caller holds the exclusive lock.
 * @throws SealiftError 'prune/refused' when something in use is missing, so that nothing was changed;
 *   'repository/append-only'; of the backend; 'format/index' and 'format/snapshot' for damaged files
 */
export async function prune(
  repo: OpenRepository,
  options: PruneOptions,
  signal?: AbortSignal,
): Promise<PruneOutcome> {
  const { repository, files } = await readIndex(repo, options, signal);
  const pool = new PackPool(repository);
  try {
    const used = await findUsed(repository, pool, options, signal);
    const plan = planPrune({
      index: repository.index,
      used,
      packSizes: await listPacks(repository, signal),
      version: repository.config.version,
      limits: options.limits,
    });
    options.onPlan?.(plan.counts);
    if (options.dryRun === true || isEmpty(plan)) return { counts: plan.counts, failed: [] };
    return await new Pruning({ repository, files, pool, used, plan, options, signal }).run();
  } finally {
    await pool.close();
  }
}

/** What one index file lists. */
interface ListedFile {
  readonly name: string;
  readonly packs: readonly PackId[];
  readonly blobCount: number;
}

async function readIndex(
  repo: OpenRepository,
  { onProgress }: PruneOptions,
  signal: AbortSignal | undefined,
): Promise<{ repository: IndexedRepository; files: readonly ListedFile[] }> {
  const files: ListedFile[] = [];
  const repository = await loadIndex(repo, {
    ...(signal === undefined ? {} : { signal }),
    onProgress: (progress) => onProgress?.({ step: 'index', ...progress }),
    onFile: (name, columns) =>
      files.push({
        name,
        packs: Array.from({ length: columns.packCount }, (_, pack) => columns.packId(pack)),
        blobCount: columns.blobCount,
      }),
  });
  return { repository, files };
}

/** @throws SealiftError 'prune/refused' when a blob in use is in no index or a tree cannot be read */
async function findUsed(
  repository: IndexedRepository,
  pool: PackPool,
  { onProgress, withoutSnapshots }: PruneOptions,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const roots = await loadRoots(repository, withoutSnapshots, signal);
  const references = new References(repository, pool, {
    onTrees: (done) => onProgress?.({ step: 'references', done, total: undefined }),
    signal,
  });
  try {
    await references.add(roots);
  } catch (error) {
    throw isDamage(error) ? refused(error) : error;
  }
  return references.used;
}

/** Unlike a list for people, one snapshot that is missing or damaged ends the job: its data would go. */
async function loadRoots(
  repository: OpenRepository,
  without: ReadonlySet<string> = new Set(),
  signal: AbortSignal | undefined,
): Promise<BlobId[]> {
  const roots: BlobId[] = [];
  await forEachParallel(
    repository.backend.list('snapshots', signal),
    repository.backend.connections,
    async ({ name }) => {
      if (without.has(name)) return;
      roots.push((await loadSnapshot(repository, parseSnapshotId(name), signal)).tree);
    },
    signal,
  );
  return roots;
}

async function listPacks(
  { backend }: OpenRepository,
  signal: AbortSignal | undefined,
): Promise<Map<PackId, number>> {
  const sizes = new Map<PackId, number>();
  for await (const { name, size } of backend.list('data', signal)) {
    sizes.set(parsePackId(name), size);
  }
  return sizes;
}

function isEmpty({ unindexed, unused, missing, repacked }: PrunePlan): boolean {
  return [unindexed, unused, missing, repacked].every((packs) => packs.length === 0);
}

function refused(cause: SealiftError): SealiftError {
  return new SealiftError('prune/refused', `${cause.message}; nothing was removed`, {
    cause,
    hint:
      'run `sealift check` to see what is affected; `restic repair index` finds blobs whose index was ' +
      'lost; forget the snapshots that cannot be mended, then prune again',
    fields: cause.fields,
  });
}

interface PruningSetup {
  readonly repository: IndexedRepository;
  readonly files: readonly ListedFile[];
  readonly pool: PackPool;
  readonly used: Uint8Array;
  readonly plan: PrunePlan;
  readonly options: PruneOptions;
  readonly signal: AbortSignal | undefined;
}

/** Index files with fewer blobs are written together when others are written anyway. */
const smallIndexBlobs = 10_000;

/** The work of a plan, step by step. */
class Pruning {
  readonly #setup: PruningSetup;
  readonly #gone: ReadonlySet<PackId>;
  readonly #failed: { pack: PackId; error: SealiftError }[] = [];

  constructor(setup: PruningSetup) {
    const { plan, repository } = setup;
    this.#setup = setup;
    this.#gone = new Set([
      ...plan.unused,
      ...plan.missing,
      ...plan.repacked.map((pack) => repository.index.packIdOf(pack)),
    ]);
  }

  async run(): Promise<PruneOutcome> {
    const { plan } = this.#setup;
    await this.#askToRemove();
    // Nothing refers to them, and the space that they free may be needed.
    await this.#removePacks(plan.unindexed);
    if (plan.repacked.length > 0) await this.#repack();
    this.#requireAllPlaced();
    await this.#rewriteIndex();
    const missing = new Set(plan.missing);
    await this.#removePacks([...this.#gone].filter((id) => !missing.has(id)));
    return { counts: plan.counts, failed: this.#failed };
  }

  /**
   * Removing what cannot exist shows whether removing is allowed, before anything is written.
   * @throws SealiftError 'repository/append-only'
   */
  async #askToRemove(): Promise<void> {
    const { backend } = this.#setup.repository;
    try {
      const name = encodeHex(randomBytes(32));
      await backend.remove({ type: 'data', name }, this.#setup.signal);
    } catch (error) {
      throw asAppendOnly(error, backend.location);
    }
  }

  async #repack(): Promise<void> {
    const { repository, pool, plan, options, signal } = this.#setup;
    const total = plan.moved.reduce((sum, isMoved) => sum + isMoved, 0);
    let done = 0;
    try {
      await transferBlobs(repository, repository, this.#movedParts(), pool, {
        compression: options.compression,
        packSizeBytes: options.packSizeBytes,
        compressesData: options.limits.uncompressed === true,
        recompresses: false,
        onMoved: (blobs) => {
          done += blobs;
          options.onProgress?.({ step: 'repack', done, total });
        },
        signal,
      });
    } catch (error) {
      throw isDamage(error) ? refused(error) : error;
    }
  }

  *#movedParts(): Generator<PackPart> {
    const { plan, repository } = this.#setup;
    const { index } = repository;
    for (const pack of plan.repacked) {
      const locations = Array.from(index.numbersIn(pack)).filter((at) => plan.moved[at] === 1);
      yield { packId: index.packIdOf(pack), entries: locations.map((at) => index.entryAt(at)) };
    }
  }

  /** Every blob in use stands in a pack that stays; anything else is a mistake in this file. */
  #requireAllPlaced(): void {
    const { repository, used } = this.#setup;
    const { index } = repository;
    const isGone = Uint8Array.from(index.packIds(), (id) => (this.#gone.has(id) ? 1 : 0));
    const isPlaced = new Uint8Array(index.locationCount);
    for (let at = 0; at < index.locationCount; at += 1) {
      if (isGone[index.packNumber(at)] === 0) isPlaced[index.firstNumber(at)] = 1;
    }
    for (let at = 0; at < used.length; at += 1) {
      if (used[at] !== 1 || isPlaced[at] === 1) continue;
      const { type, id } = index.entryAt(at);
      throw new Error(`broken invariant: ${type} blob ${id} is in use and would be removed`);
    }
  }

  /** New files first, so that every pack that stays is in an index at every moment. */
  async #rewriteIndex(): Promise<void> {
    const { repository, options, signal } = this.#setup;
    const { backend } = repository;
    const old = this.#replacedFiles();
    await forEachParallel(
      this.#newIndexes(old),
      backend.connections,
      async (packs) => {
        await saveUnpacked(repository, 'index', encodeIndex({ packs }), signal);
      },
      signal,
    );
    let done = 0;
    await forEachParallel(
      old,
      backend.connections,
      async ({ name }) => {
        await removeUnpacked(repository, 'index', name, signal);
        done += 1;
        options.onProgress?.({ step: 'rewriteIndex', done, total: old.length });
      },
      signal,
    );
  }

  /** Files that list a pack that goes, or one that another file lists too; and then small ones. */
  #replacedFiles(): ListedFile[] {
    const { files } = this.#setup;
    const listed = new Set<PackId>();
    const twice = new Set<PackId>();
    for (const { packs } of files) {
      for (const id of packs) (listed.has(id) ? twice : listed).add(id);
    }
    const mustGo = (file: ListedFile): boolean =>
      file.packs.some((id) => this.#gone.has(id) || twice.has(id));
    if (!files.some(mustGo)) return [];
    return files.filter((file) => file.blobCount < smallIndexBlobs || mustGo(file));
  }

  /** The packs that stay of files that are replaced, each once, in portions for one file. */
  *#newIndexes(old: readonly ListedFile[]): Generator<IndexedPack[]> {
    const { index } = this.#setup.repository;
    const ids = new Set(old.flatMap(({ packs }) => packs));
    let packs: IndexedPack[] = [];
    let count = 0;
    for (const id of ids) {
      if (this.#gone.has(id)) continue;
      const blobs = index.blobsOf(id);
      packs.push({ id, blobs });
      count += blobs.length;
      if (count < indexBlobs) continue;
      yield packs;
      packs = [];
      count = 0;
    }
    if (packs.length > 0) yield packs;
  }

  /** One that cannot be removed keeps no other from going: nothing refers to them any more. */
  async #removePacks(ids: readonly PackId[]): Promise<void> {
    const { repository, options, signal } = this.#setup;
    const { backend } = repository;
    let done = 0;
    await forEachParallel(
      ids,
      backend.connections,
      async (pack) => {
        try {
          await backend.remove({ type: 'data', name: pack }, signal);
        } catch (error) {
          if (!isSealiftError(error)) throw error;
          this.#failed.push({ pack, error });
        }
        done += 1;
        options.onProgress?.({ step: 'remove', done, total: ids.length });
      },
      signal,
    );
  }
}
