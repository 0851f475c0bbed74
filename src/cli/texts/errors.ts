/** Texts of every error code in every language. */

import type { ErrorCode } from '../../base/errors.ts';
import type { Language } from '../language.ts';
import { englishErrors } from './errors-en.ts';
import { chineseErrors } from './errors-zh-cn.ts';

export interface ErrorText {
  /** What happened, filled from the error's fields. */
  readonly message: string;
  /** The user's next step; empty where there is none. */
  readonly hint: string;
}

export const errorTexts: Record<Language, Readonly<Record<ErrorCode, ErrorText>>> = {
  en: englishErrors,
  'zh-CN': chineseErrors,
};
