/** Snapshots as a table for people: `snapshots` and `forget` print it. */

import { printable } from '../base/printable.ts';
import { formatSize } from '../base/units.ts';
import type { FoundSnapshot, SnapshotGroup } from '../engine/snapshots.ts';
import { localTime } from './local-time.ts';
import type { Table } from './table.ts';
import type { Say } from './texts/texts.ts';

export interface SnapshotTableOptions {
  /** One line for each snapshot, without paths and sizes. */
  readonly compact: boolean;
  /** Why each snapshot is kept, in the same order; adds a column. */
  readonly reasons?: readonly (readonly string[])[];
}

export function snapshotTable(
  say: Say,
  found: readonly FoundSnapshot[],
  { compact, reasons }: SnapshotTableOptions,
): Table {
  const headings = ['ID', say('snapshots.time'), say('snapshots.host'), say('snapshots.tags')];
  if (reasons !== undefined) headings.push(say('forget.reasons'));
  if (!compact) headings.push(say('snapshots.paths'), say('snapshots.size'));
  const rows = found.flatMap(({ id, snapshot }, position) => {
    const { time, hostname, tags, paths, summary } = snapshot;
    const why = reasons?.[position] ?? [];
    const lines = compact ? 1 : Math.max(1, tags.length, paths.length, why.length);
    const size = summary === undefined ? '' : formatSize(Number(summary.totalBytesProcessed));
    const list = (texts: readonly string[], line: number): string =>
      compact ? texts.join(',') : (texts[line] ?? '');
    return Array.from({ length: lines }, (_, line) => {
      const first = line === 0;
      const cells = [
        first ? id.slice(0, 8) : '',
        first ? localTime(time.ns) : '',
        first ? hostname : '',
        list(tags, line),
      ];
      if (reasons !== undefined) cells.push(list(why, line));
      if (!compact) cells.push(paths[line] ?? '', first ? size : '');
      return cells.map(printable);
    });
  });
  return { headings, rows };
}

/** What the snapshots of a group have in common. */
export function groupTitle({
  host,
  paths,
  tags,
}: Pick<SnapshotGroup, 'host' | 'paths' | 'tags'>): string {
  const parts = [
    ...(host === undefined ? [] : [`host [${host}]`]),
    ...(tags === undefined ? [] : [`tags [${tags.join(', ')}]`]),
    ...(paths === undefined ? [] : [`paths [${paths.join(', ')}]`]),
  ];
  return printable(parts.join(', '));
}
