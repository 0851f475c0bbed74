/** The predicted offers of each TLS stack of Windows. */

import type { TlsVersion } from '../../tls/versions.ts';
import { sslv3, tls10, tls11, tls12 } from '../../tls/versions.ts';
import type { Facts } from '../facts/facts.ts';
import {
  dotNetKey,
  dotNetSetupKey,
  type View,
  winHttpKey,
  winInetKeys,
} from '../facts/registry-facts.ts';
import { type DwordReading, viewOf } from '../facts/registry-view.ts';
import {
  classesUpTo,
  type DotNetMode,
  dotNet2Mode,
  dotNet4Mode,
  type TargetClass,
} from '../rules/dotnet.ts';
import { updateEvidence, updateFor } from '../rules/updates.ts';
import {
  needsSchannelDefault,
  valueNeedsUpdate,
  versionsOfBits,
  winHttpDefaults,
  winInetDefaults,
} from '../rules/winhttp.ts';
import { type ClientAlgorithms, clientAlgorithms, schannelOffer } from './client-algorithms.ts';
import {
  type Caller,
  offeredTo,
  protocolStates,
  unread,
  type VersionState,
} from './schannel-states.ts';
import {
  distinct,
  type MissingFact,
  type Prediction,
  type Scenario,
  type StackId,
} from './verdict.ts';

/** A Windows whose Schannel can be predicted. */
export interface Machine {
  readonly facts: Facts;
  readonly build: number;
  readonly states: readonly VersionState[];
  readonly algorithms: ClientAlgorithms;
}

/** What is missing where nothing can be predicted at all. */
export function readMachine(facts: Facts): Machine | MissingFact {
  const build = facts.os?.family === 'windows' ? facts.os.build : undefined;
  if (build === undefined) return { kind: 'os-build' };
  const states = protocolStates(facts);
  if (states === undefined) return { kind: 'old-build', build };
  return { facts, build, states, algorithms: clientAlgorithms(facts, build) };
}

/** @returns undefined when the machine does not have the stack */
export function predictStack(machine: Machine, stack: StackId): Prediction | undefined {
  switch (stack) {
    case 'schannel':
      return predict(machine, [{ asks: undefined, strongCrypto: false }], []);
    case 'winhttp-64':
    case 'winhttp-32':
      return hasView(machine, viewNumber(stack))
        ? predictWinHttp(machine, viewNumber(stack))
        : undefined;
    case 'wininet':
      return predictWinInet(machine);
    case 'dotnet4-64':
    case 'dotnet4-32':
      return hasView(machine, viewNumber(stack))
        ? predictDotNet4(machine, viewNumber(stack))
        : undefined;
    case 'dotnet2-64':
    case 'dotnet2-32':
      return hasView(machine, viewNumber(stack))
        ? predictDotNet2(machine, viewNumber(stack))
        : undefined;
  }
}

function viewNumber(stack: StackId): View {
  return stack.endsWith('-64') ? 64 : 32;
}

/** A 32-bit Windows has no 64-bit programs. */
export function hasView({ facts }: Machine, view: View): boolean {
  return !(facts.os?.architecture === 'x86' && view === 64);
}

/** The branch of SOFTWARE that programs of this width read. */
export function branchOf(facts: Facts, view: View): View {
  return facts.os?.architecture === 'x86' ? 64 : view;
}

interface Asking extends Caller {
  readonly strongCrypto: boolean;
  /** Versions that the program cannot speak whatever Schannel does. */
  readonly upTo?: TlsVersion;
}

/** Scenarios of all the ways in which a program may ask, each with what is sure and what is possible. */
function predict(
  { states, algorithms }: Machine,
  askings: readonly Asking[],
  reasons: readonly MissingFact[],
): Prediction {
  const missing: MissingFact[] = [...reasons];
  const scenarios = askings.flatMap((asking): Scenario[] => {
    const offered = offeredTo(states, asking);
    missing.push(...offered.missing);
    return [offered.low, offered.high].map((all) => {
      const versions = all.filter((version) => version <= (asking.upTo ?? version));
      return { versions, offer: schannelOffer(versions, algorithms, asking) };
    });
  });
  return {
    scenarios: distinct(scenarios),
    missing: distinct(missing),
    assumed: algorithms.assumed,
  };
}

/** What a setting that was not read may be, as far as it matters: without TLS 1.2, and with it. */
const eitherWay: readonly (readonly TlsVersion[])[] = [
  [sslv3, tls10],
  [sslv3, tls10, tls11, tls12],
];

function predictWinHttp(machine: Machine, view: View): Prediction {
  const { facts, build } = machine;
  const needsDefault = needsSchannelDefault(build);
  const ask = (asks: readonly TlsVersion[]): Asking => ({
    asks,
    needsDefault,
    strongCrypto: false,
  });
  const defaults = ask(winHttpDefaults(build)?.versions ?? []);
  const reading = viewOf(facts).dword(winHttpKey(branchOf(facts, view)), 'DefaultSecureProtocols');
  if (reading.kind === 'absent' || reading.kind === 'wrong-type') {
    return predict(machine, [defaults], []);
  }
  if (reading.kind === 'unread') {
    return predict(machine, [defaults, ...eitherWay.map(ask)], unread(reading));
  }
  const replaced = ask(versionsOfBits(reading.value));
  if (!valueNeedsUpdate(build)) return predict(machine, [replaced], []);
  const update = updateFor('winhttp-tls12', build);
  const evidence = update === undefined ? 'missing' : updateEvidence(facts, update).kind;
  if (evidence === 'proven') return predict(machine, [replaced], []);
  if (evidence === 'missing' || evidence === 'pending') return predict(machine, [defaults], []);
  return predict(machine, [defaults, replaced], [{ kind: 'update', kb: update?.kb ?? '' }]);
}

