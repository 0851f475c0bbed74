/** `sealift init`: creates a repository. */

import { type Command, Option } from 'commander';
import { initRepository } from '../../engine/open.ts';
import type { Context } from '../context.ts';
import { openBackend } from '../open-repository.ts';
import { readFirstPassword } from '../password.ts';
import type { Runner } from '../runner.ts';

interface InitFlags {
  readonly repositoryVersion: string;
}

export function addInit(program: Command, run: Runner): void {
  program
    .command('init')
    .description('create a repository')
    .addHelpText('before', 'Example:  sealift -r /srv/backup init\n')
    .addOption(
      new Option('--repository-version <version>', 'version of the format')
        .choices(['1', '2', 'latest', 'stable'])
        .default('stable'),
    )
    .action(run(init));
}

async function init(context: Context, flags: InitFlags): Promise<undefined> {
  const { out, say, signal } = context;
  const backend = await openBackend(context);
  try {
    const password = await readFirstPassword(context);
    const { config } = await initRepository(backend, {
      password,
      allowEmptyPassword: context.flags.insecureNoPassword === true,
      version: flags.repositoryVersion === '1' ? 1 : 2,
      signal,
    });
    const { location } = backend;
    if (out.modes.json) {
      out.json({ message_type: 'initialized', id: config.id, repository: location });
      return;
    }
    out.info(say('init.created', { id: config.id.slice(0, 10), location }));
    out.info(`\n${say('init.warning')}`);
  } finally {
    await backend.close();
  }
}
