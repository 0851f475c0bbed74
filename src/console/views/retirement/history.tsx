/** Every plan that was in force: to read, and to put back. */

import { useState } from 'react';
import type { PolicyRevision } from '../../../vault/api/schemas/policy.ts';
import { useChange, useVault } from '../../hooks/queries.ts';
import { useMay } from '../../hooks/session.tsx';
import { useSay, useSettings } from '../../hooks/settings.ts';
import { ChangeForm, textOf } from '../../ui/change-form.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/fields.tsx';
import { Badge, Card, CopyBlock, Time } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { tell } from '../../ui/toasts.tsx';
import { planRoutes } from './apply-dialog.tsx';

/** @param revision that of the plan in force: what is put back says which one it replaces */
export function History({ revision }: { readonly revision: string }) {
  const say = useSay();
  const may = useMay();
  const query = useVault('listRevisions', {});
  const [shown, setShown] = useState<PolicyRevision>();
  const [restored, setRestored] = useState<PolicyRevision>();
  return (
    <Card title={say('history.title')} note={say('history.note')}>
      <Loaded query={query}>
        {({ revisions }) =>
          revisions.length === 0 ? (
            <p className="soft">{say('history.none')}</p>
          ) : (
            <Table label={say('history.title')} stacks>
              <thead>
                <tr>
                  <th scope="col">{say('audit.when')}</th>
                  <th scope="col">{say('plan.name')}</th>
                  <th scope="col">{say('audit.by')}</th>
                  <th scope="col">{say('common.reason')}</th>
                  <th scope="col">
                    <span className="only-read">{say('audit.action')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {revisions.map((entry) => (
                  <tr key={entry.id}>
                    <td className="nowrap">
                      <Time ms={Date.parse(entry.at)} form="full" />
                    </td>
                    <th scope="row" className="breakable">
                      {entry.name}{' '}
                      {entry.isCurrent && <Badge tone="good">{say('plan.inForceNow')}</Badge>}
                    </th>
                    <td data-label={say('audit.by')}>
                      {entry.by ?? say(`via.${entry.source === 'api' ? 'session' : 'file'}`)}
                    </td>
                    <td data-label={say('common.reason')} className="breakable">
                      {entry.reason}
                    </td>
                    <td className="right nowrap">
                      <button type="button" className="button tiny" onClick={() => setShown(entry)}>
                        {say('audit.show')}
                      </button>{' '}
                      {!entry.isCurrent && may('owner') && (
                        <button
                          type="button"
                          className="button tiny"
                          onClick={() => setRestored(entry)}
                        >
                          {say('history.putBack')}
                        </button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Loaded>
      {shown !== undefined && <TextDialog entry={shown} onClose={() => setShown(undefined)} />}
      {restored !== undefined && (
        <RestoreDialog entry={restored} base={revision} onClose={() => setRestored(undefined)} />
      )}
    </Card>
  );
}

function TextDialog({
  entry,
  onClose,
}: {
  readonly entry: PolicyRevision;
  readonly onClose: () => void;
}) {
  const query = useVault('getRevision', { params: { revision: entry.id } });
  return (
    <Dialog title={entry.name} isWide onClose={onClose}>
      <Loaded query={query}>{({ yaml }) => <CopyBlock text={yaml} label={entry.name} />}</Loaded>
    </Dialog>
  );
}

function RestoreDialog({
  entry,
  base,
  onClose,
}: {
  readonly entry: PolicyRevision;
  readonly base: string;
  readonly onClose: () => void;
}) {
  const say = useSay();
  const { language } = useSettings();
  const restore = useChange('restoreRevision', {
    renews: planRoutes,
    onDone: () => {
      tell(say('plan.nowInForce'));
      onClose();
    },
  });
  const submit = (entered: FormData): void => {
    const reason = textOf(entered, 'reason');
    restore.mutate({
      params: { revision: entry.id },
      query: { lang: language },
      body: { reason, base },
    });
  };
  return (
    <Dialog title={say('history.putBackTitle', { name: entry.name })} onClose={onClose}>
      <p className="soft">
        {say('history.from')} <Time ms={Date.parse(entry.at)} form="both" />
      </p>
      <ChangeForm
        action={say('history.putBack')}
        change={restore}
        onSubmit={submit}
        onClose={onClose}
      >
        <TextArea label={say('common.reason')} name="reason" maxLength={1000} required />
      </ChangeForm>
    </Dialog>
  );
}
