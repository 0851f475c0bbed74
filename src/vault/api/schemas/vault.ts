/** The vault itself: health, storage, scrubs, certificates. */

import { z } from 'zod';
import { count, day, lookedUpName, moment } from './common.ts';

export const vaultState = z.object({
  at: moment,
  startedAt: moment,
  version: z.string(),
  api: z.literal(1),
  node: z.string(),
  openssl: z.string(),
  platform: z.string(),
  /** As clients reach it, as far as the vault can know. */
  url: z.string(),
  previewUrl: z.string().nullable(),
  previewAt: moment.nullable(),
  /** The file for `--cacert` on the vault's own machine. */
  caFile: z.string(),
  /** SHA-256 of the authority's certificate, lower-case hex. */
  caFingerprint: z.string().nullable(),
  status: z.enum(['ok', 'degraded']),
  /** What is not as it should be, one code each. */
  problems: z.array(z.object({ code: z.string(), detail: z.string() })),
  plan: z.string(),
  connections: z.object({ open: count, halfOpen: count }),
  ledger: z.object({
    lagMs: z.number().min(0),
    writtenRows: count,
    failedBatches: count,
    keepDays: count,
    databaseBytes: count,
  }),
  appendOnly: z.boolean(),
  /** Open event streams. */
  watchers: count,
});
export type VaultState = z.infer<typeof vaultState>;

export const storageState = z.object({
  /** Null until the first measurement is done. */
  measuredAt: moment.nullable(),
  usedBytes: count.nullable(),
  freeBytes: count.nullable(),
  repositories: z.array(
    z.object({ path: z.string(), owner: z.string(), usedBytes: count, files: count }),
  ),
  owners: z.array(
    z.object({
      name: z.string(),
      usedBytes: count,
      files: count,
      repositories: count,
      quotaBytes: count.nullable(),
    }),
  ),
});
export type StorageState = z.infer<typeof storageState>;

export const growthQuery = z.strictObject({
  days: z.number().int().min(1).max(3660).default(92),
  owner: lookedUpName.optional(),
});
export type GrowthQuery = z.input<typeof growthQuery>;
/** The last measurement of each day; what backups added on it. */
export const growth = z.object({
  days: z.array(z.object({ day, usedBytes: count.nullable(), addedBytes: count, backups: count })),
});
export type Growth = z.infer<typeof growth>;

export const ownerParams = z.strictObject({ owner: lookedUpName });
export const setQuota = z.strictObject({
  /** Null takes the quota away. */
  bytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullable(),
});
export type SetQuota = z.infer<typeof setQuota>;

export const scrubRun = z.object({
  id: z.string(),
  startedAt: moment,
  /** Null while it runs, and of one that was cut short. */
  endedAt: moment.nullable(),
  state: z.enum(['running', 'done', 'stopped', 'failed']),
  by: z.string().nullable(),
  repositories: count,
  files: count,
  bytes: count,
  damaged: z.array(z.object({ path: z.string(), problem: z.string() })),
  /** Of damaged files; `damaged` shows at most 100. */
  damagedCount: count,
});
export type ScrubRun = z.infer<typeof scrubRun>;
export const scrubs = z.object({ runs: z.array(scrubRun) });
export type Scrubs = z.infer<typeof scrubs>;

export const certificates = z.object({
  at: moment,
  server: z.array(
    z.object({
      subject: z.string(),
      issuer: z.string(),
      names: z.array(z.string()),
      serial: z.string(),
      fingerprint: z.string(),
      keyType: z.string(),
      notBefore: moment,
      notAfter: moment,
    }),
  ),
  authority: z
    .object({ subject: z.string(), fingerprint: z.string(), notBefore: moment, notAfter: moment })
    .nullable(),
  /** Why no good certificate is in use, if so. */
  problem: z.string().nullable(),
  clients: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['active', 'replaced', 'revoked']),
      serial: z.string(),
      fingerprint: z.string(),
      appendOnly: z.boolean(),
      createdAt: moment,
      expiresAt: moment,
      lastSeenAt: moment.nullable(),
    }),
  ),
});
export type Certificates = z.infer<typeof certificates>;
