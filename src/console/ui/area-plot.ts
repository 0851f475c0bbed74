/**
 * The canvas of an area chart, by uPlot; loaded when the first chart is shown. Stacked areas are drawn from
 * the highest sum down, each over the one before, so that what stays visible of each is its own share.
 */

import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { AreaMark, AreaSeries } from './area-chart.tsx';

export interface AreaInput {
  readonly moments: readonly number[];
  readonly series: readonly AreaSeries[];
  readonly marks: readonly AreaMark[];
  readonly height: number;
  readonly isStacked: boolean;
  readonly written: (value: number) => string;
  readonly day: (ms: number) => string;
}

export interface AreaPlot {
  resize(): void;
  remove(): void;
}

export function drawAreas(holder: HTMLElement, input: AreaInput): AreaPlot {
  const { moments, series, marks, height, isStacked, written, day } = input;
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  const font = `11.5px ${token('--sans')}`;
  const first = moments[0] ?? 0;
  const last = Math.max(moments.at(-1) ?? 0, ...marks.map(({ ms }) => ms));
  const sums = isStacked ? stacked(series) : series.map(({ values }) => [...values]);
  const order = series.map((_, index) => index).reverse();
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  const axis = {
    font,
    stroke: token('--ink-faint'),
    grid: { stroke: token('--line'), width: 1 },
    ticks: { show: false },
  };
  const plot = new UPlot(
    {
      width: holder.clientWidth,
      height,
      ms: 1,
      legend: { show: false },
      padding: [marks.length > 0 ? markHeights.length * markStep + 6 : 10, 40, 0, 8],
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { time: true, range: () => [first, last === first ? first + 1 : last] },
        y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.08)] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          space: 90,
          values: (_plot, splits) => splits.map((ms) => day(ms)),
        },
        {
          ...axis,
          size: (_plot, values) => widestOf(values ?? [], font) + 14,
          values: (_plot, splits) => splits.map((value) => written(value)),
        },
      ],
      series: [
        {},
        ...order.map((index) => {
          const color = token(series[index]?.color ?? '--other');
          return {
            stroke: isStacked ? token('--surface') : color,
            width: isStacked ? 1 : 2,
            fill: isStacked ? color : `color-mix(in srgb, ${color} 16%, transparent)`,
            points: { show: moments.length < 3, fill: color },
          };
        }),
      ],
      hooks: {
        init: [(made) => made.over.append(tip)],
        draw: [(made) => drawMarks(made, marks, { font, token })],
        setCursor: [(made) => showTip(made, tip, input)],
      },
    },
    [[...moments], ...order.map((index) => sums[index] ?? [])],
    holder,
  );
  return {
    resize: () => plot.setSize({ width: holder.clientWidth, height }),
    remove: () => plot.destroy(),
  };
}

/** Each series on top of those before it. */
function stacked(series: readonly AreaSeries[]): number[][] {
  const total: number[] = [];
  return series.map(({ values }) =>
    values.map((value, index) => {
      total[index] = (total[index] ?? 0) + value;
      return total[index];
    }),
  );
}

function widestOf(texts: readonly string[], font: string): number {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return 40;
  context.font = font;
  return Math.max(16, ...texts.map((text) => context.measureText(text).width));
}

/** Distances of labels from the plot's top, and between them, in CSS pixels. */
const markStep = 14;
const markHeights = [5, 5 + markStep, 5 + 2 * markStep, 5 + 3 * markStep];

/**
 * A dashed line for each date. A label stands on the lowest height where it covers no other one, right or
 * left of its line; one that finds no room is left out, and the table below the chart still has it.
 */
function drawMarks(
  { ctx, bbox, valToPos }: UPlot,
  marks: readonly AreaMark[],
  { font, token }: { readonly font: string; readonly token: (name: string) => string },
): void {
  const ratio = devicePixelRatio;
  const gap = 4 * ratio;
  const taken = markHeights.map((): { from: number; to: number }[] => []);
  const labels: { label: string; from: number; width: number; y: number }[] = [];
  ctx.save();
  ctx.font = font.replace('11.5px', `${11 * ratio}px`);
  ctx.lineWidth = 1.2 * ratio;
  ctx.strokeStyle = token('--bad');
  ctx.textAlign = 'left';
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  for (const { ms, label } of marks) {
    const x = Math.round(valToPos(ms, 'x', true));
    const width = ctx.measureText(label).width;
    const sides = [x + gap, x - gap - width].filter(
      (from) => from >= bbox.left && from + width <= bbox.left + bbox.width,
    );
    const row = taken.findIndex((labels) => sides.some((from) => isFree(labels, from, width)));
    const from = sides.find((side) => isFree(taken[row] ?? [], side, width));
    const y = bbox.top - (markHeights[row] ?? 0) * ratio;
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (row === -1 || from === undefined) continue;
    taken[row]?.push({ from: from - 2 * gap, to: from + width + 2 * gap });
    labels.push({ label, from, width, y });
  }
  // Above the lines of other dates that cross them.
  for (const { label, from, width, y } of labels) {
    ctx.fillStyle = token('--surface');
    ctx.fillRect(from - 2 * ratio, y - 10 * ratio, width + 4 * ratio, 13 * ratio);
    ctx.fillStyle = token('--ink-soft');
    ctx.fillText(label, from, y);
  }
  ctx.restore();
}

function isFree(
  taken: readonly { readonly from: number; readonly to: number }[],
  from: number,
  width: number,
): boolean {
  return taken.every((label) => from + width < label.from || from > label.to);
}

/** Elements, not markup: names may come from clients. */
function showTip(
  { cursor, over }: UPlot,
  tip: HTMLElement,
  { moments, series, written, day }: AreaInput,
): void {
  const index = cursor.idx;
  const left = cursor.left ?? -1;
  const ms = typeof index === 'number' ? moments[index] : undefined;
  tip.hidden = ms === undefined || left < 0;
  if (tip.hidden || ms === undefined) return;
  const title = document.createElement('b');
  title.textContent = day(ms);
  const lines = series
    .map(({ name, values }) => ({ name, value: values[index ?? 0] ?? 0 }))
    .reverse()
    .map(({ name, value }) => {
      const line = document.createElement('span');
      const label = document.createElement('em');
      label.textContent = name;
      line.append(label, written(value));
      return line;
    });
  tip.replaceChildren(title, ...lines);
  const isLate = left > over.clientWidth / 2;
  tip.style.transform = `translate(${isLate ? left - tip.offsetWidth - 12 : left + 12}px, 6px)`;
}
