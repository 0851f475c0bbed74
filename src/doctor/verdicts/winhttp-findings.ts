/** What is wrong with WinHTTP and WinINet. */

import type { View } from '../facts/registry-facts.ts';
import { winHttpKey } from '../facts/registry-facts.ts';
import { viewOf } from '../facts/registry-view.ts';
import { updateEvidence, updateFor } from '../rules/updates.ts';
import { tls12Bit, valueNeedsUpdate } from '../rules/winhttp.ts';
import { branchOf, hasView, type Machine, winInetReading } from './stacks.ts';
import { absent, evidenceOf, type Finding, updateFacts } from './verdict.ts';

const name = 'DefaultSecureProtocols';

export function winHttpFindings(machine: Machine): Finding[] {
  const views = ([64, 32] as const).filter((view) => hasView(machine, view));
  return [
    ...views.flatMap((view) => valueFinding(machine, view)),
    ...updateFinding(machine),
    ...winInetFinding(machine),
  ];
}

function valueFinding({ facts, build }: Machine, view: View): Finding[] {
  const path = winHttpKey(branchOf(facts, view));
  const reading = viewOf(facts).dword(path, name);
  const stack = `winhttp-${view}`;
  const common = { stacks: [stack], remedy: `winhttp-tls12-${view}` };
  const bits = String(view);
  if (reading.kind === 'wrong-type') {
    return [
      {
        ...{ id: 'winhttp/wrong-type', severity: 'warning', ...common },
        fields: { bits, type: reading.fact.type },
        ...{ evidence: [evidenceOf(reading.fact)], sources: ['kb3140245'] },
      },
    ];
  }
  if (reading.kind === 'set' && (reading.value & tls12Bit) === 0) {
    return [
      {
        ...{ id: 'winhttp/without-tls12', severity: 'error', ...common, fields: { bits } },
        evidence: [evidenceOf(reading.fact)],
        sources: ['kb3140245', 'winHttpOptions', 'winHttpConfigure'],
      },
    ];
  }
  if (reading.kind !== 'absent' || build < 7600 || !valueNeedsUpdate(build)) return [];
  return [
    {
      ...{ id: 'winhttp/not-configured', severity: 'error', ...common, fields: { bits } },
      evidence: [absent(path, name)],
      sources: ['winHttpOptions', 'kb3140245', 'azureBackupTls'],
    },
  ];
}

function updateFinding({ facts, build }: Machine): Finding[] {
  const row = updateFor('winhttp-tls12', build);
  if (row === undefined) return [];
  const evidence = updateEvidence(facts, row);
  if (evidence.kind === 'proven') return [];
  const isOpen = evidence.kind === 'not-proven' || evidence.kind === 'likely';
  return [
    {
      id: isOpen ? 'winhttp/update-not-proven' : 'winhttp/update-missing',
      severity: isOpen ? 'warning' : 'error',
      fields: {
        kb: row.kb,
        ...(row.servicePack === undefined ? {} : { servicePack: String(row.servicePack) }),
        ...(row.prerequisites === undefined ? {} : { prerequisites: row.prerequisites.join(', ') }),
      },
      stacks: ['winhttp-64', 'winhttp-32'],
      evidence: updateFacts(facts, row, 'source' in evidence ? evidence.source : undefined),
      ...{ sources: row.sources, remedy: `update-${row.kb}` },
    },
  ];
}

function winInetFinding({ facts }: Machine): Finding[] {
  const reading = winInetReading(facts);
  if (reading.kind !== 'set' || (reading.value & tls12Bit) !== 0) return [];
  return [
    {
      ...{ id: 'wininet/without-tls12', severity: 'warning', fields: {}, stacks: ['wininet'] },
      ...{ evidence: [evidenceOf(reading.fact)], sources: ['winHttpOptions'] },
      remedy: 'wininet-tls12',
    },
  ];
}
