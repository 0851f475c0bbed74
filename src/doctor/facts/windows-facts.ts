/** Facts of a Windows machine from its registry, whatever it was read from. */

import { type FactProblem, type Facts, makeFacts } from './facts.ts';
import { collectRegistry } from './registry-facts.ts';
import type { RegistryTree } from './registry-tree.ts';
import { collectSoftware } from './windows-software.ts';
import { dotNetVersions, lookUp, windowsSystem } from './windows-system.ts';

const control = 'HKLM\\SYSTEM\\CurrentControlSet\\Control';

export interface WindowsReading {
  readonly tree: RegistryTree;
  readonly sources: Facts['sources'];
  /** Asked for after everything was read, since reading finds problems. */
  readonly problems: () => readonly FactProblem[];
}

export function windowsFacts({ tree, sources, problems }: WindowsReading): Facts {
  const registry = collectRegistry(tree);
  const software = collectSoftware(tree);
  const look = lookUp(registry.registry);
  const os = windowsSystem(look);
  const host = look(`${control}\\ComputerName\\ComputerName`, 'ComputerName')?.data;
  const zone =
    look(`${control}\\TimeZoneInformation`, 'TimeZoneKeyName') ??
    look(`${control}\\TimeZoneInformation`, 'StandardName');
  return makeFacts({
    ...registry,
    ...software,
    ...(os === undefined ? {} : { os }),
    ...(typeof host === 'string' && host !== '' ? { host } : {}),
    ...(typeof zone?.data === 'string' ? { clock: { timeZone: zone.data } } : {}),
    dotNet: dotNetVersions(look),
    sources,
    problems: problems().slice(0, 10_000),
  });
}
