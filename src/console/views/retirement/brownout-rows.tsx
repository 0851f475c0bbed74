/** How a brownout refuses: in windows that open by a clock, or for a growing share of the clients. */

import { Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { PlanRetirement } from '../../../vault/api/schemas/policy.ts';
import { useSay } from '../../hooks/settings.ts';
import { SelectField, TextField } from '../../ui/fields.tsx';
import { DateField } from './date-field.tsx';
import { replaceAt, withField } from './edit-list.ts';

type Window = NonNullable<PlanRetirement['windows']>[number];
type Share = NonNullable<PlanRetirement['shares']>[number];

const newWindow: Window = { cron: '0 9 * * 2', timeZone: 'UTC', duration: '15m', answer: 'http' };

export function WindowRows({
  windows,
  onChange,
}: {
  readonly windows: readonly Window[];
  readonly onChange: (windows: Window[] | undefined) => void;
}) {
  const say = useSay();
  const put = (list: Window[]): void => onChange(list);
  return (
    <>
      {windows.map((window, index) => (
        <Row
          // biome-ignore lint/suspicious/noArrayIndexKey: its place is all that names a line of a draft
          key={index}
          onRemove={() => put(replaceAt(windows, index, undefined))}
          name={say('plan.windowOf', { cron: window.cron })}
        >
          <TextField
            label={say('plan.cron')}
            value={window.cron}
            maxLength={100}
            className="mono"
            onChange={(event) =>
              put(replaceAt(windows, index, { ...window, cron: event.target.value }))
            }
          />
          <TextField
            label={say('plan.timeZone')}
            value={window.timeZone ?? ''}
            placeholder="UTC"
            maxLength={60}
            onChange={(event) =>
              put(replaceAt(windows, index, withField(window, 'timeZone', event.target.value)))
            }
          />
          <TextField
            label={say('plan.duration')}
            value={window.duration}
            maxLength={20}
            onChange={(event) =>
              put(replaceAt(windows, index, { ...window, duration: event.target.value }))
            }
          />
          <AnswerField
            value={window.answer}
            onChange={(answer) => put(replaceAt(windows, index, { ...window, answer }))}
          />
          <DateField
            label={say('plan.windowFrom')}
            value={window.from}
            onChange={(value) => put(replaceAt(windows, index, withField(window, 'from', value)))}
          />
          <DateField
            label={say('plan.windowUntil')}
            value={window.until}
            onChange={(value) => put(replaceAt(windows, index, withField(window, 'until', value)))}
          />
        </Row>
      ))}
      <div>
        <button type="button" className="button tiny" onClick={() => put([...windows, newWindow])}>
          <Plus size={14} aria-hidden />
          {say('plan.addWindow')}
        </button>
      </div>
    </>
  );
}

export function ShareRows({
  shares,
  onChange,
}: {
  readonly shares: readonly Share[];
  readonly onChange: (shares: Share[]) => void;
}) {
  const say = useSay();
  return (
    <>
      {shares.map((share, index) => (
        <Row
          // biome-ignore lint/suspicious/noArrayIndexKey: its place is all that names a line of a draft
          key={index}
          onRemove={() => onChange(replaceAt(shares, index, undefined))}
          name={say('plan.shareOf', { percent: share.percent })}
        >
          <DateField
            label={say('plan.shareFrom')}
            value={share.from}
            onChange={(value) =>
              onChange(replaceAt(shares, index, { ...share, from: value ?? '' }))
            }
          />
          <TextField
            label={say('plan.percent')}
            type="number"
            min={0}
            max={100}
            step="any"
            value={share.percent}
            onChange={(event) =>
              onChange(replaceAt(shares, index, { ...share, percent: Number(event.target.value) }))
            }
          />
          <AnswerField
            value={share.answer}
            onChange={(answer) => onChange(replaceAt(shares, index, { ...share, answer }))}
          />
        </Row>
      ))}
      <div>
        <button
          type="button"
          className="button tiny"
          onClick={() => onChange([...shares, { from: '', percent: 10, answer: 'http' }])}
        >
          <Plus size={14} aria-hidden />
          {say('plan.addShare')}
        </button>
      </div>
    </>
  );
}

function AnswerField({
  value,
  onChange,
}: {
  readonly value: 'http' | 'alert';
  readonly onChange: (value: 'http' | 'alert') => void;
}) {
  const say = useSay();
  return (
    <SelectField
      label={say('plan.answer')}
      value={value}
      options={[
        { value: 'http', label: say('plan.answer.http') },
        { value: 'alert', label: say('plan.answer.alert') },
      ]}
      onChange={(event) => onChange(event.target.value === 'alert' ? 'alert' : 'http')}
    />
  );
}

function Row({
  name,
  onRemove,
  children,
}: {
  readonly name: string;
  readonly onRemove: () => void;
  readonly children: ReactNode;
}) {
  const say = useSay();
  return (
    <fieldset className="form-row dates" aria-label={name}>
      {children}
      <button
        type="button"
        className="button icon quiet"
        aria-label={say('plan.remove', { name })}
        onClick={onRemove}
      >
        <Trash2 size={16} aria-hidden />
      </button>
    </fieldset>
  );
}
