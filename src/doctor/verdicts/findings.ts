/** All findings of a machine, the gravest first. */

import type { Facts } from '../facts/facts.ts';
import { agentFindings } from './agent-findings.ts';
import { algorithmFindings } from './algorithm-findings.ts';
import { dotNetFindings } from './dotnet-findings.ts';
import { macosFindings } from './macos-stacks.ts';
import { networkFindings } from './network-findings.ts';
import { portableFindings } from './portable-findings.ts';
import { schannelFindings } from './schannel-findings.ts';
import type { Machine } from './stacks.ts';
import type { Finding, MissingFact, StackVerdict } from './verdict.ts';
import { winHttpFindings } from './winhttp-findings.ts';

const order = ['error', 'warning', 'note'];

export interface FindAllOptions {
  readonly stacks: readonly StackVerdict[];
  /** The name of the server's policy. */
  readonly policy: string;
}

export function findAll(
  facts: Facts,
  machine: Machine | MissingFact,
  { stacks, policy }: FindAllOptions,
): Finding[] {
  const ofWindows =
    'kind' in machine
      ? []
      : [
          ...schannelFindings(machine),
          ...winHttpFindings(machine),
          ...dotNetFindings(machine),
          ...algorithmFindings(machine, { stacks, policy }),
        ];
  const findings = [
    ...ofWindows,
    ...macosFindings(facts),
    ...portableFindings(facts, stacks),
    ...agentFindings(facts),
    ...networkFindings(facts),
  ];
  return findings.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}
