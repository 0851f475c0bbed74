/**
 * The first builds of SQL Server with TLS 1.2. Source: Microsoft, KB3135244.
 *
 * Each service pack is serviced on two branches: security fixes alone (GDR) and cumulative updates (CU).
 * Between the first build of the one and that of the other a number does not tell which branch it is of.
 */

import { compareVersions } from './dotnet.ts';

interface Branches {
  /** First build of the service pack. */
  readonly from: string;
  readonly gdr: string;
  readonly cu: string;
}

const rows: readonly Branches[] = [
  { from: '10.0.5500', gdr: '10.0.5545.0', cu: '10.0.5896.0' },
  { from: '10.0.6000', gdr: '10.0.6547.0', cu: '10.0.6547.0' },
  { from: '10.50.4000', gdr: '10.50.4047.0', cu: '10.50.4344.0' },
  { from: '10.50.6000', gdr: '10.50.6542.0', cu: '10.50.6542.0' },
  { from: '11.0.5058', gdr: '11.0.5352.0', cu: '11.0.5644.2' },
  { from: '11.0.6020', gdr: '11.0.6216.27', cu: '11.0.6518.0' },
  { from: '11.0.7001', gdr: '11.0.7001', cu: '11.0.7001' },
  { from: '12.0.2000', gdr: '12.0.2271.0', cu: '12.0.2564.0' },
  { from: '12.0.4100', gdr: '12.0.4219.0', cu: '12.0.4439.1' },
  { from: '12.0.5000', gdr: '12.0.5000', cu: '12.0.5000' },
];
/** SQL Server 2016. */
const firstWithAll = '13.0';

/** undefined: the number does not tell. */
export function sqlServerHasTls12(version: string): boolean | undefined {
  const build = plainBuild(version);
  if (build === undefined) return undefined;
  if (compareVersions(build, firstWithAll) >= 0) return true;
  const row = rowsOf(build).findLast(({ from }) => compareVersions(build, from) >= 0);
  if (row === undefined || compareVersions(build, row.gdr) < 0) return false;
  return compareVersions(build, row.cu) >= 0 ? true : undefined;
}

/** What to ask for: the last of the rows of its release. */
export function sqlServerNeeds(version: string): string {
  return rowsOf(plainBuild(version) ?? '').at(-1)?.cu ?? firstWithAll;
}

function rowsOf(build: string): readonly Branches[] {
  const release = build.split('.').slice(0, 2).join('.');
  return rows.filter(({ from }) => from.startsWith(`${release}.`));
}

/** Setup's numbers carry the service pack in the second place: 10.53.6000.34 is 10.50.6000.34. */
function plainBuild(version: string): string | undefined {
  const [, major, minor, rest] = /^(\d+)\.(\d+)((?:\.\d+)+)$/.exec(version) ?? [];
  if (major === undefined || rest === undefined) return undefined;
  const release = Number(major) === 10 && Number(minor) >= 50 ? '50' : '0';
  return `${major}.${release}${rest}`;
}
