/**
 * What a machine is asked for by its own tools, whether it runs this program or a collector's script:
 * the keys that the rules read, from the tables of the readers, so that there is no second list.
 */

import {
  certificatesKey,
  packagesKey,
  partsThatMatter,
  servicesKey,
  softwareKey,
  sqlServerKey,
} from '../registry-facts.ts';
import { agentPrograms, windowsFiles } from '../windows-files/file-versions.ts';
import {
  certificateStores,
  connectionsKey,
  hotfixKey,
  javaKeys,
  servicesThatMatter,
  uninstallKeys,
} from '../windows-software.ts';

export interface RegistryRequest {
  readonly path: string;
  /**
   * - `export`: the key and all below it, byte for byte.
   * - `list`: its values and the names of its subkeys; for large keys of which little matters.
   * - `search`: one value in every key below it.
   */
  readonly how: 'export' | 'list' | 'search';
  /** Of `search`. */
  readonly name?: string;
}

/** The files whose versions tell what is installed. */
export const filesThatMatter: readonly string[] = [
  ...Object.keys(windowsFiles),
  ...Object.values(agentPrograms).map(({ name }) => name),
];

export function registryRequests(): RegistryRequest[] {
  const exported = (path: string): RegistryRequest => ({ path, how: 'export' });
  const listed = (path: string): RegistryRequest => ({ path, how: 'list' });
  const all: RegistryRequest[] = [
    ...partsThatMatter.map(({ path, deep, names }) =>
      deep === true || names === undefined ? exported(path) : listed(path),
    ),
    { path: packagesKey, how: 'search', name: 'CurrentState' },
    { path: hotfixKey, how: 'search', name: 'Installed' },
    listed(servicesKey),
    ...servicesThatMatter.map((name) => exported(`${servicesKey}\\${name}`)),
    ...uninstallKeys.map(exported),
    exported(`${sqlServerKey}\\Instance Names\\SQL`),
    { path: sqlServerKey, how: 'search', name: 'PatchLevel' },
    ...Object.keys(certificateStores).flatMap((store) => [
      listed(`${certificatesKey}\\${store}`),
      listed(`${certificatesKey}\\${store}\\Certificates`),
    ]),
    listed(certificatesKey),
    exported(connectionsKey),
    ...javaKeys.flatMap((key) =>
      ([64, 32] as const).map((view) => exported(`${softwareKey(view)}\\${key}`)),
    ),
  ];
  return [...new Map(all.map((request) => [request.path.toUpperCase(), request])).values()];
}

/** The keys above a key, the nearest first, up to one that every Windows has. */
export function keysAbove(path: string): string[] {
  const parts = path.split('\\');
  const lengths = parts.map((_, i) => parts.length - 1 - i).filter((length) => length >= 2);
  return lengths.map((length) => parts.slice(0, length).join('\\'));
}
