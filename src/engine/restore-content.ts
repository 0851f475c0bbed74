/**
 * The second step of a restore's batch: each range of a pack is a job for a worker thread, which
 * opens its blobs and writes them into files, in the order of the pack. A file with all its blobs in
 * one range is made and finished by the worker; one that several workers write to is made before by
 * the main thread, and finished by it after the last range. What a worker could not read, the main
 * thread looks for elsewhere.
 */

import { messageOf, SealiftError } from '../base/errors.ts';
import type { BlobId } from '../repository/ids.ts';
import { isDamage, loadBlob } from './load-blob.ts';
import type { Native } from './native.ts';
import type { IndexedRepository } from './open.ts';
import { forEachParallel, type Slots } from './parallel.ts';
import { OpenFiles, type WritableFile } from './restore-files.ts';
import type { MetadataWarning } from './restore-metadata.ts';
import { type PlannedFile, type PlannedRange, pathOf, type RestorePlan } from './restore-plan.ts';
import { endsRestore, targetError } from './restore-target.ts';
import type { PackPool } from './workers/pack-pool.ts';
import {
  fileStates,
  idOf,
  type RestoreAnswer,
  type RestoreFileTable,
} from './workers/pack-protocol.ts';

/** restic's limit for one request. */
const maxRangeBytes = 32 * 1024 * 1024;
/** For all ranges that are fetched for workers or wait for one. */
const maxBytesInFlight = 64 * 1024 * 1024;

/** What a worker did to a file beside writing its content. */
export interface FinishedFile {
  readonly metadataFailures: readonly string[];
}

export interface ContentReport {
  /** A file's last blob is written and the file is closed; `finished` if it has its metadata. */
  readonly onFileDone: (file: PlannedFile, finished: FinishedFile | undefined) => void;
  readonly onBytes: (count: number) => void;
  /** Called once for each file, with the first fault. */
  readonly onFileError: (file: PlannedFile, error: SealiftError) => void;
  readonly onWarning: (kind: MetadataWarning) => void;
}

