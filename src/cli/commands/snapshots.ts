/** `sealift snapshots`: what is in the repository. */

import type { Command } from 'commander';
import type { OpenRepository } from '../../engine/open.ts';
import {
  compareSnapshots,
  type FoundSnapshot,
  findSnapshot,
  type GroupCriterion,
  groupSnapshots,
  listSnapshots,
  type SnapshotGroup,
} from '../../engine/snapshots.ts';
import { snapshotToJson } from '../../repository/snapshot.ts';
import type { Context } from '../context.ts';
import { integerParser } from '../global-options.ts';
import { withRepository } from '../open-repository.ts';
import type { Runner } from '../runner.ts';
import { groupTitle, snapshotTable } from '../snapshot-table.ts';
import { renderTable } from '../table.ts';
import { addFilterOptions, type FilterFlags, filterOf, parseGroupBy } from './snapshot-filter.ts';

interface SnapshotsFlags extends FilterFlags {
  readonly compact?: boolean;
  readonly groupBy?: string;
  readonly latest?: number;
}

export function addSnapshots(program: Command, run: Runner): void {
  addFilterOptions(
    program
      .command('snapshots')
      .description('list the snapshots')
      .argument('[snapshot...]', 'only these'),
  )
    .option('-c, --compact', 'one line for each snapshot')
    .option('-g, --group-by <list>', 'group by host, paths, tags (separated by commas)')
    .option('--latest <n>', 'only the last n of each group', integerParser('--latest', 1))
    .action(run(snapshots));
}

async function snapshots(
  context: Context,
  flags: SnapshotsFlags,
  wanted: readonly string[],
): Promise<undefined> {
  const criteria = parseGroupBy(flags.groupBy);
  await withRepository(context, { lock: 'read' }, async (repository, signal) => {
    const found = await collectSnapshots(context, repository, filterOf(flags), wanted, signal);
    found.sort(compareSnapshots);
    const kept = flags.latest === undefined ? found : latestOf(found, flags.latest);
    const groups = groupSnapshots(kept, criteria);
    if (context.out.modes.json) printJson(context, groups, criteria);
    else printTables(context, groups, criteria, flags.compact === true);
  });
}

async function collectSnapshots(
  context: Context,
  repository: OpenRepository,
  filter: ReturnType<typeof filterOf>,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<FoundSnapshot[]> {
  if (wanted.length === 0) {
    return listSnapshots(repository, filter, {
      signal,
      onError: (error) => context.out.warn(context.explain(error)),
    });
  }
  const found: FoundSnapshot[] = [];
  for (const name of wanted) {
    const { id, snapshot } = await findSnapshot(repository, name, filter, { signal });
    if (!found.some((other) => other.id === id)) found.push({ id, snapshot });
  }
  return found;
}

/** The last n of each host and set of paths, in the order given. */
function latestOf(found: readonly FoundSnapshot[], count: number): FoundSnapshot[] {
  const seen = new Map<string, number>();
  return found
    .toReversed()
    .filter(({ snapshot }) => {
      const key = JSON.stringify([snapshot.hostname, snapshot.paths.toSorted()]);
      const before = seen.get(key) ?? 0;
      seen.set(key, before + 1);
      return before < count;
    })
    .reverse();
}

function printJson(
  { out }: Context,
  groups: readonly SnapshotGroup[],
  criteria: readonly GroupCriterion[],
): void {
  const rows = (found: readonly FoundSnapshot[]): unknown[] =>
    found.map(({ id, snapshot }) => snapshotToJson(snapshot, id));
  if (criteria.length === 0) {
    out.json(groups.flatMap((group) => rows(group.snapshots)));
    return;
  }
  out.json(
    groups.map(({ host = '', paths = null, tags = null, snapshots: found }) => ({
      group_key: { hostname: host, paths, tags },
      snapshots: rows(found),
    })),
  );
}

function printTables(
  { out, say }: Context,
  groups: readonly SnapshotGroup[],
  criteria: readonly GroupCriterion[],
  compact: boolean,
): void {
  if (groups.length === 0) out.info(say('snapshots.none'));
  for (const { host, paths, tags, snapshots: found } of groups) {
    if (criteria.length > 0) {
      const group = groupTitle({ host, paths, tags });
      out.info(say('snapshots.group', { group }));
    }
    out.result(renderTable(snapshotTable(say, found, { compact })));
    out.info(say('snapshots.count', { count: found.length }));
  }
}
