/** Times, sizes, spans and shares as the chosen language writes them. Times always show their zone. */

import { useSettings } from '../hooks/settings.ts';
import { oncePerLanguage } from '../texts/texts.ts';

export interface Format {
  /** Date and time of day with its zone. */
  time(ms: number): string;
  /** A day with its zone: dates of a plan are moments too. */
  date(ms: number): string;
  /** A day alone, for axes and calendars that say their zone once. */
  day(ms: number): string;
  /** `3 hours ago`, `in 2 weeks`. */
  relative(ms: number, nowMs: number): string;
  size(bytes: number): string;
  span(ms: number): string;
  number(value: number): string;
  /** @param share 0 to 1 */
  percent(share: number): string;
}

export function useFormat(): Format {
  const { language } = useSettings();
  return formatIn(language);
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
const spans: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * dayMs],
  ['month', 30 * dayMs],
  ['week', 7 * dayMs],
  ['day', dayMs],
  ['hour', hourMs],
  ['minute', minuteMs],
];
const sizeUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

const formatIn = oncePerLanguage((language): Format => {
  const day = { year: 'numeric', month: 'short', day: 'numeric' } as const;
  const time = new Intl.DateTimeFormat(language, {
    ...day,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  const date = new Intl.DateTimeFormat(language, { ...day, timeZoneName: 'short' });
  const bareDay = new Intl.DateTimeFormat(language, day);
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  return {
    time: (ms) => time.format(ms),
    date: (ms) => date.format(ms),
    day: (ms) => bareDay.format(ms),
    relative(ms, nowMs) {
      const distance = ms - nowMs;
      const [unit, length] = spans.find(([, size]) => Math.abs(distance) >= size * 1.5) ?? [
        'minute',
        minuteMs,
      ];
      return relative.format(Math.round(distance / length), unit);
    },
    size(bytes) {
      let value = bytes;
      let unit = 0;
      while (value >= 1024 && unit < sizeUnits.length - 1) {
        value /= 1024;
        unit += 1;
      }
      return `${number.format(value)} ${sizeUnits[unit]}`;
    },
    span: (ms) => formatSpan(ms, unitsIn(language)),
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
  };
});

type Unit = 'day' | 'hour' | 'minute' | 'second' | 'millisecond';
type UnitFormats = Readonly<Record<Unit, Intl.NumberFormat>>;

const unitsIn = oncePerLanguage((language): UnitFormats => {
  const of = (unit: Unit): Intl.NumberFormat =>
    new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' });
  return {
    day: of('day'),
    hour: of('hour'),
    minute: of('minute'),
    second: of('second'),
    millisecond: of('millisecond'),
  };
});

function formatSpan(ms: number, units: UnitFormats): string {
  const parts: readonly (readonly [Unit, number])[] = [
    ['day', dayMs],
    ['hour', hourMs],
    ['minute', minuteMs],
    ['second', 1000],
  ];
  const first = parts.findIndex(([, size]) => ms >= size);
  if (first === -1) return units.millisecond.format(Math.max(0, Math.round(ms)));
  let left = ms;
  return parts
    .slice(first, first + 2)
    .flatMap(([unit, size]) => {
      const count = Math.floor(left / size);
      left -= count * size;
      return count > 0 ? [units[unit].format(count)] : [];
    })
    .join(' ');
}
