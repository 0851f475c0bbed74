/** `sealift report`: how far the whole fleet is, as text, CSV, JSON or one page. */

import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { messageOf } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { Doctors } from '../../vault/facts/client-doctors.ts';
import type { FleetReport } from '../../vault/ledger/fleet-report.ts';
import { vaultDataFolder } from '../config-folder.ts';
import type { Context } from '../context.ts';
import { encodeCsv } from '../csv.ts';
import { doctorDocument, doctorTable } from '../fleet/client-doctor.ts';
import {
  clientCsv,
  clientDocument,
  clientTable,
  inventoryCsv,
  inventoryDocument,
  inventoryTable,
  weekDocument,
  weekTable,
} from '../fleet/client-tables.ts';
import { dateText, momentJson } from '../fleet/labels.ts';
import { type LedgerFlags, ledgerPeriod, withLedgerOptions } from '../fleet/ledger-options.ts';
import { countsOf, notReadyOf } from '../fleet/summary.ts';
import { usageError, vaultOption } from '../global-options.ts';
import type { Runner } from '../runner.ts';
import { renderTable } from '../table.ts';

interface ReportFlags extends LedgerFlags {
  readonly html?: string;
  readonly inventory?: boolean;
  readonly csv?: boolean;
  readonly vault?: string;
}

export function addReport(program: Command, run: Runner): void {
  withLedgerOptions(
    program.command('report').description('how far the whole fleet is from modern TLS'),
  )
    .addHelpText('before', 'Example:  sealift report --html fleet.html\n')
    .option('--html <file>', 'write one self-contained page')
    .option('--inventory', 'TLS versions and cipher suites in use, by client (PCI DSS 12.3.3)')
    .option('--csv', 'for a spreadsheet: the clients, or with --inventory the inventory')
    .option(...vaultOption)
    .action(run(report));
}

async function report(context: Context, flags: ReportFlags): Promise<undefined> {
  const { out, say } = context;
  if (flags.html !== undefined && flags.csv === true) {
    throw usageError('--html and --csv cannot be used together');
  }
  const { made, doctors } = await readReport(context, flags);
  if (flags.html !== undefined) {
    const { renderPage } = await import('../fleet/page.ts');
    const path = resolve(flags.html);
    await writePage(path, renderPage(context, made, doctors));
    if (out.modes.json) out.json({ message_type: 'summary', path, ...countsOf(made.clients) });
    else out.info(say('report.written', { path }));
  } else if (out.modes.json) {
    out.json(
      flags.inventory === true
        ? made.inventory.map(inventoryDocument)
        : document(made, doctors, context),
    );
  } else if (flags.csv === true) {
    const table = flags.inventory === true ? inventoryCsv(made.inventory) : clientCsv(made.clients);
    out.raw(Buffer.from(encodeCsv(table)));
  } else {
    printText(context, made, { inventory: flags.inventory === true, doctors });
  }
}

async function readReport(
  context: Context,
  flags: ReportFlags,
): Promise<{ made: FleetReport; doctors: Doctors }> {
  if (flags.vault !== undefined) {
    const { readRemoteReport } = await import('../fleet/remote-report.ts');
    // What the doctor finds is asked for client by client: `clients show`, or the console.
    return { made: await readRemoteReport(context, flags, flags.vault), doctors: new Map() };
  }
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  const { makeFleetReport } = await import('../../vault/ledger/fleet-report.ts');
  const { readYardstick } = await import('../fleet/yardstick.ts');
  const { requireVault } = await import('../fleet/require-vault.ts');
  const dataDir = flags.data ?? vaultDataFolder(context.env);
  await requireVault(dataDir);
  const yardstick = await readYardstick(dataDir, flags.policy);
  const { policyOf, readDoctors } = await import('../../vault/facts/client-doctors.ts');
  return withVaultDatabase(dataDir, async (database) => {
    const made = await makeFleetReport(database, { ...ledgerPeriod(flags), ...yardstick });
    const names = made.clients
      .filter(({ summary }) => summary.kind === 'certificate')
      .map(({ summary }) => summary.name);
    const policy = policyOf(yardstick.plan, Number.POSITIVE_INFINITY);
    return { made, doctors: await readDoctors(database, names, policy) };
  });
}

async function writePage(path: string, page: string): Promise<void> {
  try {
    await writeFile(path, page);
  } catch (error) {
    throw usageError(`--html cannot write ${path}: ${messageOf(error)}`);
  }
}

function printText(
  context: Context,
  made: FleetReport,
  { inventory, doctors }: { readonly inventory: boolean; readonly doctors: Doctors },
): void {
  const { out, say } = context;
  out.info(say('report.period', { from: dateText(made.sinceMs), to: dateText(made.madeMs) }));
  if (inventory) {
    out.info(say('report.captionInventory'));
    out.result(renderTable(inventoryTable(context, made.inventory)));
    return;
  }
  out.result(say('report.counts', { ...countsOf(made.clients) }));
  if (made.weeks.length === 0) out.info(say('report.empty'));
  else {
    out.info(`\n${say('report.captionWeeks')}`);
    out.result(renderTable(weekTable(context, made.weeks)));
  }
  const notReady = notReadyOf(made.clients);
  if (notReady.length > 0) {
    out.info(`\n${say('report.captionNotReady')}`);
    out.result(renderTable(clientTable(context, notReady)));
  }
  const table = doctorTable(doctors, context);
  if (table.rows.length === 0) return;
  out.info(`\n${say('report.captionDoctor')}`);
  out.result(renderTable({ ...table, rows: table.rows.map((row) => row.map(printable)) }));
}

function document(made: FleetReport, doctors: Doctors, { language }: Context) {
  return {
    from: dateText(made.sinceMs),
    made: momentJson(made.madeMs),
    counts: countsOf(made.clients),
    retirements: (made.plan?.retirements ?? []).map(({ capability, phases }) => ({
      capability,
      phases: Object.fromEntries(
        Object.entries(phases).map(([phase, ms]) => [phase, momentJson(ms)]),
      ),
    })),
    weeks: made.weeks.map(weekDocument),
    clients: made.clients.map((client) => ({
      ...clientDocument(client),
      doctor:
        client.summary.kind === 'certificate'
          ? doctorDocument(doctors.get(client.summary.name), language)
          : null,
    })),
    inventory: made.inventory.map(inventoryDocument),
  };
}
