/** The operating system and its .NET versions, from the registry. */

import type { Facts, OperatingSystem, RegistryFact } from './facts.ts';
import { foldName } from './registry/registry-value.ts';
import { currentVersionKey, dotNetSetupKey, productOptionsKey } from './registry-facts.ts';

const control = 'HKLM\\SYSTEM\\CurrentControlSet\\Control';
const architectures: Readonly<Record<string, OperatingSystem['architecture']>> = {
  X86: 'x86',
  AMD64: 'x64',
  ARM64: 'arm64',
  IA64: 'ia64',
};

/** The value of a key, whatever its type; undefined when it is absent or unknown. */
export type Look = (path: string, name: string) => RegistryFact | undefined;

export function lookUp(registry: readonly RegistryFact[]): Look {
  const byName = new Map(
    registry.map((fact): [string, RegistryFact] => [foldName(`${fact.path}\n${fact.name}`), fact]),
  );
  return (path, name) => byName.get(foldName(`${path}\n${name}`));
}

function textAt(look: Look, path: string, name: string): string | undefined {
  const data = look(path, name)?.data;
  return typeof data === 'string' && data !== '' ? data : undefined;
}

function numberAt(look: Look, path: string, name: string): number | undefined {
  const data = look(path, name)?.data;
  return typeof data === 'number' ? data : undefined;
}

/** undefined when nothing says which system it is. */
export function windowsSystem(look: Look): OperatingSystem | undefined {
  const fields = {
    ...fromSystemHive(look),
    ...withoutUndefined(fromCurrentVersion(look)),
  };
  if (Object.values(fields).every((value) => value === undefined)) return undefined;
  return { family: 'windows', ...withoutUndefined(fields) };
}

type SystemFields = {
  readonly [K in keyof Omit<OperatingSystem, 'family'>]?: OperatingSystem[K] | undefined;
};

function fromCurrentVersion(look: Look): SystemFields {
  const text = (name: string) => textAt(look, currentVersionKey, name);
  const number = (name: string) => numberAt(look, currentVersionKey, name);
  const build = wholeNumber(text('CurrentBuildNumber')) ?? wholeNumber(text('CurrentBuild'));
  const major = number('CurrentMajorVersionNumber');
  const installation = text('InstallationType');
  const product = text('ProductName');
  const role = installation === undefined ? undefined : roleOf(installation);
  return {
    // The name was never changed on Windows 11; build and kind of installation tell.
    product:
      build !== undefined && build >= 22_000 && role === 'client'
        ? product?.replace(/^Windows 10\b/, 'Windows 11')
        : product,
    version:
      major === undefined
        ? text('CurrentVersion')
        : `${major}.${number('CurrentMinorVersionNumber') ?? 0}`,
    build,
    ubr: number('UBR'),
    servicePack: wholeNumber(/Service Pack (\d+)/i.exec(text('CSDVersion') ?? '')?.[1]),
    edition: text('EditionID'),
    role: role ?? (/\bServer\b/i.test(product ?? '') ? 'server' : undefined),
    buildFrom: build === undefined ? undefined : 'current-version',
  };
}

/** What SYSTEM alone tells; the build may be the one that was installed first. */
function fromSystemHive(look: Look): SystemFields {
  const type = textAt(look, productOptionsKey, 'ProductType');
  const packs = numberAt(look, `${control}\\Windows`, 'CSDVersion');
  const lab = textAt(look, `${control}\\Windows`, 'ShutdownStopTimePerfCounterBuildLab');
  const labBuild = wholeNumber(/^(\d+)\./.exec(lab ?? '')?.[1]);
  const installed = installedVersion(look('HKLM\\SYSTEM\\Setup\\BuildUpdate', 'SourceOSVersion'));
  const processor = textAt(
    look,
    `${control}\\Session Manager\\Environment`,
    'PROCESSOR_ARCHITECTURE',
  );
  const build = labBuild ?? installed?.build;
  return {
    version: labBuild === undefined ? installed?.version : undefined,
    build,
    servicePack: packs === undefined || packs === 0 ? undefined : packs >> 8,
    role: type === undefined ? undefined : type === 'WinNT' ? 'client' : 'server',
    architecture: architectures[processor?.toUpperCase() ?? ''],
    buildFrom:
      build === undefined ? undefined : labBuild === undefined ? 'installation' : 'build-lab',
  };
}

/** Four 16-bit numbers of a REG_QWORD, the highest first: major, minor, build, revision. */
function installedVersion(fact: RegistryFact | undefined) {
  const data = fact?.data;
  if (typeof data !== 'object' || Array.isArray(data) || data.hex.length !== 16) return undefined;
  const bytes = Buffer.from(data.hex, 'hex');
  return {
    version: `${bytes.readUInt16LE(6)}.${bytes.readUInt16LE(4)}`,
    build: bytes.readUInt16LE(2),
  };
}

function roleOf(installation: string): 'client' | 'server' | undefined {
  if (/^Client$/i.test(installation)) return 'client';
  return /Server/i.test(installation) ? 'server' : undefined;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function withoutUndefined<T extends object>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> }; // Key by key the same.
}

/** Smallest `Release` of each version (Microsoft, "Determine which .NET Framework versions are installed"). */
const releases: readonly (readonly [number, string])[] = [
  [533_320, '4.8.1'],
  [528_040, '4.8'],
  [461_808, '4.7.2'],
  [461_308, '4.7.1'],
  [460_798, '4.7'],
  [394_802, '4.6.2'],
  [394_254, '4.6.1'],
  [393_295, '4.6'],
  [379_893, '4.5.2'],
  [378_675, '4.5.1'],
  [378_389, '4.5'],
];

/** The version that a `Release` number means; undefined below 4.5. */
export function dotNetVersionOf(release: number): string | undefined {
  return releases.find(([least]) => release >= least)?.[1];
}

export function dotNetVersions(look: Look): Facts['dotNet'] {
  const found: Facts['dotNet'] = [];
  const full = look(`${dotNetSetupKey}\\v4\\Full`, 'Release');
  if (typeof full?.data === 'number') {
    const version = dotNetVersionOf(full.data);
    if (version !== undefined) found.push(withSource({ version, release: full.data }, full));
  } else {
    const four =
      look(`${dotNetSetupKey}\\v4\\Full`, 'Version') ??
      look(`${dotNetSetupKey}\\v4\\Client`, 'Version');
    if (typeof four?.data === 'string') found.push(withSource({ version: four.data }, four));
  }
  for (const key of ['v3.5', 'v3.0', 'v2.0.50727', 'v1.1.4322']) {
    const install = look(`${dotNetSetupKey}\\${key}`, 'Install');
    if (install?.data === 1) {
      found.push(withSource({ version: key.slice(1).split('.').slice(0, 2).join('.') }, install));
    }
  }
  return found;
}

function withSource<T extends object>(fields: T, { source }: RegistryFact) {
  return source === undefined ? fields : { ...fields, source };
}
