/** Where the password of a repository comes from: a file, a command, a variable, or the user. */

import { messageOf, SealiftError } from '../base/errors.ts';
import { runProgram } from '../base/run-program.ts';
import { Secret } from '../base/secret.ts';
import type { Context } from './context.ts';
import { fromEnvironment, usageError } from './global-options.ts';
import { canPrompt, promptHidden, readLineFromInput } from './prompt.ts';
import { readInputFile } from './read-input-file.ts';
import { splitCommand } from './split-command.ts';
import type { TextKey } from './texts/en.ts';

export interface PasswordOptions {
  /** True when standard input carries data to back up. */
  readonly inputIsTaken?: boolean;
  readonly passwordQuestion?: TextKey;
}

/**
 * The password for an existing repository.
 * @throws SealiftError `password/missing`, `password/empty`, `usage/invalid`
 */
export async function readPassword(
  context: Context,
  { inputIsTaken = false, passwordQuestion = 'password.enter' }: PasswordOptions = {},
): Promise<Secret> {
  const given = await readGivenPassword(context);
  if (given !== undefined) return checked(context, given);
  if (inputIsTaken) throw missing();
  if (canPrompt()) return checked(context, await promptHidden(context.say(passwordQuestion)));
  const line = await readLineFromInput();
  if (line === undefined) throw missing();
  return checked(context, line);
}

/** The password for a repository that is being made: on a terminal it is asked for twice. */
export async function readFirstPassword(context: Context): Promise<Secret> {
  const given = await readGivenPassword(context);
  if (given === undefined && canPrompt()) {
    return checked(context, await promptTwice(context, context.say('password.enterNew')));
  }
  return given === undefined ? readPassword(context) : checked(context, given);
}

export interface NewPasswordFlags {
  readonly newPasswordFile?: string;
  readonly newInsecureNoPassword?: boolean;
}

/** The password of a key that is being added or changed. */
export async function readNewPassword(context: Context, flags: NewPasswordFlags): Promise<Secret> {
  if (flags.newInsecureNoPassword === true) {
    if (flags.newPasswordFile !== undefined) {
      throw usageError('--new-password-file and --new-insecure-no-password exclude each other');
    }
    return new Secret('');
  }
  const password = await readNewPasswordText(context, flags.newPasswordFile);
  if (password === '') throw empty();
  return new Secret(password);
}

async function readNewPasswordText(context: Context, file: string | undefined): Promise<string> {
  if (file !== undefined) return readPasswordFile(file);
  if (canPrompt()) return promptTwice(context, context.say('password.enterNew'));
  const line = await readLineFromInput();
  if (line === undefined) throw missing();
  return line;
}

/** Asks twice and refuses answers that differ. */
export async function promptTwice(context: Context, question: string): Promise<string> {
  const first = await promptHidden(question);
  const second = await promptHidden(context.say('password.again'));
  if (first !== second) throw usageError(context.say('password.differ'));
  return first;
}

/** From options or the environment; undefined when neither names one. */
async function readGivenPassword(context: Context): Promise<string | undefined> {
  const { flags, env } = context;
  if (flags.passwordFile !== undefined && flags.passwordCommand !== undefined) {
    throw usageError('--password-file and --password-command exclude each other');
  }
  if (flags.insecureNoPassword === true) return readNoPassword(context);
  if (flags.passwordFile !== undefined) return readPasswordFile(flags.passwordFile);
  if (flags.passwordCommand !== undefined)
    return runPasswordCommand(context, flags.passwordCommand);
  for (const prefix of ['SEALIFT', 'RESTIC']) {
    const file = env[`${prefix}_PASSWORD_FILE`];
    if (file) return readPasswordFile(file);
    const command = env[`${prefix}_PASSWORD_COMMAND`];
    if (command) return runPasswordCommand(context, command);
    const text = env[`${prefix}_PASSWORD`];
    if (text) return text;
  }
  return undefined;
}

function readNoPassword(context: Context): string {
  const { flags, env } = context;
  const other =
    flags.passwordFile ??
    flags.passwordCommand ??
    fromEnvironment(env, 'PASSWORD') ??
    fromEnvironment(env, 'PASSWORD_FILE') ??
    fromEnvironment(env, 'PASSWORD_COMMAND');
  if (other !== undefined) {
    throw usageError('--insecure-no-password cannot stand with another source of the password');
  }
  context.out.warn(context.say('warning.insecureNoPassword'));
  return '';
}

function checked(context: Context, text: string): Secret {
  if (text === '' && context.flags.insecureNoPassword !== true) throw empty();
  return new Secret(text);
}

function empty(): SealiftError {
  return new SealiftError('password/empty', 'an empty password is not allowed');
}

function missing(): SealiftError {
  return new SealiftError('password/missing', 'no password was given');
}

async function readPasswordFile(path: string): Promise<string> {
  return decodeText(await readInputFile('password file', path)).trim();
}

/** Text of a file as editors write it: UTF-8 or UTF-16 in either order, with its byte order mark. */
export function decodeText(bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

async function runPasswordCommand(context: Context, text: string): Promise<string> {
  const [program, ...args] = splitCommand(text);
  if (program === undefined) throw usageError('the password command is empty');
  const { code, output } = await runProgram(program, args, {
    stdio: 'inherit',
    signal: context.signal,
  }).catch((error: unknown) => {
    throw commandFailed(`password command ${program}: ${messageOf(error)}`);
  });
  if (code === undefined)
    throw commandFailed(`password command ${program} was stopped by a signal`);
  if (code !== 0) throw commandFailed(`password command ${program} ended with exit code ${code}`);
  return decodeText(output).trim();
}

function commandFailed(message: string): SealiftError {
  return new SealiftError('password/missing', message, {
    hint: 'Run the command by hand to see what is wrong with it.',
  });
}
