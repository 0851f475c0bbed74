/** Areas over time, stacked or not, with dates marked; the same figures as a table for who cannot see them. */

import { useEffect, useRef } from 'react';
import { useIsDark, useSay } from '../hooks/settings.ts';
import type { AreaPlot } from './area-plot.ts';
import { useFormat } from './format.ts';
import { Table } from './table.tsx';

export interface AreaSeries {
  readonly name: string;
  /** A custom property of tokens.css, `--tls13`. */
  readonly color: string;
  /** As many as there are moments. */
  readonly values: readonly number[];
}

export interface AreaMark {
  readonly ms: number;
  readonly label: string;
}

const none: readonly never[] = [];

interface AreaChartProps {
  readonly label: string;
  readonly moments: readonly number[];
  readonly series: readonly AreaSeries[];
  readonly marks?: readonly AreaMark[];
  readonly height?: number;
  readonly isStacked?: boolean;
  readonly formatValue?: (value: number) => string;
}

export function AreaChart(props: AreaChartProps) {
  const { label, moments, series, marks = none, height = 260, isStacked = true } = props;
  const { formatValue } = props;
  const say = useSay();
  const format = useFormat();
  const isDark = useIsDark();
  const holder = useRef<HTMLDivElement>(null);
  const written = formatValue ?? format.number;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes what the colours are
  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    let plot: AreaPlot | undefined;
    let isGone = false;
    const observer = new ResizeObserver(() => plot?.resize());
    import('./area-plot.ts').then(
      ({ drawAreas }) => {
        if (isGone) return;
        const { day } = format;
        plot = drawAreas(element, { moments, series, marks, height, isStacked, written, day });
        observer.observe(element);
      },
      // The table beneath says the same; the page lives on.
      () => undefined,
    );
    return () => {
      isGone = true;
      observer.disconnect();
      plot?.remove();
    };
  }, [moments, series, marks, height, isStacked, written, format, isDark]);

  return (
    <figure>
      <div
        ref={holder}
        className="chart"
        role="img"
        aria-label={label}
        style={{ height: `${height}px` }}
      />
      <ul className="row small" aria-hidden>
        {series.map(({ name, color }) => (
          <li key={name} className="row key">
            <i style={{ background: `var(${color})` }} />
            {name}
          </li>
        ))}
      </ul>
      <details className="small chart-table">
        <summary>{say('chart.asTable')}</summary>
        <Table label={label}>
          <thead>
            <tr>
              <th scope="col">{say('chart.date')}</th>
              {series.map(({ name }) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {moments.map((ms, index) => (
              <tr key={ms}>
                <th scope="row">{format.day(ms)}</th>
                {series.map(({ name, values }) => (
                  <td key={name} className="number">
                    {written(values[index] ?? 0)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </Table>
      </details>
    </figure>
  );
}
