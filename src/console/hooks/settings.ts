/** What a person chose for this browser: language and theme. Kept in local storage, read by every view. */

import { useSyncExternalStore } from 'react';
import { type Language, languages, type Say, sayIn } from '../texts/texts.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof themes)[number];

interface Settings {
  readonly language: Language;
  readonly theme: ThemeChoice;
}

const darkSystem = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let settings: Settings = readSettings();

/** Puts theme and language on the document; called once before the first page is drawn. */
export function startSettings(): void {
  darkSystem.addEventListener('change', publish);
  publish();
}

export function changeSettings(change: Partial<Settings>): void {
  settings = { ...settings, ...change };
  try {
    localStorage.setItem('sealift.language', settings.language);
    localStorage.setItem('sealift.theme', settings.theme);
  } catch {
    // A browser that keeps nothing still shows the choice until the page is left.
  }
  publish();
}

export function useSettings(): Settings {
  return useSyncExternalStore(subscribe, () => settings);
}

/** The language, the function that gives its texts, and whether the page is dark now. */
export function useSay(): Say {
  const { language } = useSettings();
  return sayIn(language);
}

export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, isDark);
}

/** The language now, for what is outside of any view: requests to the vault. */
export function currentLanguage(): Language {
  return settings.language;
}

function isDark(): boolean {
  return settings.theme === 'dark' || (settings.theme === 'system' && darkSystem.matches);
}

function publish(): void {
  const { documentElement } = document;
  documentElement.lang = settings.language;
  documentElement.dataset['theme'] = isDark() ? 'dark' : 'light';
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function readSettings(): Settings {
  let language: string | null = null;
  let theme: string | null = null;
  try {
    language = localStorage.getItem('sealift.language');
    theme = localStorage.getItem('sealift.theme');
  } catch {
    // Storage may be forbidden: the browser's own wishes decide.
  }
  return {
    language: languages.find((known) => known === language) ?? browserLanguage(),
    theme: themes.find((known) => known === theme) ?? 'system',
  };
}

/** Any Chinese but that of traditional script gets Simplified Chinese, all else English. */
function browserLanguage(): Language {
  const wanted = navigator.languages.find((tag) => /^(?:zh|en)\b/i.test(tag)) ?? 'en';
  return /^zh(?!-(?:TW|HK|MO|Hant))/i.test(wanted) ? 'zh-CN' : 'en';
}
