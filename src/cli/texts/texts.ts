/** The one door to the texts that people read: a key and its values give a sentence in a language. */

import { fillText, type TextValues } from '../../base/fill-text.ts';
import type { Language } from '../language.ts';
import { english, type TextKey } from './en.ts';
import { chinese } from './zh-cn.ts';

export type Say = (key: TextKey, values?: TextValues) => string;

const catalogues: Record<Language, Readonly<Record<TextKey, string>>> = {
  en: english,
  'zh-CN': chinese,
};

export function sayIn(language: Language): Say {
  const texts = catalogues[language];
  return (key, values) => fillText(texts[key], values);
}
