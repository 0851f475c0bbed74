/** The audit log: every change, with who, when, before and after. It can only grow. */

import { z } from 'zod';
import { count, moment, momentInput } from './common.ts';

export const auditEntry = z.object({
  id: z.string(),
  at: moment,
  /**
   * A console user; for commands, the account of the vault's machine; for invitations, the machine that
   * used it; null for the vault itself.
   */
  by: z.string().nullable(),
  role: z.string().nullable(),
  /** How: `session`, `token`, `command`, `file`, `invite`. */
  via: z.string(),
  address: z.string().nullable(),
  /** `policy/apply`, `user/add`, `session/refused`, … */
  action: z.string(),
  /** Whom or what it is about. */
  target: z.string(),
  /** What was there and what is there now; never a secret. */
  before: z.unknown(),
  after: z.unknown(),
  reason: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditQuery = z.strictObject({
  limit: z.number().int().min(1).max(500).default(100),
  before: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
  by: z.string().max(64).optional(),
  /** The beginning of the action: `policy`, `policy/apply`. */
  action: z.string().max(60).optional(),
  target: z.string().max(600).optional(),
  from: momentInput.optional(),
  until: momentInput.optional(),
});
export type AuditQuery = z.input<typeof auditQuery>;

/** The latest first. */
export const auditPage = z.object({
  rows: z.array(auditEntry),
  total: count,
  next: z.string().nullable(),
});
export type AuditPage = z.infer<typeof auditPage>;
