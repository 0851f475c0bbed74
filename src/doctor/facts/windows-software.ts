/** Updates, agents, services, root certificates and proxies of a Windows machine, from the registry. */

import type { AgentFact, Facts, UpdateState } from './facts.ts';
import { withoutPassword } from './linux/proxies.ts';
import { dwordOf, stringOf } from './registry/registry-value.ts';
import {
  certificatesKey,
  currentVersionKey,
  packagesKey,
  servicesKey,
  softwareKey,
  sqlServerKey,
  uninstallKey,
  winInetKeys,
} from './registry-facts.ts';
import type { RegistryTree, TreeKey } from './registry-tree.ts';

export function collectSoftware(tree: RegistryTree): Partial<Facts> {
  const packages = packagesOf(tree);
  return {
    updates: [...packages.updates, ...hotfixesOf(tree)],
    rollups: packages.rollups,
    agents: agentsOf(tree),
    sqlServers: sqlServersOf(tree),
    services: servicesOf(tree),
    roots: rootsOf(tree),
    proxies: proxiesOf(tree),
    stacks: [...powershellOf(tree), ...javaOf(tree)],
  };
}

function numberIn(key: TreeKey | undefined, name: string): number | undefined {
  const value = key?.values().find((entry) => entry.name.toLowerCase() === name.toLowerCase());
  return value && dwordOf(value);
}

function textIn(key: TreeKey | undefined, name: string): string | undefined {
  const value = key?.values().find((entry) => entry.name.toLowerCase() === name.toLowerCase());
  const text = value && stringOf(value);
  return text === '' ? undefined : text;
}

/** Where a value was read, a key's first one when no name is given; a key without any says nothing. */
function sourceIn(key: TreeKey | undefined, name?: string) {
  const value = key
    ?.values()
    .find((entry) => name === undefined || entry.name.toLowerCase() === name.toLowerCase());
  return value === undefined ? {} : { source: value.source };
}

/** CurrentState of a package in Component Based Servicing. 0x50: its fix lives on in a later package. */
function stateOf(currentState: number | undefined): UpdateState {
  if (currentState === 0x70 || currentState === 0x80) return 'installed';
  if (currentState === 0x50) return 'superseded';
  if (currentState === 0x60 || currentState === 0x65) return 'pending';
  return 'not-installed';
}

function packagesOf(tree: RegistryTree): Pick<Facts, 'updates' | 'rollups'> {
  const updates = new Map<string, Facts['updates'][number]>();
  const rollups: Facts['rollups'] = [];
  for (const key of tree.findKey(packagesKey)?.subkeys() ?? []) {
    const kb = /^Package_for_(KB\d{5,8})~/i.exec(key.name)?.[1]?.toUpperCase();
    const rollup = /^Package_for_RollupFix(?:_\w+)?~[^~]*~[^~]*~[^~]*~(\d+)\.(\d+)\./i.exec(
      key.name,
    );
    if (kb === undefined && rollup === null) continue;
    const state = stateOf(numberIn(key, 'CurrentState'));
    if (kb !== undefined) {
      // The same update stands once for each version of its package; installed wins.
      if (updates.get(kb)?.state !== 'installed') updates.set(kb, { kb, state, ...sourceIn(key) });
    } else if (rollup !== null) {
      rollups.push({
        build: Number(rollup[1]),
        revision: Number(rollup[2]),
        state,
        ...sourceIn(key),
      });
    }
  }
  return { updates: [...updates.values()], rollups };
}

/** XP and Server 2003 list their updates elsewhere. */
export const hotfixKey = `${currentVersionKey}\\Hotfix`;

function hotfixesOf(tree: RegistryTree): Facts['updates'] {
  const key = tree.findKey(hotfixKey);
  return (key?.subkeys() ?? []).flatMap((hotfix) => {
    const isUpdate = /^KB\d{5,8}$/i.test(hotfix.name) && numberIn(hotfix, 'Installed') === 1;
    if (!isUpdate) return [];
    return { kb: hotfix.name.toUpperCase(), state: 'installed' as const, ...sourceIn(hotfix) };
  });
}

