/** From a prediction to a status: what a server with a policy would agree on in every scenario. */

import { negotiate } from '../../tls/negotiate.ts';
import type { Policy } from '../../tls/policy.ts';
import {
  distinct,
  type Outcome,
  type Prediction,
  type Scenario,
  type StackVerdict,
} from './verdict.ts';

/** Ready when every scenario agrees, not ready when none does, unknown when the facts decide. */
export function judgeStack(stack: string, prediction: Prediction, policy: Policy): StackVerdict {
  const outcomes = prediction.scenarios.map((scenario) => outcomeOf(scenario, policy));
  const { assumed } = prediction;
  const missing = distinct(prediction.missing);
  const isAgreed = outcomes.map(agrees);
  if (outcomes.length === 0 || (isAgreed.includes(true) && isAgreed.includes(false))) {
    return { stack, status: 'unknown', outcomes, missing, assumed };
  }
  const status = isAgreed[0] === true ? 'ready' : 'not-ready';
  return { stack, status, outcomes, missing: [], assumed };
}

export function agrees({ negotiation, refusedByClient }: Outcome): boolean {
  return negotiation.kind === 'agreed' && !refusedByClient;
}

function outcomeOf(scenario: Scenario, policy: Policy): Outcome {
  const negotiation = negotiate(scenario.offer, policy);
  // An old hello names only its maximum; the client still breaks off below its minimum.
  const refusedByClient =
    negotiation.kind === 'agreed' && !scenario.versions.includes(negotiation.version);
  return { scenario, negotiation, refusedByClient };
}
