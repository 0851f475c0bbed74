/** Sealift with V8's profiler on, one folder of profiles for each job. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { mainFile, nodeFlags } from '../../test/support/run.ts';
import type { Command } from './measure.ts';
import type { Program } from './programs.ts';

/** @param folder gets a folder for each job: `first`, `unchanged`, … */
export function profiled(program: Program, folder: string): Program {
  const backups = ['first', 'unchanged', 'changed'];
  const into = (job: string, commands: readonly Command[]): Command[] => {
    const target = join(folder, job);
    mkdirSync(target, { recursive: true });
    const flags = ['--cpu-prof', `--cpu-prof-dir=${target}`, ...nodeFlags, mainFile];
    return commands.map(({ args, ...command }) => ({
      ...command,
      file: process.execPath,
      args: [...flags, ...args],
    }));
  };
  const { prune } = program;
  return {
    ...program,
    // The jobs come in this order; the backup before the prune is not one of them.
    backup: (place, source) => into(backups.shift() ?? 'half', program.backup(place, source)),
    restore: (place, target, source) => into('restore', program.restore(place, target, source)),
    check: (place) => into('check', program.check(place)),
    prune: prune === undefined ? undefined : (place, source) => into('prune', prune(place, source)),
  };
}
