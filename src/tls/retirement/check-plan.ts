/** Contradictions of a plan: what cannot be meant, and what no longer means anything. */

import { openingsOf } from './brownout.ts';
import { hasCapability, isUsable, narrowAll, narrowPolicy } from './capabilities.ts';
import { covers } from './exemptions.ts';
import { parseNetwork } from './networks.ts';
import { firstNoticeMs, phases } from './phase.ts';
import type { Capability, Exemption, Plan, Retirement, Who } from './plan.ts';
import { formatPlanTime } from './plan-times.ts';
import { findWave } from './waves.ts';

/** `error`: the plan cannot be applied. `warning`: it can, but says something without effect. */
export type Severity = 'error' | 'warning';

const severities = {
  /** A phase begins before the one that it follows. */
  'phase-order': 'error',
  /** The final refusal comes before the client could hear of it: Sunset before Deprecation. */
  'sunset-before-deprecation': 'error',
  /** The policy has not what is to be retired. */
  'not-in-policy': 'error',
  /** Once all is enforced, no client could agree on anything. */
  'nothing-left': 'error',
  /** A window that never opens in the brownout phase. */
  'window-never-opens': 'error',
  /** A share that counts at no moment of the brownout phase. */
  'share-never-counts': 'error',
  'share-shrinks': 'error',
  /** A brownout phase with neither windows nor shares does nothing. */
  'brownout-empty': 'warning',
  /** A wave that names nothing at all. */
  'wave-names-nobody': 'error',
  /** A wave that no known client is in. */
  'wave-empty': 'warning',
  'unknown-client': 'warning',
  'exemption-ended': 'warning',
  /** It is from something that the plan does not retire. */
  'exemption-without-retirement': 'warning',
  /** Another retirement takes away what the exemption leaves. */
  'exemption-undone': 'warning',
} as const satisfies Readonly<Record<string, Severity>>;

export type PlanFindingCode = keyof typeof severities;

/** Every code, for the tables of texts. */
export const planFindingCodes = Object.keys(severities) as readonly PlanFindingCode[];

export interface PlanFinding {
  readonly code: PlanFindingCode;
  readonly severity: Severity;
  /** The field, as errors name it: `retirements[1].warn`. */
  readonly where: string;
  /** What the sentence is filled with. */
  readonly fields: Readonly<Record<string, string | number>>;
}

export interface CheckPlanOptions {
  readonly nowMs: number;
  /** Everybody whom the ledger knows; undefined when there is no ledger at hand. */
  readonly known?: readonly Who[] | undefined;
}

/** Everything that is wrong with a plan, in the order of the file. */
export function checkPlan(plan: Plan, { nowMs, known }: CheckPlanOptions): PlanFinding[] {
  return [
    ...plan.retirements.flatMap((retirement, index) =>
      checkRetirement(plan, retirement, `retirements[${index + 1}]`),
    ),
    ...checkRest(plan),
    ...checkWaves(plan, known),
    ...plan.exemptions.flatMap((exemption, index) =>
      checkExemption(plan, exemption, { where: `exemptions[${index + 1}]`, nowMs, known }),
    ),
  ];
}

function finding(
  code: PlanFindingCode,
  where: string,
  fields: PlanFinding['fields'] = {},
): PlanFinding {
  return { code, severity: severities[code], where, fields };
}

function checkRetirement(plan: Plan, retirement: Retirement, where: string): PlanFinding[] {
  const { capability } = retirement;
  const isThere = hasCapability(plan.policy, capability);
  const policy = plan.policy.name;
  return [
    ...(isThere ? [] : [finding('not-in-policy', `${where}.capability`, { capability, policy })]),
    ...checkOrder(retirement, where),
    ...checkWindows(retirement, where),
    ...checkShares(retirement, where),
  ];
}

function checkOrder(retirement: Retirement, where: string): PlanFinding[] {
  const dates = phases.flatMap((phase) => {
    const ms = retirement.phases[phase];
    return ms === undefined ? [] : [{ phase, ms }];
  });
  return dates.slice(1).flatMap((later, index) => {
    const earlier = dates[index];
    if (earlier === undefined || earlier.ms <= later.ms) return [];
    const isSunset = later.phase === 'enforce' && (firstNoticeMs(retirement) ?? 0) > later.ms;
    return finding(
      isSunset ? 'sunset-before-deprecation' : 'phase-order',
      `${where}.${later.phase}`,
      {
        ...{
          capability: retirement.capability,
          phase: later.phase,
          date: formatPlanTime(later.ms),
        },
        ...{ earlier: earlier.phase, earlierDate: formatPlanTime(earlier.ms) },
      },
    );
  });
}

