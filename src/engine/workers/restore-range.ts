/** Opens the blobs of a range once each and writes them to every place that they belong to. */

import { messageOf, systemCodeOf } from '../../base/errors.ts';
import { isDamage } from '../load-blob.ts';
import type { Native } from '../native.ts';
import { OpenFiles, type WritableFile } from '../restore-files.ts';
import { applyMetadata, type MetadataWarning } from '../restore-metadata.ts';
import { endsRestore } from '../restore-target.ts';
import type { BlobOpener } from './blob-opener.ts';
import {
  fileStates,
  type PackJobOf,
  type RestoreAnswer,
  type RestoreFileTable,
  type WriteFailure,
} from './pack-protocol.ts';
import type { SealedRange } from './sealed-range.ts';

/**
 * A blob that cannot be read is left to the main thread, which looks for other copies; the files it
 * belongs to stay unfinished. Nothing is thrown once a file may have been made, because a job that
 * fails may be run again.
 */
export function restoreRange(
  { blobs, targets, files: table, sparse }: PackJobOf<'restore'>,
  range: SealedRange,
  opener: BlobOpener,
  native: Native | undefined,
): RestoreAnswer {
  const files = filesOf(table);
  const states = new Uint8Array(files.length);
  const remaining = Uint32Array.from(table.blobCounts);
  const open = new OpenFiles(sparse);
  const lost: number[] = [];
  const failures: WriteFailure[] = [];
  const metadataFailures: { file: number; failures: readonly string[] }[] = [];
  const warnings = new Set<MetadataWarning>();
  let bytesWritten = 0;

  const finish = (number: number, file: WritableFile): void => {
    if (table.finished[number] !== 1) {
      open.close(file);
      return;
    }
    const failed = applyMetadata(file.path, metadataAt(table, number), {
      fd: open.open(file),
      native,
      existed: file.reuse,
      withTimes: true,
      onWarning: (kind) => warnings.add(kind),
    });
    open.close(file);
    if (failed.length > 0) metadataFailures.push({ file: number, failures: failed });
    states[number] = fileStates.finished;
  };

  const write = (number: number, content: Uint8Array, offset: number): boolean => {
    const file = files[number];
    if (file === undefined) throw new RangeError(`no file ${number} in the job`);
    if (states[number] === fileStates.failed) return true;
    try {
      open.write(file, content, offset);
      states[number] = fileStates.made;
      bytesWritten += content.byteLength;
      remaining[number] = (remaining[number] ?? 0) - 1;
      if (remaining[number] === 0) finish(number, file);
      return true;
    } catch (error) {
      failures.push({ file: number, message: messageOf(error), systemCode: systemCodeOf(error) });
      states[number] = fileStates.failed;
      return !endsRestore(error);
    }
  };

  try {
    opener.openAll(
      range,
      blobs,
      (at, content) => {
        const end = targets.starts[at + 1] ?? 0;
        for (let place = targets.starts[at] ?? 0; place < end; place += 1) {
          // One blob may fill a disk.
          range.check();
          const number = targets.files[place] ?? 0;
          if (!write(number, content, targets.offsets[place] ?? 0)) return false;
        }
        return true;
      },
      (at, error) => {
        if (!isDamage(error) && systemCodeOf(error) === undefined) throw error;
        lost.push(at);
      },
    );
  } finally {
    open.closeAll();
  }
  return { lost, states, failures, metadataFailures, warnings: [...warnings], bytesWritten };
}

function filesOf(table: RestoreFileTable): WritableFile[] {
  return table.paths.map((path, number) => ({
    path,
    size: table.sizes[number] ?? 0,
    reuse: table.reused[number] === 1,
    isOpened: table.made[number] === 1,
  }));
}

function metadataAt(table: RestoreFileTable, number: number): Parameters<typeof applyMetadata>[1] {
  return {
    type: 'file',
    mode: table.modes[number] ?? 0,
    uid: table.uids[number] ?? 0,
    gid: table.gids[number] ?? 0,
    mtime: table.mtimes[number] ?? 0n,
    atime: table.atimes[number] ?? 0n,
    extendedAttributes: table.attributes.get(number) ?? [],
  };
}
