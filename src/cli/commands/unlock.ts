/** `sealift unlock`: removes locks that nobody holds any more. */

import type { Command } from 'commander';
import { unlock } from '../../engine/unlock.ts';
import type { Context } from '../context.ts';
import { withRepository } from '../open-repository.ts';
import type { Runner } from '../runner.ts';

interface UnlockFlags {
  readonly removeAll?: boolean;
}

export function addUnlock(program: Command, run: Runner): void {
  program
    .command('unlock')
    .description('remove stale locks')
    .option('--remove-all', 'remove all locks, also those of running processes')
    .action(run(runUnlock));
}

async function runUnlock(context: Context, flags: UnlockFlags): Promise<undefined> {
  await withRepository(context, { lock: 'none' }, async (repository, signal) => {
    const removed = await unlock(repository, { removeAll: flags.removeAll === true, signal });
    if (context.out.modes.json) context.out.json({ message_type: 'summary', removed });
    else context.out.info(context.say('unlock.removed', { count: removed }));
  });
}