export interface ContentOptions extends ContentReport {
  readonly pool: PackPool;
  /** Shared by the batches that are written at the same time. */
  readonly slots: Slots;
  readonly sparse: boolean;
  readonly native: Native | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Fetches and writes all of a plan. A damaged blob costs only the files it belongs to.
 * @throws SealiftError of the backend if it cannot be reached; 'restore/target' if the target is full
 */
export async function restoreContent(
  repo: IndexedRepository,
  plan: RestorePlan,
  options: ContentOptions,
): Promise<void> {
  const { pool, slots, signal } = options;
  // Workers that read packs themselves hold a small window of them, whatever the range.
  const limit = repo.backend.pathOf
    ? maxRangeBytes
    : Math.min(maxRangeBytes, Math.floor(maxBytesInFlight / pool.concurrency));
  // One range may take long, a blob of zeros that fills a disk: an interrupt stops the threads.
  const stop = (): void => void pool.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await forEachParallel(
      plan.ranges(limit),
      pool.concurrency,
      (range) => slots.run(() => restoreRange(repo, range, options)),
      signal,
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

async function restoreRange(
  repo: IndexedRepository,
  range: PlannedRange,
  options: ContentOptions,
): Promise<void> {
  makeSharedFiles(range, options);
  const answer = await runJob(range, options);
  const lost = answer ? answer.lost : Array.from({ length: range.blobs.count }, (_, at) => at);
  if (answer) takeAnswer(range, answer, options);
  for (const at of lost) await restoreBlob(repo, range, at, options);
}

/** A file that other ranges write to as well must be there before a worker opens it. */
function makeSharedFiles({ files, blobCounts }: PlannedRange, options: ContentOptions): void {
  for (const [number, file] of files.entries()) {
    if (file.isOpened || file.remaining === blobCounts[number]) continue;
    writeInto(file, new Uint8Array(), 0, options);
  }
}

/** Undefined when the pack is damaged or gone, so that each blob is looked for on its own. */
async function runJob(
  { packId, offset, length, blobs, files, blobCounts, targets }: PlannedRange,
  { pool, sparse, native, signal }: ContentOptions,
): Promise<RestoreAnswer | undefined> {
  const job = {
    kind: 'restore',
    blobs,
    targets,
    files: fileTableOf(files, blobCounts),
    sparse,
    native: native !== undefined,
  } as const;
  try {
    return await pool.run(job, packId, { offset, length }, signal);
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

function fileTableOf(files: readonly PlannedFile[], blobCounts: Uint32Array): RestoreFileTable {
  const count = files.length;
  const attributes = new Map<number, PlannedFile['metadata']['extendedAttributes']>();
  const table = {
    paths: files.map(pathOf),
    sizes: new Float64Array(count),
    blobCounts,
    reused: new Uint8Array(count),
    made: new Uint8Array(count),
    finished: new Uint8Array(count),
    modes: new Uint32Array(count),
    uids: new Uint32Array(count),
    gids: new Uint32Array(count),
    mtimes: new BigInt64Array(count),
    atimes: new BigInt64Array(count),
    attributes,
  };
  for (const [number, file] of files.entries()) {
    const { metadata, isDamaged, isOpened, remaining } = file;
    table.sizes[number] = file.size;
    table.reused[number] = file.reuse ? 1 : 0;
    table.made[number] = isOpened ? 1 : 0;
    const isWhole = !isDamaged && !isOpened && remaining === blobCounts[number];
    table.finished[number] = isWhole ? 1 : 0;
    table.modes[number] = metadata.mode;
    table.uids[number] = metadata.uid;
    table.gids[number] = metadata.gid;
    table.mtimes[number] = metadata.mtime;
    table.atimes[number] = metadata.atime;
    const { extendedAttributes } = metadata;
    if (extendedAttributes.length > 0) attributes.set(number, extendedAttributes);
  }
  return table;
}

function takeAnswer(range: PlannedRange, answer: RestoreAnswer, options: ContentOptions): void {
  const { files, targets } = range;
  for (const kind of answer.warnings) options.onWarning(kind);
  options.onBytes(answer.bytesWritten);
  for (const { file: number, message, systemCode } of answer.failures) {
    const file = files[number];
    if (file) failWrite(file, Object.assign(new Error(message), { code: systemCode }), options);
  }
  const failures = new Map(answer.metadataFailures.map((entry) => [entry.file, entry.failures]));
  const remaining = Uint32Array.from(range.blobCounts);
  for (const at of answer.lost) {
    const end = targets.starts[at + 1] ?? 0;
    for (let place = targets.starts[at] ?? 0; place < end; place += 1) {
      const number = targets.files[place] ?? 0;
      remaining[number] = (remaining[number] ?? 0) - 1;
    }
  }
  for (const [number, file] of files.entries()) {
    const state = answer.states[number];
    if (state === fileStates.made || state === fileStates.finished) file.isOpened = true;
    file.remaining -= remaining[number] ?? 0;
    // With blobs lost, the file is done when these are.
    if (file.remaining > 0 || remaining[number] === 0) continue;
    options.onFileDone(
      file,
      state === fileStates.finished ? { metadataFailures: failures.get(number) ?? [] } : undefined,
    );
  }
}

/** A blob that the worker could not give: from another place, or the file is damaged. */
async function restoreBlob(
  repo: IndexedRepository,
  { blobs, files, targets }: PlannedRange,
  at: number,
  options: ContentOptions,
): Promise<void> {
  options.signal?.throwIfAborted();
  const content = await loadOrFault(repo, idOf(blobs, at), options.signal);
  const end = targets.starts[at + 1] ?? 0;
  for (let place = targets.starts[at] ?? 0; place < end; place += 1) {
    const file = files[targets.files[place] ?? 0];
    const offset = targets.offsets[place] ?? 0;
    if (file === undefined) throw new RangeError(`no file at place ${place} of the range`);
    if (content instanceof SealiftError) {
      if (!file.isDamaged) options.onFileError(file, damagedContent(file, content));
      file.isDamaged = true;
      // Made all the same: what can be restored of the file is.
      if (!file.isOpened) writeInto(file, new Uint8Array(), offset, options);
    } else if (writeInto(file, content, offset, options)) {
      options.onBytes(content.byteLength);
    }
    file.remaining -= 1;
    if (file.remaining === 0) options.onFileDone(file, undefined);
  }
}

async function loadOrFault(
  repo: IndexedRepository,
  id: BlobId,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | SealiftError> {
  try {
    return await loadBlob(repo, 'data', id, signal);
  } catch (error) {
    if (isDamage(error)) return error;
    throw error;
  }
}

/** @returns false if it failed and was reported */
function writeInto(
  file: PlannedFile,
  bytes: Uint8Array,
  offset: number,
  options: ContentOptions,
): boolean {
  if (file.hasFailed) return false;
  const open = new OpenFiles(options.sparse);
  const { size, reuse, isOpened } = file;
  const writable: WritableFile = { path: pathOf(file), size, reuse, isOpened };
  try {
    try {
      open.write(writable, bytes, offset);
    } finally {
      file.isOpened = writable.isOpened;
      open.closeAll();
    }
    return true;
  } catch (error) {
    failWrite(file, error, options);
    return false;
  }
}

/** @throws SealiftError 'restore/target' if no other file can be written either */
function failWrite(file: PlannedFile, error: unknown, options: ContentOptions): void {
  const failure = targetError(pathOf(file), messageOf(error), error);
  if (endsRestore(error)) throw failure;
  file.isDamaged = true;
  if (!file.hasFailed) options.onFileError(file, failure);
  file.hasFailed = true;
}

function damagedContent(file: PlannedFile, cause: SealiftError): SealiftError {
  return new SealiftError(cause.code, `${file.snapshotPath}: ${cause.message}`, {
    cause,
    ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    fields: { ...cause.fields, path: file.snapshotPath },
  });
}
