/** Joins commander to the commands: each action becomes a job that gets a context and its own flags. */

import type { Command } from 'commander';
import { type Context, makeContext, type Surroundings } from './context.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { GlobalFlags } from './global-options.ts';

/** A command's work. It returns an exit code, or nothing for success; failures are thrown. */
export type Job<Flags> = (
  context: Context,
  flags: Flags,
  operands: readonly string[],
) => Promise<ExitCode | undefined>;

/** Makes commander's action of a job. `Flags` is what the command's own options parse to. */
export type Runner = <Flags>(job: Job<Flags>) => (...args: unknown[]) => Promise<void>;

export interface Outcome {
  exitCode: ExitCode;
}

export function makeRunner(surroundings: Surroundings, outcome: Outcome): Runner {
  return <Flags>(job: Job<Flags>) =>
    async (...args: unknown[]) => {
      // commander hands the command itself over as the last argument of every action.
      const command = args.at(-1) as Command;
      const context = makeContext(command.optsWithGlobals<GlobalFlags>(), surroundings);
      const exitCode = await job(context, command.opts() as Flags, command.args);
      outcome.exitCode = exitCode ?? exitCodes.done;
    };
}
