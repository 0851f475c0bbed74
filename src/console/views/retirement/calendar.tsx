/** Brownout windows and dates of the plan, and of a draft beside it, month by month, in the zone of who looks. */

import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Calendar, PlanDraft } from '../../../vault/api/schemas/policy.ts';
import { useVault } from '../../hooks/queries.ts';
import { useSay, useSettings } from '../../hooks/settings.ts';
import { useNow } from '../../hooks/use-now.ts';
import type { Say } from '../../texts/texts.ts';
import { dayMs } from '../../ui/format.ts';
import { Card, Notice } from '../../ui/parts.tsx';
import { ErrorNotice, Loaded } from '../../ui/states.tsx';
import { capabilityName } from '../../ui/words.tsx';

interface Entry {
  readonly key: string;
  readonly ms: number;
  readonly kind: 'window' | 'phase' | 'share' | 'exemption';
  readonly text: string;
  /** Of the plan in force alone, or of the draft alone; undefined for both, and without a draft. */
  readonly only?: 'plan' | 'draft';
}

export function BrownoutCalendar({ draft }: { readonly draft: PlanDraft | undefined }) {
  const say = useSay();
  const { language } = useSettings();
  const nowMs = useNow();
  const [shift, setShift] = useState(0);
  const now = new Date(nowMs);
  const first = new Date(now.getFullYear(), now.getMonth() + shift, 1);
  const next = new Date(now.getFullYear(), now.getMonth() + shift + 1, 1);
  const period = { from: first.toISOString(), until: next.toISOString() };
  const query = useVault('getCalendar', { query: period }, { keepsPrevious: true });
  const drafted = useVault(
    'getDraftCalendar',
    draft === undefined ? undefined : { body: { ...period, draft } },
    { keepsPrevious: true },
  );
  const title = new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric' }).format(first);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Card
      span={7}
      title={say('calendar.title')}
      note={say('calendar.zone', { zone })}
      tools={
        <div className="row tight">
          <button
            type="button"
            className="button icon"
            aria-label={say('calendar.before')}
            onClick={() => setShift(shift - 1)}
          >
            <ChevronLeft size={16} aria-hidden />
          </button>
          <strong className="calendar-title" aria-live="polite">
            {title}
          </strong>
          <button
            type="button"
            className="button icon"
            aria-label={say('calendar.after')}
            onClick={() => setShift(shift + 1)}
          >
            <ChevronRight size={16} aria-hidden />
          </button>
        </div>
      }
    >
      <Loaded query={query} lines={6}>
        {(calendar) => (
          <>
            {calendar.truncated && <Notice tone="warn">{say('calendar.truncated')}</Notice>}
            {draft !== undefined && <Legend />}
            {draft !== undefined && drafted.isError && <ErrorNotice error={drafted.error} />}
            <Month
              first={first}
              next={next}
              nowMs={nowMs}
              entries={sideBySide(
                entriesOf(calendar, say, language),
                draft && drafted.data && entriesOf(drafted.data, say, language),
              )}
              label={title}
            />
          </>
        )}
      </Loaded>
    </Card>
  );
}

