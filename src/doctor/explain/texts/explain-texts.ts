/** The shape of the words of `explain`, so that a language that misses one does not compile. */

import type { Language } from '../../../tls/reasons.ts';
import type { CauseId, causeTable, Platform } from '../knowledge/causes.ts';
import type { Reading } from '../knowledge/signature.ts';
import { english } from './en.ts';
import { chinese } from './zh-cn.ts';

export type { Language };

export interface CauseText<Fixes extends Platform = Platform> {
  /** The cause as a sentence without its full stop. */
  readonly title: string;
  /** What happens on the wire, and why that gives the failure. */
  readonly means: string;
  /** What to look at to tell it apart from the other causes. */
  readonly check: string;
  readonly fixes: Readonly<Record<Fixes, string>>;
}

/** What a check of the server, or facts of the machine, add; values in braces. */
export const observationKeys = [
  'server.portClosed',
  'server.portFiltered',
  'server.noRoute',
  'server.notResolved',
  'server.notTls',
  'server.oldRefused',
  'server.oldReset',
  'server.oldAccepted',
  'server.onlyOld',
  'server.allCut',
  'server.expired',
  'server.notYetValid',
  'server.clockAhead',
  'server.clockBehind',
  'server.clockRight',
  'server.untrusted',
  'server.incomplete',
  'server.selfSigned',
  'server.name',
  'server.inspected',
  'server.privateIssuer',
  'server.trusted',
  'server.clientCertificate',
  'server.nameRefused',
  'server.proxy',
  'server.proxyFails',
  'server.proxyOnly',
  'server.proxySame',
  'server.proxyInspects',
  'server.fine',
  'machine.bestVersion',
  'machine.modern',
  'machine.ready',
  'machine.notReady',
  'machine.nothingToOffer',
  'machine.clockAhead',
  'machine.clockBehind',
] as const;
export type ObservationKey = (typeof observationKeys)[number];

export interface ExplainTexts {
  readonly causes: { readonly [C in CauseId]: CauseText<(typeof causeTable)[C]['fixes'][number]> };
  readonly readings: Readonly<Record<Reading, string>>;
  readonly platforms: Readonly<Record<Platform, string>>;
  readonly observations: Readonly<Record<ObservationKey, string>>;
}

const catalogues: Readonly<Record<Language, ExplainTexts>> = { en: english, 'zh-CN': chinese };

export function explainTexts(language: Language): ExplainTexts {
  return catalogues[language];
}

/** The texts of a cause, its fixes by platform in a form that any platform can be looked up in. */
export function causeText(
  cause: CauseId,
  language: Language,
): Omit<CauseText, 'fixes'> & { readonly fixes: Readonly<Partial<Record<Platform, string>>> } {
  return catalogues[language].causes[cause];
}
