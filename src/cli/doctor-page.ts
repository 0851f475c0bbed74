/** A fleet's diagnoses as one page: no script, nothing from the network. Machines are added one by one. */

import { fillText } from '../base/fill-text.ts';
import { printable } from '../base/printable.ts';
import { remediesFor } from '../doctor/remedies/remedies.ts';
import { findingTitle, findingWhy } from '../doctor/texts/diagnosis-text.ts';
import { textsIn } from '../doctor/texts/texts.ts';
import type { Severity, Status } from '../doctor/verdicts/verdict.ts';
import type { NamedDiagnosis } from './doctor-documents.ts';
import { type Html, html } from './fleet/html.ts';
import { pageStyle } from './fleet/page-style.ts';
import type { Language } from './language.ts';

interface Group {
  readonly severity: Severity;
  readonly title: string;
  readonly why: string;
  readonly remedy: string;
  /** Their indexes, in the order read. */
  readonly machines: number[];
}

interface Line {
  readonly name: string;
  readonly system: string;
  readonly status: Status;
  readonly titles: readonly string[];
}

const statusRanks: readonly Status[] = ['not-ready', 'unknown', 'ready'];
const severityRanks: readonly Severity[] = ['error', 'warning', 'note'];

/** Keeps of each machine a line, and of each kind of finding its texts once. */
export class DoctorPage {
  readonly #language: Language;
  readonly #lines: Line[] = [];
  readonly #groups = new Map<string, Group>();

  constructor(language: Language) {
    this.#language = language;
  }

  add({ name, diagnosis }: NamedDiagnosis): void {
    const language = this.#language;
    const texts = textsIn(language);
    const { facts, findings, status, system = '' } = diagnosis;
    const index = this.#lines.length;
    const remedies = new Map(
      remediesFor(facts, findings).map(({ id, text, fields }) => [
        id,
        fillText(texts.remedies[text], fields),
      ]),
    );
    const titles: string[] = [];
    for (const finding of findings) {
      const { id, severity } = finding;
      const title = findingTitle(finding, language);
      const key = `${severity} ${id} ${title}`;
      const group: Group = this.#groups.get(key) ?? {
        ...{ severity, title, why: findingWhy(finding, language), machines: [] },
        remedy: remedies.get(finding.remedy ?? '') ?? '',
      };
      this.#groups.set(key, group);
      if (group.machines.at(-1) !== index) group.machines.push(index);
      if (severity === 'error') titles.push(group.title);
    }
    this.#lines.push({ name, system, status, titles });
  }

  /** A whole HTML document; everything that came from machines is escaped. */
  render(): string {
    const language = this.#language;
    const { report } = textsIn(language);
    return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>sealift doctor</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<h1>sealift doctor</h1>
<p>${this.#summary()}</p>
</header>
<section aria-labelledby="findings">
<h2 id="findings">${report.findings}</h2>
${this.#findings()}
</section>
<section aria-labelledby="machines">
<h2 id="machines">${report.heading}</h2>
${this.#machines()}
</section>
</main>
</body>
</html>
`.text;
  }

  #summary(): string {
    const count = (wanted: Status): number =>
      this.#lines.filter(({ status }) => status === wanted).length;
    return fillText(textsIn(this.#language).report.summary, {
      ...{ total: this.#lines.length, ready: count('ready') },
      ...{ notReady: count('not-ready'), unknown: count('unknown') },
    });
  }

  /** Equal findings once; the gravest first, then the most frequent. */
  #findings(): Html {
    const { report, severity: names } = textsIn(this.#language);
    const groups = [...this.#groups.values()].sort(
      (a, b) =>
        severityRanks.indexOf(a.severity) - severityRanks.indexOf(b.severity) ||
        b.machines.length - a.machines.length,
    );
    if (groups.length === 0) return html`<p>${report.noFindings}</p>`;
    const parts = groups.map(({ severity, title, why, remedy, machines }) => {
      const all = machines.map((index) => printable(this.#lines[index]?.name ?? '')).join(', ');
      const count = fillText(report.sameFinding, { count: machines.length });
      const who =
        machines.length === 1
          ? html`<p>${report.heading}: ${all}</p>`
          : html`<details><summary>${count}</summary><p>${all}</p></details>`;
      const mended = remedy === '' ? [] : [html`<p>${report.remedy}: ${printable(remedy)}</p>`];
      return html`<h3>${names[severity]}: ${printable(title)}</h3>
<p>${printable(why)}</p>
${mended}
${who}`;
    });
    return html`${parts}`;
  }

  #machines(): Html {
    const { report, status: names } = textsIn(this.#language);
    const lines = this.#lines.toSorted(
      (a, b) => statusRanks.indexOf(a.status) - statusRanks.indexOf(b.status),
    );
    const rows = lines.map(
      ({ name, system, status, titles }) =>
        html`<tr><th scope="row">${printable(name)}</th><td>${printable(system)}</td><td>${names[status]}</td><td>${titles.map(printable).join('; ')}</td></tr>`,
    );
    return html`<div class="table" role="region" aria-labelledby="machines" tabindex="0">
<table>
<thead><tr><th scope="col">${report.heading}</th><th scope="col">${report.system}</th><th scope="col">${report.verdict}</th><th scope="col">${report.because}</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
</div>`;
  }
}
