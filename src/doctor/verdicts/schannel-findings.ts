/** What is wrong with the protocol values of Schannel. */

import { tls10, tls12, tls13, versionName } from '../../tls/versions.ts';
import { schannelKey } from '../facts/registry-facts.ts';
import { viewOf } from '../facts/registry-view.ts';
import { knownProtocolKeys } from '../rules/schannel-protocols.ts';
import { updateEvidence, updateFor } from '../rules/updates.ts';
import { factsOf, type VersionState } from './schannel-states.ts';
import type { Machine } from './stacks.ts';
import { absent, type Evidence, evidenceOf, type Finding, updateFacts } from './verdict.ts';

const allStacks = ['schannel', 'winhttp-64', 'winhttp-32', 'wininet', 'dotnet4-64', 'dotnet4-32'];

export function schannelFindings(machine: Machine): Finding[] {
  return [
    ...machine.states.flatMap(protocolFinding),
    ...updateFinding(machine),
    ...wrongTypes(machine),
    ...nearMisses(machine),
  ];
}

function valuesOf(state: VersionState): Evidence[] {
  const found = factsOf(state.enabled, state.disabledByDefault).map(evidenceOf);
  const absences = [
    ...(state.enabled.kind === 'absent' ? [absent(state.key, 'Enabled')] : []),
    ...(state.disabledByDefault.kind === 'absent' ? [absent(state.key, 'DisabledByDefault')] : []),
  ];
  return [...found, ...absences];
}

function protocolFinding(state: VersionState): Finding[] {
  const { version, states, bases, enabled, disabledByDefault } = state;
  const isDisabled = enabled.kind === 'set' && enabled.value === 0;
  const common = {
    fields: { version: versionName(version), key: state.key },
    stacks: allStacks,
    evidence: valuesOf(state),
  };
  if (version === tls13) {
    const forced = enabled.kind === 'set' && enabled.value !== 0 && bases.includes('not-supported');
    if (!forced) return [];
    return [
      {
        ...{ id: 'schannel/tls13-forced', severity: 'warning', ...common },
        ...{ sources: ['schannelProtocols'], remedy: 'schannel-tls13-remove' },
      },
    ];
  }
  const isSet = enabled.kind === 'set' || disabledByDefault.kind === 'set';
  if (version < tls10 && isSet && states.length === 1 && states[0] === 'enabled') {
    return [
      {
        ...{ id: 'schannel/ssl-enabled', severity: 'note', ...common },
        sources: state.sources,
      },
    ];
  }
  if (version !== tls12) return [];
  const remedy = 'schannel-tls12';
  if (isDisabled && !bases.every((base) => base === 'not-supported')) {
    const id = 'schannel/tls12-disabled';
    return [{ id, severity: 'error', ...common, sources: ['tlsRegistry', 'kb245030'], remedy }];
  }
  if (state.missing.some(({ kind }) => kind === 'disputed')) {
    const id = 'schannel/tls12-enabled-alone';
    return [
      {
        ...{ id, severity: 'warning', ...common },
        ...{ sources: ['tlsRegistry', 'kb245030', 'azureDevOpsTls'], remedy },
      },
    ];
  }
  if (states.length !== 1 || states[0] !== 'disabled-by-default') return [];
  const isOff = disabledByDefault.kind === 'set';
  const isHalf = isOff && enabled.kind === 'set' && enabled.value !== 0;
  const id = isHalf
    ? 'schannel/tls12-half-disabled'
    : isOff
      ? 'schannel/tls12-disabled-by-default'
      : 'schannel/tls12-not-switched-on';
  return [
    {
      ...{ id, severity: 'error', ...common, remedy },
      sources: isOff ? ['tlsRegistry', 'exchangeHealth'] : [...state.sources, 'azureBackupTls'],
    },
  ];
}

