/** A fleet in a few numbers. Only clients are ready or not; strangers are counted. */

import type { ReportedClient } from '../../vault/ledger/fleet-report.ts';
import type { Readiness } from '../../vault/ledger/readiness.ts';

export interface FleetCounts {
  readonly clients: number;
  readonly ready: number;
  readonly notReady: number;
  readonly unknown: number;
  readonly visitors: number;
  readonly scanners: number;
}

export function countsOf(all: readonly ReportedClient[]): FleetCounts {
  const clients = all.filter(({ summary }) => summary.class === 'client');
  const inState = (state: Readiness['state']): number =>
    clients.filter(({ readiness }) => (readiness?.state ?? 'unknown') === state).length;
  return {
    clients: clients.length,
    ready: inState('ready'),
    notReady: inState('not-ready'),
    unknown: inState('unknown'),
    visitors: all.filter(({ summary }) => summary.class === 'visitor').length,
    scanners: all.filter(({ summary }) => summary.class === 'scanner').length,
  };
}

export type NotReadyClient = ReportedClient & { readonly readiness: Readiness };

/** Those with the most backups at stake first. */
export function notReadyOf(all: readonly ReportedClient[]): NotReadyClient[] {
  return all
    .filter(
      (client): client is NotReadyClient =>
        client.summary.class === 'client' && client.readiness?.state === 'not-ready',
    )
    .sort((a, b) => b.summary.backups - a.summary.backups);
}
