/** The language of everything that a person reads on the terminal. */

export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];

/**
 * The first locale variable that is set decides, in the order of POSIX (LC_ALL, LC_MESSAGES, LANG).
 * Any Chinese locale but those of traditional script gets Simplified Chinese, all else English.
 */
export function languageFromEnvironment(env: NodeJS.ProcessEnv): Language {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return /^zh(?![_-](?:TW|HK|MO|Hant))/i.test(locale) ? 'zh-CN' : 'en';
}

export function isLanguage(text: string): text is Language {
  return (languages as readonly string[]).includes(text);
}
