/**
 * The programs compared, each with encryption on, its default number of threads and settings that
 * aim at the same repository: zstd at about level 3 (restic's and Sealift's `auto`, rustic's default),
 * incompressible data detected where the program can. Password-hardening is each one's default.
 */

import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { Command } from './measure.ts';

const root = resolve(import.meta.dirname, '../..');
const password = 'benchmark';

/** Where one program works during one round. */
export interface Workplace {
  /** A folder, or the URL of a repository in the vault. */
  readonly repository: string;
  /** Certificate of the vault's authority. */
  readonly caFile?: string;
  /** Caches and settings of the program, apart from the user's own. */
  readonly home: string;
}

export interface Program {
  /** As the report names it; two versions of one program differ here. */
  readonly name: string;
  readonly kind: Kind;
  readonly version: string;
  readonly speaksRest: boolean;
  init(place: Workplace): Command[];
  backup(place: Workplace, source: string): Command[];
  /** Restores the latest snapshot of everything below `target`. */
  restore(place: Workplace, target: string, source: string): Command[];
  /** Where `restore` put the content of `source`. */
  restoredRoot(target: string, source: string): string;
  check(place: Workplace): Command[];
  /**
   * Removes all snapshots (those of `source`) but the latest (one of its first half), then what only
   * they used. Undefined where the program cannot.
   */
  readonly prune: ((place: Workplace, source: string) => Command[]) | undefined;
  readonly start: { version(): Command[]; snapshots(place: Workplace): Command[] } | undefined;
}

export type Kind = 'sealift' | 'restic' | 'rustic' | 'borg' | 'kopia';
export const kinds: readonly Kind[] = ['sealift', 'restic', 'rustic', 'borg', 'kopia'];

/**
 * @param spec `restic`, or `NAME=KIND:PATH` such as `restic-0.19=restic:/opt/restic` for another version
 * @returns undefined when it is not installed
 */
export function findProgram(spec: string): Program | undefined {
  const parsed = /^(?:([\w.-]+)=)?(\w+)(?::(.+))?$/.exec(spec);
  const kind = kinds.find((known) => known === parsed?.[2]);
  if (parsed === null || kind === undefined) {
    throw new Error(`'${spec}' is not a program: one of ${kinds.join(', ')} or NAME=KIND:PATH`);
  }
  const name = parsed[1] ?? kind;
  const file = parsed[3] ?? (kind === 'sealift' ? join(root, 'sealift') : onPath(kind));
  return file === undefined ? undefined : makers[kind](name, file);
}

function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const makers: Record<Kind, (name: string, file: string) => Program> = {
  sealift: makeSealift,
  restic: makeRestic,
  rustic: makeRustic,
  borg: makeBorg,
  kopia: makeKopia,
};

