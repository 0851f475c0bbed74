/** The phases of a plan on a time axis, one line for each retirement and wave. */

import { useMemo } from 'react';
import type { PlanDocument } from '../../../vault/api/schemas/policy.ts';
import { useSay, useSettings } from '../../hooks/settings.ts';
import { useNow } from '../../hooks/use-now.ts';
import { useFormat } from '../../ui/format.ts';
import { Empty } from '../../ui/states.tsx';
import { capabilityName } from '../../ui/words.tsx';
import { barsOf, monthTicks, type PhaseBar, type PlanRow } from './plan-bars.ts';

const mostTicks = 12;

export function Gantt({ plan, label }: { readonly plan: PlanDocument; readonly label: string }) {
  const say = useSay();
  const format = useFormat();
  const { language } = useSettings();
  const nowMs = useNow();
  const { fromMs, untilMs, rows } = useMemo(() => barsOf(plan, nowMs), [plan, nowMs]);
  const month = useMemo(
    () => new Intl.DateTimeFormat(language, { month: 'short', year: '2-digit', timeZone: 'UTC' }),
    [language],
  );
  if (rows.length === 0) {
    return (
      <Empty title={say('plan.nothing')}>
        <p>{say('plan.nothingMore')}</p>
      </Empty>
    );
  }
  const at = (ms: number): string => `${((ms - fromMs) / (untilMs - fromMs)) * 100}%`;
  return (
    <div className="gantt">
      <div className="gantt-row" aria-hidden>
        <span />
        <div className="gantt-axis">
          {monthTicks(fromMs, untilMs, mostTicks).map((ms) => (
            <span key={ms} style={{ left: at(ms) }}>
              {month.format(ms)}
            </span>
          ))}
        </div>
      </div>
      <ul aria-label={label}>
        {rows.map((row) => (
          <li key={row.key} className="gantt-row">
            <span className={row.wave === undefined ? 'gantt-name strong' : 'gantt-name wave'}>
              {row.wave === undefined
                ? capabilityName(say, row.capability)
                : say('client.wave', { wave: row.wave })}
            </span>
            <div className="gantt-track">
              {row.bars.map((bar) => (
                <Bar key={bar.phase} bar={bar} row={row} at={at} />
              ))}
              <i className="gantt-now" style={{ left: at(nowMs) }} aria-hidden />
            </div>
          </li>
        ))}
      </ul>
      <p className="note">
        <i className="gantt-now-key" aria-hidden /> {say('plan.today', { at: format.time(nowMs) })}{' '}
        {say('plan.axis')}
      </p>
    </div>
  );
}

function Bar({
  bar,
  row,
  at,
}: {
  readonly bar: PhaseBar;
  readonly row: PlanRow;
  readonly at: (ms: number) => string;
}) {
  const say = useSay();
  const format = useFormat();
  const name = say(`phase.${bar.phase}`);
  const text = say('plan.bar', {
    capability: capabilityName(say, row.capability),
    phase: name,
    from: format.date(bar.fromMs),
  });
  return (
    <span
      className={`gantt-bar ${bar.phase}`}
      style={{ left: at(bar.fromMs), right: `calc(100% - ${at(bar.untilMs)})` }}
      title={text}
    >
      <span aria-hidden>{name}</span>
      <span className="only-read">{text}</span>
    </span>
  );
}
