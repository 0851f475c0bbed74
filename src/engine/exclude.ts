/**
 * What a backup leaves out: by pattern, by size, by a tag file in the folder, and the files that
 * list patterns or targets. Parsing is pure; only the check for a tag file looks at the disk.
 */

import { closeSync, openSync, readSync } from 'node:fs';
import { encodeByteString } from '../base/byte-string.ts';
import { equalBytes } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { compilePatterns } from './filter.ts';
import { joinPath, pathForSystem } from './walk.ts';

export interface ExcludeOptions {
  /** Patterns of `--exclude` and of exclude files, in order; recorded in the snapshot. */
  readonly patterns?: readonly string[];
  /** Patterns of `--iexclude`: compared in lower case. */
  readonly insensitivePatterns?: readonly string[];
  /** `FILE` or `FILE:HEADER`: leaves out the other content of a folder that holds such a file. */
  readonly ifPresent?: readonly string[];
  /** As `ifPresent` with the signature of CACHEDIR.TAG (bford.info/cachedir). */
  readonly caches?: boolean;
  /** Leaves out regular files above this size. */
  readonly largerThanBytes?: number;
}

/** An {@link ExcludeOptions} ready for use. */
export interface Excluder {
  /** False when there are no patterns, so that no path needs to be asked for. */
  readonly hasPatterns: boolean;
  /** True when patterns leave out this absolute path. */
  rejectsPath(path: string): boolean;
  /** @param size in bytes */
  rejectsSize(size: number): boolean;
  /** Name of the tag file that makes this folder's other entries be left out, if there is one. */
  findTag(folder: string, names: readonly string[]): string | undefined;
}

const cacheTag = 'CACHEDIR.TAG:Signature: 8a477f597d28d172789f06886806bc55';

/** @throws SealiftError `usage/invalid` on a bad pattern or an empty tag file name */
export function compileExcludes(options: ExcludeOptions): Excluder {
  const sensitive = compilePatterns(options.patterns ?? []);
  const insensitive = compilePatterns(options.insensitivePatterns ?? [], { caseInsensitive: true });
  const specs = [...(options.ifPresent ?? []), ...(options.caches === true ? [cacheTag] : [])];
  const tags = specs.map(parseTag);
  const limit = options.largerThanBytes;
  return {
    hasPatterns:
      (options.patterns ?? []).length > 0 || (options.insensitivePatterns ?? []).length > 0,
    rejectsPath: (path) => {
      const slashed = process.platform === 'win32' ? path.replaceAll('\\', '/') : path;
      return sensitive(slashed).matched || insensitive(slashed).matched;
    },
    rejectsSize: (size) => limit !== undefined && size > limit,
    findTag: (folder, names) => {
      if (tags.length === 0) return undefined;
      const present = new Set(names);
      return tags.find(
        (tag) => present.has(tag.name) && beginsWith(joinPath(folder, tag.name), tag.header),
      )?.name;
    },
  };
}

/**
 * Patterns of an exclude file: one a line, white space around it dropped, `#` comments and empty
 * lines skipped, `$NAME` and `${NAME}` filled in, `$$` for a dollar sign.
 * @param bytes UTF-8, or UTF-16 with a byte order mark
 */
export function parseExcludeFile(
  bytes: Uint8Array,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  return significantLines(bytes).map((line) => expandVariables(line, environment));
}

/** Lines of `--files-from`: comments and empty lines skipped; the caller expands globs. */
export function parseFilesFrom(bytes: Uint8Array): string[] {
  return significantLines(bytes);
}

/** Lines of `--files-from-verbatim`: as they are, only empty ones skipped. */
export function parseFilesFromVerbatim(bytes: Uint8Array): string[] {
  return decodeText(bytes)
    .split(/\r?\n/)
    .filter((line) => line !== '');
}

/**
 * Names of `--files-from-raw`: each ends in a NUL byte.
 * @throws SealiftError `usage/invalid` when the last NUL is missing or a name is empty
 */
export function parseFilesFromRaw(
  bytes: Uint8Array,
  decode: (name: Uint8Array) => string,
): string[] {
  const names: string[] = [];
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(0, start);
    if (end < 0) throw badList('the last name does not end in a NUL byte');
    if (end === start) throw badList('a name is empty');
    names.push(decode(bytes.subarray(start, end)));
    start = end + 1;
  }
  return names;
}

function badList(why: string): SealiftError {
  return new SealiftError('usage/invalid', `list of files: ${why}`, {
    hint: 'Write the list with a tool that ends each name in a NUL byte, as find -print0 does.',
  });
}

function significantLines(bytes: Uint8Array): string[] {
  return decodeText(bytes)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder('utf-8').decode(bytes);
}

function expandVariables(
  line: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return line.replace(
    /\$(?:(\$)|\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g,
    (_whole, dollar: string | undefined, braced: string | undefined, plain: string | undefined) =>
      dollar ?? environment[braced ?? plain ?? ''] ?? '',
  );
}

interface Tag {
  readonly name: string;
  readonly header: Uint8Array;
}

function parseTag(text: string): Tag {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  if (name === '') {
    throw new SealiftError('usage/invalid', 'exclude-if-present needs the name of a file', {
      hint: 'Give FILE or FILE:HEADER.',
    });
  }
  return { name, header: encodeByteString(colon < 0 ? '' : text.slice(colon + 1)) };
}

/** An unreadable tag file counts as absent, as it does for restic. */
function beginsWith(path: string, header: Uint8Array): boolean {
  if (header.length === 0) return true;
  try {
    const handle = openSync(pathForSystem(path), 'r');
    try {
      const start = new Uint8Array(header.length);
      return readSync(handle, start) === header.length && equalBytes(start, header);
    } finally {
      closeSync(handle);
    }
  } catch {
    return false;
  }
}
