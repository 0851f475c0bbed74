/**
 * Remedies: the changes that mend findings, as data, with what was there before. Only values that
 * differ are changed, so that a machine that is mended has none.
 */

import type { Facts, RegistryFact } from '../facts/facts.ts';
import {
  dotNetKey,
  schannelKey,
  type View,
  winHttpKey,
  winInetKeys,
} from '../facts/registry-facts.ts';
import { type RegistryView, viewOf } from '../facts/registry-view.ts';
import { tls12Bit, winHttpDefaults } from '../rules/winhttp.ts';
import type { RemedyTextId } from '../texts/en.ts';
import { branchOf } from '../verdicts/stacks.ts';
import type { Finding } from '../verdicts/verdict.ts';
import { type FileEdit, type LinuxRemedyId, linuxEdits, linuxRemedyIds } from './linux-remedies.ts';

export interface RegistryChange {
  readonly path: string;
  readonly name: string;
  /** The REG_DWORD to set; undefined takes the value away. */
  readonly value: number | undefined;
  /** What stands there now; undefined for an absent value. */
  readonly before: RegistryFact | undefined;
  /** The facts do not say what stands there: there is no undo for it. */
  readonly beforeUnknown: boolean;
  /** Keys on the way that do not exist yet, the topmost first. */
  readonly newKeys: readonly string[];
}

export interface Remedy {
  readonly id: string;
  readonly text: RemedyTextId;
  readonly fields: Readonly<Record<string, string>>;
  readonly changes: readonly RegistryChange[];
  /** A change that no file can make: an update to install, a policy to edit. */
  readonly byHand: boolean;
  /** Of Linux: changes of files, for a shell script. */
  readonly edits?: readonly FileEdit[];
}

interface Wanted {
  readonly path: string;
  readonly name: string;
  readonly value: number | undefined;
}

/** One remedy for each that the findings name, in their order. */
export function remediesFor(facts: Facts, findings: readonly Finding[]): Remedy[] {
  const ids = new Set(findings.flatMap(({ remedy }) => remedy ?? []));
  return [...ids].flatMap((id) => remedyFor(facts, id, findings) ?? []);
}

function remedyFor(facts: Facts, id: string, findings: readonly Finding[]): Remedy | undefined {
  const linux = linuxRemedyIds.find((entry) => entry === id);
  if (linux !== undefined) return linuxRemedy(linux, linuxEdits(facts, linux));
  const byHand = handRemedy(id);
  if (byHand !== undefined) return byHand;
  const view = viewOf(facts);
  const wanted = wantedFor(facts, view, id, findings);
  if (wanted === undefined) return undefined;
  const changes = wanted.values.flatMap((value) => changeOf(view, value) ?? []);
  if (changes.length === 0) return undefined;
  return { id, text: wanted.text, fields: {}, changes, byHand: false };
}

function handRemedy(id: string): Remedy | undefined {
  const kb = /^update-(KB\d+)$/.exec(id)?.[1];
  if (kb !== undefined) return hand(id, 'install-update', { kb });
  const known = handIds.find((entry) => entry === id);
  return known === undefined ? undefined : hand(id, known, {});
}

const handIds = [
  ...(['install-dotnet', 'install-agent', 'update-sql', 'change-policy'] as const),
  ...(['root-trust', 'install-roots'] as const),
  ...(['clock-windows', 'clock-linux', 'clock-macos'] as const),
  ...(['replace-openssl', 'replace-macos', 'replace-java', 'java-protocols'] as const),
] as const satisfies readonly RemedyTextId[];

/** By hand where the facts do not say which line to change. */
function linuxRemedy(id: LinuxRemedyId, edits: readonly FileEdit[]): Remedy {
  return { id, text: id, fields: {}, changes: [], byHand: edits.length === 0, edits };
}

function hand(id: string, text: RemedyTextId, fields: Readonly<Record<string, string>>): Remedy {
  return { id, text, fields, changes: [], byHand: true };
}

