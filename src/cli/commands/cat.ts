/** `sealift cat`: a stored object as it is, decrypted. */

import { Argument, type Command } from 'commander';
import { type CatType, cat, catNeedsIndex } from '../../engine/cat.ts';
import type { IndexedRepository, OpenRepository } from '../../engine/open.ts';
import type { Context } from '../context.ts';
import { usageError } from '../global-options.ts';
import { withIndex, withRepository } from '../open-repository.ts';
import type { Runner } from '../runner.ts';
import { addFilterOptions, type FilterFlags, filterOf } from './snapshot-filter.ts';

const types: readonly CatType[] = [
  'config',
  'index',
  'snapshot',
  'key',
  'masterkey',
  'lock',
  'pack',
  'blob',
  'tree',
];

export function addCat(program: Command, run: Runner): void {
  const command = program
    .command('cat')
    .description('print a stored object')
    .addArgument(new Argument('<type>', 'kind of object').choices(types))
    .argument('[id]', 'its ID; for tree a snapshot, optionally with :folder');
  addFilterOptions(command).action(run(runCat));
}

/** Documents without 64-bit numbers, which survive being laid out anew. */
const laidOut: readonly CatType[] = ['config', 'masterkey', 'key', 'snapshot', 'lock'];
const binary: readonly CatType[] = ['blob', 'pack'];

async function runCat(
  context: Context,
  flags: FilterFlags,
  [given = '', id]: readonly string[],
): Promise<undefined> {
  const type = types.find((known) => known === given);
  if (type === undefined) throw usageError(`there is no type '${given}'`);
  if (id === undefined && type !== 'config' && type !== 'masterkey') {
    throw usageError(`cat ${type} needs an ID`, `sealift list shows the IDs.`);
  }
  const filter = filterOf(flags);
  const job = async (
    repository: OpenRepository | IndexedRepository,
    signal: AbortSignal,
  ): Promise<void> => {
    const bytes = await cat(repository, type, id, { filter, signal });
    print(context, type, bytes);
  };
  if (catNeedsIndex(type)) await withIndex(context, { lock: 'read' }, job);
  else await withRepository(context, { lock: 'read' }, job);
}

function print({ out, say }: Context, type: CatType, bytes: Uint8Array): void {
  if (type === 'masterkey') out.warn(say('cat.masterKeyShown'));
  if (binary.includes(type)) {
    out.raw(bytes);
    return;
  }
  const text = Buffer.from(bytes).toString('utf8').trimEnd();
  const isLaidOut = laidOut.includes(type) && !out.modes.json;
  out.result(isLaidOut ? JSON.stringify(JSON.parse(text), null, 2) : text);
}
