/** The second step of a restore's batch: fetches ranges of packs and writes blobs into files. */

import { closeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf, SealiftError } from '../base/errors.ts';
import { openBlob } from '../repository/pack.ts';
import { isDamage, loadBlob } from './load-blob.ts';
import type { IndexedRepository } from './open.ts';
import { forEachParallel } from './parallel.ts';
import type { PlannedBlob, PlannedFile, PlannedRange, RestorePlan } from './restore-plan.ts';
import {
  endsRestore,
  openFile,
  setSize,
  targetError,
  writeFully,
  writeSparsely,
} from './restore-target.ts';
import { joinPath } from './walk.ts';

/** restic's limit for one request. */
const maxRangeBytes = 32 * 1024 * 1024;
/** For all ranges in flight; the plaintext of one blob at a time comes on top. */
const maxBytesInFlight = 96 * 1024 * 1024;
const maxOpenFiles = 64;
/** Written between turns of the event loop. */
const turnBytes = 16 * 1024 * 1024;

export interface ContentReport {
  /** A file's last blob is written and the file is closed. */
  readonly onFileDone: (file: PlannedFile) => void;
  readonly onBytes: (count: number) => void;
  /** Called once for each file, with the first fault. */
  readonly onFileError: (file: PlannedFile, error: SealiftError) => void;
}

export interface ContentOptions extends ContentReport {
  readonly sparse: boolean;
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
  const { connections } = repo.backend;
  const limit = Math.min(maxRangeBytes, Math.floor(maxBytesInFlight / connections));
  const files = new OpenFiles(options.sparse);
  try {
    await forEachParallel(
      plan.ranges(limit),
      connections,
      async (range) => restoreRange(repo, range, files, options),
      options.signal,
    );
  } finally {
    files.closeAll();
  }
}

async function restoreRange(
  repo: IndexedRepository,
  range: PlannedRange,
  files: OpenFiles,
  options: ContentOptions,
): Promise<void> {
  const sealed = await fetchRange(repo, range, options.signal);
  for (const blob of range.blobs) {
    options.signal?.throwIfAborted();
    const start = blob.offset - range.offset;
    const content = await openOrLoad(
      repo,
      blob,
      sealed?.subarray(start, start + blob.length),
      options.signal,
    );
    await placeBlob(blob, content, files, options);
  }
}

/** Undefined when the pack is damaged, so that each blob is looked for on its own. */
async function fetchRange(
  repo: IndexedRepository,
  range: PlannedRange,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const { packId, offset, length } = range;
  try {
    return await repo.backend.load({ type: 'data', name: packId }, { offset, length }, signal);
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

async function openOrLoad(
  repo: IndexedRepository,
  blob: PlannedBlob,
  sealed: Uint8Array | undefined,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | SealiftError> {
  if (sealed !== undefined) {
    try {
      return openBlob(repo.key, sealed, blob);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }
  try {
    return await loadBlob(repo, 'data', blob.id, signal);
  } catch (error) {
    if (isDamage(error)) return error;
    throw error;
  }
}

async function placeBlob(
  blob: PlannedBlob,
  content: Uint8Array | SealiftError,
  files: OpenFiles,
  options: ContentOptions,
): Promise<void> {
  let sinceTurn = 0;
  for (const { file, offset } of blob.targets) {
    if (content instanceof SealiftError) {
      if (!file.isDamaged) options.onFileError(file, damagedContent(file, content));
      file.isDamaged = true;
      // Made all the same: what can be restored of the file is.
      if (!file.isOpened) writeInto(file, new Uint8Array(), offset, files, options);
    } else if (writeInto(file, content, offset, files, options)) {
      options.onBytes(content.byteLength);
    }
    file.remaining -= 1;
    if (file.remaining === 0) {
      files.close(file);
      options.onFileDone(file);
    }
    // One blob of zeros may fill a disk: interrupts and lock refreshes are heard in between.
    sinceTurn += blob.uncompressedLength || blob.length;
    if (sinceTurn < turnBytes) continue;
    sinceTurn = 0;
    await nextTurn();
    options.signal?.throwIfAborted();
  }
}

/** @returns false if it failed and was reported */
function writeInto(
  file: PlannedFile,
  bytes: Uint8Array,
  offset: number,
  files: OpenFiles,
  options: ContentOptions,
): boolean {
  if (file.hasFailed) return false;
  try {
    files.write(file, bytes, offset);
    return true;
  } catch (error) {
    const path = joinPath(file.folder, file.name);
    const failure = targetError(path, messageOf(error), error);
    if (endsRestore(error)) throw failure;
    file.isDamaged = true;
    if (!file.hasFailed) options.onFileError(file, failure);
    file.hasFailed = true;
    return false;
  }
}

function damagedContent(file: PlannedFile, cause: SealiftError): SealiftError {
  return new SealiftError(cause.code, `${file.snapshotPath}: ${cause.message}`, {
    cause,
    ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    fields: { ...cause.fields, path: file.snapshotPath },
  });
}

/** Descriptors of the files written to last; the one used longest ago is closed for the next. */
class OpenFiles {
  readonly #open = new Map<PlannedFile, number>();
  readonly #sparse: boolean;

  constructor(sparse: boolean) {
    this.#sparse = sparse;
  }

  write(file: PlannedFile, bytes: Uint8Array, offset: number): void {
    const fd = this.#get(file);
    if (this.#sparse) writeSparsely(fd, bytes, offset);
    else if (bytes.byteLength > 0) writeFully(fd, bytes, offset);
  }

  close(file: PlannedFile): void {
    const fd = this.#open.get(file);
    this.#open.delete(file);
    if (fd !== undefined) closeSync(fd);
  }

  closeAll(): void {
    for (const file of this.#open.keys()) this.close(file);
  }

  #get(file: PlannedFile): number {
    const known = this.#open.get(file);
    if (known !== undefined) {
      this.#open.delete(file);
      this.#open.set(file, known);
      return known;
    }
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= maxOpenFiles) this.close(oldest);
    const fd = openFile(joinPath(file.folder, file.name), file.reuse || file.isOpened);
    this.#open.set(file, fd);
    // The size comes first, so that a file with holes or with damage has the right one too.
    if (!file.isOpened) setSize(fd, file.size);
    file.isOpened = true;
    return fd;
  }
}
