/** The report on the fleet as one page: no script, nothing from the network, fit for paper. */

import { printable } from '../../base/printable.ts';
import { capabilityName } from '../../tls/retirement/capability-text.ts';
import type { Phase, Plan } from '../../tls/retirement/plan.ts';
import type { Doctors } from '../../vault/facts/client-doctors.ts';
import type { FleetReport } from '../../vault/ledger/fleet-report.ts';
import type { Table } from '../table.ts';
import type { TextKey } from '../texts/en.ts';
import { doctorTable } from './client-doctor.ts';
import { clientTable, inventoryTable, weekTable } from './client-tables.ts';
import { type Html, html } from './html.ts';
import { dateText, momentText, obstacleReasons, obstacleText, type Speaker } from './labels.ts';
import { pageStyle } from './page-style.ts';
import { countsOf, notReadyOf } from './summary.ts';
import { drawWeeks } from './week-chart.ts';

const phaseKeys: readonly (readonly [Phase, TextKey])[] = [
  ['observe', 'report.phaseObserve'],
  ['warn', 'report.phaseWarn'],
  ['brownout', 'report.phaseBrownout'],
  ['enforce', 'report.phaseEnforce'],
];

/** @returns a whole HTML document; everything that came from clients is escaped */
export function renderPage(
  speaker: Speaker,
  report: FleetReport,
  doctors: Doctors = new Map(),
): string {
  const { say, language } = speaker;
  const period = say('report.period', {
    from: dateText(report.sinceMs),
    to: dateText(report.madeMs),
  });
  const page = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${say('report.title')}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<h1>${say('report.title')}</h1>
<p>${period}</p>
</header>
${summarySection(speaker, report)}
${weekSection(speaker, report)}
${notReadySection(speaker, report)}
${doctorSection(speaker, doctors)}
${retirementSection(speaker, report)}
${section('clients', say('report.headingClients'), [
  tableOf(clientTable(speaker, clientsOf(report)), say('report.captionClients')),
])}
${section('inventory', say('report.headingInventory'), [
  tableOf(inventoryTable(speaker, report.inventory), say('report.captionInventory')),
])}
</main>
</body>
</html>
`;
  return page.text;
}

function section(id: string, heading: string, content: readonly Html[]): Html {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${heading}</h2>
${content}
</section>`;
}

function summarySection(speaker: Speaker, report: FleetReport): Html {
  const { say } = speaker;
  const counts = html`<p>${say('report.counts', { ...countsOf(report.clients) })}</p>`;
  return section('summary', say('report.headingSummary'), [counts]);
}

function weekSection(speaker: Speaker, { weeks }: FleetReport): Html {
  const { say } = speaker;
  const heading = say('report.headingWeeks');
  if (weeks.length === 0) return section('weeks', heading, [html`<p>${say('report.empty')}</p>`]);
  return section('weeks', heading, [
    html`<figure>
${drawWeeks(speaker, weeks)}
<figcaption>${say('report.chart')}</figcaption>
</figure>`,
    tableOf(weekTable(speaker, weeks), say('report.captionWeeks')),
  ]);
}

function notReadySection(speaker: Speaker, report: FleetReport): Html {
  const { say } = speaker;
  const rows = notReadyOf(report.clients).map(({ summary, readiness }) => [
    summary.name,
    obstacleText(speaker, readiness),
    obstacleReasons(speaker, readiness).join('; '),
    readiness.enforceMs === undefined ? '' : dateText(readiness.enforceMs),
    momentText(summary.lastSeenMs),
    momentText(summary.lastBackupMs),
    String(summary.backups),
  ]);
  const heading = `${say('report.headingNotReady')} (${rows.length})`;
  const headings = [
    say('ledger.tableClient'),
    say('report.tableLacking'),
    say('report.tableReason'),
    say('report.phaseEnforce'),
    say('ledger.tableLastSeen'),
    say('ledger.tableLastBackup'),
    say('ledger.tableBackups'),
  ];
  return section('not-ready', heading, [
    tableOf({ headings, rows }, say('report.captionNotReady')),
  ]);
}

/** Machines that said themselves what would stop them, whatever the ledger saw. */
function doctorSection(speaker: Speaker, doctors: Doctors): readonly Html[] {
  const { say } = speaker;
  const table = doctorTable(doctors, speaker);
  if (table.rows.length === 0) return [];
  const heading = `${say('report.headingDoctor')} (${table.rows.length})`;
  return [section('doctor', heading, [tableOf(table, say('report.captionDoctor'))])];
}

function retirementSection(speaker: Speaker, { plan }: FleetReport): Html {
  const { say, language } = speaker;
  const heading = say('report.headingRetirements');
  if (plan === undefined || plan.retirements.length === 0) {
    const name = plan?.policy.name ?? '';
    return section('retirements', heading, [html`<p>${say('report.noPlan', { name })}</p>`]);
  }
  const rows = plan.retirements.map(({ capability, phases }: Plan['retirements'][number]) => [
    capabilityName(capability, language),
    ...phaseKeys.map(([phase]) => {
      const ms = phases[phase];
      return ms === undefined ? '' : dateText(ms);
    }),
  ]);
  const headings = [say('report.tableCapability'), ...phaseKeys.map(([, key]) => say(key))];
  return section('retirements', heading, [
    tableOf({ headings, rows }, say('report.captionRetirements')),
  ]);
}

/** Strangers come and go; the page is about the fleet. */
function clientsOf({ clients }: FleetReport): FleetReport['clients'] {
  return clients.filter(({ summary }) => summary.class === 'client');
}

function tableOf({ headings, rows }: Table, caption: string): Html {
  const heads = headings.map((heading) => html`<th scope="col">${heading}</th>`);
  const lines = rows.map((cells) => {
    const [first = '', ...rest] = cells.map(printable);
    const others = rest.map((cell) => html`<td>${cell}</td>`);
    return html`<tr><th scope="row">${first}</th>${others}</tr>`;
  });
  return html`<div class="table" role="region" aria-label="${caption}" tabindex="0">
<table>
<caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${lines}
</tbody>
</table>
</div>`;
}
