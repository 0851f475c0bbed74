/** The one door to the console's texts: a key and its values give a sentence in a language. */

import { fillText, type TextValues } from '../../base/fill-text.ts';
import { english, type TextKey } from './en.ts';
import { chinese } from './zh-cn.ts';

export type { TextKey };
export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];
export type Say = (key: TextKey, values?: TextValues) => string;

const catalogues: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = {
  en: english,
  'zh-CN': chinese,
};

/**
 * A text with a bar has two forms, `{count} client|{count} clients`: the first for one, by the rules of
 * the language. Numbers among the values are written as the language writes them.
 */
export const sayIn = oncePerLanguage((language): Say => {
  const texts = catalogues[language];
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  return (key, values = {}) => {
    const forms = texts[key].split('|');
    const count = values['count'];
    const isOne = typeof count === 'number' && plural.select(count) === 'one';
    const template = (isOne ? forms[0] : forms.at(-1)) ?? '';
    const written = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'number' ? number.format(value) : value,
    ]);
    return fillText(template, Object.fromEntries(written));
  };
});

/** Rules of a language cost much to make, and every cell of a table asks for them: they are made once. */
export function oncePerLanguage<T>(make: (language: Language) => T): (language: Language) => T {
  const made = new Map<Language, T>();
  return (language) => {
    const known = made.get(language) ?? make(language);
    made.set(language, known);
    return known;
  };
}

/** The texts whose key is made of a prefix and a word from the vault; undefined for a word not known. */
export function findKey(key: string): TextKey | undefined {
  return key in english ? (key as TextKey) : undefined;
}
