/** The plan as a form: what ends when, in which brownouts, for whom earlier or later. */

import { Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { capability as capabilities, phase as phases } from '../../../vault/api/schemas/common.ts';
import type { PlanDocument, PlanRetirement, PlanWave } from '../../../vault/api/schemas/policy.ts';
import { useSay } from '../../hooks/settings.ts';
import { SelectField, TextField } from '../../ui/fields.tsx';
import { capabilityName } from '../../ui/words.tsx';
import { ShareRows, WindowRows } from './brownout-rows.tsx';
import { DateField } from './date-field.tsx';
import { replaceAt, withField } from './edit-list.ts';

export function PlanForm({
  plan,
  baselines,
  onChange,
}: {
  readonly plan: PlanDocument;
  readonly baselines: readonly string[];
  readonly onChange: (plan: PlanDocument) => void;
}) {
  const say = useSay();
  const { retirements = [], waves = [] } = plan;
  const own = typeof plan.policy === 'object';
  return (
    <div className="stack">
      <div className="form-row">
        <TextField
          label={say('plan.name')}
          value={plan.name ?? ''}
          maxLength={200}
          onChange={(event) => onChange(withField(plan, 'name', event.target.value))}
        />
        {!own && (
          <SelectField
            label={say('plan.policy')}
            value={typeof plan.policy === 'string' ? plan.policy : ''}
            options={[
              ...(typeof plan.policy === 'string' && baselines.includes(plan.policy)
                ? []
                : [
                    {
                      value: plan.policy === undefined ? '' : String(plan.policy),
                      label: plan.policy === undefined ? say('common.none') : String(plan.policy),
                    },
                  ]),
              ...baselines.map((value) => ({ value, label: value })),
            ]}
            onChange={(event) => onChange(withField(plan, 'policy', event.target.value))}
          />
        )}
      </div>
      <List
        title={say('plan.retirements')}
        add={say('plan.addRetirement')}
        onAdd={() =>
          onChange({
            ...plan,
            retirements: [...retirements, { capability: unusedOf(retirements) }],
          })
        }
      >
        {retirements.map((retirement, index) => (
          <RetirementFields
            // biome-ignore lint/suspicious/noArrayIndexKey: its place is all that names a line of a draft
            key={index}
            retirement={retirement}
            onChange={(next) =>
              onChange({ ...plan, retirements: replaceAt(retirements, index, next) })
            }
          />
        ))}
      </List>
      <List
        title={say('plan.waves')}
        add={say('plan.addWave')}
        onAdd={() =>
          onChange({
            ...plan,
            waves: [...waves, { name: say('plan.newWave', { count: waves.length + 1 }) }],
          })
        }
      >
        {waves.map((wave, index) => (
          <WaveFields
            // biome-ignore lint/suspicious/noArrayIndexKey: its place is all that names a line of a draft
            key={index}
            wave={wave}
            onChange={(next) => onChange({ ...plan, waves: replaceAt(waves, index, next) })}
          />
        ))}
      </List>
    </div>
  );
}

function unusedOf(retirements: readonly PlanRetirement[]) {
  const used = retirements.map(({ capability }) => capability);
  return capabilities.options.find((option) => !used.includes(option)) ?? 'tls1.0';
}

function List({
  title,
  add,
  onAdd,
  children,
}: {
  readonly title: string;
  readonly add: string;
  readonly onAdd: () => void;
  readonly children: ReactNode;
}) {
  return (
    <fieldset className="stack">
      <legend className="strong">{title}</legend>
      {children}
      <div>
        <button type="button" className="button" onClick={onAdd}>
          <Plus size={15} aria-hidden />
          {add}
        </button>
      </div>
    </fieldset>
  );
}

function RetirementFields({
  retirement,
  onChange,
}: {
  readonly retirement: PlanRetirement;
  readonly onChange: (next: PlanRetirement | undefined) => void;
}) {
  const say = useSay();
  const name = capabilityName(say, retirement.capability);
  return (
    <fieldset className="sub-form" aria-label={name}>
      <div className="form-row dates">
        <SelectField
          label={say('plan.capability')}
          value={retirement.capability}
          options={capabilities.options.map((value) => ({
            value,
            label: capabilityName(say, value),
          }))}
          onChange={(event) => {
            const chosen = capabilities.safeParse(event.target.value);
            if (chosen.success) onChange({ ...retirement, capability: chosen.data });
          }}
        />
        {phases.options.map((phase) => (
          <DateField
            key={phase}
            label={say('plan.from', { phase: say(`phase.${phase}`) })}
            value={retirement[phase]}
            onChange={(value) => onChange(withField(retirement, phase, value))}
          />
        ))}
        <button
          type="button"
          className="button icon quiet"
          aria-label={say('plan.remove', { name })}
          onClick={() => onChange(undefined)}
        >
          <Trash2 size={16} aria-hidden />
        </button>
      </div>
      <WindowRows
        windows={retirement.windows ?? []}
        onChange={(windows) => onChange({ ...retirement, windows })}
      />
      <ShareRows
        shares={retirement.shares ?? []}
        onChange={(shares) => onChange({ ...retirement, shares })}
      />
      <TextField
        label={say('plan.link')}
        type="url"
        value={retirement.link ?? ''}
        maxLength={2000}
        onChange={(event) => onChange(withField(retirement, 'link', event.target.value))}
      />
    </fieldset>
  );
}

function WaveFields({
  wave,
  onChange,
}: {
  readonly wave: PlanWave;
  readonly onChange: (next: PlanWave | undefined) => void;
}) {
  const say = useSay();
  const names = (key: 'clients' | 'networks' | 'tags', label: string) => (
    <TextField
      label={label}
      defaultValue={wave[key]?.join(', ') ?? ''}
      onChange={(event) => {
        const list = event.target.value
          .split(/[,，\n]/)
          .map((text) => text.trim())
          .filter((text) => text !== '');
        onChange(withField(wave, key, list.length === 0 ? undefined : list));
      }}
    />
  );
  return (
    <fieldset className="sub-form" aria-label={wave.name}>
      <div className="form-row dates">
        <TextField
          label={say('plan.waveName')}
          value={wave.name}
          maxLength={200}
          onChange={(event) => onChange({ ...wave, name: event.target.value })}
        />
        <TextField
          label={say('plan.offset')}
          placeholder="-14d"
          value={wave.offset ?? ''}
          maxLength={20}
          onChange={(event) => onChange(withField(wave, 'offset', event.target.value))}
        />
        {names('tags', say('client.tags'))}
        {names('clients', say('nav.clients'))}
        {names('networks', say('plan.networks'))}
        <TextField
          label={say('plan.percent')}
          type="number"
          min={0}
          max={100}
          step="any"
          value={wave.percent ?? ''}
          onChange={(event) =>
            onChange(
              withField(
                wave,
                'percent',
                event.target.value === '' ? undefined : Number(event.target.value),
              ),
            )
          }
        />
        <button
          type="button"
          className="button icon quiet"
          aria-label={say('plan.remove', { name: wave.name })}
          onClick={() => onChange(undefined)}
        >
          <Trash2 size={16} aria-hidden />
        </button>
      </div>
    </fieldset>
  );
}