function checkWindows(retirement: Retirement, where: string): PlanFinding[] {
  const { capability, phases: dates, windows, shares } = retirement;
  const isEmpty = dates.brownout !== undefined && windows.length + shares.length === 0;
  const never = windows.flatMap((window, index) => {
    const sinceMs = Math.max(dates.brownout ?? 0, window.fromMs ?? 0);
    const opens = openingsOf(retirement, window, { sinceMs, limit: 1 }).length > 0;
    if (opens) return [];
    return finding('window-never-opens', `${where}.windows[${index + 1}]`, {
      ...{ capability, cron: window.cron },
    });
  });
  return [
    ...(isEmpty ? [finding('brownout-empty', `${where}.brownout`, { capability })] : []),
    ...never,
  ];
}

function checkShares(
  { capability, phases: dates, shares }: Retirement,
  where: string,
): PlanFinding[] {
  const byTime = shares
    .map((share, index) => ({ ...share, field: `${where}.shares[${index + 1}]` }))
    .sort((a, b) => a.fromMs - b.fromMs);
  return byTime.flatMap(({ fromMs, percent, field }, index) => {
    const before = byTime[index - 1]?.percent ?? 0;
    const fields = { capability, percent, before, from: formatPlanTime(fromMs) };
    const isLate = fromMs >= (dates.enforce ?? Infinity) || dates.brownout === undefined;
    return [
      ...(isLate ? [finding('share-never-counts', field, fields)] : []),
      ...(percent < before ? [finding('share-shrinks', field, fields)] : []),
    ];
  });
}

/** What is left in the end, with every retirement that has a date to end on. */
function checkRest({ policy, retirements }: Plan): PlanFinding[] {
  const enforced = retirements
    .filter(({ phases: dates }) => dates.enforce !== undefined)
    .map(({ capability }) => capability);
  const rest = narrowAll(policy, new Set(enforced));
  if (isUsable(rest) || rest === policy) return [];
  return [finding('nothing-left', 'retirements', { capabilities: enforced.join(', ') })];
}

function checkWaves({ waves }: Plan, known: readonly Who[] | undefined): PlanFinding[] {
  const names = namesOf(known);
  const populated = known && new Set(known.map((who) => findWave(waves, who)?.name));
  return waves.flatMap((wave, index) => {
    const where = `waves[${index + 1}]`;
    const fields = { wave: wave.name };
    const { clients, networks, tags, percent } = wave;
    if (clients.length + networks.length + tags.length === 0 && percent === undefined) {
      return [finding('wave-names-nobody', where, fields)];
    }
    const strangers = clients.flatMap((client, at) =>
      names === undefined || names.has(client)
        ? []
        : [finding('unknown-client', `${where}.clients[${at + 1}]`, { client })],
    );
    const isEmpty = populated !== undefined && !populated.has(wave.name);
    return isEmpty ? [finding('wave-empty', where, fields), ...strangers] : strangers;
  });
}

function namesOf(known: readonly Who[] | undefined): ReadonlySet<string> | undefined {
  return known && new Set(known.flatMap(({ clients, fingerprint }) => [...clients, fingerprint]));
}

function checkExemption(
  plan: Plan,
  exemption: Exemption,
  { where, nowMs, known }: CheckPlanOptions & { readonly where: string },
): PlanFinding[] {
  const { client, capability, untilMs } = exemption;
  const fields = { client, capability, until: formatPlanTime(untilMs) };
  if (untilMs <= nowMs) return [finding('exemption-ended', `${where}.until`, fields)];
  const names = namesOf(known);
  const isStranger =
    names !== undefined && !names.has(client) && parseNetwork(client) === undefined;
  const isRetired = plan.retirements.some((retirement) =>
    covers(capability, retirement.capability),
  );
  const undoing = plan.retirements.filter((retirement) => undoes(plan, retirement, exemption));
  return [
    ...(isStranger ? [finding('unknown-client', `${where}.client`, { client })] : []),
    ...(isRetired ? [] : [finding('exemption-without-retirement', `${where}.capability`, fields)]),
    ...undoing.map(({ capability: by }) =>
      finding('exemption-undone', `${where}.capability`, { ...fields, by }),
    ),
  ];
}

/** True if a retirement ends the exempt capability before the exemption does, for the same client. */
function undoes(plan: Plan, retirement: Retirement, exemption: Exemption): boolean {
  const { client, capability, untilMs } = exemption;
  const isExemptToo = plan.exemptions.some(
    (other) =>
      other.client === client &&
      other.untilMs >= untilMs &&
      covers(other.capability, retirement.capability),
  );
  return (
    !isExemptToo &&
    (retirement.phases.enforce ?? Infinity) < untilMs &&
    takesAway(plan, retirement.capability, capability)
  );
}

function takesAway(plan: Plan, retired: Capability, capability: Capability): boolean {
  return (
    hasCapability(plan.policy, capability) &&
    !hasCapability(narrowPolicy(plan.policy, retired), capability)
  );
}
