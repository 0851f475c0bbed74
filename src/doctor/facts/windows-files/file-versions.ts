/**
 * The versions of the programs and libraries of a Windows disk that tell what is installed: an update
 * by its library, an agent and SQL Server by their programs, .NET Framework by its runtime.
 */

import { type AgentFact, type Facts, makeFacts } from '../facts.ts';
import { readPeVersion } from './pe-version.ts';
import { diskParts, type WindowsDisk } from './windows-disk.ts';

/** The libraries of Windows whose version proves an update or a release of .NET, below its folder. */
export const windowsFiles: Readonly<Record<string, readonly string[]>> = {
  'schannel.dll': ['System32\\schannel.dll'],
  'winhttp.dll': ['System32\\winhttp.dll'],
  'webio.dll': ['System32\\webio.dll'],
  'clr.dll': [
    'Microsoft.NET\\Framework64\\v4.0.30319\\clr.dll',
    'Microsoft.NET\\Framework\\v4.0.30319\\clr.dll',
  ],
  'mscorlib.dll': [
    'Microsoft.NET\\Framework64\\v4.0.30319\\mscorlib.dll',
    'Microsoft.NET\\Framework\\v4.0.30319\\mscorlib.dll',
  ],
};

/** The program of each agent, and where it is when the registry does not say. */
export const agentPrograms = {
  'azure-backup': {
    ...{ name: 'cbengine.exe', service: 'obengine' },
    path: 'C:\\Program Files\\Microsoft Azure Recovery Services Agent\\bin\\cbengine.exe',
  },
  dpm: { name: 'msdpm.exe', service: 'MSDPM', path: undefined },
} as const;

export interface FoundFile {
  readonly version: string;
  /** Of the file, or the command that told its version. */
  readonly path: string;
}

/** The facts with what the disk's files tell. A file that cannot be read tells nothing. */
export async function withFileVersions(facts: Facts, disk: WindowsDisk): Promise<Facts> {
  const found = new Map<string, FoundFile>();
  for (const [name, places] of Object.entries(windowsFiles)) {
    const file = await firstOf(
      disk,
      places.map((place) => `%SystemRoot%\\${place}`),
    );
    if (file !== undefined) found.set(name, file);
  }
  for (const { name, service, path } of Object.values(agentPrograms)) {
    const image = facts.services.find((one) => one.name.toLowerCase() === service.toLowerCase());
    const file = await firstOf(disk, [image?.image, path]);
    if (file !== undefined) found.set(name, file);
  }
  const sqlServers: Facts['sqlServers'] = [];
  for (const server of facts.sqlServers) {
    const file = await firstOf(disk, [server.path && `${server.path}\\sqlservr.exe`]);
    sqlServers.push(
      file === undefined
        ? server
        : { ...server, version: file.version, source: { file: file.path } },
    );
  }
  return withFoundVersions({ ...facts, sqlServers }, found);
}

/** The same with versions that somebody else read: a collector, the machine's own tools. */
export function withFoundVersions(facts: Facts, found: ReadonlyMap<string, FoundFile>): Facts {
  const fileVersions = Object.fromEntries([...found].map(([name, { version }]) => [name, version]));
  const filePaths = Object.fromEntries([...found].map(([name, { path }]) => [name, path]));
  return makeFacts({
    ...facts,
    fileVersions: { ...facts.fileVersions, ...fileVersions },
    filePaths: { ...facts.filePaths, ...filePaths },
    agents: agentsWith(facts.agents, found),
    dotNet: dotNetWith(facts, found.get('clr.dll')),
  });
}

async function firstOf(
  disk: WindowsDisk,
  paths: readonly (string | undefined)[],
): Promise<FoundFile | undefined> {
  for (const path of paths) {
    const parts = path === undefined ? undefined : diskParts(path);
    const file = parts === undefined ? undefined : await disk.open(parts);
    if (file === undefined) continue;
    try {
      const version = await readPeVersion(file.read).catch(() => undefined);
      if (version !== undefined) return { version, path: file.path };
    } finally {
      await file.close();
    }
  }
  return undefined;
}

/** The program itself is surer than the list of installed programs, and proves an agent alone. */
function agentsWith(
  agents: readonly AgentFact[],
  found: ReadonlyMap<string, FoundFile>,
): AgentFact[] {
  const entries = Object.entries(agentPrograms) as [
    keyof typeof agentPrograms,
    (typeof agentPrograms)[keyof typeof agentPrograms],
  ][]; // Object.entries widens the keys of a constant.
  const files = new Map(
    entries.flatMap(([kind, { name }]) => {
      const file = found.get(name);
      return file === undefined ? [] : [[kind as string, file] as const];
    }),
  );
  // MABS is DPM under another name; its program is the same.
  const fileOf = (kind: string) => files.get(kind === 'mabs' ? 'dpm' : kind);
  const known = agents.map((agent): AgentFact => {
    const file = fileOf(agent.kind);
    if (file === undefined) return agent;
    return { ...agent, version: file.version, source: { file: file.path } };
  });
  const isKnown = (kind: string) =>
    agents.some((agent) => agent.kind === kind || (kind === 'dpm' && agent.kind === 'mabs'));
  const more = entries.flatMap(([kind, { name }]): AgentFact[] => {
    const file = files.get(kind);
    if (file === undefined || isKnown(kind)) return [];
    return [{ kind, name, version: file.version, path: file.path, source: { file: file.path } }];
  });
  return [...known, ...more];
}

/** The registry's release wins; a runtime without it still tells the version. */
function dotNetWith(facts: Facts, clr: FoundFile | undefined): Facts['dotNet'] {
  const version = clr === undefined ? undefined : dotNetOfClr(clr.version);
  const isKnown = facts.dotNet.some((one) => one.version.startsWith('4'));
  if (clr === undefined || version === undefined || isKnown) return facts.dotNet;
  return [...facts.dotNet, { version, source: { file: clr.path } }];
}

/**
 * The release of .NET Framework 4 that a `clr.dll` belongs to, never a later one: from 4.6 on its version
 * begins with that of the release, before it is 4.0.30319 with a number that grows.
 */
export function dotNetOfClr(version: string): string | undefined {
  const [major = 0, minor = 0, , revision = 0] = version.split('.').map(Number);
  if (major !== 4) return undefined;
  if (minor >= 6) return `4.${minor}`;
  if (revision >= 34_209) return '4.5.2';
  return revision >= 17_929 ? '4.5' : '4.0';
}
