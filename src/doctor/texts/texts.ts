/** The doctor's catalogues, one for each language; the compiler holds that none misses a text. */

import { fillText } from '../../base/fill-text.ts';
import type { Language } from '../../tls/reasons.ts';
import type { MissingFact } from '../verdicts/verdict.ts';
import { english } from './en.ts';
import { chinese } from './zh-cn.ts';

export type { Language };

/** The shape of the English catalogue, with any text in each place. */
export type Catalogue = Texts<typeof english>;
type Texts<T> = { readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };

export function textsIn(language: Language): Catalogue {
  return language === 'en' ? english : chinese;
}

export function missingText(fact: MissingFact, language: Language): string {
  const { kind, ...values } = fact;
  return fillText(textsIn(language).missing[kind], values);
}
