/** Logins of restic, rustic and others. */

import { useState } from 'react';
import type { Login, LoginAnswer } from '../../../vault/api/schemas/accounts.ts';
import { useChange, useVault } from '../../hooks/queries.ts';
import { useMay } from '../../hooks/session.tsx';
import { useSay } from '../../hooks/settings.ts';
import { AccountNameField, ChangeForm, textOf } from '../../ui/change-form.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Badge, Card, CopyBlock, Notice } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/states.tsx';

export function Logins() {
  const say = useSay();
  const may = useMay();
  const query = useVault('listLogins', {});
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<Login>();
  const remove = useChange('deleteLogin', {
    renews: ['listLogins', 'listClients'],
    onDone: () => setRemoved(undefined),
  });
  return (
    <Card
      span={6}
      title={say('login.title')}
      note={say('login.note')}
      tools={
        may('owner') && (
          <button type="button" className="button" onClick={() => setAdding(true)}>
            {say('login.add')}
          </button>
        )
      }
    >
      <Loaded query={query}>
        {({ logins }) =>
          logins.length === 0 ? (
            <p className="soft">{say('login.none')}</p>
          ) : (
            <ul className="list-lines scroll-list">
              {logins.map((login) => (
                <li key={login.name} className="row between">
                  <span className="row tight">
                    <strong className="breakable">{login.name}</strong>
                    {login.appendOnly && <Badge tone="good">{say('client.appendOnly')}</Badge>}
                    {login.shared && <Badge tone="mute">{say('login.shared')}</Badge>}
                  </span>
                  {may('owner') && (
                    <button
                      type="button"
                      className="button tiny"
                      aria-label={say('login.removeOf', { name: login.name })}
                      onClick={() => setRemoved(login)}
                    >
                      {say('login.remove')}
                    </button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {isAdding && <AddDialog onClose={() => setAdding(false)} />}
      {removed !== undefined && (
        <ConfirmDialog
          title={say('login.removeOf', { name: removed.name })}
          action={say('login.remove')}
          change={remove}
          onConfirm={() => remove.mutate({ params: { name: removed.name } })}
          onClose={() => setRemoved(undefined)}
        >
          <Notice tone="warn">{say('certificate.warning')}</Notice>
        </ConfirmDialog>
      )}
    </Card>
  );
}

function AddDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useSay();
  const [made, setMade] = useState<LoginAnswer>();
  const add = useChange('addLogin', { renews: ['listLogins'], onDone: setMade });
  const submit = (entered: FormData): void => {
    add.mutate({
      body: {
        name: textOf(entered, 'name'),
        appendOnly: entered.get('appendOnly') !== null,
      },
    });
  };
  return (
    <Dialog title={say('login.add')} onClose={onClose}>
      {made === undefined ? (
        <ChangeForm action={say('login.add')} change={add} onSubmit={submit} onClose={onClose}>
          <AccountNameField label={say('session.name')} />
          <label className="check">
            <input type="checkbox" name="appendOnly" defaultChecked />
            {say('invite.appendOnly')}
          </label>
        </ChangeForm>
      ) : (
        <>
          <Notice tone="accent">{say('login.once', { name: made.name })}</Notice>
          <CopyBlock
            label={say('session.password')}
            text={`export RESTIC_REPOSITORY='rest:https://${made.name}:${made.password ?? ''}@${location.host}/${made.name}/'`}
          />
        </>
      )}
    </Dialog>
  );
}
