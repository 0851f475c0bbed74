/** `--host`, `--tag`, `--path`: which snapshots a command means. */

import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { GroupCriterion, SnapshotFilter } from '../../engine/snapshots.ts';
import { collect, usageError } from '../global-options.ts';

export interface FilterFlags {
  readonly host?: readonly string[];
  readonly tag?: readonly string[];
  readonly path?: readonly string[];
}

/** @param hostFlags `--host` alone for a command in which -H means something else */
export function addFilterOptions(command: Command, hostFlags = '-H, --host'): Command {
  return command
    .option(`${hostFlags} <host>`, 'only snapshots of this host (may be repeated)', collect)
    .option('--tag <taglist>', 'only snapshots with all of these tags (may be repeated)', collect)
    .option('--path <path>', 'only snapshots that include this path (may be repeated)', collect);
}

/** Each `--tag` is a list, all of whose tags a snapshot must carry; one list that fits is enough. */
export function filterOf(flags: FilterFlags): SnapshotFilter {
  return {
    hosts: flags.host ?? [],
    tags: (flags.tag ?? []).map(splitTags),
    paths: (flags.path ?? []).map((path) => resolve(path)),
  };
}

/** Tags of a list with commas; blanks around a tag do not count. */
export function splitTags(list: string): string[] {
  return list.split(',').map((tag) => tag.trim());
}

/** @throws SealiftError `usage/invalid` for another word than host, paths and tags */
export function parseGroupBy(text: string | undefined): readonly GroupCriterion[] {
  if (text === undefined || text === '') return [];
  return text.split(',').map((word) => {
    if (word === 'host' || word === 'hosts') return 'host';
    if (word === 'path' || word === 'paths') return 'paths';
    if (word === 'tag' || word === 'tags') return 'tags';
    throw usageError(`--group-by takes host, paths and tags, not '${word}'`);
  });
}
