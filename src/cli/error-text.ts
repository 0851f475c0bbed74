/** The words for a failure, without its surroundings and without what `sealift explain` makes of it. */

import { type ErrorCode, messageOf, SealiftError } from '../base/errors.ts';
import { fillText } from '../base/fill-text.ts';
import { printable } from '../base/printable.ts';
import type { Language } from './language.ts';
import { errorTexts } from './texts/errors.ts';
import { sayIn } from './texts/texts.ts';

/** A failure as one line within a list of others (a file that could not be read). */
export function explainBriefly(error: unknown, language: Language): string {
  const { message, detail } = explainError(error, language);
  return detail === undefined ? message : `${message} (${detail})`;
}

export interface Explanation {
  readonly message: string;
  readonly detail: string | undefined;
  readonly hint: string;
}

/**
 * English prints the message of the error itself, which carries all facts. Other languages print
 * the text of its code filled with its fields, and the English message as a detail.
 */
export function explainError(error: unknown, language: Language): Explanation {
  if (!(error instanceof SealiftError)) {
    const say = sayIn(language);
    const message = say('error.unexpected', { message: printable(messageOf(error)) });
    return { message, detail: undefined, hint: say('error.unexpectedHint') };
  }
  const texts = textsOf(error.code, language);
  const message = printable(error.message);
  if (language === 'en') return { message, detail: undefined, hint: error.hint ?? texts.hint };
  const translated = printable(fillText(texts.message, error.fields));
  return { message: translated, detail: message, hint: texts.hint };
}

function textsOf(code: ErrorCode, language: Language): { message: string; hint: string } {
  return errorTexts[language][code];
}
