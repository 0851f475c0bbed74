/** `sealift ls`: what a snapshot holds. */

import type { Command } from 'commander';
import { printable } from '../../base/printable.ts';
import { formatMode, type ListedNode, listNodes, nodeToJson } from '../../engine/ls.ts';
import { findSnapshot, type NamedSnapshot } from '../../engine/snapshots.ts';
import { findFolder } from '../../engine/walk-trees.ts';
import { snapshotToJson } from '../../repository/snapshot.ts';
import type { Context } from '../context.ts';
import { localTime } from '../local-time.ts';
import { withIndex } from '../open-repository.ts';
import type { Runner } from '../runner.ts';
import { addFilterOptions, type FilterFlags, filterOf } from './snapshot-filter.ts';

interface LsFlags extends FilterFlags {
  readonly long?: boolean;
  readonly recursive?: boolean;
}

export function addLs(program: Command, run: Runner): void {
  const command = program
    .command('ls')
    .description('list what a snapshot holds')
    .argument('<snapshot>', 'ID of the snapshot, or latest; ID:folder for a part of it')
    .argument('[path...]', 'only these folders or files')
    .option('-l, --long', 'with mode, owner, size and time')
    .option('--recursive', 'also what is below the folders named');
  addFilterOptions(command).action(run(ls));
}

async function ls(
  context: Context,
  flags: LsFlags,
  [name = '', ...paths]: readonly string[],
): Promise<undefined> {
  const { out } = context;
  await withIndex(context, { lock: 'read' }, async (repository, signal) => {
    const found = await findSnapshot(repository, name, filterOf(flags), { signal });
    const tree = await findFolder(repository, found.snapshot.tree, found.subfolder ?? '', signal);
    printHeader(context, found);
    const recursive = flags.recursive === true;
    for await (const listed of listNodes(repository, { tree, paths, recursive, signal })) {
      if (out.modes.json) out.json(nodeToJson(listed));
      else out.result(flags.long === true ? longLine(listed) : printable(listed.path));
    }
  });
}

function printHeader({ out, say }: Context, { id, snapshot }: NamedSnapshot): void {
  if (out.modes.json) {
    out.json({
      ...snapshotToJson(snapshot, id),
      message_type: 'snapshot',
      struct_type: 'snapshot',
    });
    return;
  }
  out.info(
    say('ls.snapshot', {
      id: id.slice(0, 8),
      paths: snapshot.paths.map(printable).join(', '),
      time: localTime(snapshot.time.ns),
    }),
  );
}

/** `-rw-r--r--     0     0      3 2026-11-24 06:27:50 /s/a`, as restic prints it. */
function longLine({ path, node }: ListedNode): string {
  const size = node.type === 'file' ? node.size : 0n;
  const columns = [
    formatMode(node.mode),
    String(node.uid).padStart(5),
    String(node.gid).padStart(5),
    String(size).padStart(6),
    localTime(node.mtime),
    printable(path),
  ];
  const target = node.linkTarget === undefined ? '' : ` -> ${printable(node.linkTarget)}`;
  return columns.join(' ') + target;
}
