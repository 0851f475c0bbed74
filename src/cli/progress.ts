/** Progress: how often it is shown, and how far a job is. */

import { printable } from '../base/printable.ts';
import { formatDuration, formatSize } from '../base/units.ts';
import type { Context } from './context.ts';

/** Calls at most once per interval, so that progress costs nothing beside the work. */
export class Throttle {
  readonly #intervalMs: number;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** True when it is time again. */
  due(): boolean {
    const now = performance.now();
    if (now - this.#lastMs < this.#intervalMs) return false;
    this.#lastMs = now;
    return true;
  }
}

/** Milliseconds between two states of progress; `…_PROGRESS_FPS` changes it as restic's does. */
export function progressIntervalMs(env: NodeJS.ProcessEnv, json: boolean): number {
  const fps = Number(env['SEALIFT_PROGRESS_FPS'] || env['RESTIC_PROGRESS_FPS']);
  if (fps > 0) return 1000 / Math.min(fps, 60);
  return json ? 250 : 100;
}

/** How far a job is that counts files and bytes. */
export interface Counts {
  readonly secondsElapsed: number;
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly errors: number;
  readonly currentFiles: readonly string[];
  /** True while the totals still grow. */
  readonly scanning: boolean;
}

/** From 0 to 1. */
export function portionDone({ bytesDone, bytesTotal }: Counts): number {
  return bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : 0;
}

/** Estimate from the rate so far; undefined while there is none. */
export function secondsLeft(counts: Counts): number | undefined {
  const { secondsElapsed, bytesDone, bytesTotal, scanning } = counts;
  if (scanning || bytesDone === 0 || secondsElapsed < 1) return undefined;
  return Math.max(0, (bytesTotal - bytesDone) * (secondsElapsed / bytesDone));
}

/** Lines of the status on a terminal: how far, how fast, how long, and what is being read. */
export function statusLines({ say }: Context, counts: Counts): string[] {
  const { secondsElapsed, bytesDone, bytesTotal, filesDone, filesTotal, errors } = counts;
  const rate = formatSize(Math.round(bytesDone / Math.max(secondsElapsed, 0.001)));
  const failed = errors > 0 ? say('progress.errors', { count: errors }) : '';
  const left = secondsLeft(counts);
  const first = counts.scanning
    ? `[${formatDuration(secondsElapsed)}] ${say('progress.scanning', { done: filesDone, bytes: formatSize(bytesDone), rate })}`
    : `[${formatDuration(secondsElapsed)}] ${(portionDone(counts) * 100).toFixed(2)}%  ` +
      `${say('progress.files', { done: filesDone, total: filesTotal })}, ` +
      `${formatSize(bytesDone)} / ${formatSize(bytesTotal)}, ${rate}/s` +
      (left === undefined ? '' : `, ${say('progress.left', { time: formatDuration(left) })}`);
  const files = counts.currentFiles
    .slice(0, 4)
    .map((path) => `  ${say('progress.current', { path: printable(path) })}`);
  return [first + failed, ...files];
}
