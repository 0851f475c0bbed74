/** Notices as sentences: the body of a brownout's HTTP 403, the line that the agent prints. */

import type { Language } from '../reasons.ts';
import { capabilityName, replacementOf } from './capability-text.ts';
import type { Capability } from './plan.ts';
import { formatPlanTime } from './plan-times.ts';
import type { Notice } from './verdict.ts';

/** What a sentence needs of a notice; those that the agent reads from headers have it too. */
export type NoticeFacts = Pick<Notice, 'capability' | 'enforceMs' | 'link'>;

/**
 * Why a brownout refuses: what ends, when, and what to do. One sentence for each notice that is in a
 * brownout (for each, when none is), the same everywhere, so that support can search for it.
 */
export function softRefusalText(notices: readonly Notice[], language: Language = 'en'): string {
  const now = notices.filter(({ brownout }) => brownout !== undefined);
  const words = sentences[language];
  return [
    words.refused,
    ...(now.length > 0 ? now : notices).map((notice) => noticeText(notice, language)),
    words.again,
  ].join(language === 'en' ? ' ' : '');
}

/** What ends, when, and what to do, without the brownout around it. */
export function noticeText(notice: NoticeFacts, language: Language = 'en'): string {
  const { capability, enforceMs, link } = notice;
  const words = sentences[language];
  const date = enforceMs === undefined ? undefined : `${dateText(enforceMs)} UTC`;
  const text = words.ends(capability, date);
  return link === undefined ? text : `${text}${words.link(link)}`;
}

function dateText(ms: number): string {
  return formatPlanTime(ms).replace('T', ' ').replace('Z', '');
}

interface Sentences {
  readonly refused: string;
  readonly again: string;
  readonly ends: (capability: Capability, date: string | undefined) => string;
  readonly link: (url: string) => string;
}

const sentences: Readonly<Record<Language, Sentences>> = {
  en: {
    refused: 'This connection is refused on purpose, as a rehearsal of what comes.',
    again: 'The same request works again after this window.',
    ends: (capability, date) =>
      `This client uses ${capabilityName(capability)}, which ${date === undefined ? 'is being retired' : `will be refused for good from ${date}`}: change it to ${replacementOf(capability)}.`,
    link: (url) => ` See ${url}`,
  },
  'zh-CN': {
    refused: '此连接被有意拒绝，以演练即将发生的变化。',
    again: '本时段结束后，同样的请求将恢复正常。',
    ends: (capability, date) =>
      `此客户端使用${capabilityName(capability, 'zh-CN')}，它${date === undefined ? '正在停用' : `自 ${date} 起将被永久拒绝`}：请改用${replacementOf(capability, 'zh-CN')}。`,
    link: (url) => `详见 ${url} 。`,
  },
};
