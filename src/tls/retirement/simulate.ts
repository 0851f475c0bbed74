/** Replays what clients have offered against a plan at a date: who would fail, and what they would need. */

import type { AlertName } from '../alerts.ts';
import type { ServerSide } from '../negotiate.ts';
import { negotiate } from '../negotiate.ts';
import type { Offer } from '../offer.ts';
import type { Policy } from '../policy.ts';
import type { Reason } from '../reasons.ts';
import { narrowAll } from './capabilities.ts';
import { judge } from './judge.ts';
import type { LikelyStack, Need } from './needs.ts';
import { likelyStacks, needOf } from './needs.ts';
import type { Capability, Plan, Who } from './plan.ts';
import type { Notice, Verdict } from './verdict.ts';

/** One client with one fingerprint, as a ledger knows it. */
export interface SimulationEntry {
  /** What certificate or login proved; undefined for an address that never proved anything. */
  readonly client: string | undefined;
  /** Visitors came once; scanners are nobody's client. */
  readonly class: 'client' | 'visitor' | 'scanner';
  readonly address: string;
  readonly fingerprint: string;
  /** Undefined where the ledger did not keep it. */
  readonly offer: Offer | undefined;
  readonly lastSeenMs: number;
  readonly backups: number;
}

export interface SimulatedFailure<E extends SimulationEntry> {
  readonly entry: E;
  /** Refused by the policy itself, by an enforced retirement, or in a brownout. */
  readonly cause: 'policy' | 'enforce' | 'brownout';
  /** Undefined where a sentence inside TLS refuses (HTTP 403). */
  readonly alert: AlertName | undefined;
  /** The retirements that refuse; empty when the policy itself does. */
  readonly capabilities: readonly Capability[];
  readonly reason: Reason | undefined;
  readonly need: Need;
  /** Programs that offer just this: a guess. */
  readonly stacks: readonly LikelyStack[];
  /** The plan of today refuses it already. */
  readonly refusedToday: boolean;
}

export interface Simulation<E extends SimulationEntry> {
  readonly atMs: number;
  /** Most backups first, then the latest seen. */
  readonly failures: readonly SimulatedFailure<E>[];
  /** Visitors and scanners that would fail. */
  readonly oneOff: readonly SimulatedFailure<E>[];
  /** Nobody can tell: their offers were not kept. */
  readonly unknown: readonly E[];
  /** How many would go on. */
  readonly passing: number;
}

export interface SimulateOptions {
  readonly atMs: number;
  /** To tell those who are refused already; left out, nobody is. */
  readonly today?: { readonly plan: Plan; readonly nowMs: number } | undefined;
  /** The certificates at hand, when they are not those of the plan's policy. */
  readonly server?: ServerSide | undefined;
  /** Of a client's name, for waves. */
  readonly tagsOf?: ((client: string) => readonly string[]) | undefined;
}

/** Judges every entry as the door would at that moment. */
export function simulate<E extends SimulationEntry>(
  entries: readonly E[],
  plan: Plan,
  { atMs, today, server = {}, tagsOf }: SimulateOptions,
): Simulation<E> {
  const unknown = entries.filter(({ offer }) => offer === undefined);
  const failed = entries.flatMap((entry) => {
    const { offer } = entry;
    if (offer === undefined) return [];
    const who = whoOf(entry, tagsOf);
    const failure = failureOf(offer, plan, judge(offer, who, plan, atMs, server), server);
    if (failure === undefined) return [];
    const isRefused =
      today !== undefined && isRefusal(judge(offer, who, today.plan, today.nowMs, server));
    return [{ entry, ...failure, stacks: likelyStacks(offer), refusedToday: isRefused }];
  });
  failed.sort(
    (a, b) => b.entry.backups - a.entry.backups || b.entry.lastSeenMs - a.entry.lastSeenMs,
  );
  return {
    atMs,
    failures: failed.filter(({ entry }) => entry.class === 'client'),
    oneOff: failed.filter(({ entry }) => entry.class !== 'client'),
    unknown,
    passing: entries.length - unknown.length - failed.length,
  };
}

/** True if somebody who matters would fail: every client, and visitors who do not fail already. */
export function wouldAnyoneFail<E extends SimulationEntry>(simulation: Simulation<E>): boolean {
  const { failures, oneOff } = simulation;
  return (
    failures.length > 0 ||
    oneOff.some(({ entry, refusedToday }) => entry.class === 'visitor' && !refusedToday)
  );
}

/** When nothing of the plan is left to come: the last wave is enforced, the last exemption has ended. */
export function endOfPlan({ retirements, waves, exemptions }: Plan, nowMs: number): number {
  const latest = Math.max(0, ...waves.map(({ offsetMs }) => offsetMs));
  const enforced = retirements.flatMap(({ phases }) => phases.enforce ?? []);
  return Math.max(
    nowMs,
    ...enforced.map((ms) => ms + latest),
    ...exemptions.map(({ untilMs }) => untilMs),
  );
}

function whoOf(entry: SimulationEntry, tagsOf: SimulateOptions['tagsOf']): Who {
  const { client, address, fingerprint } = entry;
  const clients = client === undefined ? [] : [client];
  return { address, fingerprint, clients, tags: clients.flatMap((name) => tagsOf?.(name) ?? []) };
}

function isRefusal({ kind }: Verdict): boolean {
  return kind === 'refuse' || kind === 'soft-refuse';
}

type Failure = Pick<
  SimulatedFailure<SimulationEntry>,
  'cause' | 'alert' | 'capabilities' | 'reason' | 'need'
>;

function failureOf(
  offer: Offer,
  plan: Plan,
  verdict: Verdict,
  server: ServerSide,
): Failure | undefined {
  if (verdict.kind === 'refuse') {
    const { cause, alert, negotiation, notices } = verdict;
    const capabilities = capabilitiesOf(notices);
    const need = needOf(negotiation, offer, withoutAll(plan, capabilities));
    return { cause, alert, capabilities, reason: negotiation.why.at(-1), need };
  }
  if (verdict.kind !== 'soft-refuse') return undefined;
  const capabilities = capabilitiesOf(
    verdict.notices.filter(({ brownout }) => brownout !== undefined),
  );
  const final = negotiate(offer, withoutAll(plan, capabilities), server);
  if (final.kind === 'agreed') return undefined;
  const need = needOf(final, offer, withoutAll(plan, capabilities));
  return { cause: 'brownout', alert: undefined, capabilities, reason: final.why.at(-1), need };
}

function capabilitiesOf(notices: readonly Notice[]): Capability[] {
  return notices.map(({ capability }) => capability);
}

function withoutAll(plan: Plan, retired: readonly Capability[]): Policy {
  return narrowAll(plan.policy, new Set(retired));
}
