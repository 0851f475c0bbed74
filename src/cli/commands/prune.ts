/** `sealift prune`: removes data that no snapshot refers to. */

import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { usageError } from '../global-options.ts';
import { withRepository } from '../open-repository.ts';
import { addPruneOptions, type PruneFlags, pruneLimits } from '../prune-options.ts';
import { pruneSummary, runPrune } from '../run-prune.ts';
import type { Runner } from '../runner.ts';

export function addPrune(program: Command, run: Runner): void {
  const command = program
    .command('prune')
    .description('remove data that no snapshot refers to')
    .addHelpText('before', 'Example:  sealift prune --dry-run\n');
  addPruneOptions(command)
    .option('-n, --dry-run', 'remove nothing, show what would be done')
    .action(run(pruneRepository));
}

async function pruneRepository(
  context: Context,
  flags: PruneFlags & { readonly dryRun?: boolean },
): Promise<undefined> {
  const dryRun = flags.dryRun === true;
  const limits = pruneLimits(context, flags);
  if (!context.flags.lock && !dryRun) {
    throw usageError('--no-lock goes only with --dry-run: removing needs the lock');
  }
  // A dry run may go without a lock, as a check may.
  const lock = dryRun ? 'check' : 'exclusive';
  await withRepository(context, { lock }, async (repository, signal) => {
    const counts = await runPrune(context, repository, { limits, dryRun, signal });
    if (context.out.modes.json) context.out.json(pruneSummary(counts, dryRun));
  });
}
