/** What is wrong with the values of .NET Framework. */

import { tls12 } from '../../tls/versions.ts';
import type { View } from '../facts/registry-facts.ts';
import { updateEvidence, updateFor } from '../rules/updates.ts';
import { factsOf } from './schannel-states.ts';
import { dotNet4Version, dotNetReadings, hasView, type Machine } from './stacks.ts';
import { absent, type Evidence, evidenceOf, type Finding, type Severity } from './verdict.ts';

const valueNames = {
  strongCrypto: 'SchUseStrongCrypto',
  systemDefault: 'SystemDefaultTlsVersions',
};

export function dotNetFindings(machine: Machine): Finding[] {
  const views = ([64, 32] as const).filter((view) => hasView(machine, view));
  const has4 = dotNet4Version(machine.facts) !== 'none';
  const has2 = machine.facts.dotNet.some(({ version }) => /^[23]\./.test(version));
  return [
    ...(has4 ? views.flatMap((view) => valueFindings(machine, 'v4.0.30319', view)) : []),
    ...(has2 ? views.flatMap((view) => valueFindings(machine, 'v2.0.50727', view)) : []),
    ...(has2 ? updateFinding(machine) : []),
  ];
}

function valueFindings(
  machine: Machine,
  runtime: 'v2.0.50727' | 'v4.0.30319',
  view: View,
): Finding[] {
  const { key, strongCrypto, systemDefault } = dotNetReadings(machine.facts, runtime, view);
  const major = runtime === 'v4.0.30319' ? 4 : 2;
  const bits = String(view);
  const common = {
    stacks: [`dotnet${major}-${view}`],
    sources: ['dotNetTls', 'azureBackupTls', 'kb4022913'] as const,
    remedy: `dotnet${major}-strong-${view}`,
  };
  const found: Finding[] = [];
  const readings = { strongCrypto, systemDefault };
  for (const part of ['strongCrypto', 'systemDefault'] as const) {
    const reading = readings[part];
    const name = valueNames[part];
    if (reading.kind === 'wrong-type') {
      found.push({
        ...{ id: 'dotnet/wrong-type', severity: 'warning', ...common },
        ...{ fields: { bits, name, type: reading.fact.type } },
        evidence: [evidenceOf(reading.fact)],
      });
    }
    // SystemDefaultTlsVersions = 0 with strong cryptography still gives TLS 1.2.
    const isOff = reading.kind === 'set' && reading.value === 0;
    const strongIsOn = strongCrypto.kind === 'set' && strongCrypto.value !== 0;
    if (isOff && !strongIsOn) {
      const systemIsOn = systemDefault.kind === 'set' && systemDefault.value !== 0;
      const severity: Severity = systemIsOn ? 'note' : 'error';
      found.push({
        ...{ id: 'dotnet/switched-off', severity, ...common },
        ...{ fields: { bits, name }, evidence: [evidenceOf(reading.fact)] },
      });
    }
  }
  if (strongCrypto.kind === 'absent' && systemDefault.kind === 'absent') {
    const evidence: Evidence[] = Object.values(valueNames).map((name) => absent(key, name));
    // The programs of the machine may all be built for newer versions, which do without.
    const severity: Severity = major === 4 ? 'warning' : 'note';
    found.push({ id: 'dotnet/values-absent', severity, ...common, fields: { bits }, evidence });
  }
  if (needsSchannel(machine) && systemDefault.kind === 'set' && systemDefault.value !== 0) {
    found.push({
      ...{ id: 'dotnet/needs-schannel', severity: 'error', ...common, fields: {} },
      evidence: factsOf(systemDefault).map(evidenceOf),
      ...{ sources: ['dotNetTls', 'tlsRegistry'], remedy: 'schannel-tls12' },
    });
  }
  return found;
}

/** TLS 1.2 is there, but Windows does not give it to those who leave the choice to it. */
function needsSchannel({ states }: Machine): boolean {
  return states.some(
    ({ version, states: possible }) =>
      version === tls12 && possible.every((state) => state === 'disabled-by-default'),
  );
}

function updateFinding({ facts, build }: Machine): Finding[] {
  const row = updateFor('dotnet35-tls12', build);
  if (row === undefined || updateEvidence(facts, row).kind !== 'missing') return [];
  return [
    {
      ...{ id: 'dotnet/net35-update-missing', severity: 'note', fields: { kb: row.kb } },
      ...{ stacks: ['dotnet2-64', 'dotnet2-32'], evidence: [], sources: row.sources },
      remedy: `update-${row.kb}`,
    },
  ];
}
