/** Language and theme. */

import { Languages, Monitor, Moon, Sun } from 'lucide-react';
import { changeSettings, themes, useSay, useSettings } from '../hooks/settings.ts';

const themeIcons = { system: Monitor, light: Sun, dark: Moon } as const;

export function LanguageChoice() {
  const { language } = useSettings();
  const other = language === 'en' ? 'zh-CN' : 'en';
  // The name of the language that it changes to, in that language: for who cannot read this one.
  const name = other === 'en' ? 'English' : '简体中文';
  return (
    <button
      type="button"
      className="button quiet tiny"
      lang={other}
      onClick={() => changeSettings({ language: other })}
    >
      <Languages size={15} aria-hidden />
      {name}
    </button>
  );
}

export function ThemeChoice() {
  const say = useSay();
  const { theme } = useSettings();
  const Icon = themeIcons[theme];
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  const label = say('theme.label', { theme: say(`theme.${theme}`) });
  return (
    <button
      type="button"
      className="button quiet tiny"
      aria-label={label}
      title={label}
      onClick={() => changeSettings({ theme: next })}
    >
      <Icon size={15} aria-hidden />
      {say(`theme.${theme}`)}
    </button>
  );
}
