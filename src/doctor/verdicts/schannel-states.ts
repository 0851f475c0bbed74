/** What Schannel makes of each protocol version on a machine, with all that the facts leave open. */

import type { TlsVersion } from '../../tls/versions.ts';
import type { Facts, RegistryFact } from '../facts/facts.ts';
import { schannelKey } from '../facts/registry-facts.ts';
import { type DwordReading, viewOf } from '../facts/registry-view.ts';
import {
  effectiveState,
  type ProtocolDefault,
  type ProtocolState,
  protocolKeyName,
  schannelDefaults,
  schannelVersions,
} from '../rules/schannel-protocols.ts';
import type { SourceId } from '../rules/sources.ts';
import { updateEvidence, updateFor } from '../rules/updates.ts';
import { distinct, type MissingFact } from './verdict.ts';

export interface VersionState {
  readonly version: TlsVersion;
  readonly key: string;
  /** More than one where the facts do not decide. */
  readonly states: readonly ProtocolState[];
  readonly bases: readonly ProtocolDefault[];
  readonly missing: readonly MissingFact[];
  readonly enabled: DwordReading;
  readonly disabledByDefault: DwordReading;
  readonly sources: readonly SourceId[];
}

export function clientKey(version: TlsVersion): string {
  return `${schannelKey}\\Protocols\\${protocolKeyName(version)}\\Client`;
}

/** undefined when the build is unknown or older than every rule. */
export function protocolStates(facts: Facts): readonly VersionState[] | undefined {
  const build = facts.os?.build;
  if (build === undefined) return undefined;
  const { defaults, missing } = defaultsOf(facts, build);
  if (defaults.length === 0) return undefined;
  return schannelVersions.map((version) => {
    const bases = distinct(defaults.map((row) => row.of(version)));
    return stateOf(facts, version, {
      bases,
      missing: bases.length > 1 ? missing : [],
      sources: defaults.flatMap((row) => row.sources),
    });
  });
}

/** One row of defaults, or two where an update is neither proven nor disproven. */
function defaultsOf(facts: Facts, build: number) {
  const update = updateFor('schannel-tls12', build);
  const evidence = update && updateEvidence(facts, update).kind;
  const open = evidence === 'likely' || evidence === 'not-proven';
  const answers = open ? [false, true] : [evidence === 'proven' || isPosReady(facts)];
  return {
    defaults: answers.flatMap((hasUpdate) => schannelDefaults(build, { hasUpdate }) ?? []),
    missing: open ? [{ kind: 'update', kb: update?.kb ?? '' } as const] : [],
  };
}

/** Windows Embedded on the base of XP got the update, XP itself never did. */
function isPosReady(facts: Facts): boolean {
  const installed = facts.updates.some(
    ({ kb, state }) => kb === 'KB4019276' && state === 'installed',
  );
  return facts.os?.build === 2600 && installed;
}

interface Base {
  readonly bases: readonly ProtocolDefault[];
  readonly missing: readonly MissingFact[];
  readonly sources: readonly SourceId[];
}

function stateOf(facts: Facts, version: TlsVersion, base: Base): VersionState {
  const view = viewOf(facts);
  const key = clientKey(version);
  const enabled = view.dword(key, 'Enabled');
  const disabledByDefault = view.dword(key, 'DisabledByDefault');
  const missing: MissingFact[] = [...base.missing];
  const states = new Set<ProtocolState>();
  for (const start of base.bases) {
    for (const e of possible(enabled)) {
      for (const d of possible(disabledByDefault)) {
        const effect = effectiveState(start, version, { enabled: e, disabledByDefault: d });
        if (effect.disputed) {
          missing.push({ kind: 'disputed', path: key, name: 'DisabledByDefault' });
          states.add('enabled');
        }
        if (effect.state === 'unknown') {
          missing.push({ kind: 'unstated', what: protocolKeyName(version) });
          states.add('enabled').add('disabled-by-default');
        } else states.add(effect.state);
      }
    }
  }
  if (states.size > 1) missing.push(...unread(enabled), ...unread(disabledByDefault));
  return {
    ...{ version, key, enabled, disabledByDefault, bases: base.bases, sources: base.sources },
    states: [...states],
    missing: distinct(missing),
  };
}

/** The values that a reading allows; one of a wrong type counts as absent. */
function possible(reading: DwordReading): readonly (number | undefined)[] {
  if (reading.kind === 'set') return [reading.value];
  return reading.kind === 'unread' ? [undefined, 0, 1] : [undefined];
}

export function unread(reading: DwordReading): MissingFact[] {
  if (reading.kind !== 'unread') return [];
  return [{ kind: 'value', path: reading.path, name: reading.name }];
}

export function factsOf(...readings: readonly DwordReading[]): RegistryFact[] {
  return readings.flatMap((reading) =>
    reading.kind === 'set' || reading.kind === 'wrong-type' ? reading.fact : [],
  );
}

export interface Caller {
  /** The versions that the program asks for itself; undefined when it leaves them to Schannel. */
  readonly asks: readonly TlsVersion[] | undefined;
  /** Even versions that it asks for must be on by default. */
  readonly needsDefault?: boolean;
}

export interface OfferedVersions {
  /** Those that are sure. */
  readonly low: readonly TlsVersion[];
  /** Those that are possible. */
  readonly high: readonly TlsVersion[];
  readonly missing: readonly MissingFact[];
}

/** A version that is disabled by default goes only to those who ask for it; a disabled one to nobody. */
export function offeredTo(states: readonly VersionState[], caller: Caller): OfferedVersions {
  const low: TlsVersion[] = [];
  const high: TlsVersion[] = [];
  const missing: MissingFact[] = [];
  const isOffered = (state: ProtocolState): boolean =>
    state === 'enabled' ||
    (state === 'disabled-by-default' && caller.asks !== undefined && caller.needsDefault !== true);
  for (const entry of states) {
    if (caller.asks !== undefined && !caller.asks.includes(entry.version)) continue;
    const offered = entry.states.map(isOffered);
    if (offered.every(Boolean)) low.push(entry.version);
    if (offered.some(Boolean)) high.push(entry.version);
    if (offered.some(Boolean) && !offered.every(Boolean)) missing.push(...entry.missing);
  }
  return { low, high, missing };
}
