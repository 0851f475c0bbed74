/** How vault.yaml writes sizes, durations, dates and addresses. */

import { z } from 'zod';
import { parseDuration, parseSize } from '../base/units.ts';
import { parsePlanTime } from '../tls/retirement/plan-times.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Host and port of `HOST:PORT`, `[::1]:PORT` or `:PORT` (every address). */
export function parseListen(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (!match) return undefined;
  const port = Number(match[3]);
  if (port > 65535) return undefined;
  return { host: match[1] ?? (match[2] === '' ? '::' : (match[2] ?? '::')), port };
}

/** The same for what is no business of other machines: without a host it is only this one. */
export function parseLocalListen(text: string): ListenAddress | undefined {
  return parseListen(/^:?\d+$/.test(text) ? `localhost:${text.replace(':', '')}` : text);
}

/** A string that a function understands, or a message. */
function parsed<T>(parse: (text: string) => T | undefined, message: string) {
  return z.string().transform((value, context) => {
    const result = parse(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

/** Bytes. */
export const sizeField = z.union([z.number(), z.string()]).transform((value, context) => {
  const bytes = positive(typeof value === 'number' ? value : parseSize(value));
  if (bytes !== undefined && Number.isInteger(bytes)) return bytes;
  context.addIssue({ code: 'custom', message: 'must be a size such as 512M or 1GiB' });
  return z.NEVER;
});

/** Milliseconds. */
export const durationField = parsed(
  (text) => positive(parseDuration(text)),
  'must be a duration such as 30s, 5m, 1h30m or 7d',
);

export const listenField = parsed(parseListen, 'must be HOST:PORT, such as 0.0.0.0:8443');

export const localListenField = parsed(
  parseLocalListen,
  'must be HOST:PORT, such as localhost:9464',
);

/** Milliseconds since 1970. */
export const dateField = parsed(
  parsePlanTime,
  'must be a date such as 2027-09-01 or 2027-09-01T09:00+02:00',
);
