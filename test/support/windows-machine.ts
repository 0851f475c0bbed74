/** Facts of Windows machines for tests, by way of the `.reg` text that such a machine would export. */

import type { Facts } from '../../src/doctor/facts/facts.ts';
import { makeRegTree } from '../../src/doctor/facts/reg-tree.ts';
import {
  formatRegValue,
  parseRegText,
  regHeader,
} from '../../src/doctor/facts/registry/reg-text.ts';
import { registryTypes } from '../../src/doctor/facts/registry/registry-value.ts';
import { windowsFacts } from '../../src/doctor/facts/windows-facts.ts';

/** A number is a REG_DWORD, a text a REG_SZ, a list a REG_MULTI_SZ. */
export type Value = number | string | readonly string[];
export type Keys = Readonly<Record<string, Readonly<Record<string, Value>>>>;

const systems = {
  '2008 SP2': { build: 6002, version: '6.0', servicePack: 2 },
  '2008': { build: 6001, version: '6.0', servicePack: 1 },
  '7 SP1': { build: 7601, version: '6.1', servicePack: 1 },
  '2008 R2 SP1': { build: 7601, version: '6.1', servicePack: 1 },
  '7': { build: 7600, version: '6.1', servicePack: 0 },
  '2012': { build: 9200, version: '6.2', servicePack: 0 },
  '2012 R2': { build: 9600, version: '6.3', servicePack: 0 },
  '2016': { build: 14_393, version: '6.3', servicePack: 0 },
  '2019': { build: 17_763, version: '6.3', servicePack: 0 },
  '2022': { build: 20_348, version: '6.3', servicePack: 0 },
  '2025': { build: 26_100, version: '6.3', servicePack: 0 },
  '11 25H2': { build: 26_200, version: '6.3', servicePack: 0 },
  XP: { build: 2600, version: '5.1', servicePack: 3 },
} as const;

export type SystemName = keyof typeof systems;

export interface MachineOptions {
  readonly keys?: Keys;
  /** Installed updates. */
  readonly updates?: readonly string[];
  /** NDP\v4\Full Release; 0 for none. .NET 4.8 when left out. */
  readonly release?: number;
  readonly net35?: boolean;
  /** Only what `keys` says was read, not the whole of SYSTEM and SOFTWARE. */
  readonly partial?: boolean;
}

export const schannel = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL';
export const tls12Client = `${schannel}\\Protocols\\TLS 1.2\\Client`;
export const net4 = 'HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319';
export const net4in32 = 'HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\.NETFramework\\v4.0.30319';
export const winHttp =
  'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\WinHttp';
export const winHttpIn32 =
  'HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\WinHttp';

export function windowsMachine(system: SystemName, options: MachineOptions = {}): Facts {
  return factsOfReg(machineReg(system, options));
}

/** The text that regedit would export of such a machine. */
export function machineReg(system: SystemName, options: MachineOptions = {}): string {
  const { build, version, servicePack } = systems[system];
  const isServer = /^20/.test(system);
  const current = 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion';
  const keys: Record<string, Record<string, Value>> = {};
  if (options.partial !== true) keys['HKLM\\SYSTEM'] = {};
  if (options.partial !== true) keys['HKLM\\SOFTWARE'] = {};
  if (options.partial !== true) keys['HKLM\\SOFTWARE\\WOW6432Node\\Microsoft'] = {};
  keys[current] = {
    ProductName: isServer ? `Windows Server ${system.replace(/ SP\d$/, '')}` : `Windows ${system}`,
    CurrentVersion: version,
    CurrentBuildNumber: String(build),
    ...(version !== '5.1' ? { InstallationType: isServer ? 'Server' : 'Client' } : {}),
    ...(servicePack > 0 ? { CSDVersion: `Service Pack ${servicePack}` } : {}),
    ...(build >= 10_240 ? { CurrentMajorVersionNumber: 10, CurrentMinorVersionNumber: 0 } : {}),
  };
  const setup = 'HKLM\\SOFTWARE\\Microsoft\\NET Framework Setup\\NDP';
  const { release = 528_049, net35 = false } = options;
  if (options.partial !== true && release > 0) keys[`${setup}\\v4\\Full`] = { Release: release };
  if (net35) keys[`${setup}\\v3.5`] = { Install: 1, SP: 1 };
  const packages =
    'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages';
  for (const kb of options.updates ?? []) {
    keys[`${packages}\\Package_for_${kb}~31bf3856ad364e35~amd64~~6.1.1.0`] = { CurrentState: 0x70 };
  }
  for (const [path, values] of Object.entries(options.keys ?? {})) {
    keys[path] = { ...keys[path], ...values };
  }
  return regText(keys);
}

export function regText(keys: Keys): string {
  const sections = Object.entries(keys).map(([path, values]) => {
    const lines = Object.entries(values).map(([name, value]) => regLine(name, value));
    return [`[${path}]`, ...lines, ''].join('\r\n');
  });
  return [regHeader, ...sections].join('\r\n');
}

function regLine(name: string, value: Value): string {
  if (typeof value === 'number') {
    const data = new Uint8Array(4);
    new DataView(data.buffer).setUint32(0, value, true);
    return formatRegValue({ name, type: registryTypes.REG_DWORD, data });
  }
  const isList = typeof value !== 'string';
  const text = isList ? `${value.join('\0')}\0\0` : `${value}\0`;
  const type = isList ? registryTypes.REG_MULTI_SZ : registryTypes.REG_SZ;
  return formatRegValue({ name, type, data: new Uint8Array(Buffer.from(text, 'utf16le')) });
}

export function factsOfReg(text: string, file = 'machine.reg'): Facts {
  const parsed = parseRegText(text);
  if (parsed === undefined) throw new RangeError('the text of the test is no export');
  const { tree, problems } = makeRegTree(parsed, file);
  return windowsFacts({
    tree,
    problems: () => problems,
    sources: [{ file, kind: 'reg-export', notes: [] }],
  });
}
