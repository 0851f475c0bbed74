/**
 * The verdict on one hello. In this order: what the plan's policy never speaks is refused; an
 * exemption keeps a capability; enforced retirements take theirs away; brownouts refuse for now; what
 * is left is warned of or accepted. Several retirements at once are taken away together.
 */

import type { AlertName } from '../alerts.ts';
import { fallbackScsv } from '../cipher-suites.ts';
import type { Negotiation, ServerSide } from '../negotiate.ts';
import { negotiateOnce } from '../negotiate-once.ts';
import type { Offer } from '../offer.ts';
import { bestVersion } from '../offer.ts';
import type { Policy } from '../policy.ts';
import { tls12 } from '../versions.ts';
import { admits, narrowAll } from './capabilities.ts';
import type { Standing } from './phase.ts';
import { standingsOf } from './phase.ts';
import type { Capability, Plan, Who } from './plan.ts';
import type { Agreement, Notice, Verdict } from './verdict.ts';

type Refusal = Extract<Negotiation, { kind: 'refused' }>;
type Refused = Extract<Verdict, { kind: 'refuse' }>;

/**
 * Decides on a hello; never throws on an offer.
 * @param nowMs the preview passes a date to come
 * @param server the certificates at hand, when they are not those of the plan's policy
 */
export function judge(
  offer: Offer,
  who: Who,
  plan: Plan,
  nowMs: number,
  server: ServerSide = {},
): Verdict {
  if (plan.retirements.length === 0) return judgeByPolicy(offer, plan.policy, server);
  const standings = standingsOf(plan, who, nowMs);
  const isExempt = ({ exemptUntilMs }: Standing): boolean => exemptUntilMs !== undefined;
  const enforced = standings.filter(
    (standing) => standing.phase === 'enforce' && !isExempt(standing),
  );
  const base = narrowAll(plan.policy, capabilitySet(enforced));
  const ask = (policy: Policy): Negotiation => negotiateOnPath(offer, policy, server);

  const now = ask(base);
  if (now.kind === 'refused') {
    const isRetired = base !== plan.policy && ask(plan.policy).kind === 'agreed';
    if (!isRetired) return refusal(now, 'policy', []);
    return refusal(now, 'enforce', culprits(enforced, plan.policy, ask));
  }

  const path = pathOf(offer);
  const settled = { path, policy: policyOfPath(base, path), agreement: now };
  const announced = standings.filter(
    (standing) => standing.phase !== 'observe' && !enforced.includes(standing),
  );
  const isTouched = !admits(narrowAll(base, capabilitySet(announced)), now);
  if (!isTouched) return { kind: 'accept', ...settled, notices: [] };
  return weigh(announced, { base, settled, ask });
}

interface Judged {
  readonly policy: Policy;
  readonly negotiation: Negotiation;
  readonly verdict: Verdict;
}

/** Goes with its offer, as in negotiate-once.ts: one negotiation always makes the same verdict. */
const judged = new WeakMap<Offer, Judged>();

/** Nothing is retired, so that neither who asks nor when makes a difference. */
function judgeByPolicy(offer: Offer, policy: Policy, server: ServerSide): Verdict {
  const negotiation = negotiateOnPath(offer, policy, server);
  const before = judged.get(offer);
  if (before?.policy === policy && before.negotiation === negotiation) return before.verdict;
  const path = pathOf(offer);
  const verdict: Verdict =
    negotiation.kind === 'refused'
      ? refusal(negotiation, 'policy', [])
      : {
          ...({ kind: 'accept', path, notices: [] } as const),
          ...{ policy: policyOfPath(policy, path), agreement: negotiation },
        };
  judged.set(offer, { policy, negotiation, verdict });
  return verdict;
}

interface Settled {
  readonly path: 'strict' | 'legacy';
  readonly policy: Policy;
  readonly agreement: Agreement;
}

/** What the retirements that are not enforced yet mean for a client that uses something of them. */
function weigh(
  announced: readonly Standing[],
  parts: {
    readonly base: Policy;
    readonly settled: Settled;
    readonly ask: (policy: Policy) => Negotiation;
  },
): Verdict {
  const { base, settled, ask } = parts;
  const refusedWithout = (some: readonly Standing[]): Refusal | undefined => {
    const rest = narrowAll(base, capabilitySet(some));
    if (admits(rest, settled.agreement)) return undefined;
    const result = ask(rest);
    return result.kind === 'refused' ? result : undefined;
  };
  const byAlert = announced.filter(({ brownout }) => brownout === 'alert');
  const hard = refusedWithout(byAlert);
  if (hard !== undefined) return refusal(hard, 'brownout', culprits(byAlert, base, ask));
  const notices = noticesOf(announced, (some) => refusedWithout(some) !== undefined);
  const inBrownout = announced.filter(({ brownout }) => brownout !== undefined);
  if (refusedWithout(inBrownout) !== undefined) {
    return { kind: 'soft-refuse', ...settled, notices: withAll(notices, inBrownout) };
  }
  return { kind: notices.length > 0 ? 'warn' : 'accept', ...settled, notices };
}

