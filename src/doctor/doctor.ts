/**
 * The doctor: facts of a machine in, a diagnosis out. Pure. What lives here: the rules (tables with
 * their sources), the predicted offer of each TLS stack, verdicts and findings. What does not: reading
 * files (`facts/`), changing anything (`remedies/`), and printing.
 */

import type { Policy } from '../tls/policy.ts';
import { type Facts, makeFacts } from './facts/facts.ts';
import { type ConsumerRow, consumerRows } from './rules/agents.ts';
import { azurePolicy, findServerPolicy } from './rules/server-policies.ts';
import { systemName } from './rules/windows-releases.ts';
import { judgeConsumer } from './verdicts/consumers.ts';
import { findAll } from './verdicts/findings.ts';
import { judgeStack } from './verdicts/judge.ts';
import { judgeMacosStacks } from './verdicts/macos-stacks.ts';
import { judgePortableStacks } from './verdicts/portable-stacks.ts';
import { predictStack, readMachine } from './verdicts/stacks.ts';
import {
  type ConsumerId,
  type ConsumerVerdict,
  type Diagnosis,
  type StackVerdict,
  type Status,
  stackIds,
  worstOf,
} from './verdicts/verdict.ts';

export interface DiagnoseOptions {
  /** What the server speaks; each consumer's usual server when left out. */
  readonly policy?: Policy | undefined;
  /** All when left out. */
  readonly consumer?: ConsumerId | undefined;
}

export function diagnose(facts: Facts, options: DiagnoseOptions = {}): Diagnosis {
  const machine = readMachine(facts);
  const policy = options.policy ?? azurePolicy;
  const ofWindows: StackVerdict[] =
    'kind' in machine
      ? []
      : stackIds.flatMap((stack) => {
          const prediction = predictStack(machine, stack);
          return prediction === undefined ? [] : judgeStack(stack, prediction, policy);
        });
  const stacks = [
    ...ofWindows,
    ...judgeMacosStacks(facts, policy),
    ...judgePortableStacks(facts, policy),
  ];
  const question = { facts, machine, policyFor: (row: ConsumerRow) => usualPolicy(row, options) };
  const consumers = consumerRows
    .filter(({ id }) => options.consumer === undefined || options.consumer === id)
    .map(({ id }) => judgeConsumer(id, question));
  const findings = findAll(facts, machine, { stacks, policy: policy.name });
  return {
    ...{ facts, system: systemName(facts.os), stacks, consumers, findings },
    status: overall(facts, { stacks, consumers, options }),
  };
}

/** Of a machine whose facts could not be read: a fleet's report must not lose it. */
export function diagnoseUnread(path: string, detail: string): Diagnosis {
  return {
    ...{ facts: makeFacts(), system: undefined, stacks: [], consumers: [], status: 'unknown' },
    findings: [
      {
        ...{ id: 'facts/not-read', severity: 'error', fields: { detail }, stacks: [] },
        ...{ evidence: [{ file: path, value: detail }], sources: [] },
      },
    ],
  };
}

function usualPolicy(row: ConsumerRow, { policy }: DiagnoseOptions): Policy {
  return policy ?? findServerPolicy(row.server) ?? azurePolicy;
}

/**
 * One consumer's status when it was asked for. Else that of the backup programs that are installed, and
 * where none is known to be, that of Windows' own list, of Linux's OpenSSL or of macOS' URLSession, which
 * most programs use.
 */
function overall(
  facts: Facts,
  {
    stacks,
    consumers,
    options: { consumer },
  }: {
    readonly stacks: readonly StackVerdict[];
    readonly consumers: readonly ConsumerVerdict[];
    readonly options: DiagnoseOptions;
  },
): Status {
  if (consumer !== undefined) return worstOf(consumers.map(({ status }) => status));
  const agents = consumers.filter(
    (entry) => entry.installed === true && !builtIn.has(entry.consumer),
  );
  if (agents.length > 0) return worstOf(agents.map(({ status }) => status));
  const general = stacks.filter(({ stack }) => isGeneral[facts.os?.family ?? 'windows'](stack));
  return general.length === 0 ? 'unknown' : worstOf(general.map(({ status }) => status));
}

const isGeneral = {
  windows: (stack: string) => stack === 'schannel',
  linux: (stack: string) => stack.startsWith('openssl '),
  macos: (stack: string) => stack === 'urlsession',
} as const;

/** On every Windows, used by some scripts and not by others. */
const builtIn: ReadonlySet<ConsumerId> = new Set(['dotnet', 'powershell', 'java', 'system']);
