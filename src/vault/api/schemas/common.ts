/**
 * What the subjects of the API share. The files of this folder are the contract: they import zod and
 * each other and nothing else, so that a browser can load them too. Moments are RFC 3339, versions are
 * `1.2`, suites and groups carry IANA's names; what is not known is null, never left out.
 */

import { z } from 'zod';

export const roleNames = ['viewer', 'operator', 'owner'] as const;
export const role = z.enum(roleNames);
export type Role = z.infer<typeof role>;

export const language = z.enum(['en', 'zh-CN']);
export type ApiLanguage = z.infer<typeof language>;

/** For answers that carry sentences. */
export const languageQuery = z.strictObject({ lang: language.default('en') });

/** `2026-11-28T05:00:00.000Z` */
export const moment = z.iso.datetime({ offset: true });
/** `2026-11-28`, UTC. */
export const day = z.iso.date();
/** What a person gives: a day (0:00 UTC) or a moment with its zone. */
export const momentInput = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

export const count = z.number().int().min(0);
/** `1.2`, `ssl3`, or the code in hexadecimal when no version is known by it. */
export const version = z.string().max(16);

export const capability = z.enum([
  ...(['tls1.0', 'tls1.1', 'tls1.2'] as const),
  ...(['3des', 'rc4', 'cbc', 'static-rsa', 'sha1', 'no-pq'] as const),
]);
export type ApiCapability = z.infer<typeof capability>;

export const phase = z.enum(['observe', 'warn', 'brownout', 'enforce']);
export type ApiPhase = z.infer<typeof phase>;

/** The name of a client, a login or a console user, where one is made. */
export const accountName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9@._+-]{0,63}$/);
/** Any name that is only looked for. */
export const lookedUpName = z.string().min(1).max(400);
export const reason = z.string().trim().min(1).max(1000);

/** How far the ledger is looked back; a quarter when left out. */
export const days = z.number().int().min(1).max(36_500);
export const defaultDays = 92;

/** RFC 9457. `code` is a section of docs/errors.md, `fields` are what its texts are filled from. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  hint: z.string().nullable(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
});
export type Problem = z.infer<typeof problem>;

export const empty = z.strictObject({});
