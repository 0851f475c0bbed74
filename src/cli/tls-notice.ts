/** What a server announces about this machine's TLS: said once a run, as a warning. */

import { parseNoticeHeaders } from '../tls/retirement/notice-headers.ts';
import { noticeText } from '../tls/retirement/notice-text.ts';
import type { Context } from './context.ts';

type Headers = Parameters<typeof parseNoticeHeaders>[0];

/** A function that looks at every reply and warns of the first one that announces something. */
export function noticePrinter({
  out,
  say,
  language,
}: Context): (reply: { readonly status: number; readonly headers: Headers }) => void {
  let isSaid = false;
  return ({ status, headers }) => {
    // A refusal is an error, which says the same.
    if (isSaid || status === 403) return;
    const received = parseNoticeHeaders(headers);
    if (received === undefined) return;
    isSaid = true;
    for (const notice of received.notices) out.warn(noticeText(notice, language));
    if (received.notices.length > 0) return;
    const { sunsetMs, link } = received;
    const date = sunsetMs === undefined ? undefined : new Date(sunsetMs).toISOString().slice(0, 10);
    out.warn(say('warning.sunset', { date, link }));
  };
}
