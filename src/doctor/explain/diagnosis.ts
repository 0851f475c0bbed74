/** The doctor's verdict on the machine that failed, as observations. */

import { versionName } from '../../tls/versions.ts';
import type { Diagnosis, StackVerdict } from '../verdicts/verdict.ts';
import type { Observation } from './explain.ts';
import type { Weights } from './knowledge/signature.ts';

/**
 * What services use, on Linux and macOS the system's own; WinINet and its settings belong to people at
 * the screen, and of several Javas nobody knows which one failed.
 */
const services = /^(?:schannel|winhttp|dotnet|openssl |urlsession$)/;

/** Strengthens or takes back the causes that lie in the settings of the machine. */
export function observationsOfDiagnosis({ stacks }: Diagnosis): Observation[] {
  const all = stacks.filter(({ stack }) => services.test(stack));
  const failing = all.filter(({ status }) => status === 'not-ready');
  if (failing.length === 0) {
    const windows = all.filter((stack) => !isDotnet(stack));
    const ready = (some: readonly StackVerdict[]): boolean =>
      some.length > 0 && some.every(({ status }) => status === 'ready');
    if (!ready(windows)) return [];
    const dotnetReady = ready(all.filter(isDotnet));
    const weights: Weights = {
      'client-too-old': dotnetReady ? -0.8 : -0.5,
      'local-versions-disabled': -0.7,
      ...(dotnetReady ? { 'dotnet-old-default': -0.8 } : {}),
    };
    return [{ key: 'machine.ready', values: { stacks: namesOf(windows) }, weights }];
  }
  const observations: Observation[] = [];
  const mute = failing.filter((stack) => bestOf(stack) === undefined);
  if (mute.length > 0) {
    observations.push({
      key: 'machine.nothingToOffer',
      values: { stacks: namesOf(mute) },
      weights: { 'local-versions-disabled': 0.8 },
    });
  }
  const old = failing.filter((stack) => bestOf(stack) !== undefined);
  if (old.length > 0) {
    const best = Math.max(...old.map((stack) => bestOf(stack) ?? 0));
    observations.push({
      key: 'machine.notReady',
      values: { stacks: namesOf(old), version: versionName(best) },
      weights: weightsOf(old),
    });
  }
  return observations;
}

/** Where Windows itself is ready, the settings of .NET are to blame. */
function weightsOf(old: readonly StackVerdict[]): Weights {
  const onlyDotnet = old.every(isDotnet);
  const suites = old.every(({ outcomes }) =>
    outcomes.some(
      ({ negotiation }) => negotiation.kind === 'refused' && isSuiteAlert(negotiation.alert),
    ),
  );
  if (suites) return { 'no-common-suite': 0.7, 'something-between': -0.3 };
  return onlyDotnet
    ? { 'dotnet-old-default': 0.75, 'client-too-old': 0.3, 'something-between': -0.3 }
    : { 'client-too-old': 0.7, 'something-between': -0.3, 'transfer-cut': -0.3 };
}

function isDotnet({ stack }: StackVerdict): boolean {
  return stack.startsWith('dotnet');
}

function isSuiteAlert(alert: string): boolean {
  return alert === 'handshake_failure' || alert === 'insufficient_security';
}

/** The highest version that a stack may offer; undefined when it offers none. */
function bestOf({ outcomes }: StackVerdict): number | undefined {
  const versions = outcomes.flatMap(({ scenario }) => scenario.versions);
  return versions.length === 0 ? undefined : Math.max(...versions);
}

function namesOf(stacks: readonly StackVerdict[]): string {
  return stacks.map(({ stack }) => stack).join(', ');
}
