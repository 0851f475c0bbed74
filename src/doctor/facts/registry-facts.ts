/** Which parts of the registry matter, and the facts that stand in them. */

import type { Facts, RegistryFact } from './facts.ts';
import { dwordOf, registryTypes, stringOf, stringsOf } from './registry/registry-value.ts';
import { isBelow, type RegistryTree, type SourcedValue, type TreeKey } from './registry-tree.ts';

export const schannelKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL';
export const localSuitesKey =
  'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Cryptography\\Configuration\\Local\\SSL';
export const lsaKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa';
export const policySuitesKey =
  'HKLM\\SOFTWARE\\Policies\\Microsoft\\Cryptography\\Configuration\\SSL\\00010002';
export const currentVersionKey = 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion';
export const packagesKey =
  'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages';
export const dotNetSetupKey = 'HKLM\\SOFTWARE\\Microsoft\\NET Framework Setup\\NDP';
export const authRootPolicyKey =
  'HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates\\AuthRoot';
export const certificatesKey = 'HKLM\\SOFTWARE\\Microsoft\\SystemCertificates';

export const servicesKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services';
export const uninstallKey = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';

export const sqlServerKey = 'HKLM\\SOFTWARE\\Microsoft\\Microsoft SQL Server';
/** Which SQL Server a DPM keeps its catalogue in. */
export const dpmDatabaseKey = 'HKLM\\SOFTWARE\\Microsoft\\Microsoft Data Protection Manager\\DB';

export type View = 64 | 32;

export function softwareKey(view: View): string {
  return view === 64 ? 'HKLM\\SOFTWARE' : 'HKLM\\SOFTWARE\\WOW6432Node';
}

export function dotNetKey(runtime: 'v2.0.50727' | 'v4.0.30319', view: View): string {
  return `${softwareKey(view)}\\Microsoft\\.NETFramework\\${runtime}`;
}

export function winHttpKey(view: View): string {
  return `${softwareKey(view)}\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\WinHttp`;
}

const internetSettings = 'Microsoft\\Windows\\CurrentVersion\\Internet Settings';

/** The places of WinINet's SecureProtocols, the stronger first: policies win over settings. */
export const winInetKeys = [
  `HKLM\\SOFTWARE\\Policies\\${internetSettings}`,
  `HKCU\\Software\\Policies\\${internetSettings}`,
  `HKCU\\Software\\${internetSettings}`,
  `HKU\\.DEFAULT\\Software\\${internetSettings}`,
] as const;

const control = 'HKLM\\SYSTEM\\CurrentControlSet\\Control';
export const productOptionsKey = `${control}\\ProductOptions`;
const views: readonly View[] = [64, 32];

interface Part {
  readonly path: string;
  /** Also everything below it; else the values of the key alone. */
  readonly deep?: boolean;
  /** Only these values; all when left out. */
  readonly names?: readonly string[];
}

const osNames = [
  ...['ProductName', 'CurrentVersion', 'CurrentMajorVersionNumber', 'CurrentMinorVersionNumber'],
  ...['CurrentBuild', 'CurrentBuildNumber', 'UBR', 'ReleaseId', 'DisplayVersion', 'EditionID'],
  ...['InstallationType', 'CSDVersion', 'BuildLab', 'BuildLabEx'],
];

