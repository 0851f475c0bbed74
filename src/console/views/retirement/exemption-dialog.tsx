/** A new exemption: who keeps what, why, until when. */

import {
  type ApiCapability,
  capability as capabilities,
} from '../../../vault/api/schemas/common.ts';
import { useChange } from '../../hooks/queries.ts';
import { useSay } from '../../hooks/settings.ts';
import { useNow } from '../../hooks/use-now.ts';
import { ChangeForm, textOf } from '../../ui/change-form.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { SelectField, TextArea, TextField } from '../../ui/fields.tsx';
import { dayMs } from '../../ui/format.ts';
import { tell } from '../../ui/toasts.tsx';
import { capabilityName } from '../../ui/words.tsx';

const defaultDays = 30;

export function ExemptionDialog({
  client = '',
  capabilities: likely = [],
  onClose,
}: {
  readonly client?: string;
  /** Those that it cannot do without. */
  readonly capabilities?: readonly ApiCapability[];
  readonly onClose: () => void;
}) {
  const say = useSay();
  const nowMs = useNow();
  const add = useChange('addExemption', {
    renews: ['listExemptions', 'getPolicy', 'getClient', 'getOverview', 'listClients'],
    onDone: () => {
      tell(say('exemption.added'));
      onClose();
    },
  });
  const submit = (entered: FormData): void => {
    const chosen = capabilities.safeParse(entered.get('capability'));
    if (!chosen.success) return;
    add.mutate({
      body: {
        client: textOf(entered, 'client'),
        capability: chosen.data,
        reason: textOf(entered, 'reason'),
        until: textOf(entered, 'until'),
      },
    });
  };
  return (
    <Dialog title={say('exemption.add')} onClose={onClose}>
      <ChangeForm action={say('exemption.add')} change={add} onSubmit={submit} onClose={onClose}>
        <TextField
          label={say('exemption.client')}
          help={say('exemption.clientHelp')}
          name="client"
          defaultValue={client}
          maxLength={200}
          required
        />
        <div className="form-row">
          <SelectField
            label={say('plan.capability')}
            name="capability"
            defaultValue={likely[0] ?? 'tls1.0'}
            options={capabilities.options.map((value) => ({
              value,
              label: capabilityName(say, value),
            }))}
          />
          <TextField
            label={say('exemption.untilField')}
            name="until"
            type="date"
            min={dayOf(nowMs + dayMs)}
            defaultValue={dayOf(nowMs + defaultDays * dayMs)}
            required
          />
        </div>
        <TextArea label={say('common.reason')} name="reason" maxLength={2000} required />
      </ChangeForm>
    </Dialog>
  );
}

/** `2026-11-28`, UTC, as plans write dates. */
function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