function say(file: string, args: readonly string[]): string {
  return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

function has(file: string, command: string): boolean {
  try {
    return new RegExp(`^ {2}${command}\\b`, 'm').test(say(file, ['--help']));
  } catch {
    return false;
  }
}

/** restic and Sealift take the same options. */
function resticLike(
  program: Pick<Program, 'name' | 'kind' | 'version'>,
  make: (place: Workplace, args: readonly string[]) => Command,
  { canPrune, versionCommand }: { canPrune: boolean; versionCommand: Command },
): Program {
  return {
    ...program,
    speaksRest: true,
    init: (place) => [make(place, ['init'])],
    backup: (place, source) => [make(place, ['backup', source])],
    restore: (place, target) => [make(place, ['restore', 'latest', '--target', target])],
    restoredRoot: (target, source) => join(target, source),
    check: (place) => [make(place, ['check', '--read-data'])],
    prune: canPrune
      ? (place) => [
          make(place, ['forget', '--group-by', '', '--keep-last', '1']),
          make(place, ['prune']),
        ]
      : undefined,
    start: {
      version: () => [versionCommand],
      snapshots: (place) => [make(place, ['snapshots'])],
    },
  };
}

function makeSealift(name: string, file: string): Program {
  const make = (place: Workplace, args: readonly string[]): Command => ({
    file,
    args: ['--quiet', ...args],
    env: {
      SEALIFT_REPOSITORY: place.repository,
      SEALIFT_PASSWORD: password,
      XDG_CACHE_HOME: place.home,
      ...(place.caFile === undefined ? {} : { SEALIFT_CACERT: place.caFile }),
    },
  });
  const version = say(file, ['--version']);
  return resticLike({ name, kind: 'sealift', version }, make, {
    canPrune: has(file, 'forget') && has(file, 'prune'),
    versionCommand: { file, args: ['version'] },
  });
}

function makeRestic(name: string, file: string): Program {
  const make = (place: Workplace, args: readonly string[]): Command => ({
    file,
    // RESTIC_CACERT is younger than some restic that is worth comparing.
    args: ['--quiet', ...(place.caFile === undefined ? [] : ['--cacert', place.caFile]), ...args],
    env: {
      RESTIC_REPOSITORY: place.repository,
      RESTIC_PASSWORD: password,
      RESTIC_CACHE_DIR: place.home,
    },
  });
  return resticLike({ name, kind: 'restic', version: say(file, ['version']) }, make, {
    canPrune: true,
    versionCommand: { file, args: ['version'] },
  });
}

function makeRustic(name: string, file: string): Program {
  const make = (place: Workplace, args: readonly string[]): Command => ({
    file,
    args: ['--no-progress', '--log-level', 'warn', ...args],
    env: {
      RUSTIC_REPOSITORY: place.repository,
      RUSTIC_PASSWORD: password,
      RUSTIC_CACHE_DIR: place.home,
      HOME: place.home,
    },
  });
  return {
    name,
    kind: 'rustic',
    version: say(file, ['--version']),
    speaksRest: false,
    init: (place) => [make(place, ['init'])],
    backup: (place, source) => [make(place, ['backup', source])],
    restore: (place, target, source) => [make(place, ['restore', `latest:${source}`, target])],
    restoredRoot: (target) => target,
    check: (place) => [make(place, ['check', '--read-data'])],
    // rustic keeps what it marked for a day unless told that nobody else writes, as restic assumes.
    prune: (place) => [
      make(place, ['forget', '--group-by', 'host', '--keep-last', '1']),
      make(place, ['prune', '--instant-delete']),
    ],
    start: undefined,
  };
}

function makeBorg(name: string, file: string): Program {
  const make = (place: Workplace, args: readonly string[], cwd?: string): Command => ({
    file,
    args,
    ...(cwd === undefined ? {} : { cwd }),
    env: {
      BORG_REPO: place.repository,
      BORG_PASSPHRASE: password,
      BORG_BASE_DIR: place.home,
      BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
    },
  });
  let archives = 0;
  let latest = '';
  return {
    name,
    kind: 'borg',
    version: say(file, ['--version']),
    speaksRest: false,
    init: (place) => [make(place, ['init', '--encryption', 'repokey-blake2'])],
    backup: (place, source) => {
      archives += 1;
      latest = `archive-${archives}`;
      // `auto` asks lz4 first whether data can be compressed at all.
      return [make(place, ['create', '--compression', 'auto,zstd,3', `::${latest}`, source])];
    },
    restore: (place, target) => [make(place, ['extract', `::${latest}`], target)],
    restoredRoot: (target, source) => join(target, source),
    check: (place) => [make(place, ['check', '--verify-data'])],
    prune: (place) => [make(place, ['prune', '--keep-last', '1']), make(place, ['compact'])],
    start: undefined,
  };
}

function makeKopia(name: string, file: string): Program {
  const make = (place: Workplace, args: readonly string[]): Command => ({
    file,
    args: [...args, '--no-progress'],
    env: {
      KOPIA_PASSWORD: password,
      KOPIA_CONFIG_PATH: join(place.home, 'repository.config'),
      KOPIA_CACHE_DIRECTORY: join(place.home, 'cache'),
      KOPIA_LOG_DIR: join(place.home, 'log'),
      KOPIA_CHECK_FOR_UPDATES: 'false',
      HOME: place.home,
    },
  });
  const plain = (place: Workplace, args: readonly string[]): Command => ({
    ...make(place, []),
    args,
  });
  return {
    name,
    kind: 'kopia',
    version: say(file, ['--version']),
    speaksRest: false,
    // Kopia compresses only when told so.
    init: (place) => [
      plain(place, ['repository', 'create', 'filesystem', '--path', place.repository]),
      plain(place, ['policy', 'set', '--global', '--compression', 'zstd']),
    ],
    backup: (place, source) => [make(place, ['snapshot', 'create', source])],
    restore: (place, target, source) => [plain(place, ['restore', source, target])],
    restoredRoot: (target) => target,
    check: (place) => [plain(place, ['snapshot', 'verify', '--verify-files-percent', '100'])],
    // Retention is by source here, and the latest snapshot has another source: the others go by name.
    prune: (place, source) => [
      plain(place, ['snapshot', 'delete', '--all-snapshots-for-source', source, '--delete']),
      plain(place, ['maintenance', 'run', '--full', '--safety', 'none']),
    ],
    start: undefined,
  };
}
