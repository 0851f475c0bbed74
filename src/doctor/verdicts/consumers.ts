/** Verdicts for the programs that back up or are scripted on a machine. */

import { findKnownClient } from '../../tls/known-clients.ts';
import { offeredVersions } from '../../tls/offer.ts';
import type { Policy } from '../../tls/policy.ts';
import type { AgentFact, Facts, RegistryFact } from '../facts/facts.ts';
import { dpmDatabaseKey, schannelKey, servicesKey, uninstallKey } from '../facts/registry-facts.ts';
import { viewOf } from '../facts/registry-view.ts';
import { type ConsumerRow, consumerRows, firstModernMars } from '../rules/agents.ts';
import { classesUpTo, compareVersions } from '../rules/dotnet.ts';
import { sqlServerHasTls12 } from '../rules/sql-server.ts';
import { judgeStack } from './judge.ts';
import { judgeMacosStacks } from './macos-stacks.ts';
import { judgePortableStacks } from './portable-stacks.ts';
import { dotNet4Version, type Machine, predictDotNet4For, predictStack } from './stacks.ts';
import {
  type ConsumerId,
  type ConsumerVerdict,
  distinct,
  type MissingFact,
  type Prediction,
  type StackId,
  type StackVerdict,
  worstOf,
} from './verdict.ts';

export interface ConsumerQuestion {
  readonly facts: Facts;
  /** What is missing where Windows' own stacks cannot be predicted. */
  readonly machine: Machine | MissingFact;
  readonly policyFor: (row: ConsumerRow) => Policy;
}

export function judgeConsumer(id: ConsumerId, question: ConsumerQuestion): ConsumerVerdict {
  const row = consumerRows.find((entry) => entry.id === id);
  if (row === undefined) throw new RangeError(`no consumer is called ${id}`);
  const policy = question.policyFor(row);
  const stacks = stacksOf(row, question, policy);
  const own: MissingFact[] =
    stacks.length === 0 ? [whyNoStack(row, question.machine)] : ownMissing(row, question.facts);
  const missing = distinct([...stacks.flatMap((stack) => stack.missing), ...own]);
  const status = worstOf([
    ...stacks.map((stack) => stack.status),
    ...(row.id === 'dpm' && lostDatabases(question.facts).length > 0
      ? (['not-ready'] as const)
      : []),
    ...(own.length === 0 ? [] : (['unknown'] as const)),
  ]);
  return {
    ...{ consumer: id, installed: isInstalled(row, question.facts), status, stacks, missing },
    policy: policy.name,
  };
}

function whyNoStack(row: ConsumerRow, machine: Machine | MissingFact): MissingFact {
  if (row.stacks.length > 0 && 'kind' in machine) return machine;
  return { kind: 'not-found', what: row.id };
}

function stacksOf(row: ConsumerRow, question: ConsumerQuestion, policy: Policy): StackVerdict[] {
  const { facts, machine } = question;
  if (row.ownHellos !== undefined) {
    return [judgeStack(row.id, ofKnownClients(row, row.ownHellos), policy)];
  }
  if (row.id === 'java') return judgePortableStacks(facts, policy, ['java']);
  if (row.id === 'system' && facts.os?.family !== 'windows') {
    const ofMacos = judgeMacosStacks(facts, policy).filter(({ stack }) => stack === 'urlsession');
    return ofMacos.length > 0 ? ofMacos : judgePortableStacks(facts, policy, ['openssl']);
  }
  if ('kind' in machine) return [];
  return row.stacks.flatMap((stack) => {
    const prediction = predictFor(row, machine, stack);
    return prediction === undefined ? [] : judgeStack(stack, prediction, policy);
  });
}

/** A consumer whose programs are known to be built for one .NET narrows what is possible. */
function predictFor(row: ConsumerRow, machine: Machine, stack: StackId): Prediction | undefined {
  const isDotNet4 = stack.startsWith('dotnet4-');
  const view = stack.endsWith('-64') ? 64 : 32;
  if (isDotNet4 && row.id === 'azure-backup') {
    const version = findAgent(machine.facts, 'azure-backup')?.version;
    const isOld = version !== undefined && compareVersions(version, firstModernMars) < 0;
    const installed = dotNet4Version(machine.facts);
    if (installed === 'none') return undefined;
    return predictDotNet4For(machine, view, isOld ? ['4.5'] : classesUpTo(installed));
  }
  return predictStack(machine, stack);
}

