/** Splits a command into its words as restic does: quotes group, a backslash escapes a quote or itself. */

import { usageError } from './global-options.ts';

/** @throws SealiftError `usage/invalid` for a quote without its end */
export function splitCommand(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    const next = text.charAt(i + 1);
    if (character === '\\' && quote !== "'" && /["'\\ ]/.test(next)) {
      word = (word ?? '') + next;
      i += 1;
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== undefined) throw usageError(`the command has a ${quote} without its end: ${text}`);
  if (word !== undefined) words.push(word);
  return words;
}
