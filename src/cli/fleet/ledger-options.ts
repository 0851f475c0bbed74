/** Options of every command that reads the ledger. */

import type { Command } from 'commander';
import { integerParser } from '../global-options.ts';

export interface LedgerFlags {
  readonly data?: string;
  readonly since?: number;
  readonly policy?: string;
}

/** A quarter: jobs that run at its end are clients too. */
const defaultDays = 92;
const dayMs = 86_400_000;
/** More than any ledger keeps. */
const maxDays = 36_500;

export function withLedgerOptions(command: Command): Command {
  return command
    .option('--data <folder>', "data folder of the vault (default: that of 'sealift up')")
    .option(
      '--since <days>',
      `how many days to look back (default ${defaultDays})`,
      integerParser('--since', 1, maxDays),
    )
    .option('--policy <file>', "judge readiness by this plan or policy, not the vault's");
}

/** @returns the period that ends now; today is its last day */
export function ledgerPeriod({ since = defaultDays }: LedgerFlags): {
  readonly days: number;
  readonly sinceMs: number;
  readonly nowMs: number;
} {
  const nowMs = Date.now();
  return { days: since, sinceMs: nowMs - (since - 1) * dayMs, nowMs };
}
