/** Which Windows a build is. Source: endoflife.date, Microsoft's release tables. */

import type { OperatingSystem } from '../facts/facts.ts';

interface Release {
  readonly build: number;
  readonly client: string | undefined;
  readonly server: string | undefined;
}

export const windowsReleases: readonly Release[] = [
  { build: 2600, client: 'Windows XP', server: undefined },
  { build: 3790, client: 'Windows XP x64', server: 'Windows Server 2003' },
  { build: 6000, client: 'Windows Vista', server: undefined },
  { build: 6001, client: 'Windows Vista SP1', server: 'Windows Server 2008 SP1' },
  { build: 6002, client: 'Windows Vista SP2', server: 'Windows Server 2008 SP2' },
  { build: 6003, client: 'Windows Vista SP2', server: 'Windows Server 2008 SP2' },
  { build: 7600, client: 'Windows 7', server: 'Windows Server 2008 R2' },
  { build: 7601, client: 'Windows 7 SP1', server: 'Windows Server 2008 R2 SP1' },
  { build: 9200, client: 'Windows 8', server: 'Windows Server 2012' },
  { build: 9600, client: 'Windows 8.1', server: 'Windows Server 2012 R2' },
  { build: 10_240, client: 'Windows 10 1507', server: undefined },
  { build: 10_586, client: 'Windows 10 1511', server: undefined },
  { build: 14_393, client: 'Windows 10 1607', server: 'Windows Server 2016' },
  { build: 15_063, client: 'Windows 10 1703', server: undefined },
  { build: 16_299, client: 'Windows 10 1709', server: 'Windows Server 1709' },
  { build: 17_134, client: 'Windows 10 1803', server: 'Windows Server 1803' },
  { build: 17_763, client: 'Windows 10 1809', server: 'Windows Server 2019' },
  { build: 18_362, client: 'Windows 10 1903', server: 'Windows Server 1903' },
  { build: 18_363, client: 'Windows 10 1909', server: 'Windows Server 1909' },
  { build: 19_041, client: 'Windows 10 2004', server: 'Windows Server 2004' },
  { build: 19_042, client: 'Windows 10 20H2', server: 'Windows Server 20H2' },
  { build: 19_043, client: 'Windows 10 21H1', server: undefined },
  { build: 19_044, client: 'Windows 10 21H2', server: undefined },
  { build: 19_045, client: 'Windows 10 22H2', server: undefined },
  { build: 20_348, client: undefined, server: 'Windows Server 2022' },
  { build: 22_000, client: 'Windows 11 21H2', server: undefined },
  { build: 22_621, client: 'Windows 11 22H2', server: undefined },
  { build: 22_631, client: 'Windows 11 23H2', server: undefined },
  { build: 25_398, client: undefined, server: 'Windows Server 23H2' },
  { build: 26_100, client: 'Windows 11 24H2', server: 'Windows Server 2025' },
  { build: 26_200, client: 'Windows 11 25H2', server: undefined },
  { build: 28_000, client: 'Windows 11 26H1', server: undefined },
];

/** The name of a system for a person; its own product name wins. */
export function systemName(os: OperatingSystem | undefined): string | undefined {
  if (os?.product !== undefined) {
    const pack = os.servicePack === undefined ? '' : ` SP${os.servicePack}`;
    return os.product.includes(pack.trim()) ? os.product : os.product + pack;
  }
  const release = windowsReleases.find((entry) => entry.build === os?.build);
  if (release === undefined) return undefined;
  const name = os?.role === 'server' ? release.server : release.client;
  return name ?? release.client ?? release.server;
}
