/** Puts a draft in force, with its reason. */

import type { CheckedPlan, PlanDraft } from '../../../vault/api/schemas/policy.ts';
import { useChange } from '../../hooks/queries.ts';
import { useSay, useSettings } from '../../hooks/settings.ts';
import { ChangeForm, textOf } from '../../ui/change-form.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/fields.tsx';
import { Notice, Time } from '../../ui/parts.tsx';
import { tell } from '../../ui/toasts.tsx';
import { capabilityName } from '../../ui/words.tsx';

export const planRoutes = [
  ...(['getPolicy', 'listRevisions', 'listExemptions', 'getCalendar', 'getOverview'] as const),
  ...(['listClients', 'getClient', 'listAudit'] as const),
] as const;

export function ApplyDialog({
  draft,
  base,
  checked,
  newlyFailing,
  onDone,
  onClose,
}: {
  readonly draft: PlanDraft;
  readonly base: string;
  readonly checked: CheckedPlan;
  readonly newlyFailing: number;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const say = useSay();
  const { language } = useSettings();
  const apply = useChange('applyPolicy', {
    renews: planRoutes,
    onDone: () => {
      tell(say('plan.nowInForce'));
      onDone();
    },
  });
  const submit = (entered: FormData): void => {
    const reason = textOf(entered, 'reason');
    apply.mutate({ query: { lang: language }, body: { draft, base, reason } });
  };
  return (
    <Dialog title={say('draft.applyTitle')} onClose={onClose}>
      {newlyFailing > 0 ? (
        <Notice tone="bad">{say('draft.newlyFailing', { count: newlyFailing })}</Notice>
      ) : (
        <Notice tone="good">{say('draft.nobodyNew')}</Notice>
      )}
      {checked.changes.length > 0 && (
        <div className="stack tight">
          <h3>{say('draft.moves')}</h3>
          <ul className="small soft">
            {checked.changes.map(({ capability, phase, from, to }) => (
              <li key={`${capability} ${phase}`}>
                {capabilityName(say, capability)}, {say(`phase.${phase}`)}:{' '}
                {from === null ? say('common.none') : <Time ms={Date.parse(from)} form="date" />} →{' '}
                {to === null ? say('common.none') : <Time ms={Date.parse(to)} form="date" />}
              </li>
            ))}
          </ul>
        </div>
      )}
      <ChangeForm action={say('draft.apply')} change={apply} onSubmit={submit} onClose={onClose}>
        <TextArea
          label={say('common.reason')}
          help={say('draft.reasonHelp')}
          name="reason"
          maxLength={1000}
          required
        />
      </ChangeForm>
    </Dialog>
  );
}
