/** The versions of each week as a drawing: SVG made on the server, without a script in the page. */

import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Week } from '../../vault/ledger/usage.ts';
import { Html } from './html.ts';
import { type Speaker, versionText } from './labels.ts';

use([BarChart, GridComponent, LegendComponent, SVGRenderer]);

const width = 960;
const height = 340;

/** At least 3:1 against the page, light and dark (WCAG 2.2 §1.4.11); the older the version the warmer. */
const colours: Readonly<Record<number, string>> = {
  2: '#b23b6b',
  768: '#c04878',
  769: '#c8551f',
  770: '#b07d12',
  771: '#3a80c9',
  772: '#2f9187',
};
const refusedColour = '#8a6bbf';
const unknownColour = '#7d7d7d';

/** All that can stand beside each other. */
export const chartColours: readonly string[] = [
  ...Object.values(colours),
  refusedColour,
  unknownColour,
];

export function drawWeeks(speaker: Speaker, weeks: readonly Week[]): Html {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { color: 'currentColor', fontFamily: 'inherit' },
      grid: { left: 64, right: 16, top: 48, bottom: 32 },
      legend: { top: 0, textStyle: { color: 'currentColor' }, selectedMode: false },
      xAxis: {
        type: 'category',
        data: weeks.map(({ monday }) => monday),
        axisLabel: { color: 'currentColor' },
        axisLine: { lineStyle: { color: '#808080' } },
      },
      yAxis: {
        type: 'value',
        minInterval: 1,
        axisLabel: { color: 'currentColor' },
        splitLine: { lineStyle: { color: '#80808055' } },
      },
      series: seriesOf(speaker, weeks),
    });
    // The table that follows says the same to those who do not see it.
    const svg = chart.renderToSVGString().replace('<svg ', '<svg aria-hidden="true" ');
    return new Html(svg);
  } finally {
    chart.dispose();
  }
}

function seriesOf({ say }: Speaker, weeks: readonly Week[]): object[] {
  const found = new Set(weeks.flatMap(({ versions }) => versions.map(({ version }) => version)));
  return [...found]
    .sort((a = 0, b = 0) => a - b)
    .map((version) => ({
      type: 'bar',
      stack: 'connections',
      silent: true,
      name: version === undefined ? say('report.refused') : versionText(version),
      itemStyle: {
        color: version === undefined ? refusedColour : (colours[version] ?? unknownColour),
      },
      data: weeks.map(
        ({ versions }) => versions.find((one) => one.version === version)?.connections.client ?? 0,
      ),
    }));
}