/** Names in the list of installed programs. */
const programs: readonly { readonly kind: AgentFact['kind']; readonly name: RegExp }[] = [
  { kind: 'azure-backup', name: /^Microsoft Azure Recovery Services Agent\b/i },
  { kind: 'mabs', name: /^Microsoft Azure Backup Server\b/i },
  { kind: 'dpm', name: /\bData Protection Manager\b/i },
  { kind: 'sealift', name: /^Sealift\b/i },
  { kind: 'restic', name: /^restic\b/i },
];

/** Services that prove an agent even where the list of programs was not read. */
const agentServices: Readonly<Record<string, AgentFact['kind']>> = {
  OBENGINE: 'azure-backup',
  MSDPM: 'dpm',
  DPMRA: 'dpm',
  SEALIFT: 'sealift',
};

export const uninstallKeys = [
  uninstallKey,
  uninstallKey.replace('SOFTWARE', 'SOFTWARE\\WOW6432Node'),
] as const;

function agentsOf(tree: RegistryTree): AgentFact[] {
  const agents = new Map<AgentFact['kind'], AgentFact>();
  for (const root of uninstallKeys) {
    for (const key of tree.findKey(root)?.subkeys() ?? []) {
      const name = textIn(key, 'DisplayName');
      const program = programs.find((entry) => name !== undefined && entry.name.test(name));
      if (program === undefined || name === undefined) continue;
      const version = textIn(key, 'DisplayVersion');
      const path = textIn(key, 'InstallLocation');
      agents.set(program.kind, {
        ...{ kind: program.kind, name, ...sourceIn(key) },
        ...(version === undefined ? {} : { version }),
        ...(path === undefined ? {} : { path }),
      });
    }
  }
  for (const [service, kind] of Object.entries(agentServices)) {
    const key = tree.findKey(`${servicesKey}\\${service}`);
    if (key === undefined || agents.has(kind)) continue;
    const path = textIn(key, 'ImagePath');
    agents.set(kind, {
      kind,
      name: key.name,
      ...sourceIn(key),
      ...(path === undefined ? {} : { path }),
    });
  }
  return [...agents.values()];
}

/** Instances by name, each with the key that describes it (`MSSQL12.DPM`). */
function sqlServersOf(tree: RegistryTree): Facts['sqlServers'] {
  const names = tree.findKey(`${sqlServerKey}\\Instance Names\\SQL`);
  return (names?.values() ?? []).slice(0, 100).map((value) => {
    const id = stringOf(value) ?? value.name;
    const setup = tree.findKey(`${sqlServerKey}\\${id}\\Setup`);
    const version = textIn(setup, 'PatchLevel') ?? textIn(setup, 'Version');
    const path = textIn(setup, 'SQLBinRoot');
    return {
      ...{ instance: value.name, source: value.source, ...sourceIn(setup) },
      ...(version === undefined ? {} : { version }),
      ...(path === undefined ? {} : { path }),
    };
  });
}

const starts = ['boot', 'system', 'automatic', 'manual', 'disabled'] as const;
export const servicesThatMatter = [
  ...['obengine', 'OBRecoveryServicesManagementAgent', 'MSDPM', 'DPMRA', 'DPMCPWrapperService'],
  ...['sealift', 'BITS', 'wuauserv', 'WinHttpAutoProxySvc', 'CryptSvc', 'W32Time'],
];

function servicesOf(tree: RegistryTree): Facts['services'] {
  return servicesThatMatter.flatMap((name) => {
    const key = tree.findKey(`${servicesKey}\\${name}`);
    if (key === undefined) return [];
    const start = starts[numberIn(key, 'Start') ?? -1];
    const image = textIn(key, 'ImagePath');
    const account = textIn(key, 'ObjectName');
    return {
      ...{ name: key.name, ...sourceIn(key) },
      ...(start === undefined ? {} : { start }),
      ...(image === undefined ? {} : { image }),
      ...(account === undefined ? {} : { account }),
    };
  });
}

