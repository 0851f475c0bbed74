/** `sealift clients`: whom the vault's ledger knows, with what TLS, and whether they are ready. */

import type { Command } from 'commander';
import { SealiftError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { formatSize } from '../../base/units.ts';
import type { Plan } from '../../tls/retirement/plan.ts';
import { signatureSchemeName } from '../../tls/signature-schemes.ts';
import type { ReportedClient } from '../../vault/ledger/fleet-report.ts';
import { vaultDataFolder } from '../config-folder.ts';
import type { Context } from '../context.ts';
import { encodeCsv } from '../csv.ts';
import { clientCsv, clientDocument, clientTable } from '../fleet/client-tables.ts';
import {
  dateText,
  groupText,
  kindText,
  momentText,
  obstacleReasons,
  readinessText,
  suiteText,
  versionText,
} from '../fleet/labels.ts';
import { type LedgerFlags, ledgerPeriod, withLedgerOptions } from '../fleet/ledger-options.ts';
import { vaultOption } from '../global-options.ts';
import type { Runner } from '../runner.ts';
import { renderTable } from '../table.ts';

interface ClientsFlags extends LedgerFlags {
  readonly all?: boolean;
  readonly csv?: boolean;
  readonly vault?: string;
}

export function addClients(program: Command, run: Runner): void {
  const clients = withLedgerOptions(
    program.command('clients').description('list the clients that the ledger knows'),
  )
    .addHelpText('before', 'Example:  sealift clients --since 30\n')
    .option('--all', 'also one-off visitors and scanners')
    .option('--csv', 'for a spreadsheet')
    .option(...vaultOption)
    .action(run(listAll));
  clients
    .command('show')
    .description('what the ledger knows of one client or address')
    .argument('<name>', "a client's name or an address")
    // commander gives the options to `clients`, wherever they stand.
    .action(run((context, _, names) => show(context, clients.opts<ClientsFlags>(), names)));
}

async function listAll(context: Context, flags: ClientsFlags): Promise<undefined> {
  const { out, say } = context;
  const { found, days } = await (flags.vault === undefined
    ? readClients(context, flags)
    : readRemoteClients(context, flags, flags.vault));
  const clients = found.filter(({ summary }) => summary.class === 'client');
  const shown = flags.all === true ? found : clients;
  const count = (type: string): number =>
    found.filter(({ summary }) => summary.class === type).length;
  const others = { visitors: count('visitor'), scanners: count('scanner') };
  if (out.modes.json) {
    out.json({ days, clients: shown.map(clientDocument), ...others });
  } else if (flags.csv === true) {
    out.raw(Buffer.from(encodeCsv(clientCsv(shown))));
  } else {
    if (shown.length === 0) out.info(say('ledger.none', { days }));
    else out.result(renderTable(clientTable(context, shown)));
    if (flags.all !== true && others.visitors + others.scanners > 0) {
      out.info(say('ledger.others', others));
    }
  }
}

async function show(
  context: Context,
  flags: ClientsFlags,
  [name = '']: readonly string[],
): Promise<undefined> {
  const { out } = context;
  if (flags.vault !== undefined) {
    const remote = await readRemoteClients(context, flags, flags.vault);
    const clients = remote.found.filter(({ summary }) => summary.name === name);
    if (clients.length === 0) throw unknownClient(name);
    if (out.modes.json) out.json(clients.map(clientDocument));
    else
      for (const client of clients) out.result(describe(context, client, remote.days).join('\n'));
    return;
  }
  const { found, days, plan, dataDir } = await readClients(context, flags);
  const wanted = found.filter(({ summary }) => summary.name === name);
  if (wanted.length === 0) {
    throw unknownClient(name);
  }
  const { doctorDocument, doctorLines } = await import('../fleet/client-doctor.ts');
  const { policyOf, readDoctors } = await import('../../vault/facts/client-doctors.ts');
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  const policy = policyOf(plan, Number.POSITIVE_INFINITY);
  const doctor = (
    await withVaultDatabase(dataDir, (database) => readDoctors(database, [name], policy))
  ).get(name);
  // Facts come with a certificate: a login or an address of the same name is somebody else.
  const doctorOf = ({ summary }: ReportedClient) =>
    summary.kind === 'certificate' ? doctor : undefined;
  if (out.modes.json) {
    out.json(
      wanted.map((client) => ({
        ...clientDocument(client),
        doctor: doctorDocument(doctorOf(client), context.language),
      })),
    );
    return;
  }
  const texts = wanted.map((client) => {
    const own = doctorOf(client);
    const lines = own === undefined ? [] : ['', ...doctorLines(own, context).map((l) => `  ${l}`)];
    return [...describe(context, client, days), ...lines.map(printable)].join('\n');
  });
  out.result(texts.join('\n\n'));
}

function unknownClient(name: string): SealiftError {
  return new SealiftError(
    'ledger/unknown-client',
    `the ledger knows no client or address ${name}`,
    {
      fields: { name },
      hint: 'sealift clients --all lists whom it knows; --since DAYS looks further back.',
    },
  );
}

async function readRemoteClients(
  context: Context,
  flags: ClientsFlags,
  url: string,
): Promise<{ found: readonly ReportedClient[]; days: number }> {
  const { readRemoteReport } = await import('../fleet/remote-report.ts');
  const { clients } = await readRemoteReport(context, flags, url);
  return { found: clients, days: ledgerPeriod(flags).days };
}

async function readClients(
  context: Context,
  flags: LedgerFlags,
): Promise<{ found: readonly ReportedClient[]; days: number; plan: Plan; dataDir: string }> {
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  const { reportClients } = await import('../../vault/ledger/fleet-report.ts');
  const { readYardstick } = await import('../fleet/yardstick.ts');
  const { requireVault } = await import('../fleet/require-vault.ts');
  const dataDir = flags.data ?? vaultDataFolder(context.env);
  await requireVault(dataDir);
  const yardstick = await readYardstick(dataDir, flags.policy);
  const period = ledgerPeriod(flags);
  const found = await withVaultDatabase(dataDir, (database) =>
    reportClients(database, { ...period, ...yardstick }),
  );
  return { found, days: period.days, plan: yardstick.plan, dataDir };
}

function describe(context: Context, client: ReportedClient, days: number): string[] {
  const { say } = context;
  const { summary, entries, readiness } = client;
  const title = `${printable(summary.name)} (${kindText(context, summary.kind)})`;
  if (summary.lastSeenMs === undefined) return [title, `  ${say('ledger.showUnseen', { days })}`];
  const lines = [
    say('ledger.showSeen', {
      first: momentText(summary.firstSeenMs),
      last: momentText(summary.lastSeenMs),
      addresses: summary.addresses.join(', '),
    }),
    say('ledger.showConnections', { count: summary.connections, days: summary.days }),
    say('ledger.showOutcomes', { ...summary.outcomes }),
    ...[...summary.reasons].map(([reason, count]) => say('ledger.showReason', { reason, count })),
    ...(summary.connectionsBySighting === 0
      ? []
      : [say('ledger.showSighting', { count: summary.connectionsBySighting, name: summary.name })]),
    ...handshakeLines(context, client),
    say('ledger.showBytes', {
      received: formatSize(summary.bytesIn),
      sent: formatSize(summary.bytesOut),
    }),
    say('ledger.showBackups', {
      count: summary.backups,
      last: summary.lastBackupMs === undefined ? undefined : momentText(summary.lastBackupMs),
    }),
    say('ledger.showReadiness', {
      state: readinessText(context, readiness),
      date: readiness?.enforceMs === undefined ? undefined : dateText(readiness.enforceMs),
    }),
    ...(readiness === undefined ? [] : obstacleReasons(context, readiness)),
  ];
  const headings = [
    say('ledger.tableFingerprint'),
    say('ledger.tableVersion'),
    say('ledger.tableLastSeen'),
    say('ledger.tableConnections'),
    say('ledger.tableBackups'),
  ];
  const rows = entries.map((entry) => [
    printable(entry.fingerprint),
    versionText(entry.bestNegotiated),
    momentText(entry.lastSeenMs),
    String(entry.connections),
    String(entry.backups),
  ]);
  const table = rows.length === 0 ? [] : ['', renderTable({ headings, rows })];
  return [title, ...lines.map((line) => `  ${printable(line)}`), ...table];
}

function handshakeLines({ say }: Context, { summary }: ReportedClient): string[] {
  const best = say('ledger.showBest', {
    offered: versionText(summary.bestOffered) || '-',
    negotiated: versionText(summary.bestNegotiated) || '-',
  });
  if (summary.lastVersion === undefined) return [best];
  const last = say('ledger.showLast', {
    version: versionText(summary.lastVersion),
    suite: suiteText(summary.cipherSuite),
    group: summary.group === undefined ? undefined : groupText(summary.group),
    scheme:
      summary.signatureScheme === undefined
        ? undefined
        : signatureSchemeName(summary.signatureScheme),
    alpn: summary.alpn,
  });
  return [best, last];
}