/** The first place that has the value decides; policies stand first. */
export function winInetReading(facts: Facts): DwordReading {
  const view = viewOf(facts);
  const readings = winInetKeys.map((path) => view.dword(path, 'SecureProtocols'));
  return (
    readings.find((reading) => reading.kind === 'set') ??
    readings.find((reading) => reading.kind === 'unread') ?? { kind: 'absent' }
  );
}

function predictWinInet(machine: Machine): Prediction {
  const { facts, build } = machine;
  const needsDefault = needsSchannelDefault(build);
  const ask = (asks: readonly TlsVersion[]): Asking => ({
    asks,
    needsDefault,
    strongCrypto: false,
  });
  const reading = winInetReading(facts);
  if (reading.kind === 'set') return predict(machine, [ask(versionsOfBits(reading.value))], []);
  const defaults = winInetDefaults(build);
  if (defaults !== undefined && reading.kind === 'absent')
    return predict(machine, [ask(defaults)], []);
  const missing: MissingFact[] =
    reading.kind === 'unread' ? unread(reading) : [{ kind: 'unstated', what: 'WinINet' }];
  return predict(
    machine,
    [...eitherWay, ...(defaults === undefined ? [] : [defaults])].map(ask),
    missing,
  );
}

/** undefined: not read. `none`: no .NET 4 is installed. */
export function dotNet4Version(facts: Facts): string | 'none' | undefined {
  const found = facts.dotNet.find(({ version }) => version.startsWith('4'));
  if (found !== undefined) return found.version;
  return viewOf(facts).wasRead(dotNetSetupKey) ? 'none' : undefined;
}

export function dotNetReadings(facts: Facts, runtime: 'v2.0.50727' | 'v4.0.30319', view: View) {
  const key = dotNetKey(runtime, branchOf(facts, view));
  const registry = viewOf(facts);
  return {
    key,
    strongCrypto: registry.dword(key, 'SchUseStrongCrypto'),
    systemDefault: registry.dword(key, 'SystemDefaultTlsVersions'),
  };
}

function predictDotNet4(machine: Machine, view: View): Prediction | undefined {
  const version = dotNet4Version(machine.facts);
  if (version === 'none') return undefined;
  return predictDotNet4For(machine, view, classesUpTo(version));
}

/** For programs that are known to be built for some versions only. */
export function predictDotNet4For(
  machine: Machine,
  view: View,
  targets: readonly TargetClass[],
): Prediction {
  const { strongCrypto, systemDefault } = dotNetReadings(machine.facts, 'v4.0.30319', view);
  const askings: Asking[] = [];
  for (const target of targets) {
    for (const strong of answersOf(strongCrypto)) {
      for (const system of answersOf(systemDefault)) {
        const mode = dotNet4Mode(target, { strongCrypto: strong, systemDefault: system });
        askings.push(...asAskings(mode));
      }
    }
  }
  const modes = distinct(askings);
  const missing: MissingFact[] = [...unread(strongCrypto), ...unread(systemDefault)];
  if (modes.length > 1 && targets.length > 1) missing.push({ kind: 'program-target' });
  if (modes.length > 1 && dotNet4Version(machine.facts) === undefined) {
    missing.push({ kind: 'dotnet-version' });
  }
  return predict(machine, modes, missing);
}

function predictDotNet2(machine: Machine, view: View): Prediction | undefined {
  const { facts, build } = machine;
  const isInstalled = facts.dotNet.some(({ version }) => /^[23]\./.test(version));
  const wasRead = viewOf(facts).wasRead(dotNetSetupKey);
  if (!isInstalled && wasRead) return undefined;
  const { strongCrypto, systemDefault } = dotNetReadings(facts, 'v2.0.50727', view);
  const update = updateFor('dotnet35-tls12', build);
  const evidence = update === undefined ? 'proven' : updateEvidence(facts, update).kind;
  const updates = evidence === 'proven' ? [true] : evidence === 'missing' ? [false] : [false, true];
  const askings = updates.flatMap((hasUpdate) =>
    answersOf(systemDefault).flatMap((system) =>
      answersOf(strongCrypto).flatMap((strong) =>
        asAskings(dotNet2Mode({ strongCrypto: strong, systemDefault: system }, { hasUpdate })),
      ),
    ),
  );
  const modes = distinct(askings);
  const missing: MissingFact[] = [...unread(strongCrypto), ...unread(systemDefault)];
  if (modes.length > 1 && updates.length > 1)
    missing.push({ kind: 'update', kb: update?.kb ?? '' });
  return predict(machine, modes, missing);
}

/** What a value may say: its truth, nothing, or any of both where it was not read. */
function answersOf(reading: DwordReading): readonly (boolean | undefined)[] {
  if (reading.kind === 'set') return [reading.value !== 0];
  return reading.kind === 'unread' ? [undefined, false, true] : [undefined];
}

/** TLS 1.3 takes a target of 4.8, which no fact tells: up to 1.2 is sure. */
function asAskings({ asks, strongCrypto }: DotNetMode): Asking[] {
  return [{ asks, strongCrypto, upTo: tls12 }];
}
