/**
 * The second repository of `copy` and `init --copy-chunker-params`: its options and variables have the
 * names of the first one's with `from` in front, so that everything else is read in the same way.
 */

import type { Command } from 'commander';
import type { Context } from './context.ts';
import { fromEnvironment, type GlobalFlags, usageError } from './global-options.ts';
import { optional } from './open-repository.ts';

export interface FromFlags {
  readonly fromRepo?: string;
  readonly fromRepositoryFile?: string;
  readonly fromPasswordFile?: string;
  readonly fromPasswordCommand?: string;
  readonly fromInsecureNoPassword?: boolean;
  readonly fromKeyHint?: string;
}

export function addFromOptions(command: Command): Command {
  return command
    .option('--from-repo <repository>', 'source repository (default: $SEALIFT_FROM_REPOSITORY)')
    .option('--from-repository-file <file>', 'file that names the source repository')
    .option('--from-password-file <file>', 'file with the password of the source repository')
    .option('--from-password-command <command>', 'command that prints the password of the source')
    .option('--from-insecure-no-password', 'use an empty password for the source repository')
    .option('--from-key-hint <id>', 'ID of the key of the source repository to try first');
}

/** Variables that name a repository or open it, without their prefix. */
const variables = [
  'REPOSITORY',
  'REPOSITORY_FILE',
  'PASSWORD',
  'PASSWORD_FILE',
  'PASSWORD_COMMAND',
  'KEY_HINT',
];

/** True when options or variables name a source repository. */
export function namesSource({ env }: Context, flags: FromFlags): boolean {
  return (
    flags.fromRepo !== undefined ||
    flags.fromRepositoryFile !== undefined ||
    fromEnvironment(env, 'FROM_REPOSITORY') !== undefined ||
    fromEnvironment(env, 'FROM_REPOSITORY_FILE') !== undefined
  );
}

/**
 * A context in which the source repository is the one to work with.
 * @throws SealiftError 'usage/invalid' when none is named, or in two ways
 */
export function sourceContext(context: Context, flags: FromFlags): Context {
  if (!namesSource(context, flags)) {
    throw usageError(
      'no source repository is named',
      'Name it with --from-repo LOCATION or SEALIFT_FROM_REPOSITORY.',
    );
  }
  if (flags.fromRepo !== undefined && flags.fromRepositoryFile !== undefined) {
    throw usageError('--from-repo and --from-repository-file exclude each other');
  }
  if (flags.fromPasswordFile !== undefined && flags.fromPasswordCommand !== undefined) {
    throw usageError('--from-password-file and --from-password-command exclude each other');
  }
  return {
    ...context,
    env: sourceEnvironment(context.env),
    flags: sourceFlags(context.flags, flags),
  };
}

function sourceEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const source = { ...env };
  for (const prefix of ['SEALIFT', 'RESTIC']) {
    for (const name of variables) source[`${prefix}_${name}`] = env[`${prefix}_FROM_${name}`];
  }
  return source;
}

function sourceFlags(flags: GlobalFlags, from: FromFlags): GlobalFlags {
  const {
    repo: _repo,
    repositoryFile: _repositoryFile,
    passwordFile: _passwordFile,
    passwordCommand: _passwordCommand,
    insecureNoPassword: _insecureNoPassword,
    keyHint: _keyHint,
    ...others
  } = flags;
  return {
    ...others,
    ...optional('repo', from.fromRepo),
    ...optional('repositoryFile', from.fromRepositoryFile),
    ...optional('passwordFile', from.fromPasswordFile),
    ...optional('passwordCommand', from.fromPasswordCommand),
    ...optional('insecureNoPassword', from.fromInsecureNoPassword),
    ...optional('keyHint', from.fromKeyHint),
  };
}
