/**
 * The command line. Commands parse, call a room below and render; they hold no logic of their own.
 * This file wires signals and streams, runs the command and sets the exit code.
 */

import { CommanderError } from 'commander';
import { isSealiftError, SealiftError, systemCodeOf } from '../base/errors.ts';
import { explainBriefly } from './error-text.ts';
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts';
import { languageOf, usageError } from './global-options.ts';
import { watchInterrupts } from './interrupt.ts';
import { buildProgram, namedCommands } from './program.ts';
import type { Outcome } from './runner.ts';
import { sayIn } from './texts/texts.ts';

const args = withVersionCommand(process.argv.slice(2));
const language = languageOf(valueAfter('--lang'), process.env);
const say = sayIn(language);
const json = args.includes('--json');

// A reader that has seen enough (`| head`) closes its end; that is no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    process.exit(systemCodeOf(error) === 'EPIPE' ? exitCodes.done : exitCodes.failed);
  });
}

const signal = watchInterrupts(() => {
  if (!json && process.stderr.isTTY) process.stderr.write(`\n${say('interrupt.first')}\n`);
});
process.exitCode = await run();
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit();

async function run(): Promise<ExitCode> {
  const outcome: Outcome = { exitCode: exitCodes.done };
  const { stdout, stderr, env } = process;
  try {
    const program = await buildProgram(args, { stdout, stderr, env, signal }, outcome);
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    return outcome.exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return exitCodes.done;
    const error = failureOf(thrown);
    const verbose = args.some((arg) => /^(-[a-z]*v[a-z]*|--verbose(=[1-3])?)$/.test(arg));
    stderr.write(`${await wordsFor(error, verbose)}\n`);
    return exitCodeOf(error);
  }
}

/** With the cause of a TLS failure; that knowledge is loaded now, since most runs need none of it. */
async function wordsFor(error: unknown, verbose: boolean): Promise<string> {
  try {
    const { renderError } = await import('./render-error.ts');
    return renderError(error, { language, json, verbose });
  } catch {
    // The program's files may have been replaced or lost during a long run: the failure comes first.
    return `${say('error.error')}: ${explainBriefly(error, language)}`;
  }
}

/** What a failure means to the user: after Ctrl-C whatever broke off is an interruption. */
function failureOf(thrown: unknown): unknown {
  if (signal.aborted && !isSealiftError(thrown, 'interrupted')) {
    return new SealiftError('interrupted', 'interrupted', { cause: thrown });
  }
  if (thrown instanceof CommanderError) {
    // Options alone: commander would print its help, and has no words for it.
    const isBare = thrown.code === 'commander.help';
    const message = isBare
      ? 'no command is named'
      : thrown.message.replace(/^error: /, '').replace(/\n.*/s, '');
    return usageError(message, say('error.usageHint', { command: commandName() }));
  }
  return thrown;
}

/** `sealift backup` of a command line that went wrong, for the hint. */
function commandName(): string {
  const known = namedCommands(args);
  const first = args.find((arg) => known.includes(arg));
  return first === undefined ? 'sealift' : `sealift ${first}`;
}

/** `--version` without a command means what `version` does, with all its options. */
function withVersionCommand(given: readonly string[]): readonly string[] {
  if (namedCommands(given).length > 0) return given;
  return given.map((arg) => (arg === '--version' ? 'version' : arg));
}

function valueAfter(option: string): string | undefined {
  const at = args.findIndex((arg) => arg === option || arg.startsWith(`${option}=`));
  const found = args[at];
  return found?.includes('=') ? found.slice(option.length + 1) : args[at + 1];
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
