/** What keeps the stacks of Linux, and Java and Node anywhere, from a modern server. */

import { tls12 } from '../../tls/versions.ts';
import type { Facts, StackFact } from '../facts/facts.ts';
import { parseJavaVersion } from '../facts/java/java-version.ts';
import { parseNodeOptions, splitNodeOptions } from '../facts/node/node-options.ts';
import { parseCipherString } from '../stacks/cipher-string.ts';
import { parseProtocolBound } from '../stacks/openssl-lists.ts';
import { isAtLeast, parseOpensslVersion } from '../stacks/openssl-releases.ts';
import { stackName } from './portable-stacks.ts';
import type { Evidence, Finding, StackVerdict } from './verdict.ts';

export function portableFindings(facts: Facts, stacks: readonly StackVerdict[]): Finding[] {
  return [
    ...policyFindings(facts),
    ...facts.stacks.flatMap((fact) => {
      const verdict = stacks.find(({ stack }) => stack === stackName(fact));
      switch (fact.kind) {
        case 'openssl':
          return opensslFindings(fact, verdict);
        case 'java':
          return javaFindings(fact, verdict);
        case 'node':
          return nodeFindings(fact);
        default:
          return [];
      }
    }),
  ];
}

/** One for the machine, since a policy is. */
function policyFindings(facts: Facts): Finding[] {
  const fact = facts.stacks.find(({ settings }) => settings?.['cryptoPolicy'] !== undefined);
  const policy = fact === undefined ? undefined : textOf(fact, 'cryptoPolicy');
  if (fact === undefined || policy?.startsWith('LEGACY') !== true) return [];
  return [
    {
      ...{ id: 'crypto-policy/legacy', severity: 'warning', fields: { policy } },
      ...{ stacks: [], evidence: evidenceOf(fact, 'cryptoPolicy') },
      ...{ sources: ['cryptoPolicies'], remedy: 'crypto-policy-default' },
    },
  ];
}

function opensslFindings(fact: StackFact, verdict: StackVerdict | undefined): Finding[] {
  const release = parseOpensslVersion(fact.version ?? '');
  if (release === undefined) return [];
  const stacks = [stackName(fact)];
  if (!isAtLeast(release, 1, 0, 1)) {
    return [
      {
        ...{ id: 'openssl/too-old', severity: 'error', stacks, evidence: pathEvidence(fact) },
        ...{ fields: { version: fact.version ?? '' }, sources: ['opensslChanges'] },
        remedy: 'replace-openssl',
      },
    ];
  }
  const found: Finding[] = [];
  const max = lastBound(fact, 'MaxProtocol');
  if (max !== undefined && max.code < tls12) {
    found.push({
      ...{ id: 'openssl/max-protocol', severity: 'error', stacks, sources: ['opensslConfig'] },
      ...{ fields: { value: max.text }, evidence: evidenceOf(fact, 'MaxProtocol') },
      remedy: 'openssl-max-protocol',
    });
  } else if (verdict?.status === 'not-ready' && textOf(fact, 'CipherString') !== undefined) {
    found.push({
      ...{ id: 'openssl/none-in-common', severity: 'error', stacks, sources: ['opensslConfig'] },
      ...{ fields: {}, evidence: evidenceOf(fact, 'CipherString') },
      remedy: 'openssl-cipher-string',
    });
  }
  const min = lastBound(fact, 'MinProtocol');
  if (min !== undefined && min.code < tls12) {
    found.push({
      ...{ id: 'openssl/min-protocol', severity: 'note', stacks, sources: ['opensslConfig'] },
      ...{ fields: { value: min.text }, evidence: evidenceOf(fact, 'MinProtocol') },
      remedy: 'openssl-min-protocol',
    });
  }
  const level = parseCipherString(textOf(fact, 'CipherString') ?? '').securityLevel;
  if (level === 0) {
    found.push({
      ...{ id: 'openssl/level-0', severity: 'warning', stacks, sources: ['opensslConfig'] },
      ...{ fields: {}, evidence: evidenceOf(fact, 'CipherString') },
      remedy: 'openssl-cipher-string',
    });
  }
  return found;
}

function lastBound(
  fact: StackFact,
  name: 'MinProtocol' | 'MaxProtocol',
): { readonly code: number; readonly text: string } | undefined {
  const value = fact.settings?.[name];
  const texts = value === undefined ? [] : typeof value === 'string' ? [value] : value;
  return texts
    .flatMap((text) => {
      const code = parseProtocolBound(text);
      return typeof code === 'number' ? [{ code, text }] : [];
    })
    .at(-1);
}

function javaFindings(fact: StackFact, verdict: StackVerdict | undefined): Finding[] {
  const version = parseJavaVersion(fact.version ?? '');
  if (version === undefined || verdict?.status !== 'not-ready') return [];
  const stacks = [stackName(fact)];
  const fields = { version: fact.version ?? '' };
  const protocols = textOf(fact, 'jdk.tls.client.protocols');
  const namesOwn = protocols !== undefined && !/TLSv1\.[23]/i.test(protocols);
  if (namesOwn) {
    return [
      {
        ...{ id: 'java/protocols', severity: 'error', stacks, sources: ['javaJsse'] },
        ...{ fields: { ...fields, value: protocols }, remedy: 'java-protocols' },
        evidence: [{ name: 'jdk.tls.client.protocols', value: protocols }],
      },
    ];
  }
  if (version.major < 8) {
    const remedy = version.major === 7 ? 'java-protocols' : 'replace-java';
    return [
      {
        ...{ id: 'java/old', severity: 'error', stacks, evidence: pathEvidence(fact), fields },
        ...{ sources: ['javaRoadmap'], remedy },
      },
    ];
  }
  const name = 'jdk.tls.disabledAlgorithms';
  if (textOf(fact, name) === undefined) return [];
  return [
    {
      ...{ id: 'java/disabled-algorithms', severity: 'error', stacks, fields },
      ...{ evidence: evidenceOf(fact, name), sources: ['javaJsse'] },
      remedy: 'java-disabled-algorithms',
    },
  ];
}

function nodeFindings(fact: StackFact): Finding[] {
  const text = textOf(fact, 'NODE_OPTIONS');
  const { minVersion } = parseNodeOptions(splitNodeOptions(text ?? ''));
  if (text === undefined || (minVersion !== '1.0' && minVersion !== '1.1')) return [];
  return [
    {
      ...{ id: 'node/min-version', severity: 'note', stacks: [stackName(fact)] },
      ...{ fields: { version: minVersion }, sources: ['nodeOptions'] },
      evidence: [{ name: 'NODE_OPTIONS', value: text }],
    },
  ];
}

function textOf({ settings }: StackFact, name: string): string | undefined {
  const value = settings?.[name];
  return typeof value === 'string' ? value : value?.at(-1);
}

function evidenceOf(fact: StackFact, name: string): Evidence[] {
  const value = textOf(fact, name);
  const origin = fact.origins?.[name];
  return [{ name, ...(value === undefined ? {} : { value }), ...origin }];
}

function pathEvidence({ path }: StackFact): Evidence[] {
  return path === undefined ? [] : [{ file: path }];
}
