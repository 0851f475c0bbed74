/** What a restore says while it runs and at its end. */

import type { SealiftError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { formatDuration, formatSize } from '../base/units.ts';
import type {
  RestoreItem,
  RestoreOptions,
  RestoreProgress,
  RestoreSummary,
} from '../engine/restore.ts';
import type { FoundSnapshot } from '../engine/snapshots.ts';
import type { Context } from './context.ts';
import { localTime } from './local-time.ts';
import { type Counts, portionDone, progressIntervalMs, statusLines, Throttle } from './progress.ts';

type Callbacks = Required<
  Pick<RestoreOptions, 'onProgress' | 'onItem' | 'onWarning' | 'onError' | 'onSummary'>
>;

export class RestoreReport {
  readonly #context: Context;
  readonly #dryRun: boolean;
  readonly #throttle: Throttle;
  readonly #startMs = performance.now();
  #errors = 0;

  constructor(context: Context, dryRun: boolean) {
    this.#context = context;
    this.#dryRun = dryRun;
    this.#throttle = new Throttle(progressIntervalMs(context.env, context.out.modes.json));
  }

  start({ id, snapshot }: FoundSnapshot, target: string): void {
    const { out, say } = this.#context;
    const values = {
      id: id.slice(0, 8),
      paths: snapshot.paths.map(printable).join(', '),
      time: localTime(snapshot.time.ns),
      target: printable(target),
    };
    out.info(say('restore.start', values));
  }

  callbacks(): Callbacks {
    return {
      onProgress: (progress) => this.#progress(progress),
      onItem: (item) => this.#item(item),
      onWarning: (message) => this.#context.out.warn(printable(message)),
      onError: (error) => this.#error(error),
      onSummary: (summary) => this.#summary(summary),
    };
  }

  #progress(progress: RestoreProgress): void {
    const { out } = this.#context;
    if (out.modes.quiet || (!out.modes.json && !out.showsStatus) || !this.#throttle.due()) return;
    if (out.modes.json) out.json(this.#json('status', progress));
    else out.status(statusLines(this.#context, this.#countsOf(progress)));
  }

  #item({ action, path, size }: RestoreItem): void {
    const { out } = this.#context;
    if (out.modes.verbosity < (this.#dryRun ? 1 : 2)) return;
    if (out.modes.json) {
      out.json({ message_type: 'verbose_status', action, item: path.toWellFormed(), size });
    } else {
      out.detail(`${action.padEnd(9)} ${printable(path)} (${formatSize(size)})`);
    }
  }

  #error(error: SealiftError): void {
    this.#errors += 1;
    const { out, explain, say } = this.#context;
    if (out.modes.json) {
      const item = error.fields['path'] ?? '';
      const message = explain(error);
      out.jsonError({ message_type: 'error', error: { message }, during: 'restore', item });
    } else {
      out.note(`${say('error.error')}: ${explain(error)}`);
    }
  }

  #summary(summary: RestoreSummary): void {
    const { out, say } = this.#context;
    out.status([]);
    if (out.modes.json) {
      out.json(this.#json('summary', summary));
      return;
    }
    const { filesDone, totalFiles, bytesDone, totalBytes, filesSkipped, filesDeleted } = summary;
    const isWhole = filesDone === totalFiles && bytesDone === totalBytes;
    const files = isWhole ? `${filesDone}` : `${filesDone} / ${totalFiles}`;
    const size = isWhole
      ? formatSize(bytesDone)
      : `${formatSize(bytesDone)} / ${formatSize(totalBytes)}`;
    const time = formatDuration((performance.now() - this.#startMs) / 1000);
    const skipped =
      filesSkipped > 0
        ? say('restore.skipped', { files: filesSkipped, size: formatSize(summary.bytesSkipped) })
        : '';
    const deleted = filesDeleted > 0 ? say('restore.deleted', { count: filesDeleted }) : '';
    const key = this.#dryRun ? 'restore.dryRun' : 'restore.summary';
    out.info(`${say(key, { files, size, time })}${skipped}${deleted}`);
  }

  #countsOf(progress: RestoreProgress): Counts {
    return {
      secondsElapsed: (performance.now() - this.#startMs) / 1000,
      filesDone: progress.filesDone,
      filesTotal: progress.totalFiles,
      bytesDone: progress.bytesDone,
      bytesTotal: progress.totalBytes,
      errors: this.#errors,
      currentFiles: [],
      scanning: false,
    };
  }

  /** restic's field names. */
  #json(type: 'status' | 'summary', progress: RestoreProgress): Record<string, unknown> {
    const counts = this.#countsOf(progress);
    return {
      message_type: type,
      seconds_elapsed: Math.floor(counts.secondsElapsed),
      ...(type === 'status' ? { percent_done: portionDone(counts) } : {}),
      total_files: progress.totalFiles,
      files_restored: progress.filesDone,
      files_skipped: progress.filesSkipped,
      files_deleted: progress.filesDeleted,
      total_bytes: progress.totalBytes,
      bytes_restored: progress.bytesDone,
      bytes_skipped: progress.bytesSkipped,
    };
  }
}
