/** Clients and inventory as tables, as CSV for machines and people, and as JSON documents. */

import { printable } from '../../base/printable.ts';
import { signatureSchemeName } from '../../tls/signature-schemes.ts';
import { findVersion, formatCode } from '../../tls/versions.ts';
import type { ReportedClient } from '../../vault/ledger/fleet-report.ts';
import type { Readiness } from '../../vault/ledger/readiness.ts';
import type { InventoryLine, Week } from '../../vault/ledger/usage.ts';
import type { Table } from '../table.ts';
import {
  classText,
  groupText,
  kindText,
  momentJson,
  momentText,
  readinessText,
  type Speaker,
  suiteText,
  versionText,
} from './labels.ts';

export function clientTable(speaker: Speaker, clients: readonly ReportedClient[]): Table {
  const { say } = speaker;
  const headings = [
    say('ledger.tableClient'),
    say('ledger.tableKind'),
    say('ledger.tableOffered'),
    say('ledger.tableLastVersion'),
    say('ledger.tableSuite'),
    say('ledger.tableGroup'),
    say('ledger.tableFingerprint'),
    say('ledger.tableLastSeen'),
    say('ledger.tableLastBackup'),
    say('ledger.tableReadiness'),
  ];
  const rows = clients.map(({ summary, entries, readiness }) =>
    [
      summary.name,
      summary.class === 'client'
        ? kindText(speaker, summary.kind)
        : classText(speaker, summary.class),
      versionText(summary.bestOffered),
      versionText(summary.lastVersion),
      suiteText(summary.cipherSuite),
      groupText(summary.group),
      summary.fingerprints[0] ?? '',
      summary.lastSeenMs === undefined ? say('ledger.never') : momentText(summary.lastSeenMs),
      momentText(summary.lastBackupMs),
      // Who was never seen, or spoke no TLS, has nothing to be judged by.
      entries.length === 0 ? '' : readinessText(speaker, readiness),
    ].map(printable),
  );
  return { headings, rows };
}

/** Headings and values stay the same in every language and version: scripts read them. */
export function clientCsv(clients: readonly ReportedClient[]): Table {
  const documents = clients.map(clientDocument);
  const headings = [
    'name',
    'kind',
    'class',
    'enrolled',
    'best_offered',
    'best_negotiated',
    'last_version',
    'cipher_suite',
    'group',
    'signature_scheme',
    'server_name',
    'alpn',
    'fingerprint',
    'address',
    'first_seen',
    'last_seen',
    'days',
    'connections',
    'accepted',
    'warned',
    'brownout',
    'refused',
    'failed',
    'bytes_in',
    'bytes_out',
    'backups',
    'last_backup',
    'readiness',
    'lacking',
    'enforce',
  ];
  const rows = documents.map((document) => {
    const flat: Record<string, unknown> = {
      ...document,
      ...document.outcomes,
      fingerprint: document.fingerprints[0],
      address: document.addresses[0],
      readiness: document.readiness?.state,
      lacking: [...new Set(document.readiness?.obstacles.flatMap((one) => one.capabilities))].join(
        ' ',
      ),
      enforce: document.readiness?.enforce,
    };
    return headings.map((heading) => String(flat[heading] ?? ''));
  });
  return { headings, rows };
}

