/**
 * Notices as HTTP headers, and back. `Deprecation` (RFC 9745) and `Sunset` (RFC 8594) tell any client;
 * `Sealift-Notice` names the capabilities, which the standard ones cannot. They belong only on
 * connections that would be refused, so no cache may hand them on to others.
 */

import { capabilities } from './capabilities.ts';
import { phases } from './phase.ts';
import type { Capability, Phase } from './plan.ts';
import type { Notice } from './verdict.ts';

export interface NoticeHeaders {
  readonly Deprecation?: string;
  readonly Sunset?: string;
  readonly Link?: string;
  readonly 'Sealift-Notice'?: string;
  readonly 'Cache-Control'?: string;
}

/** The headers for the notices of one verdict; none for a client that has nothing to hear. */
export function noticeHeaders(notices: readonly Notice[]): NoticeHeaders {
  if (notices.length === 0) return {};
  const deprecationMs = earliest(notices.map(({ warnMs }) => warnMs));
  const sunsetMs = earliest(notices.map(({ enforceMs }) => enforceMs));
  const links = [...new Set(notices.flatMap(({ link }) => link ?? []))];
  return {
    ...(deprecationMs === undefined ? {} : { Deprecation: structuredDate(deprecationMs) }),
    // RFC 8594: the last moment at which it can be expected to work; in GMT, as every HTTP date.
    ...(sunsetMs === undefined ? {} : { Sunset: new Date(sunsetMs).toUTCString() }),
    ...(links.length === 0 ? {} : { Link: links.flatMap(linksTo).join(', ') }),
    'Sealift-Notice': notices.map(encodeNotice).join(', '),
    'Cache-Control': 'private',
  };
}

/** A notice as the other side reads it. */
export interface ReceivedNotice {
  readonly capability: Capability;
  readonly phase: Phase;
  readonly enforceMs: number | undefined;
  readonly link: string | undefined;
}

export interface ReceivedNotices {
  /** Of a Sealift vault; empty when another server sent the standard headers. */
  readonly notices: readonly ReceivedNotice[];
  readonly deprecationMs: number | undefined;
  readonly sunsetMs: number | undefined;
  readonly link: string | undefined;
}

/**
 * What the headers of an answer announce; undefined when they announce nothing. Anything malformed is
 * as if it were not there.
 * @param headers by name in lower case, as Node gives them
 */
export function parseNoticeHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): ReceivedNotices | undefined {
  const text = (name: string): string => [headers[name] ?? ''].flat().join(', ').slice(0, maxText);
  const deprecationMs = parseStructuredDate(text('deprecation').trim());
  const sunset = Date.parse(text('sunset'));
  const sunsetMs = Number.isNaN(sunset) ? undefined : sunset;
  const notices = parseNotices(text('sealift-notice'));
  if (deprecationMs === undefined && sunsetMs === undefined && notices.length === 0)
    return undefined;
  return { notices, deprecationMs, sunsetMs, link: parseLink(text('link')) };
}

/** An answer's headers are bounded by Node at 16 KiB; a notice is far shorter. */
const maxText = 8192;
const maxNotices = 16;

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function linksTo(url: string): string[] {
  return ['deprecation', 'sunset'].map((rel) => `<${url}>; rel="${rel}"; type="text/html"`);
}

/** RFC 9651 §3.3.7: seconds since 1970. */
function structuredDate(ms: number): string {
  return `@${Math.floor(ms / 1000)}`;
}

function parseStructuredDate(text: string): number | undefined {
  const match = /^@(-?\d{1,12})(?:;|$)/.exec(text);
  return match ? Number(match[1]) * 1000 : undefined;
}

/** `"tls1.0";phase=enforce;enforce=@1788220800;link="https://…"`: an item of a list (RFC 9651 §3.1). */
function encodeNotice({ capability, phase, enforceMs, link }: Notice): string {
  return [
    `"${capability}"`,
    `phase=${phase}`,
    ...(enforceMs === undefined ? [] : [`enforce=${structuredDate(enforceMs)}`]),
    // The plan lets through visible ASCII without quotes only.
    ...(link === undefined ? [] : [`link="${link}"`]),
  ].join(';');
}

function parseNotices(text: string): ReceivedNotice[] {
  const item = /"([^"]*)"((?:;[a-z]+=(?:"[^"]*"|[^;,"\s]*))*)/g;
  return [...text.matchAll(item)].slice(0, maxNotices).flatMap(([, name, parameters = '']) => {
    const capability = capabilities.find((known) => known === name);
    const given = new Map(
      [...parameters.matchAll(/;([a-z]+)=(?:"([^"]*)"|([^;"]*))/g)].map(
        ([, key = '', quoted, plain = '']): [string, string] => [key, quoted ?? plain],
      ),
    );
    const phase = phases.find((known) => known === given.get('phase'));
    if (capability === undefined || phase === undefined) return [];
    const enforceMs = parseStructuredDate(given.get('enforce') ?? '');
    return { capability, phase, enforceMs, link: given.get('link') };
  });
}

function parseLink(text: string): string | undefined {
  const match = /<(https?:\/\/[^<>\s]+)>\s*;[^,]*\brel="?(?:deprecation|sunset)\b/.exec(text);
  return match?.[1];
}
