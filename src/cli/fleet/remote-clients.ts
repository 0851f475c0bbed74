/** The clients of a remote vault, as the commands print those of a local one. */

import type { FleetReportDocument } from '../../vault/api/schemas/report.ts';
import type { ReportedClient } from '../../vault/ledger/fleet-report.ts';

type Entry = FleetReportDocument['clients'][number];

/** Null of the API is undefined here; reasons in words stay with the vault. */
export function reportedClient({ summary, entries, readiness }: Entry): ReportedClient {
  return {
    summary: {
      ...withoutNulls(summary),
      reasons: new Map(summary.reasons),
    } as ReportedClient['summary'],
    entries: entries.map((entry) => ({
      ...withoutNulls(entry),
      ...{ kind: summary.kind, class: summary.class, offer: undefined },
      client: summary.kind === 'certificate' || summary.kind === 'login' ? summary.name : undefined,
    })) as unknown as ReportedClient['entries'],
    readiness: {
      state: readiness.state,
      enforceMs: readiness.enforceMs ?? undefined,
      obstacles: readiness.obstacles.map((obstacle) => ({ ...obstacle, why: undefined })),
    } as ReportedClient['readiness'],
  };
}

function withoutNulls<T extends object>(fields: T): T {
  const entries = Object.entries(fields).map(([name, value]) => [name, value ?? undefined]);
  // The same keys; what was null is undefined, as the ledger has it.
  return Object.fromEntries(entries) as T;
}