export const certificateStores = {
  ROOT: 'root',
  AuthRoot: 'authroot',
  Disallowed: 'disallowed',
} as const;

function rootsOf(tree: RegistryTree): Facts['roots'] {
  return Object.entries(certificateStores).flatMap(([name, store]) =>
    (tree.findKey(`${certificatesKey}\\${name}\\Certificates`)?.subkeys() ?? [])
      .filter((key) => /^[0-9a-f]{40}$/i.test(key.name))
      .map((key) => ({ store, thumbprint: key.name.toLowerCase() })),
  );
}

export const connectionsKey = `${softwareKey(64)}\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Connections`;

function proxiesOf(tree: RegistryTree): Facts['proxies'] {
  const proxies: Facts['proxies'] = [];
  const blob = tree
    .findKey(connectionsKey)
    ?.values()
    .find((value) => value.name.toLowerCase() === 'winhttpsettings');
  if (blob !== undefined) {
    const server = winHttpProxy(blob.data);
    proxies.push({
      ...{ scope: 'winhttp', enabled: server !== undefined, source: blob.source },
      ...(server === undefined ? {} : { server }),
    });
  }
  for (const path of winInetKeys) {
    const key = tree.findKey(path);
    if (key === undefined) continue;
    const common = { scope: 'wininet', account: accountOf(path) } as const;
    const server = proxyIn(key, 'ProxyServer');
    const enabled = numberIn(key, 'ProxyEnable') === 1;
    if (server !== undefined)
      proxies.push({ ...common, server, enabled, ...sourceIn(key, 'ProxyServer') });
    const script = proxyIn(key, 'AutoConfigURL');
    if (script !== undefined) {
      const source = sourceIn(key, 'AutoConfigURL');
      proxies.push({ ...common, server: script, enabled: true, ...source });
    }
  }
  return proxies;
}

function proxyIn(key: TreeKey, name: string): string | undefined {
  const server = textIn(key, name);
  return server === undefined ? undefined : withoutPassword(server);
}

/** `.DEFAULT` is the profile of the account LocalSystem, which most services run as. */
function accountOf(path: string): 'machine' | 'system' | 'person' {
  if (path.startsWith('HKLM')) return 'machine';
  return path.startsWith('HKU') ? 'system' : 'person';
}

/** Version, counter, flags (bit 1: a proxy is set), length and text of the proxy. */
function winHttpProxy(data: Uint8Array): string | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length < 16 || (bytes.readUInt32LE(8) & 2) === 0) return undefined;
  const length = bytes.readUInt32LE(12);
  if (length === 0 || length > 2048 || bytes.length < 16 + length) return undefined;
  return withoutPassword(bytes.toString('latin1', 16, 16 + length));
}

function powershellOf(tree: RegistryTree): Facts['stacks'] {
  for (const engine of [3, 1]) {
    const key = tree.findKey(`HKLM\\SOFTWARE\\Microsoft\\PowerShell\\${engine}\\PowerShellEngine`);
    const version = textIn(key, 'PowerShellVersion');
    if (key !== undefined && version !== undefined) {
      return [{ kind: 'powershell', version, ...sourceIn(key) }];
    }
  }
  return [];
}

export const javaKeys = [
  ...['Java Runtime Environment', 'Java Development Kit', 'JRE', 'JDK'].map(
    (name) => `JavaSoft\\${name}`,
  ),
  ...['Eclipse Adoptium\\JDK', 'Eclipse Adoptium\\JRE'],
];

function javaOf(tree: RegistryTree): Facts['stacks'] {
  const homes = new Map<string, Facts['stacks'][number]>();
  for (const view of [64, 32] as const) {
    for (const java of javaKeys) {
      for (const key of tree.findKey(`${softwareKey(view)}\\${java}`)?.subkeys() ?? []) {
        const path = textIn(key, 'JavaHome');
        if (path === undefined) continue;
        homes.set(path.toLowerCase(), { kind: 'java', version: key.name, path, ...sourceIn(key) });
      }
    }
  }
  return [...homes.values()];
}
