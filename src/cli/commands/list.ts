/** `sealift list`: the IDs of one kind of file or of the blobs. */

import { Argument, type Command } from 'commander';
import { encodeHex } from '../../base/bytes.ts';
import type { BlobType } from '../../repository/ids.ts';
import type { FileType } from '../../storage/backend.ts';
import type { Context } from '../context.ts';
import { withIndex, withRepository } from '../open-repository.ts';
import type { Runner } from '../runner.ts';

/** Names that a user gives, and the folders of the layout. */
const kinds: Readonly<Record<string, FileType>> = {
  packs: 'data',
  index: 'index',
  snapshots: 'snapshots',
  keys: 'keys',
  locks: 'locks',
};

export function addList(program: Command, run: Runner): void {
  program
    .command('list')
    .description('list the IDs of stored files or of blobs')
    .addArgument(new Argument('<type>', 'what to list').choices([...Object.keys(kinds), 'blobs']))
    .action(run(list));
}

async function list(
  context: Context,
  _flags: unknown,
  [kind = '']: readonly string[],
): Promise<undefined> {
  const { out } = context;
  const type = kinds[kind];
  // Listing locks with a lock of our own would show that one, too.
  const lock = kind === 'locks' ? 'none' : 'read';
  if (type === undefined) return listBlobs(context);
  await withRepository(context, { lock }, async ({ backend }, signal) => {
    for await (const { name, size } of backend.list(type, signal)) {
      if (out.modes.json) out.json({ type: kind, id: name, size });
      else out.result(name);
    }
  });
}

async function listBlobs(context: Context): Promise<undefined> {
  const types: readonly BlobType[] = ['data', 'tree'];
  await withIndex(context, { lock: 'read' }, async ({ index }) => {
    for (const type of types) {
      for (const bytes of index.ids(type)) {
        const id = encodeHex(bytes);
        if (context.out.modes.json) context.out.json({ type, id });
        else context.out.result(`${type} ${id}`);
      }
    }
  });
}
