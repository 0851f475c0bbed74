/** The one place where a failure becomes words: `error:`, then `hint:`; as JSON one line like restic's. */

import { SealiftError } from '../base/errors.ts';
import { type ExplainedFailure, explainFailure } from '../doctor/explain/explain-failure.ts';
import { explainError } from './error-text.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { Language } from './language.ts';
import { toJson } from './output.ts';
import { sayIn } from './texts/texts.ts';

export interface ErrorStyle {
  readonly language: Language;
  readonly json: boolean;
  /** Adds the stack and the causes. */
  readonly verbose: boolean;
}

/** Text of a failure, without a newline at the end. */
export function renderError(error: unknown, style: ErrorStyle): string {
  if (style.json) return renderJson(error, style);
  const say = sayIn(style.language);
  const { message, detail, hint } = explainError(error, style.language);
  const lines = [`${say('error.error')}: ${message}`];
  if (detail !== undefined) lines.push(`${say('error.detail')}: ${detail}`);
  const cause = causeOf(error, style.language);
  if (cause !== undefined) lines.push(`${say('error.cause')}: ${cause.text}`);
  if (hint !== '') lines.push(`${say('error.hint')}: ${hint}`);
  if (style.verbose) lines.push(...stacks(error));
  return lines.join('\n');
}

/** What `sealift explain` makes of a failure of TLS. */
function causeOf(error: unknown, language: Language): ExplainedFailure | undefined {
  return exitCodeOf(error) === exitCodes.tls ? explainFailure(error, language) : undefined;
}

function renderJson(error: unknown, style: ErrorStyle): string {
  const { message, detail, hint } = explainError(error, style.language);
  const known = error instanceof SealiftError ? error : undefined;
  return toJson({
    message_type: 'exit_error',
    code: exitCodeOf(error),
    message: detail === undefined ? message : `${message} (${detail})`,
    error_code: known?.code,
    cause: causeOf(error, style.language),
    hint: hint === '' ? undefined : hint,
    fields: known !== undefined && Object.keys(known.fields).length > 0 ? known.fields : undefined,
    stack: style.verbose && error instanceof Error ? error.stack : undefined,
  });
}

function stacks(error: unknown): string[] {
  const lines: string[] = [];
  let current = error;
  while (current instanceof Error && lines.length < 10) {
    lines.push(current.stack ?? current.message);
    current = current.cause;
  }
  return lines;
}
