/** The options that leave files out of a backup. */

import { parseSize } from '../../base/units.ts';
import { type ExcludeOptions, parseExcludeFile } from '../../engine/exclude.ts';
import { usageError } from '../global-options.ts';
import { readInputFile } from '../read-input-file.ts';

export interface ExcludeFlags {
  readonly exclude?: readonly string[];
  readonly iexclude?: readonly string[];
  readonly excludeFile?: readonly string[];
  readonly iexcludeFile?: readonly string[];
  readonly excludeCaches?: boolean;
  readonly excludeIfPresent?: readonly string[];
  readonly excludeLargerThan?: string;
}

/** @throws SealiftError `usage/invalid` for a size or file that cannot be read */
export async function readExcludes(
  flags: ExcludeFlags,
  env: NodeJS.ProcessEnv,
): Promise<ExcludeOptions> {
  const fromFiles = await readPatternFiles('--exclude-file', flags.excludeFile, env);
  const insensitive = await readPatternFiles('--iexclude-file', flags.iexcludeFile, env);
  const limit = flags.excludeLargerThan;
  const largerThanBytes = limit === undefined ? undefined : parseSize(limit);
  if (limit !== undefined && largerThanBytes === undefined) {
    throw usageError(`--exclude-larger-than takes a size such as 1G, not '${limit}'`);
  }
  return {
    patterns: [...(flags.exclude ?? []), ...fromFiles],
    insensitivePatterns: [...(flags.iexclude ?? []), ...insensitive],
    caches: flags.excludeCaches === true,
    ifPresent: flags.excludeIfPresent ?? [],
    ...(largerThanBytes === undefined ? {} : { largerThanBytes }),
  };
}

/** Patterns of all files that an option names, in order. */
export async function readPatternFiles(
  option: string,
  files: readonly string[] = [],
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const patterns: string[] = [];
  for (const file of files) {
    patterns.push(...parseExcludeFile(await readInputFile(option, file), env));
  }
  return patterns;
}
