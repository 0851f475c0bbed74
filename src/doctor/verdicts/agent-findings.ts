/** What the agents themselves need, and what the facts themselves suffer from. */

import type { Facts } from '../facts/facts.ts';
import { oneViewNote } from '../facts/windows-facts.ts';
import {
  dpmNeedsDotNet,
  marsNeedsDotNet,
  marsNeedsPowerShell,
  oldestWorkingMars,
} from '../rules/agents.ts';
import { compareVersions } from '../rules/dotnet.ts';
import { sqlServerHasTls12, sqlServerNeeds } from '../rules/sql-server.ts';
import { updateRows } from '../rules/updates.ts';
import { dpmDatabases, findAgent, lostDatabases } from './consumers.ts';
import { dotNet4Version } from './stacks.ts';
import { type Evidence, evidenceOf, type Finding } from './verdict.ts';

export function agentFindings(facts: Facts): Finding[] {
  return [
    ...marsFindings(facts),
    ...dpmFindings(facts),
    ...sqlFindings(facts),
    ...servicePackFinding(facts),
    ...factFindings(facts),
  ];
}

function marsFindings(facts: Facts): Finding[] {
  const agent = findAgent(facts, 'azure-backup');
  if (agent === undefined) return [];
  const found: Finding[] = [];
  const name = agent.name ?? agent.kind;
  const evidence: Evidence[] = agent.source === undefined ? [] : [{ value: name, ...agent.source }];
  const common = { stacks: ['azure-backup'], evidence };
  const dotNet = dotNet4Version(facts);
  if (dotNet !== undefined && (dotNet === 'none' || compareVersions(dotNet, marsNeedsDotNet) < 0)) {
    found.push({
      ...{ id: 'agent/mars-dotnet', severity: 'error', ...common, remedy: 'install-dotnet' },
      fields: { needed: marsNeedsDotNet, found: dotNet === 'none' ? '–' : dotNet },
      sources: ['marsTroubleshoot', 'marsSupport'],
    });
  }
  if (agent.version !== undefined && compareVersions(agent.version, oldestWorkingMars) < 0) {
    found.push({
      ...{ id: 'agent/mars-old', severity: 'error', ...common, remedy: 'install-agent' },
      fields: { found: agent.version, needed: oldestWorkingMars },
      sources: ['marsSupport'],
    });
  }
  const shell = facts.stacks.find(({ kind }) => kind === 'powershell')?.version;
  if (shell !== undefined && compareVersions(shell, marsNeedsPowerShell) < 0) {
    found.push({
      ...{ id: 'agent/mars-powershell', severity: 'warning', ...common },
      fields: { found: shell, needed: marsNeedsPowerShell },
      sources: ['marsTroubleshoot'],
    });
  }
  if (facts.os?.architecture === 'x86') {
    found.push({
      ...{ id: 'agent/32-bit', severity: 'error', ...common, fields: {} },
      sources: ['marsSupport'],
    });
  }
  const service = facts.services.find(({ name }) => name.toLowerCase() === 'obengine');
  if (service?.start === 'disabled') {
    found.push({
      ...{ id: 'agent/service-disabled', severity: 'error', ...common },
      ...{ fields: { name: service.name }, sources: ['marsTroubleshoot'] },
    });
  }
  return found;
}

function dpmFindings(facts: Facts): Finding[] {
  const agent = findAgent(facts, 'dpm', 'mabs');
  const dotNet = dotNet4Version(facts);
  if (agent === undefined || dotNet === undefined) return [];
  if (dotNet !== 'none' && compareVersions(dotNet, dpmNeedsDotNet) >= 0) return [];
  return [
    {
      ...{ id: 'agent/dpm-dotnet', severity: 'error', stacks: ['dpm'], evidence: [] },
      fields: { needed: dpmNeedsDotNet, found: dotNet === 'none' ? '–' : dotNet },
      ...{ sources: ['dpmTls'], remedy: 'install-dotnet' },
    },
  ];
}

/** DPM logs in to its catalogue by TLS too: that ends with TLS 1.0 on a server without TLS 1.2. */
function sqlFindings(facts: Facts): Finding[] {
  if (findAgent(facts, 'dpm', 'mabs') === undefined) return [];
  const lost = lostDatabases(facts);
  return dpmDatabases(facts).flatMap((database): Finding[] => {
    const { instance, version = '', source } = database;
    if (sqlServerHasTls12(version) !== false) return [];
    const switches = lost.find((entry) => entry.database === database)?.switches;
    return [
      {
        ...(switches === undefined
          ? { id: 'agent/dpm-sql', severity: 'warning' }
          : { id: 'agent/dpm-sql-lost', severity: 'error' }),
        ...{ stacks: ['dpm'], remedy: 'update-sql' },
        fields: { instance, found: version, needed: sqlServerNeeds(version) },
        evidence: [
          { name: instance, value: version, ...source },
          ...(switches ?? []).map(evidenceOf),
        ],
        sources: ['sqlServerTls', 'systemCenterTls', 'dpmTls'],
      },
    ];
  });
}

/** The updates that bring TLS 1.2 refuse to install below their service pack. */
function servicePackFinding({ os }: Facts): Finding[] {
  const build = os?.build;
  // 6001 and 7600 are the builds that their service packs replace.
  const needed = build === 6000 || build === 6001 ? 2 : build === 7600 ? 1 : undefined;
  if (needed === undefined) return [];
  const kbs = updateRows.filter((row) => row.servicePack === needed).flatMap((row) => row.sources);
  return [
    {
      ...{ id: 'os/service-pack', severity: 'error', fields: { needed: String(needed) } },
      ...{ stacks: ['schannel', 'winhttp-64', 'winhttp-32'], evidence: [] },
      sources: [...new Set(kbs)],
    },
  ];
}

function factFindings({ os, problems, sources }: Facts): Finding[] {
  const found: Finding[] = [];
  const oneView = sources.filter(({ notes }) => notes.includes(oneViewNote));
  if (oneView.length > 0) {
    found.push({
      ...{ id: 'facts/one-view', severity: 'warning', fields: {}, stacks: [] },
      evidence: oneView.map(({ file }) => ({ file })),
      sources: ['wow64'],
    });
  }
  if (os?.buildFrom === 'installation') {
    found.push({
      ...{ id: 'os/build-as-installed', severity: 'note', fields: {}, stacks: [] },
      ...{ evidence: [], sources: ['hives'] },
    });
  }
  const dirty = problems.filter(({ what }) => what === 'dirty-hive');
  for (const { file } of dirty) {
    found.push({
      ...{ id: 'facts/dirty-hive', severity: 'warning', fields: {}, stacks: [] },
      ...{ evidence: [{ file }], sources: ['regf'] },
    });
  }
  const rest = problems.filter(({ what }) => what !== 'dirty-hive');
  const [first] = rest;
  if (first !== undefined) {
    found.push({
      ...{ id: 'facts/damaged', severity: 'note', stacks: [] },
      fields: { count: String(rest.length), detail: first.detail },
      evidence: [{ file: first.file, offset: first.offset, line: first.line }],
      sources: ['regf'],
    });
  }
  return found;
}
