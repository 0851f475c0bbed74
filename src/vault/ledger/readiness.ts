/** Whether a client will still connect when the plan has come to its end. */

import type { AlertName } from '../../tls/alerts.ts';
import type { Reason } from '../../tls/reasons.ts';
import { judge } from '../../tls/retirement/judge.ts';
import type { Capability, Plan } from '../../tls/retirement/plan.ts';
import { endOfPlan } from '../../tls/retirement/simulate.ts';
import type { ReplayEntry } from './queries.ts';

export interface Obstacle {
  readonly fingerprint: string;
  readonly lastSeenMs: number;
  /** What is retired and the client cannot do without; empty when the policy itself refuses it. */
  readonly capabilities: readonly Capability[];
  readonly alert: AlertName;
  /** Where the two sides part. */
  readonly why: Reason | undefined;
}

export interface Readiness {
  /** `unknown`: nothing that it offered is known. */
  readonly state: 'ready' | 'not-ready' | 'unknown';
  /** The hellos that will be refused, the latest first. */
  readonly obstacles: readonly Obstacle[];
  /** The first date on which one of them is refused for good; undefined without a date. */
  readonly enforceMs: number | undefined;
}

/**
 * Every hello of the period counts, since a job that runs once a month is a client too.
 * @param entries of one client
 */
export function readinessOf(
  entries: readonly ReplayEntry[],
  plan: Plan,
  { nowMs, tags = [] }: { readonly nowMs: number; readonly tags?: readonly string[] | undefined },
): Readiness {
  const finalMs = endOfPlan(plan, nowMs);
  const known = entries.filter(({ offer }) => offer !== undefined);
  const found = known.flatMap((entry) => {
    const obstacle = obstacleOf(entry, tags, plan, finalMs);
    return obstacle === undefined ? [] : [obstacle];
  });
  const obstacles = found
    .map(({ obstacle }) => obstacle)
    .sort((a, b) => b.lastSeenMs - a.lastSeenMs);
  const dates = found.flatMap(({ enforceMs }) => enforceMs ?? []);
  const isReady = known.length > 0 && known.length === entries.length;
  return {
    state: obstacles.length > 0 ? 'not-ready' : isReady ? 'ready' : 'unknown',
    obstacles,
    enforceMs: dates.length > 0 ? Math.min(...dates) : undefined,
  };
}

function obstacleOf(
  entry: ReplayEntry,
  tags: readonly string[],
  plan: Plan,
  finalMs: number,
): { obstacle: Obstacle; enforceMs: number | undefined } | undefined {
  const { offer, client, address, fingerprint, lastSeenMs } = entry;
  if (offer === undefined) return undefined;
  const clients = client === undefined ? [] : [client];
  const verdict = judge(offer, { address, fingerprint, clients, tags }, plan, finalMs);
  if (verdict.kind !== 'refuse') return undefined;
  const dates = verdict.notices.flatMap(({ enforceMs }) => enforceMs ?? []);
  return {
    obstacle: {
      fingerprint,
      lastSeenMs,
      capabilities: verdict.notices.map(({ capability }) => capability),
      alert: verdict.alert,
      why: verdict.negotiation.why.at(-1),
    },
    enforceMs: dates.length > 0 ? Math.min(...dates) : undefined,
  };
}