export function clientDocument({ summary, entries, readiness }: ReportedClient) {
  return {
    name: summary.name,
    kind: summary.kind,
    class: summary.class,
    enrolled: summary.enrolled,
    best_offered: versionJson(summary.bestOffered),
    best_negotiated: versionJson(summary.bestNegotiated),
    last_version: versionJson(summary.lastVersion),
    cipher_suite: suiteText(summary.cipherSuite) || null,
    group: groupText(summary.group) || null,
    signature_scheme:
      summary.signatureScheme === undefined ? null : signatureSchemeName(summary.signatureScheme),
    server_name: summary.serverName ?? null,
    alpn: summary.alpn ?? null,
    fingerprints: summary.fingerprints,
    addresses: summary.addresses,
    first_seen: momentJson(summary.firstSeenMs),
    last_seen: momentJson(summary.lastSeenMs),
    days: summary.days,
    connections: summary.connections,
    connections_by_sighting: summary.connectionsBySighting,
    outcomes: {
      accepted: summary.outcomes.accepted,
      warned: summary.outcomes.warned,
      brownout: summary.outcomes.brownout,
      refused: summary.outcomes.refused,
      failed: summary.outcomes.failed,
      empty: summary.outcomes.empty,
      not_tls: summary.outcomes.notTls,
    },
    reasons: Object.fromEntries(summary.reasons),
    bytes_in: summary.bytesIn,
    bytes_out: summary.bytesOut,
    backups: summary.backups,
    last_backup: momentJson(summary.lastBackupMs),
    readiness: readiness === undefined ? null : readinessDocument(readiness),
    hellos: entries.map((entry) => ({
      fingerprint: entry.fingerprint,
      address: entry.address,
      first_seen: momentJson(entry.firstSeenMs),
      last_seen: momentJson(entry.lastSeenMs),
      connections: entry.connections,
      backups: entry.backups,
      best_negotiated: versionJson(entry.bestNegotiated),
    })),
  };
}

function readinessDocument({ state, obstacles, enforceMs }: Readiness) {
  return {
    state: state.replace('-', '_'),
    enforce: momentJson(enforceMs),
    obstacles: obstacles.map(({ fingerprint, lastSeenMs, capabilities, alert }) => ({
      fingerprint,
      last_seen: momentJson(lastSeenMs),
      capabilities,
      alert,
    })),
  };
}

export function inventoryTable(speaker: Speaker, lines: readonly InventoryLine[]): Table {
  const { say } = speaker;
  const headings = [
    say('ledger.tableVersion'),
    say('ledger.tableSuite'),
    say('ledger.tableGroup'),
    say('ledger.tableClient'),
    say('ledger.tableKind'),
    say('ledger.tableClass'),
    say('ledger.tableConnections'),
    say('ledger.tableFirstDay'),
    say('ledger.tableLastDay'),
  ];
  const rows = lines.map((line) =>
    [
      versionText(line.version),
      suiteText(line.cipherSuite),
      groupText(line.group),
      line.client,
      kindText(speaker, line.kind),
      classText(speaker, line.class),
      String(line.connections),
      line.firstDay,
      line.lastDay,
    ].map(printable),
  );
  return { headings, rows };
}

export function inventoryCsv(lines: readonly InventoryLine[]): Table {
  const headings = [
    'version',
    'cipher_suite',
    'group',
    'client',
    'kind',
    'class',
    'connections',
    'first_day',
    'last_day',
  ];
  const rows = lines.map((line) => {
    const flat: Record<string, unknown> = inventoryDocument(line);
    return headings.map((heading) => String(flat[heading] ?? ''));
  });
  return { headings, rows };
}

export function inventoryDocument(line: InventoryLine) {
  return {
    version: versionJson(line.version),
    cipher_suite: suiteText(line.cipherSuite) || null,
    group: groupText(line.group) || null,
    client: line.client,
    kind: line.kind,
    class: line.class,
    connections: line.connections,
    first_day: line.firstDay,
    last_day: line.lastDay,
  };
}

export function weekTable(speaker: Speaker, weeks: readonly Week[]): Table {
  const { say } = speaker;
  const headings = [
    say('report.columnWeek'),
    say('ledger.tableVersion'),
    say('ledger.tableConnections'),
    say('report.columnClients'),
    say('report.columnOthers'),
  ];
  const rows = weeks.flatMap(({ monday, versions }) =>
    versions.map(({ version, connections, clients }) => [
      monday,
      version === undefined ? say('report.refused') : versionText(version),
      String(connections.client),
      String(clients.client),
      `${connections.visitor} / ${connections.scanner}`,
    ]),
  );
  return { headings, rows };
}

export function weekDocument({ monday, versions }: Week) {
  return {
    monday,
    versions: versions.map(({ version, connections, clients }) => ({
      version: versionJson(version),
      connections,
      clients,
    })),
  };
}

/** `1.2`, `ssl3`; null for none. */
function versionJson(version: number | undefined): string | null {
  if (version === undefined) return null;
  return findVersion(version)?.short ?? formatCode(version);
}