function wantedFor(
  facts: Facts,
  view: RegistryView,
  id: string,
  findings: readonly Finding[],
): { readonly text: RemedyTextId; readonly values: readonly Wanted[] } | undefined {
  const protocols = `${schannelKey}\\Protocols`;
  const width = id.endsWith('-64') ? 64 : 32;
  switch (id) {
    case 'schannel-tls12':
      return { text: id, values: switchOn(`${protocols}\\TLS 1.2\\Client`) };
    case 'schannel-tls13-remove': {
      const path = `${protocols}\\TLS 1.3\\Client`;
      const names = ['Enabled', 'DisabledByDefault'];
      return { text: id, values: names.map((name) => ({ path, name, value: undefined })) };
    }
    case 'winhttp-tls12-64':
    case 'winhttp-tls12-32':
      return { text: id, values: [winHttpBits(facts, view, width)] };
    case 'wininet-tls12':
      return { text: id, values: winInetBits(view) };
    case 'dotnet4-strong-64':
    case 'dotnet4-strong-32':
      return { text: id, values: strong(dotNetKey('v4.0.30319', branchOf(facts, width))) };
    case 'dotnet2-strong-64':
    case 'dotnet2-strong-32':
      return { text: id, values: strong(dotNetKey('v2.0.50727', branchOf(facts, width))) };
    case 'suites-switch-on':
      return { text: id, values: switchedOff(findings) };
    case 'dh-minimum': {
      const path = `${schannelKey}\\KeyExchangeAlgorithms\\Diffie-Hellman`;
      return { text: id, values: [{ path, name: 'ClientMinKeyBitLength', value: 2048 }] };
    }
    default:
      return undefined;
  }
}

function switchOn(path: string): Wanted[] {
  return [
    { path, name: 'Enabled', value: 1 },
    { path, name: 'DisabledByDefault', value: 0 },
  ];
}

function strong(path: string): Wanted[] {
  return [
    { path, name: 'SchUseStrongCrypto', value: 1 },
    { path, name: 'SystemDefaultTlsVersions', value: 1 },
  ];
}

/** TLS 1.2 beside what is offered now: what else is on stays as it is. */
function winHttpBits(facts: Facts, view: RegistryView, width: View): Wanted {
  const path = winHttpKey(branchOf(facts, width));
  const name = 'DefaultSecureProtocols';
  const reading = view.dword(path, name);
  const usual = (winHttpDefaults(facts.os?.build ?? 0)?.versions.length ?? 0) > 0 ? 0x0a80 : 0x0800;
  const value = reading.kind === 'set' ? reading.value | tls12Bit : usual;
  return { path, name, value: value >>> 0 };
}

function winInetBits(view: RegistryView): Wanted[] {
  return winInetKeys.flatMap((path) => {
    const reading = view.dword(path, 'SecureProtocols');
    if (reading.kind !== 'set') return [];
    return { path, name: 'SecureProtocols', value: (reading.value | tls12Bit) >>> 0 };
  });
}

/** The switches that the findings name as the cause. */
function switchedOff(findings: readonly Finding[]): Wanted[] {
  return findings
    .filter(({ id }) => id === 'suites/switched-off')
    .flatMap(({ evidence }) => evidence)
    .flatMap(({ path, name }) =>
      path === undefined || name === undefined ? [] : { path, name, value: 0xffffffff },
    );
}

/** undefined when the value is already as it should be. */
function changeOf(view: RegistryView, { path, name, value }: Wanted): RegistryChange | undefined {
  const before = view.find(path, name);
  const isRight =
    value === undefined
      ? before === undefined
      : before?.type === 'REG_DWORD' && before.data === value;
  if (isRight) return undefined;
  const beforeUnknown = before === undefined && !view.wasRead(path);
  return { path, name, value, before, beforeUnknown, newKeys: newKeysOf(view, path) };
}

/** Keys that the change creates, which its undo takes away again. */
function newKeysOf(view: RegistryView, path: string): string[] {
  const parts = path.split('\\');
  const keys: string[] = [];
  for (let length = parts.length; length > 3; length -= 1) {
    const key = parts.slice(0, length).join('\\');
    if (view.hasKey(key) || !view.wasRead(key)) break;
    keys.unshift(key);
  }
  return keys;
}
