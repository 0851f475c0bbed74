/** Exemptions, and what is left of each. */

import { useState } from 'react';
import type { Exemption } from '../../../vault/api/schemas/policy.ts';
import { useChange, useVault } from '../../hooks/queries.ts';
import { useMay } from '../../hooks/session.tsx';
import { useSay } from '../../hooks/settings.ts';
import { ChangeForm, textOf } from '../../ui/change-form.tsx';
import { ClientLink } from '../../ui/client-link.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/fields.tsx';
import { dayMs, useFormat } from '../../ui/format.ts';
import { Badge, Card, Time, type Tone } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/states.tsx';
import { capabilityName, ReadinessBadge } from '../../ui/words.tsx';
import { planRoutes } from './apply-dialog.tsx';
import { ExemptionDialog } from './exemption-dialog.tsx';

const soonMs = 14 * dayMs;

export function ExemptionList() {
  const say = useSay();
  const may = useMay();
  const query = useVault('listExemptions', {});
  const [isAdding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Exemption>();
  return (
    <div id="exemptions" className="span-5">
      <Card
        title={say('exemption.title')}
        note={say('exemption.note')}
        tools={
          may('operator') && (
            <button type="button" className="button" onClick={() => setAdding(true)}>
              {say('exemption.add')}
            </button>
          )
        }
      >
        <Loaded query={query}>
          {({ exemptions }) =>
            exemptions.length === 0 ? (
              <p className="soft">{say('exemption.none')}</p>
            ) : (
              <ul className="list-lines scroll-list">
                {exemptions.map((exemption) => (
                  <Line
                    key={exemption.id}
                    exemption={exemption}
                    onEnd={() => setEnding(exemption)}
                  />
                ))}
              </ul>
            )
          }
        </Loaded>
        {isAdding && <ExemptionDialog onClose={() => setAdding(false)} />}
        {ending !== undefined && (
          <EndDialog exemption={ending} onClose={() => setEnding(undefined)} />
        )}
      </Card>
    </div>
  );
}

function Line({ exemption, onEnd }: { readonly exemption: Exemption; readonly onEnd: () => void }) {
  const say = useSay();
  const may = useMay();
  const format = useFormat();
  const { client, clientId, capability, reason, until, active, leftMs, readiness } = exemption;
  const tone: Tone = !active ? 'mute' : leftMs < soonMs ? 'bad' : 'warn';
  return (
    <li className="stack tight">
      <div className="row between">
        <span className="row tight">
          <strong className="breakable">
            {clientId === null ? client : <ClientLink id={clientId} name={client} />}
          </strong>
          <span>{capabilityName(say, capability)}</span>
          {readiness !== null && <ReadinessBadge state={readiness} />}
        </span>
        <Badge tone={tone}>
          {active
            ? say('exemption.left', { span: format.span(Math.max(leftMs, 60_000)) })
            : say('exemption.ended')}
        </Badge>
      </div>
      <span className="small soft breakable">{reason}</span>
      <div className="row between">
        <span className="small faint">
          {say('exemption.until')} <Time ms={Date.parse(until)} form="full" />
        </span>
        {active && may('operator') && (
          <button
            type="button"
            className="button tiny"
            aria-label={say('exemption.endOf', { client })}
            onClick={onEnd}
          >
            {say('exemption.end')}
          </button>
        )}
      </div>
    </li>
  );
}

function EndDialog({
  exemption,
  onClose,
}: {
  readonly exemption: Exemption;
  readonly onClose: () => void;
}) {
  const say = useSay();
  const end = useChange('endExemption', { renews: planRoutes, onDone: onClose });
  const submit = (entered: FormData): void => {
    const reason = textOf(entered, 'reason');
    end.mutate({ params: { exemption: exemption.id }, body: { reason } });
  };
  return (
    <Dialog title={say('exemption.endOf', { client: exemption.client })} onClose={onClose}>
      <ChangeForm
        action={say('exemption.end')}
        isDanger
        change={end}
        onSubmit={submit}
        onClose={onClose}
      >
        <TextArea label={say('common.reason')} name="reason" maxLength={1000} required />
      </ChangeForm>
    </Dialog>
  );
}
