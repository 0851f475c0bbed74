/** What is wrong with suites, key exchange, FIPS and roots. */

import { tls12, versionName } from '../../tls/versions.ts';
import { authRootPolicyKey, certificatesKey, schannelKey } from '../facts/registry-facts.ts';
import { viewOf } from '../facts/registry-view.ts';
import { azureRoots } from '../rules/roots.ts';
import { updateEvidence, updateFor } from '../rules/updates.ts';
import { fipsFact } from './client-algorithms.ts';
import type { Machine } from './stacks.ts';
import { evidenceOf, type Finding, type StackVerdict } from './verdict.ts';

const all = ['schannel', 'winhttp-64', 'winhttp-32', 'wininet', 'dotnet4-64', 'dotnet4-32'];

export interface AlgorithmContext {
  readonly stacks: readonly StackVerdict[];
  /** The name of the server's policy. */
  readonly policy: string;
}

export function algorithmFindings(
  machine: Machine,
  { stacks, policy }: AlgorithmContext,
): Finding[] {
  return [
    ...noneInCommon(stacks, policy),
    ...switchedOff(machine, stacks),
    ...listFindings(machine),
    ...gcmFinding(machine),
    ...keySizeFinding(machine),
    ...fipsFinding(machine),
    ...rootFindings(machine),
  ];
}

/** Stacks that offer a version that the server speaks, and no suite of it. */
function failingOnSuites(stacks: readonly StackVerdict[]): StackVerdict[] {
  return stacks.filter(({ outcomes }) =>
    outcomes.some(
      ({ negotiation }) =>
        negotiation.kind === 'refused' &&
        negotiation.why.some(({ rule }) => rule === 'suite/none-in-common'),
    ),
  );
}

function noneInCommon(stacks: readonly StackVerdict[], policy: string): Finding[] {
  const failing = failingOnSuites(stacks);
  const first = failing[0]?.outcomes.find(({ negotiation }) => negotiation.kind === 'refused');
  if (first?.negotiation.kind !== 'refused') return [];
  const best = Math.max(...first.scenario.versions);
  return [
    {
      ...{ id: 'suites/none-in-common', severity: 'error' },
      fields: {
        version: versionName(Math.min(best, tls12)).replace('TLS ', ''),
        policy,
        alert: first.negotiation.alert,
      },
      ...{ stacks: failing.map(({ stack }) => stack), evidence: [] },
      sources: ['schannelSuites', 'azureDevOpsTls'],
    },
  ];
}

function switchedOff({ algorithms }: Machine, stacks: readonly StackVerdict[]): Finding[] {
  const isCause = failingOnSuites(stacks).length > 0;
  return algorithms.takenAway.map(
    ({ fact, suites }): Finding => ({
      ...{ id: 'suites/switched-off', severity: isCause ? 'error' : 'note', stacks: all },
      fields: {
        key: fact.path.slice(fact.path.toUpperCase().indexOf('SCHANNEL\\')),
        count: String(suites.length),
        suites: suites.slice(0, 6).join(', ') + (suites.length > 6 ? ', …' : ''),
      },
      ...{ evidence: [evidenceOf(fact)], sources: ['kb245030'] },
      // What was switched off on purpose stays off unless it is the cause of a failure.
      ...(isCause ? { remedy: 'suites-switch-on' } : {}),
    }),
  );
}

function listFindings({ algorithms }: Machine): Finding[] {
  const { list, unknownNames } = algorithms;
  if (list?.origin !== 'policy') return [];
  const evidence = [evidenceOf(list.fact)].map(({ value, ...rest }) => ({
    ...rest,
    value: `${(value ?? '').slice(0, 120)}${(value ?? '').length > 120 ? '…' : ''}`,
  }));
  const common = { stacks: all, evidence, remedy: 'change-policy' };
  const known: Finding = {
    ...{ id: 'suites/policy', severity: 'note', fields: {}, ...common },
    sources: ['manageTls', 'schannelSuites'],
  };
  if (unknownNames.length === 0) return [known];
  const fields = { count: String(unknownNames.length) };
  return [
    {
      ...{ id: 'suites/unknown-names', severity: 'warning', fields, ...common },
      sources: ['schannelSuites', 'manageTls'],
    },
    known,
  ];
}

function gcmFinding({ facts, build, algorithms }: Machine): Finding[] {
  const row = updateFor('gcm-suites', build);
  if (row === undefined || algorithms.list !== undefined) return [];
  if (updateEvidence(facts, row).kind === 'proven') return [];
  return [
    {
      ...{ id: 'suites/gcm-update', severity: 'note', fields: { kb: row.kb }, stacks: all },
      ...{ evidence: [], sources: row.sources, remedy: `update-${row.kb}` },
    },
  ];
}

function keySizeFinding({ facts }: Machine): Finding[] {
  const path = `${schannelKey}\\KeyExchangeAlgorithms\\Diffie-Hellman`;
  const reading = viewOf(facts).dword(path, 'ClientMinKeyBitLength');
  if (reading.kind !== 'set' || reading.value <= 2048) return [];
  return [
    {
      ...{ id: 'dh/client-minimum', severity: 'warning', stacks: all },
      fields: { bits: String(reading.value) },
      ...{ evidence: [evidenceOf(reading.fact)], sources: ['tlsRegistry'], remedy: 'dh-minimum' },
    },
  ];
}

function fipsFinding({ facts }: Machine): Finding[] {
  const fact = fipsFact(facts);
  if (fact?.data !== 1) return [];
  return [
    {
      ...{ id: 'fips/on', severity: 'note', fields: {}, stacks: all },
      ...{ evidence: [evidenceOf(fact)], sources: ['curves'] },
    },
  ];
}

/** Absence proves nothing, since Windows fetches roots when it needs them, unless that is off. */
function rootFindings({ facts }: Machine): Finding[] {
  const view = viewOf(facts);
  const has = (store: string, thumbprint: string) =>
    facts.roots.some((root) => root.store === store && root.thumbprint === thumbprint);
  const distrusted = azureRoots
    .filter(({ thumbprint, isOld }) => !isOld && has('disallowed', thumbprint))
    .map(
      ({ name, thumbprint }): Finding => ({
        ...{ id: 'roots/distrusted', severity: 'error', fields: { name }, stacks: all },
        evidence: [
          {
            path: `${certificatesKey}\\Disallowed\\Certificates\\${thumbprint}`,
            value: name,
          },
        ],
        ...{ sources: ['azureCertificates', 'azureBackupTls'], remedy: 'root-trust' },
      }),
    );
  const off = view.dword(authRootPolicyKey, 'DisableRootAutoUpdate');
  const lacking = azureRoots.filter(
    ({ thumbprint, isOld }) => !isOld && !has('root', thumbprint) && !has('authroot', thumbprint),
  );
  const isCut = off.kind === 'set' && off.value === 1 && view.wasRead(certificatesKey);
  if (!isCut || lacking.length === 0) return distrusted;
  return [
    ...distrusted,
    {
      ...{ id: 'roots/no-update', severity: 'warning', stacks: all },
      fields: { names: lacking.map(({ name }) => name).join(', ') },
      ...{ evidence: [evidenceOf(off.fact)], sources: ['azureCertificates', 'azureBackupTls'] },
      remedy: 'install-roots',
    },
  ];
}
