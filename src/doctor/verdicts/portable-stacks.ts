/** Verdicts for the TLS stacks that are not Windows' own: OpenSSL, Java, Node, Go. */

import { makeOffer } from '../../tls/offer.ts';
import type { Policy } from '../../tls/policy.ts';
import type { Facts, StackFact } from '../facts/facts.ts';
import { predictStackFact } from '../stacks/known-stacks.ts';
import type { StackOffer } from '../stacks/stack-offer.ts';
import { judgeStack } from './judge.ts';
import type { Prediction, StackVerdict } from './verdict.ts';

/** @param kinds which stacks; all that can be predicted when left out */
export function judgePortableStacks(
  facts: Facts,
  policy: Policy,
  kinds?: readonly StackFact['kind'][],
): StackVerdict[] {
  return facts.stacks
    .filter(({ kind }) => kinds?.includes(kind) ?? true)
    .flatMap((fact) => {
      const offer = predictStackFact(fact);
      return offer === undefined
        ? []
        : judgeStack(stackName(fact), predictionOf(fact, offer), policy);
    });
}

/** What a report calls a stack: `openssl 3.0.22 (/usr/lib64/libcrypto.so.3)`. */
export function stackName({ kind, version, path }: StackFact): string {
  const named = version === undefined ? kind : `${kind} ${version}`;
  return path === undefined ? named : `${named} (${path})`;
}

function predictionOf(fact: StackFact, prediction: StackOffer): Prediction {
  const what = stackName(fact);
  switch (prediction.kind) {
    case 'offer': {
      const { versions, offer } = prediction;
      return { scenarios: [{ versions, offer }], missing: [], assumed: [] };
    }
    case 'nothing':
      return {
        scenarios: [{ versions: [], offer: makeOffer({ versions: [] }) }],
        ...{ missing: [], assumed: [] },
      };
    case 'unknown': {
      const missing =
        prediction.missing === 'version'
          ? ({ kind: 'version', what } as const)
          : ({ kind: 'no-rule', what } as const);
      return { scenarios: [], missing: [missing], assumed: [] };
    }
  }
}