export function findAgent(facts: Facts, ...kinds: AgentFact['kind'][]): AgentFact | undefined {
  return facts.agents.find(({ kind }) => kinds.includes(kind));
}

function isInstalled({ id }: ConsumerRow, facts: Facts): boolean | undefined {
  switch (id) {
    case 'system':
      return facts.os === undefined ? undefined : true;
    case 'dotnet':
    case 'powershell':
      return facts.os?.family === 'windows' ? true : undefined;
    case 'java':
      return facts.stacks.some(({ kind }) => kind === 'java') || undefined;
    case 'dpm':
      return foundAgent(facts, ['dpm', 'mabs']);
    case 'azure-backup':
    case 'sealift':
    case 'restic':
      return foundAgent(facts, [id]);
  }
}

function foundAgent(facts: Facts, kinds: readonly AgentFact['kind'][]): boolean | undefined {
  if (findAgent(facts, ...kinds) !== undefined) return true;
  const view = viewOf(facts);
  // restic is a single file that nobody installs: not being listed says nothing about it.
  const isListed =
    !kinds.includes('restic') && view.wasRead(uninstallKey) && view.wasRead(servicesKey);
  return isListed ? false : undefined;
}

function ownMissing({ id }: ConsumerRow, facts: Facts): MissingFact[] {
  const isThere = findAgent(facts, 'dpm', 'mabs') !== undefined;
  if (id !== 'dpm' || !isThere) return [];
  const servers = dpmDatabases(facts);
  const isKnown =
    servers.length > 0 &&
    servers.every(({ version }) => sqlServerHasTls12(version ?? '') !== undefined);
  return isKnown ? [] : [{ kind: 'version', what: 'SQL Server' }];
}

/** A switch that takes TLS 1.0 away from SQL Server itself or from what logs in to it. */
export interface LostDatabase {
  readonly database: Facts['sqlServers'][number];
  readonly switches: readonly RegistryFact[];
}

/**
 * Those that nobody can log in to: they have no TLS 1.2, and TLS 1.0 is switched off on their machine.
 * Logins begin with TLS even where nothing else is encrypted (KB3135244).
 */
export function lostDatabases(facts: Facts): LostDatabase[] {
  const view = viewOf(facts);
  const switches = ['Client', 'Server'].flatMap((role) => {
    const reading = view.dword(`${schannelKey}\\Protocols\\TLS 1.0\\${role}`, 'Enabled');
    return reading.kind === 'set' && reading.value === 0 ? reading.fact : [];
  });
  if (switches.length === 0 || findAgent(facts, 'dpm', 'mabs') === undefined) return [];
  return dpmDatabases(facts)
    .filter(({ version = '' }) => sqlServerHasTls12(version) === false)
    .map((database) => ({ database, switches }));
}

/** The SQL Servers of this machine that may hold the catalogue; none when it is on another. */
export function dpmDatabases(facts: Facts): Facts['sqlServers'] {
  const view = viewOf(facts);
  const textOf = (name: string): string | undefined => {
    const data = view.find(dpmDatabaseKey, name)?.data;
    return typeof data === 'string' && data !== '' ? data.toLowerCase() : undefined;
  };
  const [host] = (textOf('SqlServer') ?? '').split('.');
  const isElsewhere =
    host !== '' &&
    host !== 'localhost' &&
    host !== facts.host?.toLowerCase() &&
    facts.host !== undefined;
  if (isElsewhere) return [];
  const instance = textOf('InstanceName');
  const named = facts.sqlServers.filter((one) => one.instance.toLowerCase() === instance);
  return named.length > 0 ? named : facts.sqlServers;
}

function ofKnownClients({ id }: ConsumerRow, ids: readonly string[]): Prediction {
  const scenarios = ids.flatMap((client) => {
    const offer = findKnownClient(client)?.offer;
    return offer === undefined ? [] : { versions: offeredVersions(offer), offer };
  });
  return { scenarios, missing: [{ kind: 'version', what: id }], assumed: [] };
}