/** TLS 1.2 that only an update brings. */
function updateFinding({ facts, build, states }: Machine): Finding[] {
  const tls12State = states.find(({ version }) => version === tls12);
  if (tls12State?.bases.includes('not-supported') !== true) return [];
  const row = updateFor('schannel-tls12', build);
  const common = { stacks: allStacks, evidence: [] };
  if (row === undefined) {
    return [
      {
        ...{ id: 'schannel/tls12-never', severity: 'error', ...common },
        ...{ fields: {}, sources: ['schannelProtocols'] },
      },
    ];
  }
  const evidence = updateEvidence(facts, row);
  const isOpen = evidence.kind === 'likely' || evidence.kind === 'not-proven';
  const id = isOpen
    ? 'schannel/update-not-proven'
    : evidence.kind === 'pending'
      ? 'schannel/update-pending'
      : 'schannel/update-missing';
  return [
    {
      ...{ id, severity: isOpen ? 'warning' : 'error', ...common },
      evidence: updateFacts(facts, row, 'source' in evidence ? evidence.source : undefined),
      fields: {
        kb: row.kb,
        servicePack: String(row.servicePack ?? ''),
        prerequisites: row.prerequisites?.join(', ') ?? '',
      },
      ...{ sources: row.sources, remedy: `update-${row.kb}` },
    },
  ];
}

/** A value that is no REG_DWORD of four bytes is not counted as set. */
function wrongTypes({ states }: Machine): Finding[] {
  return states.flatMap(({ enabled, disabledByDefault }) =>
    [enabled, disabledByDefault].flatMap((reading): Finding[] => {
      if (reading.kind !== 'wrong-type') return [];
      const { fact } = reading;
      return [
        {
          ...{ id: 'schannel/wrong-type', severity: 'warning', stacks: allStacks },
          fields: { name: fact.name, path: fact.path, type: fact.type },
          ...{ evidence: [evidenceOf(fact)], sources: ['tlsRegistry'] },
          remedy: 'schannel-tls12',
        },
      ];
    }),
  );
}

/** Names that look right and have no effect. */
function nearMisses({ facts }: Machine): Finding[] {
  const view = viewOf(facts);
  const protocols = `${schannelKey}\\Protocols`;
  const known = new Set(knownProtocolKeys.map((name) => name.toLowerCase()));
  const found: { path: string; name: string; meant: string; evidence: Evidence }[] = [];
  for (const key of view.subkeys(protocols)) {
    const path = `${protocols}\\${key}`;
    const meant = knownProtocolKeys.find((name) => plain(name) === plain(key));
    if (!known.has(key.toLowerCase()) && meant !== undefined) {
      found.push({ path, name: key, meant, evidence: { path } });
    }
    for (const value of view.valuesOf(path)) {
      if (/^(?:Enabled|DisabledByDefault)$/i.test(value.name)) {
        const right = `${key}\\Client`;
        found.push({ path, name: value.name, meant: right, evidence: evidenceOf(value) });
      }
    }
    for (const role of view.subkeys(path)) {
      for (const value of view.valuesOf(`${path}\\${role}`)) {
        const isRight = /^(?:Enabled|DisabledByDefault)$/i.test(value.name);
        const wanted = ['Enabled', 'DisabledByDefault'].find((name) => resembles(value.name, name));
        if (!isRight && wanted !== undefined) {
          found.push({ ...value, meant: wanted, evidence: evidenceOf(value) });
        }
      }
    }
  }
  return found.map(
    ({ path, name, meant, evidence }): Finding => ({
      ...{ id: 'schannel/near-miss', severity: 'warning', stacks: allStacks },
      fields: { path, name, meant },
      ...{ evidence: [evidence], sources: ['tlsRegistry'] },
    }),
  );
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[\s._-]+/g, '')
    .replace(/^tlsv/, 'tls');
}

function resembles(name: string, wanted: string): boolean {
  const a = plain(name).replace(/d\b/g, '').replaceAll('disabledby', 'disableby');
  return a === plain(wanted).replace(/d\b/g, '').replaceAll('disabledby', 'disableby');
}
