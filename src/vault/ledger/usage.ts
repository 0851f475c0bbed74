/** What is spoken: versions by week, and the inventory of versions and suites that auditors ask for. */

import type { VaultDatabase } from '../database/database.ts';
import type { ClientClass } from './classes.ts';
import {
  type ClientKind,
  connectionsOf,
  type LedgerView,
  type Owner,
  ownerText,
  type Period,
  readDays,
  viewLedger,
} from './entities.ts';
import { rowFromTable } from './ledger-store.ts';
import { type LedgerRow, parseAgreement } from './row.ts';

export type ByClass = Readonly<Record<ClientClass, number>>;

export interface WeekVersion {
  /** Undefined: no version was agreed on, for the connection was refused or failed. */
  readonly version: number | undefined;
  readonly connections: ByClass;
  /** Who used this version in this week; one who used two counts under both. */
  readonly clients: ByClass;
}

export interface Week {
  /** The Monday it begins with, UTC: `2026-11-23`. */
  readonly monday: string;
  /** The newest version first; what was refused last. */
  readonly versions: readonly WeekVersion[];
}

/** Protocol version, suite and group as one client used them: PCI DSS 4.0, requirement 12.3.3. */
export interface InventoryLine {
  readonly version: number;
  readonly cipherSuite: number | undefined;
  readonly group: number | undefined;
  readonly kind: ClientKind;
  readonly client: string;
  readonly class: ClientClass;
  readonly connections: number;
  readonly firstDay: string;
  readonly lastDay: string;
}

export interface Usage {
  readonly weeks: readonly Week[];
  /** The oldest version first: what has to go stands on top. */
  readonly inventory: readonly InventoryLine[];
}

export async function timelineByWeek(
  database: VaultDatabase,
  period: Period = {},
): Promise<readonly Week[]> {
  return (await readUsage(database, await viewLedger(database, period))).weeks;
}

export async function inventory(
  database: VaultDatabase,
  period: Period = {},
): Promise<readonly InventoryLine[]> {
  return (await readUsage(database, await viewLedger(database, period))).inventory;
}

/** Both in one walk through the rows. */
export async function readUsage(
  database: VaultDatabase,
  { period, findOwner, entities }: LedgerView,
): Promise<Usage> {
  const weeks = new Map<string, Map<number | undefined, Tally>>();
  const lines = new Map<string, InventoryLine>();
  for await (const tables of readDays(database, period)) {
    for (const table of tables) {
      const row = rowFromTable(table);
      const owner = findOwner(row);
      const text = ownerText(owner);
      const type = entities.get(text)?.class ?? 'visitor';
      countWeek(weeks, { row, owner: text, type });
      countLines(lines, { row, owner, type });
    }
  }
  return { weeks: weeksOf(weeks), inventory: [...lines.values()].sort(byVersionAndSuite) };
}

function countWeek(
  weeks: Map<string, Map<number | undefined, Tally>>,
  { row, owner, type }: { row: LedgerRow; owner: string; type: ClientClass },
): void {
  const monday = mondayOf(row.day);
  const week = weeks.get(monday) ?? new Map<number | undefined, Tally>();
  weeks.set(monday, week);
  for (const [version, count] of versionCounts(row)) {
    const tally = week.get(version) ?? makeTally();
    week.set(version, tally);
    tally.connections[type] += count;
    tally.owners[type].add(owner);
  }
}

function weeksOf(weeks: ReadonlyMap<string, ReadonlyMap<number | undefined, Tally>>): Week[] {
  return [...weeks].sort().map(([monday, versions]) => ({
    monday,
    versions: [...versions]
      .sort(([a = 0], [b = 0]) => b - a)
      .map(([version, { connections, owners }]) => ({
        version,
        connections,
        clients: {
          client: owners.client.size,
          visitor: owners.visitor.size,
          scanner: owners.scanner.size,
        },
      })),
  }));
}

function countLines(
  lines: Map<string, InventoryLine>,
  { row, owner, type }: { row: LedgerRow; owner: Owner; type: ClientClass },
): void {
  for (const [text, connections] of row.agreements) {
    const agreement = parseAgreement(text);
    if (agreement === undefined) continue;
    const key = `${text} ${owner.kind} ${owner.name}`;
    const before = lines.get(key);
    lines.set(key, {
      version: agreement.version,
      cipherSuite: agreement.suite,
      group: agreement.group,
      kind: owner.kind,
      client: owner.name,
      class: type,
      connections: (before?.connections ?? 0) + connections,
      firstDay: before?.firstDay ?? row.day,
      lastDay: row.day,
    });
  }
}

function byVersionAndSuite(a: InventoryLine, b: InventoryLine): number {
  return (
    a.version - b.version ||
    (a.cipherSuite ?? 0) - (b.cipherSuite ?? 0) ||
    (a.client < b.client ? -1 : 1)
  );
}

interface Tally {
  readonly connections: Record<ClientClass, number>;
  readonly owners: Record<ClientClass, Set<string>>;
}

function makeTally(): Tally {
  return {
    connections: { client: 0, visitor: 0, scanner: 0 },
    owners: { client: new Set(), visitor: new Set(), scanner: new Set() },
  };
}

/** Handshakes by version; what came to none is left over. */
function versionCounts(row: LedgerRow): Map<number | undefined, number> {
  const counts = new Map<number | undefined, number>();
  let agreed = 0;
  for (const [text, count] of row.agreements) {
    // What did not fit into the row is most likely of the row's latest version.
    const version = parseAgreement(text)?.version ?? row.last_version ?? undefined;
    counts.set(version, (counts.get(version) ?? 0) + count);
    agreed += count;
  }
  const rest = connectionsOf(row) - agreed;
  if (rest > 0) counts.set(undefined, (counts.get(undefined) ?? 0) + rest);
  return counts;
}

/** @param day `2026-11-24` */
function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}