/** Legacy only when the client itself has nothing better than TLS 1.1, whatever a middlebox did. */
function pathOf(offer: Offer): 'strict' | 'legacy' {
  return (bestVersion(offer) ?? tls12) >= tls12 ? 'strict' : 'legacy';
}

/**
 * What the context of the offer's path agrees on. A hello that says it was lowered is first held
 * against all versions: the legacy context does not know that the server has better ones.
 */
function negotiateOnPath(offer: Offer, policy: Policy, server: ServerSide): Negotiation {
  if (offer.cipherSuites.includes(fallbackScsv)) {
    const whole = negotiateOnce(offer, policy, server);
    if (whole.kind === 'refused') return whole;
  }
  const onPath = negotiateOnce(offer, policyOfPath(policy, pathOf(offer)), server);
  if (onPath.kind === 'agreed') return onPath;
  const whole = negotiateOnce(offer, policy, server);
  return whole.kind === 'refused' ? whole : onPath;
}

const pathPolicies = new WeakMap<Policy, Partial<Record<'strict' | 'legacy', Policy>>>();

/** The path's part of a policy: TLS 1.2 and newer, or TLS 1.1 and older. The same object each time. */
export function policyOfPath(policy: Policy, path: 'strict' | 'legacy'): Policy {
  const parts = pathPolicies.get(policy) ?? {};
  parts[path] ??= restrict(policy, path);
  pathPolicies.set(policy, parts);
  return parts[path];
}

function restrict(policy: Policy, path: 'strict' | 'legacy'): Policy {
  const versions = policy.versions.filter((version) => version >= tls12 === (path === 'strict'));
  return versions.length === policy.versions.length ? policy : { ...policy, versions };
}

function capabilitySet(standings: readonly Standing[]): ReadonlySet<Capability> {
  return new Set(standings.map(({ retirement }) => retirement.capability));
}

function refusal(
  negotiation: Refusal,
  cause: Refused['cause'],
  notices: readonly Notice[],
): Refused {
  return { kind: 'refuse', alert: alertOf(negotiation), cause, negotiation, notices };
}

/** The alert that says most; OpenSSL would send `handshake_failure` for every suite. */
function alertOf({ alert, insufficientSecurity }: Refusal): AlertName {
  return insufficientSecurity ? 'insufficient_security' : alert;
}

/** Those that refuse the client alone; all of them where it takes several together. */
function culprits(
  standings: readonly Standing[],
  policy: Policy,
  ask: (policy: Policy) => Negotiation,
): Notice[] {
  const alone = standings.filter(
    (standing) => ask(narrowAll(policy, capabilitySet([standing]))).kind === 'refused',
  );
  return (alone.length > 0 ? alone : standings).map(noticeOf);
}

/**
 * The retirements that will refuse the client: alone, or when those that are enforced before have
 * taken their part. What does not touch the client is not mentioned.
 */
function noticesOf(
  announced: readonly Standing[],
  isRefusedWithout: (some: readonly Standing[]) => boolean,
): Notice[] {
  const byDate = announced.toSorted((a, b) => compareTimes(a.enforceMs, b.enforceMs));
  const first = byDate.find((_, index) => isRefusedWithout(byDate.slice(0, index + 1)));
  return announced
    .filter((standing) => standing === first || isRefusedWithout([standing]))
    .map(noticeOf);
}

/** Without a date comes last; Infinity minus itself would be no number. */
function compareTimes(a = Infinity, b = Infinity): number {
  return a === b ? 0 : a - b;
}

/** A brownout that takes several retirements together names each of them. */
function withAll(notices: readonly Notice[], standings: readonly Standing[]): readonly Notice[] {
  if (notices.some(({ brownout }) => brownout !== undefined)) return notices;
  return [...notices, ...standings.map(noticeOf)];
}

function noticeOf(standing: Standing): Notice {
  const { retirement, phase, warnMs, enforceMs, brownout, exemptUntilMs } = standing;
  const { capability, link } = retirement;
  return { capability, phase, enforceMs, warnMs, link, brownout, exemptUntilMs };
}
