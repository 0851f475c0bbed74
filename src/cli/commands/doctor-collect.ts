/** `sealift doctor collect`: prints the collector for machines that are too old for Node. */

import { type Command, Option } from 'commander';
import { collectorForCmd } from '../../doctor/facts/collected/script-cmd.ts';
import { collectorForPowerShell } from '../../doctor/facts/collected/script-ps1.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Runner } from '../runner.ts';

interface CollectFlags {
  readonly script: 'cmd' | 'ps1';
}

export function addCollect(doctor: Command, run: Runner): void {
  doctor
    .command('collect')
    .description('print a script that collects the facts of a Windows without Sealift')
    .addOption(
      new Option('--script <kind>', 'for cmd (XP and later) or PowerShell 2.0 and later')
        .choices(['cmd', 'ps1'])
        .makeOptionMandatory(),
    )
    .action(run(collect));
}

async function collect({ out }: Context, { script }: CollectFlags): Promise<ExitCode> {
  const text = script === 'cmd' ? collectorForCmd() : collectorForPowerShell();
  out.raw(Buffer.from(text, 'latin1'));
  return exitCodes.done;
}
