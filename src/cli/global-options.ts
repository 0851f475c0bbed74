/** Options that every command takes, and the environment variables that stand in for them. */

import { type Command, Option } from 'commander';
import { SealiftError } from '../base/errors.ts';
import { parseDuration } from '../base/units.ts';
import { isLanguage, type Language, languageFromEnvironment, languages } from './language.ts';

/** What commander makes of the options below. */
export interface GlobalFlags {
  readonly repo?: string;
  readonly repositoryFile?: string;
  readonly passwordFile?: string;
  readonly passwordCommand?: string;
  readonly insecureNoPassword?: boolean;
  readonly keyHint?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: number;
  readonly lang?: string;
  readonly cacert?: string;
  readonly tlsClientCert?: string;
  readonly tlsMin?: string;
  readonly tlsGroups?: string;
  readonly insecureTls?: boolean;
  readonly retryLock?: number;
  readonly lock: boolean;
  readonly limitUpload?: number;
  readonly limitDownload?: number;
  readonly compression?: string;
  readonly packSize?: number;
}

/** Of every command that reads or changes a vault's own data, and can do so from elsewhere. */
export const vaultOption = [
  '--vault <url>',
  'ask this vault (token in SEALIFT_VAULT_TOKEN) instead of --data',
] as const;

/** Adds the options; they may stand before or after the name of the command. */
export function addGlobalOptions(program: Command): void {
  const options = [
    new Option('-r, --repo <repository>', 'repository (default: $SEALIFT_REPOSITORY)'),
    new Option('--repository-file <file>', 'file that names the repository'),
    new Option('-p, --password-file <file>', 'file with the password of the repository'),
    new Option('--password-command <command>', 'command that prints the password'),
    new Option('--insecure-no-password', 'use an empty password for the repository'),
    new Option('--key-hint <id>', 'ID of the key to try first'),
    new Option('--json', 'print JSON on standard output'),
    new Option('-q, --quiet', 'print only results, warnings and errors'),
    new Option('-v, --verbose [level]', 'say more; give it twice for still more')
      .argParser(parseVerbosity)
      .preset('+'),
    new Option('--lang <language>', 'language of messages (default: from the locale)').choices(
      languages,
    ),
    new Option('--cacert <file>', 'certificates (PEM) of the authority to trust'),
    new Option('--tls-client-cert <file>', 'client certificate and key (PEM)'),
    new Option('--tls-min <version>', 'lowest TLS version to accept').choices(['1.2', '1.3']),
    new Option('--tls-groups <list>', 'key exchange groups to offer, separated by colons'),
    new Option('--insecure-tls', 'do not verify the server, for a test only'),
    new Option('--retry-lock <duration>', 'wait so long for a lock, e.g. 5m').argParser(
      durationParser('--retry-lock'),
    ),
    new Option('--no-lock', 'do not lock the repository, for read-only use'),
    new Option('--limit-upload <KiB/s>', 'highest upload rate').argParser(
      integerParser('--limit-upload', 0),
    ),
    new Option('--limit-download <KiB/s>', 'highest download rate').argParser(
      integerParser('--limit-download', 0),
    ),
    new Option('--compression <mode>', 'compression of new data').choices([
      'auto',
      'off',
      'fastest',
      'better',
      'max',
    ]),
    new Option('--pack-size <MiB>', 'target size of pack files').argParser(
      integerParser('--pack-size', 4, 128),
    ),
  ];
  for (const option of options) program.addOption(option);
}

/**
 * Value of the first variable that is set and not empty: SEALIFT_… before RESTIC_….
 * @param name without the prefix, e.g. `REPOSITORY`
 */
export function fromEnvironment(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[`SEALIFT_${name}`] || env[`RESTIC_${name}`] || undefined;
}

/** A whole number within bounds, for an option's value. */
export function integerParser(
  option: string,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
    throw usageError(`${option} takes a whole number ${range}, not '${text}'`);
  };
}

/** Milliseconds of `5m`, `1h30m`, for an option's value. */
export function durationParser(option: string): (text: string) => number {
  return (text) => {
    const ms = parseDuration(text);
    if (ms === undefined) throw usageError(`${option} takes a duration such as 5m, not '${text}'`);
    return ms;
  };
}

/** Collects an option that may be given several times. */
export function collect(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

export function usageError(message: string, hint?: string): SealiftError {
  return new SealiftError('usage/invalid', message, hint === undefined ? {} : { hint });
}

/** The language asked for, even when the command line is otherwise wrong. */
export function languageOf(lang: string | undefined, env: NodeJS.ProcessEnv): Language {
  return lang !== undefined && isLanguage(lang) ? lang : languageFromEnvironment(env);
}

function parseVerbosity(text: string, earlier: number | undefined): number {
  if (text === '+') return (earlier ?? 0) + 1;
  const level = Number(text);
  if (Number.isInteger(level) && level >= 0 && level <= 3) return level;
  throw usageError(`--verbose takes a level from 0 to 3, not '${text}'`);
}
