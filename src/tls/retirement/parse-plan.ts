/** Plan files: YAML to a plan and back. docs/guide/retirement.md shows one. */

import { stringify } from 'yaml';
import { cipherSuiteName } from '../cipher-suites.ts';
import { groupName } from '../groups.ts';
import type { ParsePolicyOptions, Policy } from '../policy.ts';
import { parsePolicy, policyOfFields } from '../policy.ts';
import { signatureSchemeName } from '../signature-schemes.ts';
import { findVersion } from '../versions.ts';
import type { YamlText } from '../yaml-text.ts';
import { parseFields, readYamlText } from '../yaml-text.ts';
import type { BrownoutWindow, DateChange, Exemption, Plan, Retirement, Wave } from './plan.ts';
import { planSchema } from './plan-fields.ts';
import { formatOffset, formatPlanTime } from './plan-times.ts';

/** A file with any of these is a plan, any other a plain policy. */
const planKeys = ['policy', 'retirements', 'waves', 'exemptions', 'history'];

/**
 * Reads a plan; a policy file is a plan that retires nothing.
 * @throws SealiftError `tls/policy-file` that names file, line and field
 */
export function parsePlan(yaml: string, options: ParsePolicyOptions): Plan {
  const { file } = options;
  const text = readYamlText(yaml, { file, what: 'a plan' });
  if (!isPlan(text.content)) return planOfPolicy(parsePolicy(yaml, options));
  const fields = parseFields(text, planSchema);
  const { name = file, retirements, waves, exemptions, history } = fields;
  const policy = policyOf(fields.policy, text, options);
  return { name, policy, retirements, waves, exemptions, history };
}

/** A plan that speaks a policy and retires nothing. */
export function planOfPolicy(policy: Policy): Plan {
  const none = { retirements: [], waves: [], exemptions: [], history: [] };
  return { name: policy.name, policy, ...none };
}

/** True if a file is a plan, and not a plain policy. It may still be wrong. */
export function isPlanText(yaml: string): boolean {
  return isPlan(readYamlText(yaml, { file: '', what: 'a plan' }).content);
}

function isPlan(content: unknown): boolean {
  return typeof content === 'object' && content !== null && planKeys.some((key) => key in content);
}

function policyOf(
  field: Exclude<ReturnType<typeof planSchema.parse>['policy'], undefined>,
  text: YamlText,
  options: ParsePolicyOptions,
): Policy {
  if (typeof field !== 'string') return policyOfFields(field, { ...options, text, at: ['policy'] });
  const policy = options.findBaseline(field);
  if (policy === undefined) throw text.fail(['policy'], `"${field}" is not a baseline`);
  return policy;
}

/**
 * The plan as a file that {@link parsePlan} reads back. A policy that is a baseline is named, any other
 * is spelled out.
 */
export function encodePlan(plan: Plan, options: Pick<ParsePolicyOptions, 'findBaseline'>): string {
  return stringify(planFields(plan, options), { lineWidth: 0 });
}

/** The same as a plain document, for JSON. */
export function planFields(
  plan: Plan,
  { findBaseline }: Pick<ParsePolicyOptions, 'findBaseline'>,
): Record<string, unknown> {
  const { name, policy, retirements, waves, exemptions, history } = plan;
  const baseline = findBaseline(policy.name);
  const isBaseline = baseline !== undefined && isSamePolicy(baseline, policy);
  return {
    name,
    policy: isBaseline ? policy.name : policyFields(policy),
    retirements: retirements.map(retirementFields),
    ...(waves.length > 0 ? { waves: waves.map(waveFields) } : {}),
    ...(exemptions.length > 0 ? { exemptions: exemptions.map(exemptionFields) } : {}),
    ...(history.length > 0 ? { history: historyFields(history) } : {}),
  };
}

function isSamePolicy(a: Policy, b: Policy): boolean {
  return a === b || JSON.stringify(policyFields(a)) === JSON.stringify(policyFields(b));
}

/** The fields of a policy file that says everything itself. */
export function policyFields(policy: Policy): Record<string, unknown> {
  const { name, preference, certificates, finiteFieldDh } = policy;
  return {
    name,
    versions: policy.versions.map((code) => findVersion(code)?.short ?? ''),
    cipherSuites: policy.cipherSuites.map(cipherSuiteName),
    preference,
    groups: policy.groups.map((level) => level.map(groupName)),
    signatureSchemes: policy.signatureSchemes.map(signatureSchemeName),
    ...{ certificates, finiteFieldDh },
  };
}

/** The history as a plan file carries it. */
export function historyFields(history: readonly DateChange[]): Record<string, unknown>[] {
  return history.map(({ atMs, capability, phase, fromMs, toMs, reason }) => ({
    ...{ at: formatPlanTime(atMs), capability, phase },
    ...{ ...timeField('from', fromMs), ...timeField('to', toMs), reason },
  }));
}

function retirementFields(retirement: Retirement): Record<string, unknown> {
  const { capability, phases, windows, shares, link } = retirement;
  const dates = Object.entries(phases).map(([phase, ms]) => [phase, formatPlanTime(ms)]);
  return {
    ...{ capability, ...Object.fromEntries(dates) },
    ...(windows.length > 0 ? { windows: windows.map(windowFields) } : {}),
    ...(shares.length > 0
      ? { shares: shares.map(({ fromMs, ...rest }) => ({ from: formatPlanTime(fromMs), ...rest })) }
      : {}),
    ...(link === undefined ? {} : { link }),
  };
}

function windowFields(window: BrownoutWindow): Record<string, unknown> {
  const { cron, timeZone, durationMs, answer, fromMs, untilMs } = window;
  return {
    ...{ cron, timeZone, duration: formatOffset(durationMs), answer },
    ...{ ...timeField('from', fromMs), ...timeField('until', untilMs) },
  };
}

function waveFields(wave: Wave): Record<string, unknown> {
  const { name, offsetMs, clients, networks, tags, percent } = wave;
  const lists = Object.entries({ clients, networks, tags }).filter(([, list]) => list.length > 0);
  return {
    ...{ name, offset: formatOffset(offsetMs), ...Object.fromEntries(lists) },
    ...(percent === undefined ? {} : { percent }),
  };
}

function exemptionFields({ untilMs, ...rest }: Exemption): Record<string, unknown> {
  return { ...rest, until: formatPlanTime(untilMs) };
}

function timeField(key: string, ms: number | undefined): Record<string, string> {
  return ms === undefined ? {} : { [key]: formatPlanTime(ms) };
}
