/** The look of the report: light and dark by the reader's choice, black on white on paper. */

import { Html } from './html.ts';

export const pageStyle = new Html(`
:root { --back: #ffffff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --stripe: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171a; --text: #e8eaed; --soft: #a9b1ba; --line: #3a4149; --stripe: #1c2024; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); line-height: 1.5;
  font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "Noto Sans SC", "Microsoft YaHei", sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 1.7rem; margin: 0; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
header p, figcaption, caption { color: var(--soft); }
figure { margin: 0 0 1rem; }
svg { width: 100%; height: auto; }
.table { overflow-x: auto; }
.table:focus-visible { outline: 2px solid var(--soft); }
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 4px 0 8px; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; min-width: 5em; }
thead th { font-weight: 600; border-bottom-width: 2px; }
tbody th { font-weight: 500; }
tbody tr:nth-child(even) { background: var(--stripe); }
@media print {
  :root { --back: #ffffff; --text: #000000; --soft: #333333; --line: #999999; --stripe: #ffffff; }
  main { max-width: none; padding: 0; }
  .table { overflow: visible; }
  thead { display: table-header-group; }
  tr, figure { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`);
