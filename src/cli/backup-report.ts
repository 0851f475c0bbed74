/** What a backup says while it runs and at its end: status, items, errors, the summary. */

import type { SealiftError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { formatTime } from '../base/time.ts';
import { formatDuration, formatSize } from '../base/units.ts';
import type { BackupProgress, BackupSummary, ItemReport } from '../engine/backup.ts';
import type { Context } from './context.ts';
import {
  type Counts,
  portionDone,
  progressIntervalMs,
  secondsLeft,
  statusLines,
  Throttle,
} from './progress.ts';
import { describeTls, tlsField } from './tls-line.ts';

const nsPerSecond = 1e9;

export class BackupReport {
  readonly #context: Context;
  readonly #dryRun: boolean;
  readonly #throttle: Throttle;
  #latest: BackupProgress | undefined;

  constructor(context: Context, dryRun: boolean) {
    this.#context = context;
    this.#dryRun = dryRun;
    this.#throttle = new Throttle(progressIntervalMs(context.env, context.out.modes.json));
  }

  onProgress(progress: BackupProgress): void {
    this.#latest = progress;
    if (this.wantsProgress && this.#throttle.due()) this.#show(progress);
  }

  /** False when nobody would see it. */
  get wantsProgress(): boolean {
    const { modes, showsStatus } = this.#context.out;
    return !modes.quiet && (modes.json || showsStatus);
  }

  onItem(item: ItemReport): void {
    const { out, say } = this.#context;
    const wanted = this.#dryRun ? 1 : 2;
    if (out.modes.verbosity < wanted) return;
    if (out.modes.json) {
      out.json(verboseStatus(item));
      return;
    }
    const path = printable(item.type === 'dir' ? `${item.path}/` : item.path);
    const size = formatSize(item.size);
    out.detail(say(itemTexts[item.action], { path, size, added: formatSize(item.added) }));
  }

  onError(error: SealiftError): void {
    const { out } = this.#context;
    if (out.modes.json) {
      const item = error.fields['path'] ?? '';
      const message = this.#context.explain(error);
      out.jsonError({ message_type: 'error', error: { message }, during: 'archival', item });
      return;
    }
    out.note(`${this.#context.say('error.error')}: ${this.#context.explain(error)}`);
  }

  /** The lines that users of restic know, and the TLS that was negotiated. */
  finish(summary: BackupSummary): void {
    const { out, say } = this.#context;
    if (out.modes.json && this.#latest !== undefined && !out.modes.quiet) this.#show(this.#latest);
    out.status([]);
    if (out.modes.json) {
      out.json(this.#summaryJson(summary));
      return;
    }
    const { parentId } = summary;
    const id = parentId?.slice(0, 8);
    out.detail(id === undefined ? say('backup.noParent') : say('backup.parent', { id }));
    for (const line of this.#summaryLines(summary)) out.info(line);
    if (summary.tls !== undefined) out.info(describeTls(say, summary.tls));
  }

  #show(progress: BackupProgress): void {
    const { out } = this.#context;
    const counts = this.#countsOf(progress);
    if (out.modes.json) out.json(statusJson(counts));
    else out.status(statusLines(this.#context, counts));
  }

  #countsOf(progress: BackupProgress): Counts {
    return {
      secondsElapsed: progress.elapsedMs / 1000,
      filesDone: progress.filesDone,
      filesTotal: progress.totalFiles,
      bytesDone: progress.bytesDone,
      bytesTotal: progress.totalBytes,
      errors: progress.errors,
      currentFiles: progress.currentFiles,
      scanning: !progress.isScanned,
    };
  }

  #summaryLines(summary: BackupSummary): string[] {
    const { say } = this.#context;
    const added = formatSize(summary.dataAdded);
    const stored = formatSize(summary.dataAddedPacked);
    const seconds = durationOf(summary);
    const lines = [
      '',
      say('backup.files', {
        new: column(summary.filesNew),
        changed: column(summary.filesChanged),
        unmodified: column(summary.filesUnmodified),
      }),
      say('backup.dirs', {
        new: column(summary.dirsNew),
        changed: column(summary.dirsChanged),
        unmodified: column(summary.dirsUnmodified),
      }),
      say(this.#dryRun ? 'backup.wouldAdd' : 'backup.added', { added, stored }),
      '',
      say('backup.processed', {
        files: summary.totalFilesProcessed,
        size: formatSize(summary.totalBytesProcessed),
        time: formatDuration(seconds),
      }),
    ];
    if (summary.snapshotId !== undefined) {
      lines.push(say('backup.saved', { id: summary.snapshotId.slice(0, 8) }));
    } else if (!this.#dryRun) {
      lines.push(say('backup.skipped'));
    }
    return lines;
  }

  #summaryJson(summary: BackupSummary): Record<string, unknown> {
    return {
      message_type: 'summary',
      ...(this.#dryRun ? { dry_run: true } : {}),
      files_new: summary.filesNew,
      files_changed: summary.filesChanged,
      files_unmodified: summary.filesUnmodified,
      dirs_new: summary.dirsNew,
      dirs_changed: summary.dirsChanged,
      dirs_unmodified: summary.dirsUnmodified,
      data_blobs: summary.dataBlobs,
      tree_blobs: summary.treeBlobs,
      data_added: summary.dataAdded,
      data_added_packed: summary.dataAddedPacked,
      total_files_processed: summary.totalFilesProcessed,
      total_bytes_processed: summary.totalBytesProcessed,
      total_duration: durationOf(summary),
      backup_start: formatTime(summary.backupStart.ns, summary.backupStart.offsetMinutes),
      backup_end: formatTime(summary.backupEnd.ns, summary.backupEnd.offsetMinutes),
      ...(summary.snapshotId === undefined ? {} : { snapshot_id: summary.snapshotId }),
      ...tlsField(summary.tls),
    };
  }
}

const itemTexts = {
  new: 'backup.stateNew',
  changed: 'backup.stateModified',
  unmodified: 'backup.stateUnchanged',
} as const;

/** restic's words for what became of an entry. */
const actionWords = { new: 'new', changed: 'modified', unmodified: 'unchanged' } as const;

/** Seconds. */
function durationOf({ backupStart, backupEnd }: BackupSummary): number {
  return Number(backupEnd.ns - backupStart.ns) / nsPerSecond;
}

/** Counts stand below each other, as restic prints them. */
function column(count: number): string {
  return String(count).padStart(5);
}

function statusJson(counts: Counts): Record<string, unknown> {
  const left = secondsLeft(counts);
  return {
    message_type: 'status',
    seconds_elapsed: Math.floor(counts.secondsElapsed),
    ...(left === undefined ? {} : { seconds_remaining: Math.floor(left) }),
    percent_done: portionDone(counts),
    total_files: counts.filesTotal,
    files_done: counts.filesDone,
    total_bytes: counts.bytesTotal,
    bytes_done: counts.bytesDone,
    ...(counts.errors > 0 ? { error_count: counts.errors } : {}),
    ...(counts.currentFiles.length > 0
      ? { current_files: counts.currentFiles.map((path) => path.toWellFormed()) }
      : {}),
  };
}

function verboseStatus(item: ItemReport): Record<string, unknown> {
  const isFile = item.type === 'file';
  return {
    message_type: 'verbose_status',
    action: actionWords[item.action],
    item: item.path.toWellFormed(),
    data_size: isFile ? item.added : 0,
    data_size_in_repo: isFile ? item.addedPacked : 0,
    metadata_size: isFile ? 0 : item.added,
    metadata_size_in_repo: isFile ? 0 : item.addedPacked,
  };
}
