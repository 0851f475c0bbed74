/** What `forget` prints: tables of what stays and goes, or JSON with restic's field names. */

import type { ForgetGroup } from '../engine/forget.ts';
import type { KeepReason } from '../engine/retention.ts';
import type { FoundSnapshot } from '../engine/snapshots.ts';
import { snapshotToJson } from '../repository/snapshot.ts';
import type { Context } from './context.ts';
import { groupTitle, snapshotTable } from './snapshot-table.ts';
import { renderTable } from './table.ts';

export function printForgetGroups(
  context: Context,
  groups: readonly ForgetGroup[],
  compact: boolean,
): void {
  const { out, say } = context;
  if (out.modes.json) {
    out.json(groups.map(groupToJson));
    return;
  }
  for (const { key, keep, remove, reasons } of groups) {
    const group = groupTitle(key);
    if (group !== '') out.info(say('snapshots.group', { group }));
    if (keep.length > 0) {
      out.info(say('forget.keep', { count: keep.length }));
      const table = { compact, reasons: reasons.map((reason) => reason.matches) };
      out.info(`${renderTable(snapshotTable(say, keep, table))}\n`);
    }
    if (remove.length > 0) {
      out.info(say('forget.remove', { count: remove.length }));
      out.info(`${renderTable(snapshotTable(say, remove, { compact }))}\n`);
    }
  }
}

/** Snapshots that were named, which no policy looked at: one group without a key. */
export function printNamed(context: Context, remove: readonly FoundSnapshot[]): void {
  const key = { host: undefined, paths: undefined, tags: undefined };
  printForgetGroups(context, [{ key, keep: [], remove, reasons: [] }], false);
}

/** As restic, an empty list is null. */
function groupToJson({ key, keep, remove, reasons }: ForgetGroup): unknown {
  const same = (text: string): string => text;
  return {
    tags: listToJson(key.tags ?? [], same),
    host: key.host ?? '',
    paths: listToJson(key.paths ?? [], same),
    keep: listToJson(keep, snapshotRow),
    remove: listToJson(remove, snapshotRow),
    reasons: listToJson(reasons, reasonToJson),
  };
}

function reasonToJson({ snapshot, matches, counters }: KeepReason): unknown {
  const left = Object.entries(counters).filter(([, count]) => count !== 0);
  return { snapshot: snapshotRow(snapshot), matches, counters: Object.fromEntries(left) };
}

function snapshotRow({ id, snapshot }: FoundSnapshot): Record<string, unknown> {
  return snapshotToJson(snapshot, id);
}

function listToJson<T>(items: readonly T[], row: (item: T) => unknown): unknown[] | null {
  return items.length === 0 ? null : items.map(row);
}
