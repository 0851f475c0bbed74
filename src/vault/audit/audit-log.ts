/** The audit log: one row for each change, written with it. It only grows; a trigger holds that. */

import type { VaultDatabase } from '../database/database.ts';

export interface AuditRecord {
  readonly atMs: number;
  /**
   * A console user; for commands, the account of the vault's machine; for invitations, the machine that
   * used it; undefined for the vault.
   */
  readonly by?: string | undefined;
  readonly role?: string | undefined;
  readonly via: 'session' | 'token' | 'command' | 'file' | 'invite';
  readonly address?: string | undefined;
  /** `policy/apply`, `user/add`, … */
  readonly action: string;
  readonly target: string;
  /** Plain data without secrets; undefined where there was or is nothing. */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly reason?: string | undefined;
}

/** Larger states are named by their beginning: a log must not grow by whatever a client sends. */
const maxStateLength = 64 * 1024;

export async function writeAudit(database: VaultDatabase, record: AuditRecord): Promise<void> {
  await database
    .insertInto('audit')
    .values({
      at_ms: record.atMs,
      by: record.by ?? null,
      role: record.role ?? null,
      via: record.via,
      address: record.address ?? null,
      action: record.action,
      target: record.target,
      before: stateText(record.before),
      after: stateText(record.after),
      reason: record.reason ?? null,
    })
    .execute();
}

function stateText(state: unknown): string {
  const text = JSON.stringify(state ?? null);
  if (text.length <= maxStateLength) return text;
  return JSON.stringify({ truncated: text.slice(0, maxStateLength) });
}
