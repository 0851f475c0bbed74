/** `sealift init`: creates a repository. */

import { type Command, Option } from 'commander';
import { initRepository } from '../../engine/open.ts';
import type { Polynomial } from '../../repository/polynomial.ts';
import type { Context } from '../context.ts';
import { addFromOptions, type FromFlags, sourceContext } from '../from-repository.ts';
import { usageError } from '../global-options.ts';
import { openBackend, optional, withRepository } from '../open-repository.ts';
import { readFirstPassword } from '../password.ts';
import type { Runner } from '../runner.ts';

interface InitFlags extends FromFlags {
  readonly repositoryVersion: string;
  readonly copyChunkerParams?: boolean;
}

export function addInit(program: Command, run: Runner): void {
  const command = program
    .command('init')
    .description('create a repository')
    .addHelpText('before', 'Example:  sealift -r /srv/backup init\n')
    .addOption(
      new Option('--repository-version <version>', 'version of the format')
        .choices(['1', '2', 'latest', 'stable'])
        .default('stable'),
    )
    .option('--copy-chunker-params', 'cut files as the source repository does, for `copy`');
  addFromOptions(command).action(run(init));
}

async function init(context: Context, flags: InitFlags): Promise<undefined> {
  const { out, say, signal } = context;
  const polynomial = await polynomialOfSource(context, flags);
  const backend = await openBackend(context);
  try {
    const password = await readFirstPassword(context);
    const { config } = await initRepository(backend, {
      password,
      allowEmptyPassword: context.flags.insecureNoPassword === true,
      version: flags.repositoryVersion === '1' ? 1 : 2,
      ...optional('polynomial', polynomial),
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

/** Undefined for one of its own. */
async function polynomialOfSource(
  context: Context,
  flags: InitFlags,
): Promise<Polynomial | undefined> {
  if (flags.copyChunkerParams !== true) {
    const isNamed = flags.fromRepo !== undefined || flags.fromRepositoryFile !== undefined;
    if (isNamed) throw usageError('--from-repo is of use only with --copy-chunker-params');
    return undefined;
  }
  const from = sourceContext(context, flags);
  // The config never changes, so no lock is needed.
  const options = { lock: 'none', passwordQuestion: 'password.enterSource' } as const;
  return withRepository(from, options, async ({ config }) => config.chunkerPolynomial);
}
