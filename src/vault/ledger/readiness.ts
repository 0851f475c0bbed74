/** Whether a client will still connect when the plan has come to its end. */

import type { AlertName } from '../../tls/alerts.ts';
import { judge } from '../../tls/retirement/judge.ts';
import type { Capability, Plan } from '../../tls/retirement/plan.ts';
import type { ReplayEntry } from './queries.ts';

export interface Obstacle {
  readonly fingerprint: string;
  readonly lastSeenMs: number;
  /** What is retired and the client cannot do without; empty when the policy itself refuses it. */
  readonly capabilities: readonly Capability[];
  readonly alert: AlertName;
}

export interface Readiness {
  /** `unknown`: nothing that it offered is known. */
  readonly state: 'ready' | 'not-ready' | 'unknown';
  /** The hellos that will be refused, the latest first. */
  readonly obstacles: readonly Obstacle[];
  /** The first date on which one of them is refused for good; undefined without a date. */
  readonly enforceMs: number | undefined;
}

/** After every date of the plan, that of the last wave included; `nowMs` if it has none to come. */
export function lastMoment(plan: Plan, nowMs: number): number {
  const dates = plan.retirements.flatMap(({ phases }) => phases.enforce ?? []);
  const latest = Math.max(0, ...plan.waves.map(({ offsetMs }) => offsetMs));
  return Math.max(nowMs, ...dates.map((ms) => ms + latest + 1));
}

/**
 * Every hello of the period counts, since a job that runs once a month is a client too. Exemptions do
 * not: they end.
 * @param entries of one client
 */
export function readinessOf(entries: readonly ReplayEntry[], plan: Plan, nowMs: number): Readiness {
  const final: Plan = { ...plan, exemptions: [] };
  const finalMs = lastMoment(plan, nowMs);
  const known = entries.filter(({ offer }) => offer !== undefined);
  const found = known.flatMap((entry) => {
    const obstacle = obstacleOf(entry, final, finalMs);
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
  plan: Plan,
  finalMs: number,
): { obstacle: Obstacle; enforceMs: number | undefined } | undefined {
  const { offer, client, address, fingerprint, lastSeenMs } = entry;
  if (offer === undefined) return undefined;
  const clients = client === undefined ? [] : [client];
  const verdict = judge(offer, { address, fingerprint, clients, tags: [] }, plan, finalMs);
  if (verdict.kind !== 'refuse') return undefined;
  const dates = verdict.notices.flatMap(({ enforceMs }) => enforceMs ?? []);
  return {
    obstacle: {
      fingerprint,
      lastSeenMs,
      capabilities: verdict.notices.map(({ capability }) => capability),
      alert: verdict.alert,
    },
    enforceMs: dates.length > 0 ? Math.min(...dates) : undefined,
  };
}