function Month({
  first,
  next,
  nowMs,
  entries,
  label,
}: {
  readonly first: Date;
  readonly next: Date;
  readonly nowMs: number;
  readonly entries: readonly Entry[];
  readonly label: string;
}) {
  const say = useSay();
  const { language } = useSettings();
  const weekdays = useMemo(() => {
    const format = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' });
    // 1970-01-05 was a Monday.
    return Array.from({ length: 7 }, (_, index) => format.format((4 + index) * dayMs));
  }, [language]);
  const days = Math.round((next.getTime() - first.getTime()) / dayMs);
  const blank = (first.getDay() + 6) % 7;
  const today = new Date(nowMs).toDateString();
  const weeks = Array.from({ length: Math.ceil((blank + days) / 7) }, (_, week) => {
    const monday = week * 7 - blank + 1;
    const from = Math.max(1, monday);
    const length = Math.min(days, monday + 6) - from + 1;
    return {
      before: from - monday,
      dates: Array.from(
        { length },
        (_, day) => new Date(first.getFullYear(), first.getMonth(), from + day),
      ),
    };
  });
  return (
    <>
      {entries.length === 0 && <p className="soft">{say('calendar.nothing')}</p>}
      <table className="calendar">
        <caption className="only-read">{label}</caption>
        <thead>
          <tr>
            {weekdays.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map(({ before, dates }) => (
            <tr key={dates[0]?.getTime()}>
              <Blank days={before} />
              {dates.map((date, place) => (
                <td key={date.getTime()} data-today={date.toDateString() === today}>
                  <span className="day" data-weekday={weekdays[before + place]}>
                    {date.getDate()}
                  </span>
                  <ul>
                    {entries
                      .filter(({ ms }) => new Date(ms).toDateString() === date.toDateString())
                      .map(({ key, kind, text, only }) => (
                        <li key={key} className={kind} data-only={only} title={text}>
                          {only !== undefined && (
                            <span className="only-read">{say(`calendar.only.${only}`)}: </span>
                          )}
                          {text}
                        </li>
                      ))}
                  </ul>
                </td>
              ))}
              <Blank days={7 - before - dates.length} />
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** Days of a week that are of another month. */
function Blank({ days }: { readonly days: number }) {
  return days > 0 && <td className="blank" colSpan={days} />;
}

function Legend() {
  const say = useSay();
  return (
    <ul className="calendar-legend row tight small soft">
      {(['plan', 'draft'] as const).map((only) => (
        <li key={only} data-only={only}>
          {say(`calendar.only.${only}`)}
        </li>
      ))}
    </ul>
  );
}

/** The entries of both, each once; which of the two has it alone is marked. */
function sideBySide(current: readonly Entry[], draft: readonly Entry[] | undefined): Entry[] {
  if (draft === undefined) return [...current];
  const same = ({ ms, text }: Entry): string => `${ms} ${text}`;
  const [inPlan, inDraft] = [new Set(current.map(same)), new Set(draft.map(same))];
  return [
    ...current.map((entry) =>
      inDraft.has(same(entry)) ? entry : { ...entry, only: 'plan' as const },
    ),
    ...draft
      .filter((entry) => !inPlan.has(same(entry)))
      .map((entry) => ({ ...entry, key: `draft ${entry.key}`, only: 'draft' as const })),
  ].sort((a, b) => a.ms - b.ms);
}

function entriesOf(calendar: Calendar, say: Say, language: string): Entry[] {
  const time = new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const whom = (wave: string | null): string =>
    wave === null ? '' : ` (${say('client.wave', { wave })})`;
  const windows = calendar.windows.map(({ capability, wave, from, until }) => ({
    ms: Date.parse(from),
    kind: 'window' as const,
    text: `${time.formatRange(Date.parse(from), Date.parse(until))} ${capabilityName(say, capability)}${whom(wave)}`,
  }));
  const phases = calendar.phases.map(({ capability, wave, phase, at }) => ({
    ms: Date.parse(at),
    kind: 'phase' as const,
    text: `${capabilityName(say, capability)}: ${say(`phase.${phase}`)}${whom(wave)}`,
  }));
  const shares = calendar.shares.map(({ capability, wave, from, percent }) => ({
    ms: Date.parse(from),
    kind: 'share' as const,
    text: `${capabilityName(say, capability)}: ${percent} %${whom(wave)}`,
  }));
  const ends = calendar.exemptionEnds.map(({ client, at }) => ({
    ms: Date.parse(at),
    kind: 'exemption' as const,
    text: say('calendar.exemptionEnds', { client }),
  }));
  return [...phases, ...windows, ...shares, ...ends]
    .sort((a, b) => a.ms - b.ms)
    .map((entry, index) => ({ ...entry, key: `${entry.ms} ${index}` }));
}