/** Values are kept as they are, so that remedies can restore them and rules can judge their types. */
export const partsThatMatter: readonly Part[] = [
  { path: schannelKey, deep: true },
  { path: localSuitesKey, deep: true },
  { path: lsaKey, names: ['FIPSAlgorithmPolicy'] },
  { path: `${lsaKey}\\FipsAlgorithmPolicy` },
  { path: productOptionsKey, names: ['ProductType', 'ProductSuite'] },
  { path: `${control}\\Windows` },
  { path: `${control}\\ComputerName\\ComputerName`, names: ['ComputerName'] },
  { path: `${control}\\TimeZoneInformation`, names: ['TimeZoneKeyName', 'StandardName'] },
  { path: `${control}\\Session Manager\\Environment`, names: ['PROCESSOR_ARCHITECTURE'] },
  { path: 'HKLM\\SYSTEM\\Setup\\BuildUpdate', names: ['SourceOSVersion'] },
  { path: currentVersionKey, names: osNames },
  { path: policySuitesKey },
  { path: dpmDatabaseKey, names: ['SqlServer', 'InstanceName'] },
  { path: authRootPolicyKey, names: ['DisableRootAutoUpdate'] },
  { path: dotNetSetupKey, deep: true, names: ['Release', 'Version', 'Install', 'SP'] },
  ...views.flatMap((view): Part[] => [
    { path: dotNetKey('v2.0.50727', view) },
    { path: dotNetKey('v4.0.30319', view) },
    { path: winHttpKey(view) },
  ]),
  ...winInetKeys.map((path) => ({
    path,
    names: ['SecureProtocols', 'ProxyEnable', 'ProxyServer', 'AutoConfigURL'],
  })),
  ...[1, 3].map((engine) => ({
    path: `HKLM\\SOFTWARE\\Microsoft\\PowerShell\\${engine}\\PowerShellEngine`,
    names: ['PowerShellVersion', 'RuntimeVersion'],
  })),
];

/** Subtrees whose keys, not their values, are read elsewhere: what was read of them matters too. */
const otherSubtrees = [packagesKey, certificatesKey, servicesKey, uninstallKey, sqlServerKey];

export type RegistryPart = Pick<Facts, 'registry' | 'keys' | 'read'>;

/** Reads every part. A part in which something could not be read does not count as read whole. */
export function collectRegistry(tree: RegistryTree): RegistryPart {
  const registry: RegistryFact[] = [];
  const keys: string[] = [];
  const read: string[] = [];
  for (const part of partsThatMatter) {
    const before = tree.problemCount();
    const key = tree.findKey(part.path);
    if (key !== undefined) collectKey(key, part, { registry, keys });
    if (tree.problemCount() !== before) continue;
    const covered = coverageOf(tree, part.path);
    const isAbsent = key === undefined && covered.includes(part.path);
    read.push(...(isAbsent ? [absentTop(tree, part.path)] : covered));
  }
  for (const path of otherSubtrees) read.push(...coverageOf(tree, path));
  return { registry, keys, read: [...new Set(read)] };
}

function collectKey(
  key: TreeKey,
  part: Part,
  into: { readonly registry: RegistryFact[]; readonly keys: string[] },
): void {
  into.keys.push(key.path);
  for (const value of key.values()) {
    const wanted = part.names?.some((name) => name.toLowerCase() === value.name.toLowerCase());
    if (wanted ?? true) into.registry.push(toFact(key.path, value));
  }
  if (part.deep !== true) return;
  for (const subkey of key.subkeys()) collectKey(subkey, part, into);
}

/** The highest key on the way that is known not to exist, so that an undo takes away what a change makes. */
function absentTop(tree: RegistryTree, path: string): string {
  const above = path.slice(0, path.lastIndexOf('\\'));
  const isKnown = tree.covered.some((root) => isBelow(above, root));
  return isKnown && tree.findKey(above) === undefined ? absentTop(tree, above) : path;
}

/** The part itself when the source holds it whole, or the pieces of it that the source holds. */
function coverageOf(tree: RegistryTree, path: string): string[] {
  if (tree.covered.some((root) => isBelow(path, root))) return [path];
  return tree.covered.filter((root) => isBelow(root, path));
}

const typeNames = new Map<number, string>(
  Object.entries(registryTypes).map(([name, code]) => [code, name]),
);

function toFact(path: string, value: SourcedValue): RegistryFact {
  const { name, type, source } = value;
  const typeName = typeNames.get(type) ?? `0x${type.toString(16)}`;
  return { path, name, type: typeName, data: dataOf(value), source };
}

function dataOf(value: SourcedValue): RegistryFact['data'] {
  const plain = dwordOf(value) ?? stringOf(value) ?? stringsOf(value);
  const fits = typeof plain !== 'string' || plain.length <= 0x10000;
  if (plain !== undefined && fits) return plain;
  return { hex: Buffer.from(value.data.subarray(0, 0x10000)).toString('hex') };
}
