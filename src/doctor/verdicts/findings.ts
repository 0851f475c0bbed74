/** All findings of a machine, the gravest first. */

import type { Facts } from '../facts/facts.ts';
import { schannelFindings } from './schannel-findings.ts';
import type { Machine } from './stacks.ts';
import type { ConsumerVerdict, Finding, MissingFact, StackVerdict } from './verdict.ts';

export interface Verdicts {
  readonly stacks: readonly StackVerdict[];
  readonly consumers: readonly ConsumerVerdict[];
}

const order = ['error', 'warning', 'note'];

export function findAll(
  _facts: Facts,
  machine: Machine | MissingFact,
  _verdicts: Verdicts,
): Finding[] {
  const findings = 'kind' in machine ? [] : schannelFindings(machine);
  return findings.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}
