/** Facts of a Windows machine from its registry, whatever it was read from. */

import { type FactProblem, type Facts, makeFacts } from './facts.ts';
import { holdsOneView, inItsView } from './one-view.ts';
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

/** What stands in the notes of an export that shows one of two views. */
export const oneViewNote = 'one-view';

export function windowsFacts(reading: WindowsReading): Facts {
  const { tree, sources } = reading;
  const isExport = sources.length > 0 && sources.every(({ kind }) => kind === 'reg-export');
  if (!isExport || !holdsOneView(tree)) return factsOfTree(reading);
  const { os } = factsOfTree(reading);
  if (os?.architecture === 'x86') return factsOfTree(reading);
  const noted = sources.map((source) => ({ ...source, notes: [...source.notes, oneViewNote] }));
  return factsOfTree({
    ...reading,
    tree: inItsView(tree, os?.architecture),
    sources: noted,
  });
}

function factsOfTree({ tree, sources, problems }: WindowsReading): Facts {
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
