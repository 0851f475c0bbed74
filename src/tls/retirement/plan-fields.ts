/** The schema of a plan file: what its fields may say, and how they become a plan's data. */

import { Cron } from 'croner';
import { z } from 'zod';
import { policySchema } from '../policy.ts';
import { capabilities } from './capabilities.ts';
import { parseNetwork } from './networks.ts';
import { phases } from './phase.ts';
import type { BrownoutWindow, DateChange, Exemption, Retirement, Wave } from './plan.ts';
import { parseOffset, parsePlanTime } from './plan-times.ts';

/** Far above any real fleet; a longer list is a mistake or an attack. */
const maxEntries = 10_000;

const capability = z.enum(capabilities);
const phase = z.enum(phases);
const text = z.string().min(1);
const name = text.max(200);

const time = read(parsePlanTime, 'is not a date such as 2026-09-01 or 2026-09-01T09:00+02:00');
const offset = read(parseOffset, 'is not a duration such as 28d or -14d');
const duration = read((value) => {
  const ms = parseOffset(value);
  return ms !== undefined && ms > 0 ? ms : undefined;
}, 'is not a duration such as 10m or 4h');
const network = read(
  (value) => (parseNetwork(value) === undefined ? undefined : value),
  'is neither an address nor a network such as 10.1.0.0/16',
);
const cron = read(
  (value) => (isCron(value) ? value : undefined),
  'is not a cron line of five fields (minute, hour, day, month, weekday)',
);
const timeZone = read(
  (value) => (isTimeZone(value) ? value : undefined),
  'is not a time zone such as Europe/Berlin',
);
const link = read(
  (value) =>
    !/[<>"\\]/.test(value) && /^https?:\/\/[\x21-\x7e]+$/.test(value) ? value : undefined,
  'is not an http or https address in plain ASCII',
);
const percent = z.number().min(0).max(100);
const answer = z.enum(['http', 'alert']);

const window = z
  .strictObject({
    cron,
    timeZone: timeZone.default('UTC'),
    duration,
    answer,
    from: time.optional(),
    until: time.optional(),
  })
  .transform(
    ({ duration: durationMs, from: fromMs, until: untilMs, ...rest }): BrownoutWindow => ({
      ...{ ...rest, durationMs, fromMs, untilMs },
    }),
  );

const share = z
  .strictObject({ from: time, percent, answer })
  .transform(({ from: fromMs, ...rest }) => ({ ...rest, fromMs }));

const retirement = z
  .strictObject({
    capability,
    observe: time.optional(),
    warn: time.optional(),
    brownout: time.optional(),
    enforce: time.optional(),
    windows: z.array(window).max(100).default([]),
    shares: z.array(share).max(100).default([]),
    link: link.optional(),
  })
  .transform(({ capability: of, windows, shares, link: url, ...dates }): Retirement => {
    const given = phases.flatMap((key) => (dates[key] === undefined ? [] : [[key, dates[key]]]));
    return { capability: of, phases: Object.fromEntries(given), windows, shares, link: url };
  });

const wave = z
  .strictObject({
    name,
    offset: offset.default(0),
    clients: z.array(name).max(maxEntries).default([]),
    networks: z.array(network).max(maxEntries).default([]),
    tags: z.array(name).max(maxEntries).default([]),
    percent: percent.optional(),
  })
  .transform(
    ({ offset: offsetMs, percent: share, ...rest }): Wave => ({
      ...{ ...rest, offsetMs, percent: share },
    }),
  );

const exemption = z
  .strictObject({ client: name, capability, reason: text, until: time })
  .transform(({ until: untilMs, ...rest }): Exemption => ({ ...rest, untilMs }));

const dateChange = z
  .strictObject({
    ...{ at: time, capability, phase, from: time.optional(), to: time.optional(), reason: text },
  })
  .transform(
    ({ at: atMs, from: fromMs, to: toMs, ...rest }): DateChange => ({
      ...{ ...rest, atMs, fromMs, toMs },
    }),
  );

/** The fields of a plan file. */
export const planSchema = z.strictObject({
  name: name.optional(),
  /** A baseline's name, or what a policy file says. */
  policy: z.union([text, policySchema]).default('intermediate'),
  retirements: z.array(retirement).max(100).superRefine(onlyOnce('capability')).default([]),
  waves: z.array(wave).max(1000).superRefine(onlyOnce('name')).default([]),
  exemptions: z.array(exemption).max(maxEntries).default([]),
  history: z.array(dateChange).max(maxEntries).default([]),
});

function read<T>(parse: (value: string) => T | undefined, message: string) {
  return z.string().transform((value, context): T => {
    const result = parse(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: `"${value}" ${message}` });
    return z.NEVER;
  });
}

function onlyOnce<K extends string>(field: K) {
  return (entries: readonly Readonly<Record<K, string>>[], context: z.RefinementCtx): void => {
    const index = entries.findIndex(
      (entry, at) => entries.findIndex((other) => other[field] === entry[field]) < at,
    );
    const message = `"${entries[index]?.[field]}" is there twice`;
    if (index >= 0) context.addIssue({ code: 'custom', path: [index, field], message });
  };
}

function isCron(value: string): boolean {
  try {
    new Cron(value, { mode: '5-part', timezone: 'UTC' });
    return true;
  } catch {
    return false;
  }
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
