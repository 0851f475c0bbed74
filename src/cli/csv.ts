/** Tables for spreadsheets: RFC 4180, with cells that a spreadsheet would take for a formula disarmed. */

import type { Table } from './table.ts';

/** First characters that make a formula of a cell in Excel, LibreOffice or Google Sheets. */
const formulaStart = /^[=+\-@\t\r\n\u00a0\uff0b\uff0d\uff1d\uff20]/;

/** @returns lines that end in CR LF, the headings first */
export function encodeCsv({ headings, rows }: Table): string {
  return encodeRows([headings, ...rows]);
}

/** The lines of a table that is written piece by piece. */
export function encodeRows(rows: Table['rows']): string {
  return rows.map((cells) => `${cells.map(encodeCell).join(',')}\r\n`).join('');
}

function encodeCell(text: string): string {
  // An apostrophe makes it text for the spreadsheet; a name may well begin with a minus.
  const harmless = formulaStart.test(text) ? `'${text}` : text;
  return /[",\r\n\t ]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
