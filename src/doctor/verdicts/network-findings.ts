/** What stands beside TLS and fails connections all the same: the clock, and proxies on the way. */

import type { AgentFact, Facts } from '../facts/facts.ts';
import { formatSkew, signedRequestSkewMs, toleratedSkewMs } from '../rules/clock.ts';
import type { SourceId } from '../rules/sources.ts';
import type { FindingId } from '../texts/en.ts';
import type { Evidence, Finding } from './verdict.ts';

export function networkFindings(facts: Facts): Finding[] {
  return [...clockFinding(facts), ...proxyFindings(facts)];
}

function clockFinding({ clock, os, services }: Facts): Finding[] {
  const { skewMs = 0, server = '–', source } = clock ?? {};
  const size = Math.abs(skewMs);
  if (size <= toleratedSkewMs) return [];
  const timeService = services.find(({ name }) => name.toLowerCase() === 'w32time');
  const evidence: Evidence[] = [
    { name: server, value: `${skewMs > 0 ? '+' : '-'}${formatSkew(skewMs)}`, ...source },
  ];
  if (timeService?.start === 'disabled') {
    evidence.push({ name: timeService.name, value: 'disabled', ...timeService.source });
  }
  return [
    {
      id: skewMs > 0 ? 'clock/ahead' : 'clock/behind',
      severity: size > signedRequestSkewMs ? 'error' : 'warning',
      fields: { skew: formatSkew(skewMs), server },
      ...{ stacks: [], evidence, sources: ['storageSharedKey'] },
      remedy: `clock-${os?.family ?? 'windows'}`,
    },
  ];
}

type ProxyFact = Facts['proxies'][number];

interface ProxyRow {
  readonly id: FindingId;
  readonly stacks: readonly string[];
  /** Backup programs that go by it: on their machines it is more than a note. */
  readonly agents: readonly AgentFact['kind'][];
  readonly sources: readonly SourceId[];
}

const ofMars = ['azure-backup', 'dpm', 'mabs'] as const;
const rows = {
  winhttp: {
    ...{ id: 'proxy/winhttp', stacks: ['winhttp-64', 'winhttp-32'], agents: [] },
    sources: ['winHttpProxy', 'marsTroubleshoot'],
  },
  services: {
    ...{ id: 'proxy/services', stacks: ['wininet', 'dotnet4-64', 'dotnet4-32'], agents: ofMars },
    sources: ['marsTroubleshoot'],
  },
  person: {
    ...{ id: 'proxy/person', stacks: ['wininet'], agents: [] },
    sources: ['marsTroubleshoot'],
  },
  environment: {
    ...{ id: 'proxy/environment', stacks: [], agents: ['restic'] },
    sources: ['curlProxies'],
  },
  system: { id: 'proxy/system', stacks: ['urlsession'], agents: [], sources: ['urlSessionProxy'] },
} as const satisfies Readonly<Record<string, ProxyRow>>;

function rowOf({ scope, account }: ProxyFact): ProxyRow {
  if (scope !== 'wininet') return rows[scope];
  return account === 'system' || account === 'machine' ? rows.services : rows.person;
}

/** One for each kind of program that a proxy applies to; several addresses are its evidence. */
function proxyFindings({ proxies, agents }: Facts): Finding[] {
  const groups = Map.groupBy(
    proxies.filter(({ enabled, server }) => enabled && server !== undefined),
    rowOf,
  );
  return [...groups].map(([row, entries]): Finding => {
    const isBackupOnIt = agents.some(({ kind }) => row.agents.includes(kind));
    const servers = new Set(entries.map(({ server = '' }) => server));
    return {
      ...{ id: row.id, severity: isBackupOnIt ? 'warning' : 'note' },
      fields: { server: [...servers].join(', ') },
      ...{ stacks: row.stacks, sources: row.sources },
      evidence: entries.map(({ server = '', source }) => ({ value: server, ...source })),
    };
  });
}
