/** Who may use this console, and as what. */

import { useState } from 'react';
import type { ConsoleUser } from '../../../vault/api/schemas/accounts.ts';
import { role as roles } from '../../../vault/api/schemas/common.ts';
import { useChange, useVault } from '../../hooks/queries.ts';
import { useSession } from '../../hooks/session.tsx';
import { useSay } from '../../hooks/settings.ts';
import { AccountNameField, ChangeForm, textOf } from '../../ui/change-form.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { SelectField } from '../../ui/fields.tsx';
import { Card, CopyBlock, Notice, Time } from '../../ui/parts.tsx';
import { ErrorNotice, Loaded } from '../../ui/states.tsx';

interface Secret {
  readonly name: string;
  readonly password: string;
}

export function Users() {
  const say = useSay();
  const query = useVault('listUsers', {});
  const { data: session } = useSession();
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<ConsoleUser>();
  const [secret, setSecret] = useState<Secret>();
  const change = useChange('changeUser', {
    renews: ['listUsers'],
    onDone: ({ name, password }) => {
      if (password !== null) setSecret({ name, password });
    },
  });
  const remove = useChange('deleteUser', {
    renews: ['listUsers'],
    onDone: () => setRemoved(undefined),
  });
  return (
    <Card
      span={6}
      title={say('user.title')}
      note={say('user.note')}
      tools={
        <button type="button" className="button" onClick={() => setAdding(true)}>
          {say('user.add')}
        </button>
      }
    >
      {change.isError && <ErrorNotice error={change.error} />}
      <Loaded query={query}>
        {({ users }) => (
          <ul className="list-lines scroll-list">
            {users.map((user) => (
              <li key={user.name} className="row between">
                <span>
                  <strong className="breakable">{user.name}</strong>
                  <span className="small soft">
                    {' '}
                    · {say(`role.${user.role}`)} · {say('user.lastSignIn')}{' '}
                    <Time ms={user.lastSignInAt === null ? null : Date.parse(user.lastSignInAt)} />
                  </span>
                </span>
                {user.name !== session?.user?.name && (
                  <span className="row tight">
                    <SelectRole
                      user={user}
                      onChoose={(role) =>
                        change.mutate({ params: { name: user.name }, body: { role } })
                      }
                    />
                    <button
                      type="button"
                      className="button tiny"
                      onClick={() =>
                        change.mutate({
                          params: { name: user.name },
                          body: { resetPassword: true },
                        })
                      }
                    >
                      {say('user.reset')}
                    </button>
                    <button
                      type="button"
                      className="button tiny"
                      aria-label={say('user.removeOf', { name: user.name })}
                      onClick={() => setRemoved(user)}
                    >
                      {say('login.remove')}
                    </button>
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {isAdding && (
        <AddDialog
          onMade={(made) => {
            setAdding(false);
            setSecret(made);
          }}
          onClose={() => setAdding(false)}
        />
      )}
      {secret !== undefined && (
        <Dialog
          title={say('user.passwordOf', { name: secret.name })}
          onClose={() => setSecret(undefined)}
        >
          <Notice tone="accent">{say('user.once')}</Notice>
          <CopyBlock text={secret.password} label={say('session.password')} />
        </Dialog>
      )}
      {removed !== undefined && (
        <ConfirmDialog
          title={say('user.removeOf', { name: removed.name })}
          action={say('login.remove')}
          change={remove}
          onConfirm={() => remove.mutate({ params: { name: removed.name } })}
          onClose={() => setRemoved(undefined)}
        >
          <p>{say('user.removeMore')}</p>
        </ConfirmDialog>
      )}
    </Card>
  );
}

function SelectRole({
  user,
  onChoose,
}: {
  readonly user: ConsoleUser;
  readonly onChoose: (role: ConsoleUser['role']) => void;
}) {
  const say = useSay();
  return (
    <select
      className="select tiny"
      aria-label={say('user.roleOf', { name: user.name })}
      value={user.role}
      onChange={(event) => {
        const chosen = roles.safeParse(event.target.value);
        if (chosen.success) onChoose(chosen.data);
      }}
    >
      {roles.options.map((role) => (
        <option key={role} value={role}>
          {say(`role.${role}`)}
        </option>
      ))}
    </select>
  );
}

function AddDialog({
  onMade,
  onClose,
}: {
  readonly onMade: (made: Secret) => void;
  readonly onClose: () => void;
}) {
  const say = useSay();
  const add = useChange('addUser', {
    renews: ['listUsers'],
    onDone: ({ name, password }) => onMade({ name, password: password ?? '' }),
  });
  const submit = (entered: FormData): void => {
    const role = roles.safeParse(entered.get('role'));
    if (!role.success) return;
    add.mutate({ body: { name: textOf(entered, 'name'), role: role.data } });
  };
  return (
    <Dialog title={say('user.add')} onClose={onClose}>
      <ChangeForm action={say('user.add')} change={add} onSubmit={submit} onClose={onClose}>
        <AccountNameField label={say('session.name')} />
        <SelectField
          label={say('user.role')}
          help={say('user.roleHelp')}
          name="role"
          defaultValue="viewer"
          options={roles.options.map((role) => ({ value: role, label: say(`role.${role}`) }))}
        />
      </ChangeForm>
    </Dialog>
  );
}
