/** `sealift agent facts`: what this machine tells the vaults that it is enrolled with. */

import type { Command } from 'commander';
import { SealiftError } from '../../base/errors.ts';
import { configFolder } from '../config-folder.ts';
import type { Context } from '../context.ts';
import type { Runner } from '../runner.ts';

export function addAgent(program: Command, run: Runner): void {
  program
    .command('agent')
    .description('what this machine does as the client of a vault')
    .command('facts')
    .description('print the facts that each backup to an enrolled vault sends, exactly as sent')
    .action(run(printFacts));
}

async function printFacts({ out, say, env }: Context): Promise<undefined> {
  const { factsChoice, machineFactsJson } = await import('../../agent/machine-facts.ts');
  const { isSent, because } = await factsChoice(configFolder(env), env);
  const json = await machineFactsJson(env);
  if (json === undefined) {
    const detail = process.platform;
    throw new SealiftError('facts/unreadable', `no facts are read of this system (${detail})`, {
      fields: { file: 'agent facts', detail },
    });
  }
  out.raw(Buffer.from(`${json}\n`));
  if (isSent) out.note(say('agent.factsOn'));
  else out.note(say('agent.factsOff', { because }));
}
