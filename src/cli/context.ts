/** What a command works with: its options, the environment, a way to speak and to be stopped. */

import { explainBriefly } from './error-text.ts';
import { type GlobalFlags, languageOf } from './global-options.ts';
import type { Language } from './language.ts';
import { Output, type TextStream } from './output.ts';
import { type Say, sayIn } from './texts/texts.ts';

/** The process around a run of the command line; tests hand in their own. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

export interface Context {
  readonly flags: GlobalFlags;
  readonly env: NodeJS.ProcessEnv;
  readonly language: Language;
  readonly say: Say;
  readonly out: Output;
  readonly signal: AbortSignal;
  /** One line about a failure, in the user's language. */
  explain(error: unknown): string;
}

export function makeContext(flags: GlobalFlags, surroundings: Surroundings): Context {
  const { env, signal } = surroundings;
  const language = languageOf(flags.lang, env);
  const say = sayIn(language);
  const modes = {
    json: flags.json === true,
    quiet: flags.quiet === true,
    verbosity: flags.verbose ?? 0,
  };
  return {
    flags,
    env,
    language,
    say,
    out: new Output(modes, say, surroundings),
    signal,
    explain: (error) => explainBriefly(error, language),
  };
}
