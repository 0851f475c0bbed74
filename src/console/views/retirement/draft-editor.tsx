/** A draft of the plan: edited with a form or as text, checked while it changes, simulated, then applied. */

import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type {
  CheckedPlan,
  PlanDocument,
  PlanDraft,
  PolicyState,
  Simulated,
} from '../../../vault/api/schemas/policy.ts';
import { call } from '../../api.ts';
import { useVault } from '../../hooks/queries.ts';
import { useMay } from '../../hooks/session.tsx';
import { useSay, useSettings } from '../../hooks/settings.ts';
import { Segments, TextArea, TextField } from '../../ui/fields.tsx';
import { Card, Notice } from '../../ui/parts.tsx';
import { Bones, ErrorNotice } from '../../ui/states.tsx';
import { ApplyDialog } from './apply-dialog.tsx';
import { Findings } from './findings.tsx';
import { Gantt } from './gantt.tsx';
import { PlanForm } from './plan-form.tsx';
import { SideBySide } from './side-by-side.tsx';

const checkPauseMs = 400;

export function DraftEditor({
  policy,
  onReadable,
  onClose,
}: {
  readonly policy: PolicyState;
  /** A draft that can be read, each time it has changed; must stay the same function. */
  readonly onReadable: (draft: PlanDraft) => void;
  readonly onClose: () => void;
}) {
  const say = useSay();
  const may = useMay();
  const { language } = useSettings();
  // What the draft was made from: if the plan changes meanwhile, applying says so.
  const [base] = useState(policy);
  const [mode, setMode] = useState<'form' | 'text'>('form');
  const [plan, setPlan] = useState<PlanDocument>(base.plan);
  const [yaml, setYaml] = useState(base.yaml);
  const [at, setAt] = useState('');
  const [isApplying, setApplying] = useState(false);
  const draft: PlanDraft = mode === 'form' ? { plan } : { yaml };
  const settled = useSettled(JSON.stringify(draft));
  const checked = useVault(
    'checkPolicy',
    { body: { draft: JSON.parse(settled) as PlanDraft, lang: language } },
    { keepsPrevious: true },
  );
  const simulate = useMutation({
    mutationFn: async (asked: string) => ({
      of: asked,
      result: await call('simulatePolicy', {
        body: {
          draft: JSON.parse(asked) as PlanDraft,
          lang: language,
          ...(at === '' ? {} : { at }),
        },
      }),
    }),
  });
  const isSimulated = simulate.data?.of === JSON.stringify(draft);
  const isChecked = settled === JSON.stringify(draft) && checked.data?.ok === true;

  const readable = checked.data?.yaml;
  useEffect(() => {
    if (readable != null) onReadable({ yaml: readable });
  }, [readable, onReadable]);

  const change = (next: string): void => {
    if (next === 'text' && mode === 'form') setYaml(checked.data?.yaml ?? yaml);
    if (next === 'form' && mode === 'text' && checked.data?.plan != null) {
      setPlan(checked.data.plan);
    }
    setMode(next === 'text' ? 'text' : 'form');
  };

  return (
    <Card
      title={say('draft.title')}
      note={say('draft.note')}
      tools={
        <>
          <Segments
            label={say('draft.as')}
            value={mode}
            options={[
              { value: 'form', label: say('draft.form') },
              { value: 'text', label: say('draft.text') },
            ]}
            onChange={change}
          />
          <button type="button" className="button" onClick={onClose}>
            {say('draft.discard')}
          </button>
        </>
      }
    >
      <div className="stack">
        {policy.revision !== base.revision && <Notice tone="warn">{say('draft.outdated')}</Notice>}
        {checked.data?.plan != null && (
          <Gantt plan={mode === 'form' ? plan : checked.data.plan} label={say('draft.title')} />
        )}
        {mode === 'form' ? (
          <PlanForm plan={plan} baselines={base.baselines} onChange={setPlan} />
        ) : (
          <TextArea
            label={say('draft.yaml')}
            isCode
            rows={18}
            value={yaml}
            onChange={(event) => setYaml(event.target.value)}
          />
        )}
        <div aria-live="polite" className="stack">
          <CheckResult checked={checked.data} error={checked.error} />
        </div>
        <form
          className="form-row narrow"
          onSubmit={(event) => {
            event.preventDefault();
            simulate.mutate(JSON.stringify(draft));
          }}
        >
          <TextField
            label={say('draft.at')}
            help={say('draft.atHelp')}
            type="date"
            value={at}
            onChange={(event) => setAt(event.target.value)}
          />
          <div className="row">
            <button type="submit" className="button primary" disabled={simulate.isPending}>
              {say('draft.simulate')}
            </button>
            {may('owner') && (
              <button
                type="button"
                className="button"
                disabled={!isChecked || !isSimulated}
                title={isChecked && isSimulated ? undefined : say('draft.applyNeeds')}
                onClick={() => setApplying(true)}
              >
                {say('draft.apply')}
              </button>
            )}
          </div>
        </form>
        <div aria-live="polite">
          {simulate.isPending && <Bones />}
          {simulate.isError && <ErrorNotice error={simulate.error} />}
          {simulate.data !== undefined && !simulate.isPending && (
            <>
              {!isSimulated && <Notice tone="warn">{say('draft.changedSince')}</Notice>}
              <SideBySide simulated={simulate.data.result} />
            </>
          )}
        </div>
      </div>
      {isApplying && checked.data !== undefined && simulate.data !== undefined && (
        <ApplyDialog
          draft={draft}
          base={base.revision}
          checked={checked.data}
          newlyFailing={newlyFailing(simulate.data.result)}
          onDone={onClose}
          onClose={() => setApplying(false)}
        />
      )}
    </Card>
  );
}

function CheckResult({
  checked,
  error,
}: {
  readonly checked: CheckedPlan | undefined;
  readonly error: Error | null;
}) {
  const say = useSay();
  if (error !== null) return <ErrorNotice error={error} />;
  if (checked === undefined) return <Bones lines={1} />;
  if (checked.findings.length === 0) return <Notice tone="good">{say('draft.ok')}</Notice>;
  return <Findings findings={checked.findings} />;
}

/** Clients, not fingerprints. */
function newlyFailing({ onlyDraft }: Simulated): number {
  return new Set(onlyDraft.map(({ id }) => id)).size;
}

/** The value once it has stopped changing: a check for each key would be too many. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), checkPauseMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
